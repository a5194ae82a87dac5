package builtin_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/dns"
	"vitrine/internal/dns/builtin"
	"vitrine/internal/dns/nameserver"
)

// world sees everything but the records of a type.
type world struct {
	dns.Verifier
	blind dns.Type
}

func (w world) VerifyPropagation(_ context.Context, _ string, kind dns.Type, value string) (dns.Propagation, error) {
	if kind == w.blind {
		return dns.Propagation{Answers: []dns.Answer{{Resolver: "192.0.2.53", Cause: "It keeps an older answer."}}}, nil
	}
	return dns.Propagation{Done: true, Answers: []dns.Answer{{Resolver: "192.0.2.53", Seen: true, Observed: []string{value}}}}, nil
}

func TestFollower_explainsANameByWhatIsServedAndSeen(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := builtin.New(d, nil)
		zone, err := p.ZoneID(t.Context(), "shop.example")
		if err != nil {
			t.Fatal(err)
		}
		create(t, p, zone, dns.Record{Name: "www.shop.example", Type: dns.A, Value: "192.0.2.1", TTL: 300})
		create(t, p, zone, dns.Record{Name: "www.shop.example", Type: dns.TXT, Value: "hello", TTL: 300})
		f := builtin.NewFollower(d, nameserver.New(nameserver.Options{Clock: clock.System{}}), servers, nil)
		explain := func(name string, w world) builtin.Explanation {
			t.Helper()
			e, err := f.Explain(t.Context(), w, name)
			if err != nil {
				t.Fatal(err)
			}
			return e
		}

		well := explain("www.shop.example", world{})
		if well.Zone != "shop.example" || well.Status != "NOERROR" || !slices.Equal(well.Servers, servers) || well.DS != "" || len(well.Wrong) != 0 {
			t.Errorf("a name that is well: %+v", well)
		}
		if len(well.Served) != 4 || len(well.Seen) != 4 || well.Served[0].Data() != "192.0.2.1" {
			t.Errorf("it has two records, and its zone two name servers: %+v", well.Served)
		}
		if unseen := explain("www.shop.example", world{blind: dns.TXT}); len(unseen.Wrong) != 1 || unseen.Wrong[0] != "www.shop.example TXT: It keeps an older answer." {
			t.Errorf("what is wrong with a record that is not seen: %q", unseen.Wrong)
		}
		if none := explain("nothing.shop.example", world{}); len(none.Wrong) != 1 || !strings.Contains(none.Wrong[0], "NXDOMAIN") {
			t.Errorf("what is wrong with a name that is not there: %q", none.Wrong)
		}
		if foreign := explain("elsewhere.example", world{}); foreign.Zone != "" || len(foreign.Wrong) != 1 || !strings.Contains(foreign.Wrong[0], "No zone") {
			t.Errorf("what is wrong with a name of nobody here: %+v", foreign)
		}
	})
}
