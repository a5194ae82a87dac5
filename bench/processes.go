package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/fixture"
)

const (
	spreadProducts  = 1000
	spreadBatch     = 16 // requests that a connection has sent before it reads
	spreadCrowd     = 4  // connections
	spreadRounds    = 5
	spreadRoundTime = 3 * time.Second
)

var aboutSpread = fmt.Sprintf(`
Product pages of a shop of %d products, asked of one Vitrine process and of two on the same database, which take connections in turn. Each is the
program itself with one processor (GOMAXPROCS=1), its log thrown away; who asks sends %d requests at once over each of %d connections and counts what comes,
packed, which costs little. "Kept" pages are the same until the shop changes; "drawn" ones are asked for with a search that nobody has asked for yet, so
that the database works for each. Rounds of %s by turns, the median of %d. Beside it the processor's time for a request, and how many processors all
used: who asks and PostgreSQL run on the same machine, and what they take two processes do not have. Mark, where the database is not the limit: two give at
least 1.6 × the requests/s of one.

| pages | processes | requests/s | | Vitrine | PostgreSQL | who asks | processors used, of all |
| --- | --- | --- | --- | --- | --- | --- | --- |`, spreadProducts, spreadBatch, spreadCrowd, spreadRoundTime, spreadRounds)

// measureSpread compares one process with two that share a database.
func measureSpread(ctx context.Context, d *db.DB, out *report) error {
	if d.Engine() == db.SQLite {
		return nil // a file belongs to one process
	}
	owner, err := fixture.Account(ctx, d)
	if err != nil {
		return err
	}
	s, err := fixture.Catalog(ctx, d, owner, fixture.Size{Products: spreadProducts, VariantsEach: 3, Categories: 20, CategoryLinks: spreadProducts})
	if err != nil {
		return err
	}
	if err := analyze(ctx, d); err != nil {
		return err
	}
	processes, stop, err := startProcesses(ctx, d.URL(), 2)
	defer stop()
	if err != nil {
		return err
	}
	asked := 1_000_000
	for _, l := range []struct {
		name string
		path func() string
	}{
		{"kept", func() string { return "/s/" + s.Slug + "/products/product-number-7" }},
		{"drawn", func() string { asked++; return fmt.Sprintf("/s/%s/products?q=number+%d", s.Slug, asked) }},
	} {
		var one, two []shares
		for round := range spreadRounds + 1 {
			a, err := flood(ctx, processes[:1], l.path)
			if err != nil {
				return err
			}
			b, err := flood(ctx, processes, l.path)
			if err != nil {
				return err
			}
			if round > 0 { // the first warms up
				one, two = append(one, a), append(two, b)
			}
		}
		a, b := middleShares(one), middleShares(two)
		out.row(append([]any{l.name, "one", int(a.rate), ""}, a.cells()...)...)
		gain := fmt.Sprintf("%.2f ×", b.rate/a.rate)
		if b.database < b.vitrine { // else they wait for the database, which is one
			gain = out.atLeast(1.6, b.rate/a.rate, "×")
		}
		out.row(append([]any{l.name, "two", int(b.rate), gain}, b.cells()...)...)
	}
	return nil
}

// process is a running Vitrine.
type process struct {
	address string
	pid     int
}

// startProcesses builds the program and starts it so many times.
func startProcesses(ctx context.Context, database string, n int) (all []process, stop func(), err error) {
	dir, err := os.MkdirTemp("", "vitrine-bench")
	if err != nil {
		return nil, func() {}, err
	}
	var running []*exec.Cmd
	stop = func() {
		for _, c := range running {
			_ = c.Process.Kill()
			_ = c.Wait()
		}
		_ = os.RemoveAll(dir)
	}
	binary := filepath.Join(dir, "vitrine")
	if said, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/vitrine").CombinedOutput(); err != nil { //nolint:gosec // our own
		return nil, stop, fmt.Errorf("build vitrine: %w: %s", err, said)
	}
	for range n {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, stop, err
		}
		address := l.Addr().String()
		_ = l.Close()
		c := exec.CommandContext(ctx, binary, "serve", "--role", "web") //nolint:gosec // our own
		c.Dir = dir
		c.Env = append(os.Environ(), "GOMAXPROCS=1", "VITRINE_DATABASE_URL="+database, "VITRINE_LISTEN_ADDR="+address, "VITRINE_STOREFRONT_RATE_LIMIT=0")
		if err := c.Start(); err != nil {
			return nil, stop, err
		}
		running = append(running, c)
		all = append(all, process{address, c.Process.Pid})
		if err := awaitReady(ctx, address); err != nil {
			return nil, stop, err
		}
	}
	return all, stop, nil
}

