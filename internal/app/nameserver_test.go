package app_test

import (
	"context"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	wire "github.com/miekg/dns"

	"vitrine/internal/app"
	"vitrine/internal/clock"
	"vitrine/internal/config"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/dns"
	"vitrine/internal/dns/builtin"
	"vitrine/internal/porttest"
)

// In the mode builtin the process is a name server, on the addresses of the settings.
func TestServe_answersForZonesInTheModeBuiltin(t *testing.T) {
	t.Parallel()
	dbtest.EachAt(t, clock.System{}, func(t *testing.T, d *db.DB) {
		settings := map[string]string{
			"VITRINE_CONFIG": os.DevNull, "VITRINE_DNS_PROVIDER_MODE": "builtin",
			"VITRINE_NAMESERVER_LISTEN": "127.0.0.1:" + porttest.Free(t) + ", 127.0.0.2:" + porttest.Free(t),
		}
		c, err := config.Load(func(name string) (string, bool) { value, set := settings[name]; return value, set }, nil)
		if err != nil {
			t.Fatal(err)
		}
		a, err := app.New(t.Context(), c, d)
		if err != nil {
			t.Fatal(err)
		}
		listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
		done := make(chan error, 1)
		go func() { done <- a.Serve(ctx, listener) }()
		t.Cleanup(func() {
			stop()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
		p := builtin.New(d, nil)
		zone, err := p.ZoneID(t.Context(), "shop.example")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.CreateRecord(t.Context(), zone, dns.Record{Name: "www.shop.example", Type: dns.A, Value: "192.0.2.1", TTL: 300}); err != nil {
			t.Fatal(err)
		}
		for _, address := range strings.Split(settings["VITRINE_NAMESERVER_LISTEN"], ", ") {
			for _, network := range []string{"udp", "tcp"} {
				eventually(t, "an answer of "+address, func() bool {
					q := new(wire.Msg)
					q.SetQuestion("www.shop.example.", wire.TypeA)
					m, _, err := (&wire.Client{Net: network, Timeout: time.Minute}).ExchangeContext(t.Context(), q, address)
					return err == nil && len(m.Answer) == 1 && m.Authoritative
				})
			}
		}
	})
}
