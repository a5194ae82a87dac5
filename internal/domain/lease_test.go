package domain_test

import (
	"testing"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/dns/mock"
	"vitrine/internal/domain"
)

// A process that has died keeps a domain's records from changing for twenty seconds. A
// lease of a time that the clock was set back from keeps nobody.
func TestHold_waitsForTheDeadNoLongerThanALeaseLasts(t *testing.T) {
	t.Parallel()
	start := func(_ *testing.T, d *db.DB, _ string) (dns.Provider, mender) { return mock.New(d, 0), nil }
	eachShop(t, "mock", start, func(t *testing.T, s *shop) {
		s.provider.Mend()
		change := func(name string) error {
			_, err := s.CreateRecord(t.Context(), s.store, s.owner, domain.Record{Type: dns.A, Name: name, Value: "192.0.2.1", TTL: 60}, nil)
			return err
		}
		for name, passes := range map[string]time.Duration{"later": 20 * time.Second, "earlier": -time.Hour} {
			s.holdLease(t)
			s.clock.Advance(passes)
			if err := change(name); err != nil {
				t.Errorf("after %v: %v", passes, err)
			}
		}
	})
}
