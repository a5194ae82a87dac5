package app_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"strings"
	"testing"
	"time"

	"vitrine/internal/app"
	"vitrine/internal/clock"
	"vitrine/internal/config"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
)

// running is an app that serves.
type running struct {
	url  string
	stop context.CancelFunc
	done chan error // what Serve returned
}

func serve(t *testing.T, d *db.DB) *running {
	t.Helper()
	return serveWith(t, d, map[string]string{"CONFIG": os.DevNull})
}

func serveWith(t *testing.T, d *db.DB, settings map[string]string) *running {
	t.Helper()
	c, err := config.Load(func(name string) (string, bool) {
		value, set := settings[strings.TrimPrefix(name, "VITRINE_")]
		return value, set
	}, nil)
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
	r := &running{url: "http://" + listener.Addr().String(), stop: stop, done: make(chan error, 1)}
	finished := make(chan struct{})
	go func() {
		r.done <- a.Serve(ctx, listener)
		close(finished)
	}()
	t.Cleanup(func() { stop(); <-finished })
	return r
}

// ask gets a path over a connection of its own. The status of no answer is 0.
func (r *running) ask(t *testing.T, path string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", r.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := new(http.Transport).RoundTrip(req)
	if err != nil {
		return &http.Response{}
	}
	_ = res.Body.Close()
	return res
}

// eventually waits for what another goroutine is about to do.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it never happens: %s", what)
		}
	}
}

func TestServe_whenStoppedAnswersWhatRunsAndRefusesWhatIsNew(t *testing.T) {
	t.Parallel()
	dbtest.EachAt(t, clock.System{}, func(t *testing.T, d *db.DB) {
		r := serve(t, d)
		if status := r.ask(t, "/readyz").StatusCode; status != http.StatusOK {
			t.Fatalf("ready: %d", status)
		}
		body, answered := r.begin(t)
		r.stop()
		eventually(t, "not ready", func() bool { return r.ask(t, "/readyz").StatusCode == http.StatusServiceUnavailable })
		if status := r.ask(t, "/healthz").StatusCode; status != http.StatusOK {
			t.Errorf("healthy while stopping: %d", status)
		}
		refused := r.ask(t, "/api/v1/plans")
		if refused.StatusCode != http.StatusServiceUnavailable || refused.Header.Get("Retry-After") == "" || !refused.Close {
			t.Errorf("a new request while stopping: %v", refused)
		}
		_, _ = io.WriteString(body, `{"email":"late@example.com","password":"a long password"}`)
		_ = body.Close()
		if status := <-answered; status != http.StatusCreated {
			t.Errorf("the request that ran: %d", status)
		}
		if err := <-r.done; err != nil {
			t.Errorf("stop: %v", err)
		}
		if status := r.ask(t, "/healthz").StatusCode; status != 0 {
			t.Errorf("it still listens: %d", status)
		}
	})
}

// begin sends a registration whose body waits, and returns when its handler does.
func (r *running) begin(t *testing.T) (body io.WriteCloser, answered chan int) {
	t.Helper()
	reading := make(chan struct{})
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got100Continue: func() { close(reading) }})
	read, body := io.Pipe()
	req, err := http.NewRequestWithContext(ctx, "POST", r.url+"/api/v1/auth/register", read)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Expect", "100-continue")
	answered = make(chan int, 1)
	go func() {
		res, err := (&http.Transport{ExpectContinueTimeout: time.Minute}).RoundTrip(req)
		if err != nil {
			answered <- 0
			return
		}
		_ = res.Body.Close()
		answered <- res.StatusCode
	}()
	<-reading
	return body, answered
}

func TestServe_endsWithTheErrorOfAPartThatFails(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c, err := config.Load(func(name string) (string, bool) { return os.DevNull, name == "VITRINE_CONFIG" }, nil)
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
		_ = listener.Close()
		if err := a.Serve(t.Context(), listener); err == nil || !strings.Contains(err.Error(), "closed") {
			t.Errorf("a listener that is gone: %v", err)
		}
	})
}