func awaitReady(ctx context.Context, address string) error {
	for range 500 {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	return errors.New("a process does not get ready")
}

// shares is what a round gave, and the processor's time of a request.
type shares struct {
	rate                   float64
	vitrine, database, ask time.Duration
	processors             float64
}

func (s shares) cells() []any {
	micros := func(d time.Duration) string { return fmt.Sprintf("%d µs", d.Microseconds()) }
	return []any{micros(s.vitrine), micros(s.database), micros(s.ask), fmt.Sprintf("%.2f", s.processors)}
}

func middleShares(all []shares) shares {
	slices.SortFunc(all, func(a, b shares) int { return int(a.rate - b.rate) })
	return all[len(all)/2]
}

// flood asks the processes, in turn by connection, for a round.
func flood(ctx context.Context, processes []process, path func() string) (shares, error) {
	ctx, cancel := context.WithTimeout(ctx, spreadRoundTime)
	defer cancel()
	before, err := processorTimes(processes)
	if err != nil {
		return shares{}, err
	}
	var mu sync.Mutex
	next := func() string { mu.Lock(); defer mu.Unlock(); return path() }
	var group sync.WaitGroup
	counts, errs := make([]int, spreadCrowd), make([]error, spreadCrowd)
	took, _ := timed(func() error {
		for i := range spreadCrowd {
			group.Go(func() { counts[i], errs[i] = askMany(ctx, processes[i%len(processes)].address, next) })
		}
		group.Wait()
		return nil
	})
	after, err := processorTimes(processes)
	total := 0
	for _, n := range counts {
		total += n
	}
	if err = errors.Join(append(errs, err)...); err != nil || total == 0 {
		return shares{}, errors.Join(err, ctx.Err())
	}
	each := func(of func(spent) time.Duration) time.Duration {
		return (of(after) - of(before)) / time.Duration(total)
	}
	s := shares{
		rate:    float64(total) / took.Seconds(),
		vitrine: each(func(t spent) time.Duration { return t.vitrine }), database: each(func(t spent) time.Duration { return t.database }),
		ask: each(func(t spent) time.Duration { return t.own }),
	}
	s.processors = float64((s.vitrine+s.database+s.ask)*time.Duration(total)) / float64(took)
	return s, nil
}

// askMany asks over one connection until the time is over, many requests at once.
func askMany(ctx context.Context, address string, path func() string) (asked int, err error) {
	c, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return 0, err
	}
	defer func() { _ = c.Close() }()
	var requests bytes.Buffer
	in := &answers{from: c, buffer: make([]byte, 256<<10)}
	for ctx.Err() == nil {
		requests.Reset()
		for range spreadBatch {
			requests.WriteString("GET " + path() + " HTTP/1.1\r\nHost: " + address + "\r\nAccept-Encoding: gzip\r\n\r\n")
		}
		if _, err := c.Write(requests.Bytes()); err != nil {
			return asked, err
		}
		for range spreadBatch {
			if err := in.next(); err != nil {
				return asked, err
			}
		}
		asked += spreadBatch
	}
	return asked, nil
}

// answers reads answers that tell their length, as few times as it can.
type answers struct {
	from   io.Reader
	buffer []byte
	have   []byte // what was read and not used
}

// next passes over an answer.
func (a *answers) next() error {
	for {
		if end := bytes.Index(a.have, []byte("\r\n\r\n")); end >= 0 {
			head := a.have[:end]
			_, rest, found := bytes.Cut(head, lengthHeader)
			if !bytes.HasPrefix(head, []byte("HTTP/1.1 200 ")) || !found {
				return fmt.Errorf("answered %q", head)
			}
			length, _, _ := bytes.Cut(rest, []byte("\r\n"))
			n, err := strconv.Atoi(string(length))
			if err != nil {
				return err
			}
			if whole := end + 4 + n; whole <= len(a.have) {
				a.have = a.have[whole:]
				return nil
			}
		}
		if err := a.more(); err != nil {
			return err
		}
	}
}

func (a *answers) more() error {
	kept := copy(a.buffer, a.have)
	if kept == len(a.buffer) {
		return errors.New("an answer is too large")
	}
	n, err := a.from.Read(a.buffer[kept:])
	a.have = a.buffer[:kept+n]
	return err
}

// spent is the processor's time of everybody who takes part.
type spent struct{ vitrine, database, own time.Duration }

// processorTimes reads them from /proc. PostgreSQL's processes are all that run.
func processorTimes(processes []process) (t spent, err error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(stats) == 0 {
		return t, errors.Join(err, errors.New("there is no /proc to read processors' times from"))
	}
	for _, path := range stats {
		stat, err := os.ReadFile(path) //nolint:gosec // of the system
		if err != nil {
			continue // it has ended
		}
		name, rest, _ := strings.Cut(string(stat), ") ")
		fields := strings.Fields(rest)
		if len(fields) < 13 {
			continue
		}
		user, _ := strconv.Atoi(fields[11])
		system, _ := strconv.Atoi(fields[12])
		took := time.Duration(user+system) * time.Second / 100 // the kernel counts hundredths for everybody
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		switch {
		case pid == os.Getpid():
			t.own += took
		case slices.ContainsFunc(processes, func(p process) bool { return p.pid == pid }):
			t.vitrine += took
		case strings.HasSuffix(name, "(postgres"):
			t.database += took
		}
	}
	return t, nil
}
