package certificate_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"vitrine/internal/certificate"
	"vitrine/internal/certificate/acme"
	"vitrine/internal/certificate/acmetest"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/dns"
	"vitrine/internal/fault"
)

// moody is a DNS provider that does not do what it is asked for.
type moody struct {
	dns.Provider
	zone, create error
}

func (m *moody) ZoneID(ctx context.Context, domain string) (string, error) {
	if m.zone != nil {
		return "", m.zone
	}
	return m.Provider.ZoneID(ctx, domain)
}

func (m *moody) CreateRecord(ctx context.Context, zone string, r dns.Record) (dns.Record, error) {
	if m.create != nil {
		return dns.Record{}, m.create
	}
	return m.Provider.CreateRecord(ctx, zone, r)
}

// Where records cannot be made, a name that only they could prove gets the reason in the
// provider's own words. Nothing is ordered before it is known that they can be.
func TestIssuer_saysWhyRecordsCannotProveAName(t *testing.T) {
	t.Parallel()
	dbtest.EachAt(t, clock.System{}, func(t *testing.T, d *db.DB) {
		k := openDesk(t, d)
		world := acmetest.NewWorld(t, "hosted.test")
		p := acmetest.Start(t, world, acmetest.Options{HTTPPort: k.port})
		away, refuses := dns.Errorf(dns.Unanswered, "connection refused"), dns.Errorf(dns.Refused, "quota exceeded")
		for _, c := range []struct {
			what, name string
			provider   dns.Provider
			kind       fault.Kind
			says       string
			ordered    bool
		}{
			{"it is switched off, as for mock and builtin", "a.hosted.test", nil, fault.Refused, "has no DNS zone at the platform's DNS provider", false},
			{"it has no such zone", "a.other.test", dns.NewOfSets(world), fault.Refused, "has no DNS zone at the platform's DNS provider", false},
			{"it is away", "b.hosted.test", &moody{Provider: dns.NewOfSets(world), zone: away}, fault.Provider, "connection refused", false},
			{"it breaks", "c.hosted.test", &moody{Provider: dns.NewOfSets(world), zone: errors.New("secret")}, fault.Provider, "could not be reached", false},
			{"it refuses the record", "d.hosted.test", &moody{Provider: dns.NewOfSets(world), create: refuses}, fault.Provider, "DNS provider could not be used for the proof: quota exceeded", true},
		} {
			respond := acme.NewResponder(d, c.provider, world.Client)
			scout := &acme.Scout{Ways: []certificate.Way{certificate.ByDNS}, Responder: respond, World: world.Client}
			authority := acme.New(d, k.sealer, respond, acme.Settings{Directory: p.Directory, Roots: p.Roots})
			orders := p.Orders()
			_, err := certificate.NewIssuer(d, k.sealer, scout, certificate.Limits{}, authority).Issue(t.Context(), []string{c.name}, certificate.Certificate{})
			if !fault.Is(err, c.kind) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: %v", c.what, err)
			}
			if (p.Orders() > orders) != c.ordered {
				t.Errorf("%s: %d orders", c.what, p.Orders()-orders)
			}
		}
	})
}
