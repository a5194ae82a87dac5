package acme_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
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

// Each of these would fail at the authority, where it would count. None gets there.
func TestScout_saysWhyANameCannotBeProven(t *testing.T) {
	t.Parallel()
	dbtest.EachAt(t, clock.System{}, func(t *testing.T, d *db.DB) {
		w := acmetest.NewWorld(t, "hosted.test")
		responder := acme.NewResponder(d, dns.NewOfSets(w), w.Client)
		here := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.Host, "other.test") {
				_, _ = out.Write([]byte("<h1>Parked</h1>"))
				return
			}
			answer, ok, err := responder.Answer(r.Context(), r.Host, strings.TrimPrefix(r.URL.Path, acme.ChallengePath))
			if err != nil || !ok {
				out.WriteHeader(http.StatusNotFound)
				return
			}
			_, _ = out.Write([]byte(answer))
		}))
		t.Cleanup(here.Close)
		port := strings.TrimPrefix(here.URL, "http://127.0.0.1:")
		for name, lines := range map[string][]string{
			"caa.test":      {`caa.test. 60 IN CAA 0 issue "other.example"`},
			"critical.test": {`critical.test. 60 IN CAA 128 future "x"`},
			"none.test":     {`none.test. 60 IN CAA 0 issue ";"`},
			"mail.test":     {`mail.test. 60 IN CAA 0 iodef "mailto:a@mail.test"`},
			"ours.test":     {`ours.test. 60 IN CAA 0 issue "other.example"`, `ours.test. 60 IN CAA 0 issue "pebble.test; validationmethods=http-01"`},
			"dns.test":      {`dns.test. 60 IN CAA 0 issue "pebble.test; validationmethods=dns-01"`},
			"wild.test":     {`wild.test. 60 IN CAA 0 issue "pebble.test"`, `wild.test. 60 IN CAA 0 issuewild ";"`},
		} {
			w.Say(t, name, "CAA", lines...)
		}
		w.Say(t, "gone.test", "A")
		w.Say(t, "elsewhere.test", "A", "elsewhere.test. 60 IN A 127.0.0.9")
		w.Say(t, "half.test", "AAAA", "half.test. 60 IN AAAA ::1")
		scout := &acme.Scout{
			Ways: []certificate.Way{certificate.ByHTTP, certificate.ByDNS}, Responder: responder, World: w.Client,
			Address: netip.MustParseAddr("127.0.0.1"), HTTPPort: port, TLSPort: "1",
		}
		for _, c := range []struct{ name, way, code, says string }{
			{"fine.test", "http-01", "", ""},
			{"shop.caa.test", "", certificate.CodeCAA, `The CAA record 0 issue "other.example" of caa.test does not allow`},
			{"critical.test", "", certificate.CodeCAA, `128 future "x"`},
			{"none.test", "", certificate.CodeCAA, `0 issue ";"`},
			{"mail.test", "http-01", "", ""},
			{"ours.test", "http-01", "", ""},
			{"dns.test", "", certificate.CodeUnreachable, "has no DNS zone"},
			{"*.wild.test", "", certificate.CodeCAA, `0 issuewild ";"`},
			{"wild.test", "http-01", "", ""},
			{"gone.test", "", certificate.CodeUnreachable, "has no address yet"},
			{"elsewhere.test", "", certificate.CodeUnreachable, "its A record says 127.0.0.9"},
			{"half.test", "", certificate.CodeUnreachable, "its AAAA record says ::1"},
			{"other.test", "", certificate.CodeUnreachable, "another server answers"},
			{"*.fine.test", "", certificate.CodeUnreachable, "needs its DNS zone"},
			{"*.hosted.test", "dns-01", "", ""},
		} {
			way, err := scout.Way(t.Context(), c.name, []string{acmetest.Identity})
			if string(way) != c.way || fault.Code(err) != c.code || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %q, %v", c.name, way, err)
			}
		}
		left, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM acme_challenge`)
		if err != nil || left != 0 {
			t.Errorf("%d tokens are left: %v", left, err)
		}
	})
}
