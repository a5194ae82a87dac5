package domain

import (
	"context"
	"fmt"
	"iter"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/seal"
	"vitrine/internal/store"
)

// Finding is something about a domain that does not add up.
type Finding struct {
	Name string
	What string
}

func (f Finding) String() string { return fmt.Sprintf("domain %s: %s", f.Name, f.What) }

// openFor is how long a change to records may stay open before nobody carries it on.
const openFor = time.Hour

// checks are statements that find what does not add up: a name, and a sentence. $1 is
// now, less what is behind the statement.
var checks = []struct {
	statement string
	ago       time.Duration
}{
	{`SELECT d.domain, 'a change to its records is open for more than an hour' FROM custom_domain d
		WHERE EXISTS (SELECT 1 FROM dns_change c WHERE c.domain_id = d.id AND c.state = 'open' AND c.created_at <= $1) ORDER BY d.domain`, openFor},

	{`SELECT c.domain, 'its certificate has run out and was not renewed' FROM certificate c
		WHERE c.not_after <= $1 AND EXISTS (SELECT 1 FROM custom_domain d WHERE d.domain = c.domain AND d.store_id IS NOT NULL) ORDER BY c.domain`, 0},

	{`SELECT d.domain, 'it is said to have a certificate until ' || substr(CAST(d.ssl_expires_at AS TEXT), 1, 10) || ', and none is kept' FROM custom_domain d
		WHERE d.ssl_provisioned AND d.ssl_expires_at > $1 AND EXISTS (SELECT 1 FROM certificate_order o WHERE o.domain = d.domain)
			AND NOT EXISTS (SELECT 1 FROM certificate c WHERE c.domain = d.domain) ORDER BY d.domain`, 0},
}

// Examine yields what does not add up about domains: in the database, about their
// certificates, whose keys the sealer must open, and between the records here and those
// at the DNS provider, where no change is under way. A provider that does not answer is
// an error. What is right a person decides: nothing of it follows from the rest.
func (s *Service) Examine(ctx context.Context, sealer *seal.Sealer) iter.Seq2[Finding, error] {
	return func(yield func(Finding, error) bool) {
		for _, look := range []func(context.Context) ([]Finding, error){
			s.findOverdue,
			func(ctx context.Context) ([]Finding, error) { return s.findSealed(ctx, sealer) },
		} {
			found, err := look(ctx)
			if err != nil {
				yield(Finding{}, fmt.Errorf("look at the domains: %w", err))
				return
			}
			for _, f := range found {
				if !yield(f, nil) {
					return
				}
			}
		}
		s.verifyRecords(ctx, yield)
	}
}

func scanFinding(row db.Row) (f Finding, err error) { return f, row.Scan(&f.Name, &f.What) }

func (s *Service) findOverdue(ctx context.Context) (all []Finding, err error) {
	for _, check := range checks {
		found, err := db.All(ctx, s.db, scanFinding, check.statement, db.Time{Time: s.db.Now().Add(-check.ago)})
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// findSealed finds the certificates whose keys nobody can open.
func (s *Service) findSealed(ctx context.Context, sealer *seal.Sealer) (all []Finding, err error) {
	err = db.Each(ctx, s.db, func(row db.Row) error {
		var name string
		var key []byte
		if err := row.Scan(&name, &key); err != nil {
			return err
		}
		if _, err := sealer.Open(key); err != nil {
			all = append(all, Finding{name, "the key of its certificate was sealed with another secret_key: get the certificate anew"})
		}
		return nil
	}, `SELECT domain, key FROM certificate ORDER BY domain`)
	return all, err
}

// verifyRecords holds the records here against those at the provider.
func (s *Service) verifyRecords(ctx context.Context, yield func(Finding, error) bool) {
	type zone struct {
		store store.ID
		name  string
	}
	all, err := db.All(ctx, s.db, func(row db.Row) (z zone, err error) { return z, row.Scan(&z.store, &z.name) }, `
		SELECT store_id, domain FROM custom_domain d
		WHERE store_id IS NOT NULL AND dns_zone_id IS NOT NULL AND (lease_until IS NULL OR lease_until <= $1)
			AND NOT EXISTS (SELECT 1 FROM dns_change c WHERE c.domain_id = d.id AND c.state = 'open')
		ORDER BY domain`, db.Time{Time: s.db.Now()})
	if err != nil {
		yield(Finding{}, err)
		return
	}
	for _, z := range all {
		drift, err := s.Plan(ctx, z.store)
		if err != nil {
			if !yield(Finding{}, fmt.Errorf("ask for the records of %s: %w", z.name, err)) {
				return
			}
			continue
		}
		if len(drift) > 0 && !yield(Finding{z.name, fmt.Sprintf("%d records differ from those at the DNS provider: its page DNS Records says which, and what can be done", len(drift))}, nil) {
			return
		}
	}
}
