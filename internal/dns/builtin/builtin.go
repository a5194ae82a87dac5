// Package builtin keeps records in our own database, for the built-in name server. A
// Follower has a name server answer for what is kept.
package builtin

import (
	"context"
	"errors"
	"fmt"

	wire "github.com/miekg/dns"

	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/id"
)

// backend implements dns.Backend. The id of a zone is its name.
type backend struct {
	dns.Verifier
	db *db.DB
}

// Provider has a zone for every name that it is asked for.
type Provider struct {
	*dns.OfSets
	db *db.DB
}

// New returns a Provider that has v ask the world.
func New(d *db.DB, v dns.Verifier) *Provider {
	return &Provider{dns.NewOfSets(&backend{Verifier: v, db: d}), d}
}

// topic is what changes of zones are announced under.
const topic = "nameserver"

// changed gives a zone its next serial, and a version when the transaction commits. One
// that was gone is back.
func changed(ctx context.Context, tx *db.Tx, zone string) error {
	// Seconds since 1970 where that is ahead: a zone that was away for a while does not
	// come back with a serial that others have seen.
	err := db.ExecOne(ctx, tx, `
		UPDATE nameserver_zone SET serial = CASE WHEN serial >= $2 THEN serial + 1 ELSE $2 END, gone = FALSE WHERE name = $1`,
		zone, tx.Now().Unix())
	if err != nil {
		return err
	}
	publish(tx, zone)
	return nil
}

// publish gives a zone a version when the transaction commits.
func publish(tx *db.Tx, zone string) {
	tx.Last("nameserver zone "+zone, func(ctx context.Context) error {
		version, err := nextVersion(ctx, tx)
		if err != nil {
			return err
		}
		_, err = db.Exec(ctx, tx, `UPDATE nameserver_zone SET version = $2 WHERE name = $1`, zone, version)
		return err
	})
	tx.Announce(topic, id.UUID{})
}

func nextVersion(ctx context.Context, tx *db.Tx) (int64, error) {
	return db.One(ctx, tx, db.Value[int64], `UPDATE nameserver_state SET version = version + 1 RETURNING version`)
}

// ZoneID implements dns.Backend: it makes the zone of a domain, unless there is one.
func (b *backend) ZoneID(ctx context.Context, domain string) (string, error) {
	if !dns.Name(domain) {
		return "", dns.Errorf(dns.NoZone, "%q cannot be the name of a zone", domain)
	}
	return domain, b.db.InTx(ctx, func(tx *db.Tx) error {
		made, err := db.Exec(ctx, tx, `
			INSERT INTO nameserver_zone (name, serial, version, gone) VALUES ($1, $2, 0, FALSE)
			ON CONFLICT (name) DO UPDATE SET gone = FALSE WHERE nameserver_zone.gone`, domain, tx.Now().Unix())
		if err != nil || made == 0 {
			return err
		}
		return changed(ctx, tx, domain)
	})
}

// DropZone implements dns.ZoneKeeper.
func (p *Provider) DropZone(ctx context.Context, zone string) error {
	return p.db.InTx(ctx, func(tx *db.Tx) error {
		// First a statement that waits for those who change the zone: the next sees what they did.
		there, err := db.Exec(ctx, tx, `UPDATE nameserver_zone SET gone = gone WHERE name = $1 AND NOT gone`, zone)
		if err != nil || there == 0 {
			return err
		}
		dropped, err := db.Exec(ctx, tx, `
			UPDATE nameserver_zone SET gone = TRUE WHERE name = $1 AND NOT EXISTS (SELECT 1 FROM nameserver_set WHERE zone = $1)`, zone)
		if err == nil && dropped > 0 {
			publish(tx, zone)
		}
		return err
	})
}

const setColumns = `name, record_type, ttl, rdata`

func scanSet(row db.Row) (s dns.Set, err error) {
	var rdata db.JSON[[]string]
	err = row.Scan(&s.Name, &s.Type, &s.TTL, &rdata)
	s.RData = rdata.V
	return s, err
}

// Sets implements dns.Backend.
func (b *backend) Sets(ctx context.Context, zone string) ([]dns.Set, error) {
	return db.All(ctx, b.db, scanSet, `SELECT `+setColumns+` FROM nameserver_set WHERE zone = $1 ORDER BY name, record_type`, zone)
}

