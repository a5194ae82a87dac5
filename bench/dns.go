package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	wire "github.com/miekg/dns"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/dns/builtin"
	"vitrine/internal/dns/nameserver"
)

const (
	dnsZones     = 1_000
	dnsManyZones = 100_000
	dnsRounds    = 3
	dnsRoundTime = 4 // seconds
)

var aboutDNS = fmt.Sprintf(`
The built-in name server on zones of 12 records beside NSD and Knot of this system with the same ones, asked by dnsperf on the same machine over UDP with EDNS, in rounds of %d s by turns, the median
of %d: no cookies, no rate limits, one question in ten for a name that is not there. Then the same with %d zones, what they take of memory once they are loaded (RssAnon), and how long after a record of one of them is
changed the answer is another, in this process and in a second one on the database. Marks: at least 0.5 × NSD's queries/s at %d zones; at most 1.3 × fewer at %d; a change within 1 s.

| database | zones | queries/s | NSD | | Knot | | loaded in | a zone takes | a change is served after | by another process |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |`, dnsRoundTime, dnsRounds, dnsManyZones, dnsZones, dnsManyZones)

func measureDNS(ctx context.Context, d *db.DB, out *report) error {
	for _, program := range [][2]string{{"dnsperf", "dnsperf"}, {"nsd", "nsd"}, {"knotd", "knot"}} {
		if said, err := exec.CommandContext(ctx, "scripts/need.sh", program[0], program[1]).CombinedOutput(); err != nil { //nolint:gosec // ours
			return fmt.Errorf("%s: %w: %s", program[0], err, said)
		}
	}
	dir, err := os.MkdirTemp("", "bench-dns-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	few, err := measureZones(ctx, d, out, dir, dnsZones, nil)
	if err != nil {
		return err
	}
	_, err = measureZones(ctx, d, out, dir, dnsManyZones, &few)
	return err
}

// measureZones fills the database up to a number of zones and asks for them. few is
// the speed with few zones, beside which that with many stands.
func measureZones(ctx context.Context, d *db.DB, out *report, dir string, zones int, few *float64) (speed float64, err error) {
	if err := fillZones(ctx, d, zones); err != nil {
		return 0, err
	}
	ours, err := startOurs(ctx, d)
	if err != nil {
		return 0, err
	}
	defer ours.stop()
	servers := []string{ours.address}
	if few == nil {
		others, stop, err := startOthers(ctx, dir, zones)
		defer stop()
		if err != nil {
			return 0, err
		}
		servers = append(servers, others...)
	}
	questions := filepath.Join(dir, "questions")
	if err := writeQuestions(questions, zones); err != nil {
		return 0, err
	}
	speeds := make([][]float64, len(servers))
	for range dnsRounds {
		for i, server := range servers {
			qps, err := dnsperf(ctx, server, questions)
			if err != nil {
				return 0, err
			}
			speeds[i] = append(speeds[i], qps)
		}
	}
	medians := make([]float64, len(speeds))
	for i, all := range speeds {
		slices.Sort(all)
		medians[i] = all[len(all)/2]
	}
	beside := []any{"", "", "", ""}
	own := any(sensible(medians[0]))
	if few == nil {
		beside = []any{sensible(medians[1]), out.atLeast(0.5, medians[0]/medians[1], "×"), sensible(medians[2]), fmt.Sprintf("%.2f ×", medians[0]/medians[2])}
	} else {
		own = fmt.Sprintf("%s, %s fewer", own, out.atMost(1.3, *few/medians[0], "×"))
	}
	here, there, err := ours.change(ctx, d, zones/2)
	if err != nil {
		return 0, err
	}
	out.row(append(append([]any{d.Engine(), zones, own}, beside...), seconds(ours.loaded), fmt.Sprintf("%.1f KiB", float64(ours.memory)/1024/float64(zones)),
		millis(here), out.atMost(1, there.Seconds(), "s"))...)
	return medians[0], nil
}

// zoneSets are the sets of every zone, beside its name servers.
var zoneSets = [][3]string{
	{"", "A", "192.0.2.1"},
	{"", "MX", "10 mail.platform.example."},
	{"", "TXT", `"v=spf1 include:platform.example -all"`},
	{"", "CAA", `0 issue "letsencrypt.org"`},
	{"www.", "CNAME", "proxy.platform.example."},
	{"api.", "A", "192.0.2.2"},
	{"img.", "AAAA", "2001:db8::2"},
	{"_dmarc.", "TXT", `"v=DMARC1; p=none"`},
	{"*.eu.", "A", "192.0.2.3"},
}

func zoneName(i int) string { return "shop" + strconv.Itoa(i) + ".example" }

// fillZones makes the zones from 1 to n, those that are missing.
func fillZones(ctx context.Context, d *db.DB, n int) error {
	return d.InTx(ctx, func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < CAST($1 AS bigint))
			INSERT INTO nameserver_zone (name, serial, version, gone) SELECT 'shop' || i || '.example', 1, 1, FALSE FROM n WHERE TRUE ON CONFLICT (name) DO NOTHING`, n)
		for _, s := range zoneSets {
			if err != nil {
				return err
			}
			_, err = db.Exec(ctx, tx, `
				INSERT INTO nameserver_set (zone, name, record_type, ttl, rdata) SELECT name, $1 || name, $2, 300, $3 FROM nameserver_zone WHERE TRUE
				ON CONFLICT (zone, name, record_type) DO NOTHING`, s[0], s[1], db.JSON[[]string]{V: []string{s[2]}})
		}
		return err
	}, db.Timeout(5*time.Minute))
}

// ours is the built-in name server, twice, as in two processes.
type ours struct {
	address string
	servers [2]*nameserver.Server
	loaded  time.Duration
	memory  uint64
	cancel  func()
	others  []*db.DB
	done    chan error
}

var dnsServers = []string{"ns1.platform.example", "ns2.platform.example"}

func startOurs(ctx context.Context, d *db.DB) (*ours, error) {
	o := &ours{done: make(chan error, 3)}
	ctx, o.cancel = context.WithCancel(ctx)
	other, err := open(ctx, d.URL())
	if err != nil {
		return nil, err
	}
	o.others = append(o.others, other)
	var followers [2]*builtin.Follower
	for i, database := range []*db.DB{d, other} {
		o.servers[i] = nameserver.New(nameserver.Options{Clock: clock.System{}})
		followers[i] = builtin.NewFollower(database, o.servers[i], dnsServers, nil)
		debug.FreeOSMemory()
		before := memory()
		if o.loaded, err = timed(func() error { return followers[i].Load(ctx) }); err != nil {
			return nil, err
		}
		debug.FreeOSMemory()
		o.memory = memory() - min(before, memory())
	}
	l, err := o.servers[0].Listen(ctx, "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	o.address = l.Addr()
	for _, run := range []func(context.Context) error{l.Run, followers[0].Run, followers[1].Run} {
		go func() { o.done <- run(ctx) }()
	}
	return o, nil
}

func (o *ours) stop() {
	o.cancel()
	for range cap(o.done) {
		if err := <-o.done; err != nil {
			slog.Error("the name server ended", "error", err)
		}
	}
	for _, d := range o.others {
		_ = d.Close()
	}
}

// change makes a record in a zone and returns how long after it began both servers
// have it.
func (o *ours) change(ctx context.Context, d *db.DB, zone int) (here, there time.Duration, err error) {
	p := builtin.New(d, nil)
	took := [2]time.Duration{}
	began := time.Now() //nolint:forbidigo // measures
	if _, err := p.CreateRecord(ctx, zoneName(zone), dns.Record{Name: "new." + zoneName(zone), Type: dns.A, Value: "192.0.2.9", TTL: 300}); err != nil {
		return 0, 0, err
	}
	q := new(wire.Msg)
	q.SetQuestion("new."+zoneName(zone)+".", wire.TypeA)
	raw, err := q.Pack()
	if err != nil {
		return 0, 0, err
	}
	for i, s := range o.servers {
		for m := new(wire.Msg); len(m.Answer) == 0; time.Sleep(time.Millisecond) {
			if err := m.Unpack(s.Answer(raw, false)); err != nil {
				return 0, 0, err
			}
			if took[i] = time.Since(began); took[i] > time.Minute {
				return 0, 0, errors.New("a change is never served")
			}
		}
	}
	return took[0], took[1], nil
}

// writeQuestions writes what dnsperf asks for, in no order.
func writeQuestions(file string, zones int) error {
	f, err := os.Create(file) //nolint:gosec // ours
	if err != nil {
		return err
	}
	out := bufio.NewWriter(f)
	const some = 200_000
	for i := range some {
		zone := zoneName(i*7919%zones + 1)
		switch s := zoneSets[i%len(zoneSets)]; {
		case i%10 == 9:
			_, _ = fmt.Fprintf(out, "none%d.%s A\n", i, zone)
		default:
			_, _ = fmt.Fprintf(out, "%s%s %s\n", strings.Replace(s[0], "*", "de", 1), zone, s[1])
		}
	}
	return errors.Join(out.Flush(), f.Close())
}

var perSecond = regexp.MustCompile(`Queries per second:\s+([0-9.]+)`)

// dnsperf asks a server for a round and returns how many questions it answered in a
// second.
func dnsperf(ctx context.Context, address, questions string) (float64, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return 0, err
	}
	said, err := exec.CommandContext(ctx, "dnsperf", "-s", host, "-p", port, "-d", questions, "-l", strconv.Itoa(dnsRoundTime), "-c", "8", "-q", "200", "-e").CombinedOutput() //nolint:gosec // ours
	if err != nil {
		return 0, fmt.Errorf("dnsperf: %w: %s", err, said)
	}
	m := perSecond.FindSubmatch(said)
	if m == nil {
		return 0, fmt.Errorf("dnsperf does not say how many: %s", said)
	}
	return strconv.ParseFloat(string(m[1]), 64)
}

// writeConfigs writes the zones and the settings of NSD and Knot.
func writeConfigs(dir string, zones int, nsdPort, knotPort string) error {
	var nsd, knot strings.Builder
	fmt.Fprintf(&nsd, `server:
  ip-address: 127.0.0.1@%s
  server-count: 2
  username: ""
  chroot: ""
  pidfile: ""
  zonesdir: "%s"
  xfrdfile: "%[2]s/xfrd.state"
  zonelistfile: "%[2]s/zones.list"
  xfrdir: "%[2]s"
  cookie-secret-file: "%[2]s/cookies"
  rrl-ratelimit: 0
remote-control:
  control-enable: no
`, nsdPort, dir)
	fmt.Fprintf(&knot, "server:\n  listen: 127.0.0.1@%s\n  rundir: %s\ndatabase:\n  storage: %[2]s\ntemplate:\n- id: default\n  storage: %[2]s\n  file: \"%%s.zone\"\nzone:\n", knotPort, dir)
	var errs []error
	for i := range zones {
		zone := zoneName(i + 1)
		fmt.Fprintf(&nsd, "zone:\n  name: %s\n  zonefile: %[1]s.zone\n", zone)
		fmt.Fprintf(&knot, "- domain: %s\n", zone)
		text := "@ 3600 IN SOA ns1.platform.example. hostmaster.platform.example. 1 14400 3600 1209600 300\n@ 3600 IN NS ns1.platform.example.\n@ 3600 IN NS ns2.platform.example.\n"
		for _, s := range zoneSets {
			text += fmt.Sprintf("%s%s. 300 IN %s %s\n", s[0], zone, s[1], s[2])
		}
		errs = append(errs, os.WriteFile(filepath.Join(dir, zone+".zone"), []byte(text), 0o600))
	}
	errs = append(errs, os.WriteFile(filepath.Join(dir, "nsd.conf"), []byte(nsd.String()), 0o600), os.WriteFile(filepath.Join(dir, "knotd.conf"), []byte(knot.String()), 0o600))
	return errors.Join(errs...)
}

// startOthers starts NSD and Knot with the zones.
func startOthers(ctx context.Context, dir string, zones int) (addresses []string, stop func(), err error) {
	ctx, stop = context.WithCancel(ctx)
	addresses = []string{freeAddress(), freeAddress()}
	nsdPort, knotPort := addresses[0][strings.LastIndex(addresses[0], ":")+1:], addresses[1][strings.LastIndex(addresses[1], ":")+1:]
	if err := writeConfigs(dir, zones, nsdPort, knotPort); err != nil {
		return nil, stop, err
	}
	var running []*exec.Cmd
	for _, program := range []string{"nsd", "knotd"} {
		args := []string{"-c", filepath.Join(dir, program+".conf")}
		if program == "nsd" {
			args = append(args, "-d")
		}
		run := exec.CommandContext(ctx, program, args...) //nolint:gosec // ours
		run.Cancel = func() error { return run.Process.Signal(os.Interrupt) }
		run.Stdout, run.Stderr = io.Discard, io.Discard
		if err := run.Start(); err != nil {
			return nil, stop, err
		}
		running = append(running, run)
	}
	cancel := stop
	stop = func() {
		cancel()
		for _, run := range running {
			_ = run.Wait()
		}
	}
	for _, address := range addresses {
		if err := answersSoon(ctx, address, zoneName(zones)); err != nil {
			return nil, stop, err
		}
	}
	return addresses, stop, nil
}

func freeAddress() string {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once
	if err != nil {
		return "127.0.0.1:5300"
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// answersSoon waits until a server answers for a zone.
func answersSoon(ctx context.Context, address, zone string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		q := new(wire.Msg)
		q.SetQuestion(zone+".", wire.TypeA)
		m, _, err := new(wire.Client).ExchangeContext(ctx, q, address)
		if err == nil && len(m.Answer) > 0 {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%s does not answer for %s: %w", address, zone, errors.Join(err, ctx.Err()))
		}
		time.Sleep(50 * time.Millisecond)
	}
}
