package main_test

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
)

// succession is one socket that processes hand on, as systemd does.
type succession struct {
	t        *testing.T
	binary   string
	database string
	socket   *os.File
	url      string
}

func newSuccession(t *testing.T, database string) *succession {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	file, err := listener.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close() // the file keeps the socket open
	t.Cleanup(func() { _ = file.Close() })
	return &succession{t, build(t), database, file, "http://" + listener.Addr().String()}
}

// start runs the next process. Its number is known to itself alone.
func (s *succession) start() *exec.Cmd {
	s.t.Helper()
	c := exec.CommandContext(context.WithoutCancel(s.t.Context()), "sh", "-c", `LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" serve`, s.binary) //nolint:gosec // our own binary
	c.Env = append(os.Environ(), "VITRINE_DATABASE_URL="+s.database, "VITRINE_STOREFRONT_RATE_LIMIT=0")
	c.ExtraFiles = []*os.File{s.socket}
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	return c
}

// A service that is restarted, once before its successor is there and once after, has
// answered every request: also those that are never sent twice, on connections that stay
// as on new ones.
func TestRollingRestart_underLoad_failsNoRequest(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, database string) {
		s := newSuccession(t, database)
		serving := s.start()
		f := newTraffic(t, s.url)
		f.begin(8)
		restarts := 2
		if accept() {
			restarts = 20
		}
		for i := range restarts {
			f.after(200)
			if i%2 == 0 { // systemctl restart
				end(t, serving)
				serving = s.start()
				continue
			}
			next := s.start()
			end(t, serving)
			serving = next
		}
		f.after(200)
		answers := f.end()
		end(t, serving)
		t.Logf("%d requests over %d restarts", len(answers), restarts)
		f.tell()
		for _, r := range answers {
			if !r.good() {
				t.Errorf("failed: %v", r)
			}
		}
		f.keeps(dbtest.Open(t, database, clock.System{}))
	})
}

func end(t *testing.T, c *exec.Cmd) {
	t.Helper()
	_ = c.Process.Signal(syscall.SIGTERM)
	if err := c.Wait(); err != nil {
		t.Errorf("a process ends with %v", err)
	}
}

// Who answers requests leaves the jobs to workers, and those answer nothing but whether
// they are well.
func TestRoles_eachDoesItsPart(t *testing.T) {
	t.Parallel()
	needPostgres(t)
	binary, database := build(t), dbtest.NewURL(t, db.Postgres)
	web := &server{t: t, binary: binary, address: database, env: []string{"VITRINE_ROLE=web"}}
	web.start()
	defer web.kill()
	token, source, _ := web.register()
	var job struct{ ID, Status string }
	if status, err := web.post("/stores/"+source+"/clone", token, map[string]string{}, &job, "Prefer", "respond-async"); status != http.StatusAccepted || err != nil {
		t.Fatal(status, err)
	}
	d := dbtest.Open(t, database, clock.System{})
	workers := func() int {
		n, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'vitrine jobs'`)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	finished := func() int {
		n, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM job WHERE status = 'succeeded'`)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if workers() != 0 || finished() != 0 {
		t.Error("a process with the role web works on jobs")
	}
	worker := &server{t: t, binary: binary, address: database, env: []string{"VITRINE_ROLE=worker"}}
	worker.start()
	defer worker.kill()
	eventually(t, "the worker does the job", func() bool { return finished() > 0 })
	if status, _ := worker.post("/auth/register", "", map[string]string{}, &struct{}{}); status != http.StatusNotFound {
		t.Errorf("a worker answers a request of the API with %d", status)
	}
	if said, code := command(t, binary, database, "serve", "--role", "dns"); code != 1 || !strings.Contains(said, "builtin") {
		t.Errorf("the role dns without a name server ends with %d: %s", code, said)
	}
	if said, code := command(t, binary, database, "serve", "--role", "cook"); code == 0 || !strings.Contains(said, "web, worker, dns") {
		t.Errorf("an unknown role ends with %d: %s", code, said)
	}
}