// Set implements dns.Backend.
func (b *backend) Set(ctx context.Context, zone, name string, t dns.Type) (dns.Set, error) {
	return find(ctx, b.db, zone, name, t)
}

func find(ctx context.Context, q db.Q, zone, name string, t dns.Type) (dns.Set, error) {
	s, err := db.One(ctx, q, scanSet, `SELECT `+setColumns+` FROM nameserver_set WHERE zone = $1 AND name = $2 AND record_type = $3`, zone, name, string(t))
	if errors.Is(err, db.ErrNoRows) {
		return dns.Set{Name: name, Type: t}, nil
	}
	return s, err
}

// Replace implements dns.Backend.
func (b *backend) Replace(ctx context.Context, zone string, before, after dns.Set) error {
	if err := check(zone, after); err != nil {
		return err
	}
	return b.db.InTx(ctx, func(tx *db.Tx) error {
		err := changed(ctx, tx, zone) // first: it locks the zone
		if errors.Is(err, db.ErrNoRows) {
			return dns.Errorf(dns.NoZone, "there is no zone %s", zone)
		}
		if err != nil {
			return err
		}
		now, err := find(ctx, tx, zone, after.Name, after.Type)
		if err != nil {
			return err
		}
		if !now.Same(before) {
			return dns.Errorf(dns.Refused, "%s %s was changed by somebody else just now", after.Name, after.Type)
		}
		if len(after.RData) == 0 {
			_, err = db.Exec(ctx, tx, `DELETE FROM nameserver_set WHERE zone = $1 AND name = $2 AND record_type = $3`, zone, after.Name, string(after.Type))
			return err
		}
		if err := alone(ctx, tx, zone, after); err != nil {
			return err
		}
		_, err = db.Exec(ctx, tx, `
			INSERT INTO nameserver_set (zone, name, record_type, ttl, rdata) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (zone, name, record_type) DO UPDATE SET ttl = excluded.ttl, rdata = excluded.rdata`,
			zone, after.Name, string(after.Type), after.TTL, db.JSON[[]string]{V: after.RData})
		return err
	})
}

// maxSet is how large a set can be: it must fit into a message with others.
const maxSet = 16 << 10

// check refuses what a zone cannot hold.
func check(zone string, s dns.Set) error {
	if !dns.Within(s.Name, zone) {
		return dns.Errorf(dns.Refused, "%s is outside of the zone %s", s.Name, zone)
	}
	if s.Type == dns.CNAME && s.Name == zone {
		return dns.Errorf(dns.Refused, "a CNAME cannot stand at the apex of a zone")
	}
	if s.Type == dns.CNAME && len(s.RData) > 1 {
		return dns.Errorf(dns.Refused, "%s can have one CNAME only", s.Name)
	}
	size := 0
	for _, rdata := range s.RData {
		rr, err := record(s, rdata)
		if err != nil {
			return dns.Errorf(dns.Refused, "%s %s: %w", s.Name, s.Type, err)
		}
		size += wire.Len(rr)
	}
	if size > maxSet {
		return dns.Errorf(dns.Refused, "the %s records of %s are larger than a message can be", s.Type, s.Name)
	}
	return nil
}

// record reads a record of a set.
func record(s dns.Set, rdata string) (wire.RR, error) {
	rr, err := wire.NewRR(fmt.Sprintf("%s. %d IN %s %s", s.Name, s.TTL, s.Type, rdata))
	if err == nil && rr == nil {
		err = errors.New("it is empty")
	}
	return rr, err
}

// alone refuses a CNAME beside other sets.
func alone(ctx context.Context, tx *db.Tx, zone string, s dns.Set) error {
	others, err := db.All(ctx, tx, db.Value[string], `
		SELECT record_type FROM nameserver_set
		WHERE zone = $1 AND name = $2 AND record_type <> $3 AND ($3 = 'CNAME' OR record_type = 'CNAME')`, zone, s.Name, string(s.Type))
	if err != nil || len(others) == 0 {
		return err
	}
	return dns.Errorf(dns.Refused, "a CNAME cannot stand beside other records: %s has a record of type %s", s.Name, others[0])
}
