package acme

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/mholt/acmez/v3"
	"github.com/mholt/acmez/v3/acme"

	"vitrine/internal/certificate"
	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/dns/lookup"
)

// Responder knows what authorities are answered that look whether a name is ours. It
// keeps that in the database, since any process may be asked. It is safe for concurrent
// use.
type Responder struct {
	db      *db.DB
	records dns.Provider // nil where names are not proven by records
	world   *lookup.Client
}

// NewResponder returns a Responder. Without a provider of records, names are not proven
// by DNS.
func NewResponder(d *db.DB, records dns.Provider, world *lookup.Client) *Responder {
	return &Responder{d, records, world}
}

// solver has a name answer so that one challenge is met.
type solver interface {
	present(ctx context.Context, c acme.Challenge) error
	wait(ctx context.Context, c acme.Challenge) error // until the answer can be seen
	cleanUp(ctx context.Context, c acme.Challenge) error
}

func (r *Responder) solver(way certificate.Way) solver {
	if way == certificate.ByDNS {
		return records{r}
	}
	return answers{r, way}
}

// answerFor is how long an answer is kept of which nobody says that it is not needed
// any more.
const answerFor = time.Hour

// prepare keeps what is answered for a name.
func (r *Responder) prepare(ctx context.Context, name string, way certificate.Way, token, answer string) error {
	return r.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `
			INSERT INTO acme_challenge (name, kind, token, answer, expires_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (name, kind, token) DO UPDATE SET answer = excluded.answer, expires_at = excluded.expires_at`,
			name, string(way), token, answer, db.Time{Time: tx.Now().Add(answerFor)})
		return err
	})
}

func (r *Responder) forget(ctx context.Context, name string, way certificate.Way, token string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return r.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `DELETE FROM acme_challenge WHERE name = $1 AND kind = $2 AND token = $3`, name, string(way), token)
		return err
	})
}

// maxToken is longer than any token.
const maxToken = 200

// Answer returns what to answer at the path of a token under a name. ok is false where
// nobody is to be answered.
func (r *Responder) Answer(ctx context.Context, name, token string) (answer string, ok bool, err error) {
	if token == "" || len(token) > maxToken || strings.Trim(token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
		return "", false, nil
	}
	return r.find(ctx, `SELECT answer FROM acme_challenge WHERE name = $1 AND kind = $2 AND token = $4 AND expires_at > $3`, name, certificate.ByHTTP, token)
}

// Certificate returns what to show under a name to who speaks acme-tls/1, or nil.
func (r *Responder) Certificate(ctx context.Context, name string) (*tls.Certificate, error) {
	answer, ok, err := r.find(ctx, `SELECT answer FROM acme_challenge WHERE name = $1 AND kind = $2 AND expires_at > $3 ORDER BY expires_at DESC LIMIT 1`, name, certificate.ByTLS)
	if err != nil || !ok {
		return nil, err
	}
	return acmez.TLSALPN01ChallengeCert(acme.Challenge{Identifier: acme.Identifier{Type: "dns", Value: name}, KeyAuthorization: answer})
}

func (r *Responder) find(ctx context.Context, query, name string, way certificate.Way, more ...any) (string, bool, error) {
	answer, err := db.One(ctx, r.db.Prepared(), db.Value[string], query, append([]any{name, string(way), db.Time{Time: r.db.Now()}}, more...)...)
	if errors.Is(err, db.ErrNoRows) {
		return "", false, nil
	}
	return answer, err == nil, err
}

// answers proves names by what is answered over HTTP or TLS.
type answers struct {
	*Responder
	way certificate.Way
}

func (a answers) present(ctx context.Context, c acme.Challenge) error {
	return a.prepare(ctx, c.Identifier.Value, a.way, c.Token, c.KeyAuthorization)
}

func (answers) wait(context.Context, acme.Challenge) error { return nil }

func (a answers) cleanUp(ctx context.Context, c acme.Challenge) error {
	return a.forget(ctx, c.Identifier.Value, a.way, c.Token)
}

// records proves names by TXT records.
type records struct{ *Responder }

// txtTTL is the shortest that every provider takes.
const txtTTL = 60

func record(c acme.Challenge) dns.Record {
	return dns.Record{Name: strings.TrimSuffix(c.DNS01TXTRecordName(), "."), Type: dns.TXT, Value: c.DNS01KeyAuthorization(), TTL: txtTTL}
}

func (r records) present(ctx context.Context, c acme.Challenge) error {
	want := record(c)
	zone, err := r.records.ZoneID(ctx, want.Name)
	if err != nil {
		return atProvider(err)
	}
	_, err = r.records.CreateRecord(ctx, zone, want)
	if dns.Is(err, dns.Refused) { // who made it before may have died
		if there, _ := r.find(ctx, zone, want); there != "" {
			return nil
		}
	}
	return atProvider(err)
}

// find returns the id of a record that is there, or "".
func (r records) find(ctx context.Context, zone string, want dns.Record) (string, error) {
	all, err := r.records.ListRecords(ctx, zone)
	if i := slices.IndexFunc(all, want.Same); i >= 0 {
		return all[i].ID, nil
	}
	return "", err
}

// wait waits until each name server of the zone has the record.
func (r records) wait(ctx context.Context, c acme.Challenge) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	want := record(c)
	for {
		seen, err := r.world.VerifyServed(ctx, want.Name, want.Type, want.Data())
		switch {
		case err != nil:
			return err
		case seen.Done:
			return nil
		}
		select {
		case <-ctx.Done():
			return certificate.Errorf(certificate.Unproven, "the record %s is not seen by all: %s", want.Name, why(seen))
		case <-time.After(time.Second):
		}
	}
}

func why(p dns.Propagation) string {
	for _, a := range p.Answers {
		if !a.Seen {
			return a.Cause
		}
	}
	return ""
}

func (r records) cleanUp(ctx context.Context, c acme.Challenge) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	want := record(c)
	zone, err := r.records.ZoneID(ctx, want.Name)
	if err != nil {
		return err
	}
	there, err := r.find(ctx, zone, want)
	if there != "" {
		err = r.records.DeleteRecord(ctx, zone, there)
	}
	if err != nil {
		slog.WarnContext(ctx, "certificates: a record stays at the DNS provider", "name", want.Name, "error", err)
	}
	return err
}
