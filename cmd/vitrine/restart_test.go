package main_test

import (
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/dbtest"
)

// recovery is how soon all is well after PostgreSQL is back, and nobody does anything:
// measured in the acceptance run, and but bounded where much else goes on.
func recovery() time.Duration {
	if accept() {
		return 5 * time.Second
	}
	return 30 * time.Second
}

// A PostgreSQL that is restarted under a shop in use, politely or not, loses nothing
// that was acknowledged. Meanwhile who asks is told to ask again.
func TestPostgresRestart_underLoad_isOverInSeconds(t *testing.T) {
	if os.Getenv("TEST_POSTGRES_DSN") == "" {
		t.Skip("TEST_POSTGRES_DSN is not set: it asks for what needs PostgreSQL")
	}
	t.Parallel()
	c := newCluster(t, false)
	n := newNode(t, build(t), "VITRINE_DATABASE_URL="+c.dsn("vitrine"), "VITRINE_STOREFRONT_RATE_LIMIT=0", "VITRINE_MEDIA_DIR="+t.TempDir())
	f := newTraffic(t, n.url())
	f.begin(8)
	f.after(200)
	modes := []syscall.Signal{syscall.SIGINT} // fast
	if accept() {
		modes = []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGINT, syscall.SIGQUIT} // immediate
	}
	var gaps []gap
	for _, mode := range modes {
		g := gap{mode: mode, from: time.Now()}
		c.stop(mode)
		c.start()
		g.to = time.Now()
		f.after(200)
		g.until = time.Now()
		gaps = append(gaps, g)
	}
	answers := f.end()
	f.tell()
	for _, g := range gaps {
		g.look(t, answers)
	}
	for _, r := range answers {
		switch {
		case r.good():
		case r.status != http.StatusServiceUnavailable || !r.again || !strings.Contains(r.body, "try again"):
			t.Errorf("no clear answer: %v", r)
		case !meets(gaps, r):
			t.Errorf("while PostgreSQL was there: %v", r)
		}
	}
	f.keeps(dbtest.Open(t, c.dsn("vitrine"), clock.System{}))
	if log, err := os.ReadFile(n.log); err == nil && t.Failed() {
		for line := range strings.Lines(string(log)) {
			if strings.Contains(line, "request failed") || strings.Contains(line, "page failed") {
				t.Log(line)
			}
		}
	}
}

// gap is when PostgreSQL was not there: from its stop until it takes connections. Then
// it is there until it is stopped again.
type gap struct {
	mode            syscall.Signal
	from, to, until time.Time
}

func meets(gaps []gap, r reply) bool {
	for _, g := range gaps {
		if !r.to.Before(g.from) && !r.from.After(g.to.Add(recovery())) {
			return true
		}
	}
	return false
}

// look wants each kind of request to be answered soon after the gap.
func (g gap) look(t *testing.T, answers []reply) {
	t.Helper()
	well := map[string]time.Time{}
	var last time.Time
	refused := 0
	for _, r := range answers {
		switch {
		case r.good() && r.from.After(g.to) && (well[r.what].IsZero() || r.to.Before(well[r.what])):
			well[r.what] = r.to
		case !r.good() && meets([]gap{g}, r) && r.from.Before(g.until):
			refused++
			if r.to.After(last) {
				last = r.to
			}
		}
	}
	for _, at := range well {
		if at.After(last) {
			last = at
		}
	}
	t.Logf("%v: PostgreSQL was away for %v, %d requests were told so; all was well %v after it was back, %v after its stop",
		g.mode, g.to.Sub(g.from).Round(time.Millisecond), refused, last.Sub(g.to).Round(time.Millisecond), last.Sub(g.from).Round(time.Millisecond))
	if len(well) != 5 || last.Sub(g.to) > recovery() {
		t.Errorf("it took %v after PostgreSQL was back, want %v; %d of 5 kinds of requests were answered", last.Sub(g.to), recovery(), len(well))
	}
}
