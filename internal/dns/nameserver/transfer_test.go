package nameserver_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	wire "github.com/miekg/dns"

	"vitrine/internal/clock"
	"vitrine/internal/dns/nameserver"
	"vitrine/internal/porttest"
)

const (
	secret = "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0ICEhISE="
	key    = "hmac-sha256:xfr:" + secret
)

func tsig(t *testing.T) nameserver.TSIG {
	t.Helper()
	k, err := nameserver.ParseTSIG(key)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// fetch transfers a zone with a key.
func fetch(t *testing.T, address, zone, name, secret string, since *wire.SOA) ([]wire.RR, error) {
	t.Helper()
	q := new(wire.Msg)
	q.SetAxfr(zone)
	if since != nil {
		q.SetIxfr(zone, since.Serial, since.Ns, since.Mbox)
	}
	in := &wire.Transfer{DialTimeout: time.Minute, ReadTimeout: time.Minute, WriteTimeout: time.Minute, TsigSecret: map[string]string{name: secret}}
	if name != "" {
		q.SetTsig(name, wire.HmacSHA256, 300, time.Now().Unix())
	}
	envelopes, err := in.In(q, address)
	if err != nil {
		return nil, err
	}
	var all []wire.RR
	for e := range envelopes {
		if e.Error != nil {
			return nil, e.Error
		}
		all = append(all, e.RR...)
	}
	return all, nil
}

func TestTransfer_givesZonesToThoseWithTheKey(t *testing.T) {
	t.Parallel()
	s := serving(t, nameserver.Options{Peers: nameserver.Peers{Key: tsig(t)}, Clock: clock.System{}})
	text := shop
	for i := range 2000 { // more than one message holds
		text += fmt.Sprintf("n%d 300 IN TXT \"%s\"\n", i, strings.Repeat("x", 50))
	}
	s.Put(zone(t, "shop.example.", text))
	address := listen(t, s, "127.0.0.1:0")
	all, err := fetch(t, address, "shop.example.", "xfr.", secret, nil)
	if want := len(records(t, "shop.example.", text)) + 1; err != nil || len(all) != want {
		t.Fatalf("%d records, want %d, %v", len(all), want, err)
	}
	soa, ok := all[0].(*wire.SOA)
	if !ok || all[len(all)-1].String() != soa.String() {
		t.Errorf("it begins with %v and ends with %v", all[0], all[len(all)-1])
	}
	if back, err := nameserver.NewZone("shop.example.", all, nil); err != nil || back.Serial() != 7 {
		t.Errorf("what came makes no zone: %v", err)
	}
	if all, err := fetch(t, address, "shop.example.", "xfr.", secret, soa); err != nil || len(all) != 1 {
		t.Errorf("whoever has it all gets %d records, %v", len(all), err)
	}
	old := *soa
	old.Serial--
	if all, err := fetch(t, address, "shop.example.", "xfr.", secret, &old); err != nil || len(all) < 2000 {
		t.Errorf("whoever is behind gets %d records, %v", len(all), err)
	}
	for _, c := range []struct{ zone, name, secret string }{
		{"shop.example.", "", ""}, {"shop.example.", "other.", secret}, {"shop.example.", "xfr.", "b3RoZXIgb3RoZXIgb3RoZXIgb3RoZXIgb3RoZXI="}, {"none.example.", "xfr.", secret},
	} {
		if all, err := fetch(t, address, c.zone, c.name, c.secret, nil); err == nil {
			t.Errorf("%+v gets %d records", c, len(all))
		}
	}
}

func TestServer_signsAnswersToSignedQuestions(t *testing.T) {
	t.Parallel()
	s := serving(t, nameserver.Options{Peers: nameserver.Peers{Key: tsig(t)}, Clock: clock.System{}})
	address := listen(t, s, "127.0.0.1:0")
	for _, network := range []string{"udp", "tcp"} {
		for _, c := range []struct {
			name, secret string
			at           int64
			rcode        int
			tsig         uint16
		}{
			{"xfr.", secret, 0, wire.RcodeSuccess, 0},
			{"other.", secret, 0, wire.RcodeNotAuth, wire.RcodeBadKey},
			{"xfr.", "b3RoZXIgb3RoZXIgb3RoZXIgb3RoZXIgb3RoZXI=", 0, wire.RcodeNotAuth, wire.RcodeBadSig},
			{"xfr.", secret, -3600, wire.RcodeNotAuth, wire.RcodeBadTime},
		} {
			q := new(wire.Msg)
			q.SetQuestion("shop.example.", wire.TypeSOA)
			q.SetTsig(c.name, wire.HmacSHA256, 300, time.Now().Unix()+c.at)
			client := &wire.Client{Net: network, Timeout: time.Minute, TsigSecret: map[string]string{c.name: c.secret}}
			m, _, err := client.ExchangeContext(t.Context(), q, address)
			if m == nil {
				t.Fatalf("%+v: %v", c, err)
			}
			if (err == nil) != (c.rcode == 0) || m.Rcode != c.rcode || m.IsTsig() == nil || m.IsTsig().Error != c.tsig {
				t.Errorf("%+v over %s: %v, %v", c, network, m, err)
			}
		}
	}
}

// secondary is a name server of other people that fetches zones here.
type secondary struct {
	program, packages string
	config            func(primary, address, dir string) string
	args              func(dir string) []string
}

func split(address string) (host, port string) {
	host, port, _ = net.SplitHostPort(address)
	return host, port
}

var secondaries = map[string]secondary{
	"Knot": {"knotd", "knot", func(primary, address, dir string) string {
		host, port := split(address)
		from, at := split(primary)
		return fmt.Sprintf(`
server:
  listen: %s@%s
  rundir: %s
database:
  storage: %[3]s
key:
- id: xfr
  algorithm: hmac-sha256
  secret: %[4]s
remote:
- id: primary
  address: %[5]s@%[6]s
  key: xfr
acl:
- id: notify
  address: 127.0.0.0/8
  key: xfr
  action: notify
zone:
- domain: shop.example
  storage: %[3]s
  master: primary
  acl: notify
`, host, port, dir, secret, from, at)
	}, func(dir string) []string { return []string{"-c", dir + "/config"} }},
	"NSD": {"nsd", "nsd", func(primary, address, dir string) string {
		host, port := split(address)
		from, at := split(primary)
		return fmt.Sprintf(`
server:
  ip-address: %s@%s
  server-count: 1
  username: ""
  chroot: ""
  pidfile: ""
  zonesdir: "%s"
  xfrdfile: "%[3]s/xfrd.state"
  zonelistfile: "%[3]s/zones.list"
  xfrdir: "%[3]s"
  cookie-secret-file: "%[3]s/cookies"
  xfrd-reload-timeout: 0
remote-control:
  control-enable: no
key:
  name: "xfr."
  algorithm: hmac-sha256
  secret: "%[4]s"
zone:
  name: "shop.example"
  zonefile: "shop.example.zone"
  request-xfr: AXFR %[5]s@%[6]s xfr.
  allow-notify: 127.0.0.0/8 xfr.
`, host, port, dir, secret, from, at)
	}, func(dir string) []string { return []string{"-d", "-c", dir + "/config"} }},
}

// Real name servers fetch a zone, and hear when it changes.
func TestTransfer_toOtherPeoplesServers(t *testing.T) {
	t.Parallel()
	if os.Getenv("VITRINE_TEST_ACCEPT") == "" {
		t.Skip("Knot and NSD are installed in accept mode alone; the same goes through a client above")
	}
	for name, other := range secondaries {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if out, err := exec.CommandContext(t.Context(), "../../../scripts/need.sh", other.program, other.packages).CombinedOutput(); err != nil {
				t.Fatalf("%s: %v: %s", other.program, err, out)
			}
			address, dir := "127.0.0.1:"+porttest.Free(t), t.TempDir()
			s := serving(t, nameserver.Options{Peers: nameserver.Peers{Key: tsig(t), Addresses: []string{address}}, Clock: clock.System{}})
			primary := listen(t, s, "127.0.0.1:0")
			stopped := make(chan error, 1)
			ctx, stop := context.WithCancel(t.Context())
			go func() { stopped <- s.Notify(ctx) }()
			t.Cleanup(func() {
				stop()
				if err := <-stopped; err != nil {
					t.Error(err)
				}
			})
			if err := os.WriteFile(filepath.Join(dir, "config"), []byte(other.config(primary, address, dir)), 0o600); err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			run := exec.CommandContext(ctx, other.program, other.args(dir)...)
			run.Stdout, run.Stderr = &log, &log
			if err := run.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				stop()
				_ = run.Wait()
				if t.Failed() {
					t.Log(log.String())
				}
			})
			answers := func(want string) {
				t.Helper()
				q := new(wire.Msg)
				q.SetQuestion("mail.shop.example.", wire.TypeA)
				var last any
				for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
					m, _, err := new(wire.Client).ExchangeContext(t.Context(), q, address)
					if last = m; err != nil {
						last = err
					} else if len(m.Answer) == 1 && strings.HasSuffix(m.Answer[0].String(), want) {
						return
					}
				}
				t.Fatalf("%s does not answer %s: %v", name, want, last)
			}
			answers("192.0.2.2")
			began := time.Now()
			s.Put(zone(t, "shop.example.", strings.NewReplacer(" 7 ", " 8 ", "192.0.2.2", "192.0.2.22").Replace(shop)))
			answers("192.0.2.22")
			t.Logf("%s served the change after %v", name, time.Since(began))
		})
	}
}
