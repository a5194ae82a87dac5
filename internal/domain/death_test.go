package domain_test

import (
	"context"
	"testing"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/dns/mock"
	"vitrine/internal/domain"
)

// dying is a provider whose caller dies when a record has been made.
type dying struct {
	dns.Provider
	dies bool
}

func (d *dying) CreateRecord(ctx context.Context, zone string, r dns.Record) (dns.Record, error) {
	made, err := d.Provider.CreateRecord(ctx, zone, r)
	if d.dies {
		d.dies = false
		panic("the process dies")
	}
	return made, err
}

// A process that dies between what the provider did and what it writes down leaves
// an open change and, for a while, its lease.
func TestDeath_whatTheProviderDidIsTakenOverLater(t *testing.T) {
	t.Parallel()
	start := func(_ *testing.T, d *db.DB, _ string) (dns.Provider, mender) {
		return &dying{Provider: mock.New(d, 0)}, nil
	}
	eachShop(t, "mock", start, func(t *testing.T, s *shop) {
		s.provider.Mend()
		create := func(value string) error {
			_, err := s.CreateRecord(t.Context(), s.store, s.owner, domain.Record{Type: dns.A, Name: "api", Value: value, TTL: 60}, nil)
			return err
		}
		if err := create("192.0.2.1"); err != nil {
			t.Fatal(err)
		}
		s.provider.Provider.(*dying).dies = true
		func() {
			defer func() {
				if recover() == nil {
					t.Error("it lives")
				}
			}()
			_ = create("192.0.2.2")
		}()
		if here, there := len(s.records(t)), s.atProvider(t); here != 1 || there != 2 {
			t.Fatalf("after the death %d here, %d there", here, there)
		}
		s.holdLease(t)
		s.clock.Advance(2 * time.Minute)
		if err := s.Repair(t.Context()); err != nil {
			t.Fatal(err)
		}
		if here, there := len(s.records(t)), s.atProvider(t); here != 2 || there != 2 {
			t.Errorf("after the repair %d here, %d there", here, there)
		}
		if err := create("192.0.2.3"); err != nil {
			t.Errorf("the next change: %v", err)
		}
	})
}

// holdLease leaves the lease of the domain with somebody who is gone.
func (s *shop) holdLease(t *testing.T) {
	t.Helper()
	err := s.db.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := db.Exec(t.Context(), tx, `UPDATE custom_domain SET lease = $2, lease_until = $3 WHERE store_id = $1`,
			s.store, tx.NewID(), db.Time{Time: tx.Now().Add(20 * time.Second)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
