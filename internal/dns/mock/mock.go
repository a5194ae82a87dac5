// Package mock is a DNS provider that keeps its zones in the platform's own
// database: for trying things out and for tests. It has every zone that it is asked
// for, which begins at the domain itself. Switches make it fail or be slow, as real
// ones are.
package mock

import (
	"context"
	"encoding/hex"
	"errors"
	"sync"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/id"
)

// Provider implements dns.Provider.
type Provider struct {
	db    *db.DB
	delay time.Duration

	mu     sync.Mutex
	faults []Fault
}

// New returns a provider whose records are seen everywhere after a delay.
func New(d *db.DB, delay time.Duration) *Provider { return &Provider{db: d, delay: delay} }

// Fault makes a call fail.
type Fault struct {
	Err  error // what the caller gets
	Late bool  // after the call has had its effect, as when its answer is lost
}

// Fail makes the next calls that read or change records fail, one after the other. A
// Fault without an error lets its call pass.
func (p *Provider) Fail(faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, faults...)
}

// faulty runs a call, unless it is to fail.
func (p *Provider) faulty(call func() error) error {
	p.mu.Lock()
	var f Fault
	if len(p.faults) > 0 {
		f, p.faults = p.faults[0], p.faults[1:]
	}
	p.mu.Unlock()
	if f.Err == nil || f.Late {
		if err := call(); err != nil {
			return err
		}
	}
	return f.Err
}

// ZoneID implements dns.Provider.
func (p *Provider) ZoneID(_ context.Context, domain string) (string, error) {
	return "mock-zone-" + domain, nil
}

const columns = `id, name, record_type, value, ttl, priority`

func scan(row db.Row) (dns.Record, error) {
	var r dns.Record
	err := row.Scan(&r.ID, &r.Name, &r.Type, &r.Value, &r.TTL, &r.Priority)
	return r, err
}

// ListRecords implements dns.Provider.
func (p *Provider) ListRecords(ctx context.Context, zone string) (all []dns.Record, err error) {
	err = p.faulty(func() error {
		all, err = db.All(ctx, p.db, scan, `SELECT `+columns+` FROM mock_dns_record WHERE zone = $1 ORDER BY id`, zone)
		return err
	})
	return all, err
}

// CreateRecord implements dns.Provider.
func (p *Provider) CreateRecord(ctx context.Context, zone string, r dns.Record) (dns.Record, error) {
	err := p.faulty(func() error {
		return p.db.InTx(ctx, func(tx *db.Tx) error {
			r.ID = newID(tx.NewID())
			_, err := db.Exec(ctx, tx, `
				INSERT INTO mock_dns_record (zone, id, name, record_type, value, ttl, priority, identity, changed_at)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
				zone, r.ID, r.Name, string(r.Type), r.Value, r.TTL, r.Priority, r.Identity(), db.Time{Time: tx.Now()})
			if tx.Violates(err, "mock_dns_record_same") {
				return errTaken
			}
			if err != nil {
				return err
			}
			return shareTTL(ctx, tx, zone, r)
		})
	})
	return told(r, err)
}

var errTaken = dns.Errorf(dns.Refused, "An identical record already exists.")

// newID makes the id of a record look like one of a vendor's.
func newID(u id.UUID) string { return "mock-" + hex.EncodeToString(u[:]) }

func shareTTL(ctx context.Context, tx *db.Tx, zone string, r dns.Record) error {
	_, err := db.Exec(ctx, tx, `UPDATE mock_dns_record SET ttl = $4 WHERE zone = $1 AND name = $2 AND record_type = $3`,
		zone, r.Name, string(r.Type), r.TTL)
	return err
}

// UpdateRecord implements dns.Provider.
func (p *Provider) UpdateRecord(ctx context.Context, zone, id string, r dns.Record) (dns.Record, error) {
	r.ID = id
	err := p.faulty(func() error {
		return p.db.InTx(ctx, func(tx *db.Tx) error {
			err := db.ExecOne(ctx, tx, `
				UPDATE mock_dns_record SET name = $4, value = $5, ttl = $6, priority = $7, identity = $8, changed_at = $9
				WHERE zone = $1 AND id = $2 AND record_type = $3`,
				zone, id, string(r.Type), r.Name, r.Value, r.TTL, r.Priority, r.Identity(), db.Time{Time: tx.Now()})
			if tx.Violates(err, "mock_dns_record_same") {
				return errTaken
			}
			if err != nil {
				return err
			}
			return shareTTL(ctx, tx, zone, r)
		})
	})
	return told(r, err)
}

// DeleteRecord implements dns.Provider.
func (p *Provider) DeleteRecord(ctx context.Context, zone, id string) error {
	err := p.faulty(func() error {
		return p.db.InTx(ctx, func(tx *db.Tx) error {
			return db.ExecOne(ctx, tx, `DELETE FROM mock_dns_record WHERE zone = $1 AND id = $2`, zone, id)
		})
	})
	_, err = told(dns.Record{}, err)
	return err
}

// told says an error as a provider does.
func told(r dns.Record, err error) (dns.Record, error) {
	if errors.Is(err, db.ErrNoRows) {
		err = dns.Errorf(dns.NoRecord, "Record not found.")
	}
	if err != nil {
		return dns.Record{}, err
	}
	return r, nil
}

// VerifyPropagation implements dns.Provider.
func (p *Provider) VerifyPropagation(ctx context.Context, name string, t dns.Type, value string) (dns.Propagation, error) {
	seen := dns.Answer{Resolver: "mock", Observed: []string{}}
	wait := time.Duration(0)
	err := db.Each(ctx, p.db, func(row db.Row) error {
		var changed db.Time
		r, err := scan(db.RowFunc(func(dest ...any) error { return row.Scan(append(dest, &changed)...) }))
		if left := p.delay - p.db.Now().Sub(changed.Time); left > 0 {
			wait = max(wait, left)
		} else {
			seen.Observed = append(seen.Observed, r.Data())
		}
		return err
	}, `SELECT `+columns+`, changed_at FROM mock_dns_record WHERE name = $1 AND record_type = $2 ORDER BY id`, name, string(t))
	if seen.Seen = dns.Seen(seen.Observed, value); !seen.Seen {
		seen.Cause, seen.Wait = "The record is not at the name server yet.", wait
	}
	return dns.Propagation{Done: seen.Seen, Answers: []dns.Answer{seen}}, err
}
