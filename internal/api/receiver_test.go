package api_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"vitrine/internal/api"
	"vitrine/internal/dbtest"
	"vitrine/internal/webhook"
	"vitrine/internal/webhook/sender"
)

// eachSending runs fn against a running API that sends webhooks, also to this
// machine.
func eachSending(t *testing.T, fn func(t *testing.T, p *platform)) {
	t.Helper()
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		hooks := webhook.NewService(sealer(t), true)
		p := serve(t, address, api.Deps{Webhooks: hooks})
		p.send(t, hooks, sender.Options{})
		fn(t, p)
	})
}

// send empties the outbox until the end of the test.
func (p *platform) send(t *testing.T, hooks *webhook.Service, o sender.Options) {
	t.Helper()
	o.Poll = 5 * time.Millisecond
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Second
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		if err := sender.New(p.db, hooks, o).Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { stop(); <-stopped })
}

// receiver is somebody else's server that webhooks go to.
type receiver struct {
	t      *testing.T
	url    string
	answer func(w http.ResponseWriter, n int) // n counts what has come, from 1

	mu      sync.Mutex
	n       int
	arrived chan arrival
}

// arrival is a request that a receiver got.
type arrival struct {
	header http.Header
	raw    []byte
}

// receive starts a receiver. A nil answer is 204.
func receive(t *testing.T, answer func(w http.ResponseWriter, n int)) *receiver {
	t.Helper()
	if answer == nil {
		answer = func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusNoContent) }
	}
	r := &receiver{t: t, answer: answer, arrived: make(chan arrival, 10_000)}
	server := httptest.NewServer(http.HandlerFunc(r.serve))
	t.Cleanup(server.Close)
	r.url = server.URL + "/hook"
	return r
}

func (r *receiver) serve(w http.ResponseWriter, req *http.Request) {
	raw, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	r.mu.Lock()
	r.n++
	n := r.n
	r.mu.Unlock()
	r.arrived <- arrival{req.Header.Clone(), raw}
	r.answer(w, n)
}

// patience is how long a test waits for what must come.
const patience = time.Minute

// next waits for a request.
func (r *receiver) next() arrival {
	r.t.Helper()
	select {
	case a := <-r.arrived:
		return a
	case <-time.After(patience):
		r.t.Fatal("nothing arrives")
		return arrival{}
	}
}

// none checks that nothing has come.
func (r *receiver) none() {
	r.t.Helper()
	select {
	case a := <-r.arrived:
		r.t.Errorf("%s arrived", a.raw)
	default:
	}
}

// event reads what was sent, after checking the signature as a receiver does.
func (a arrival) event(t *testing.T, secret string) (kind string, data object) {
	t.Helper()
	verifier, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	if err := verifier.VerifyIgnoringTimestamp(a.raw, a.header); err != nil { // the test's clock stands still
		t.Fatal(err)
	}
	var body struct {
		Type      string
		Timestamp time.Time
		Data      object
	}
	if err := json.Unmarshal(a.raw, &body); err != nil {
		t.Fatal(err)
	}
	if body.Timestamp.IsZero() {
		t.Errorf("no timestamp in %s", a.raw)
	}
	return body.Type, body.Data
}

// hook makes a webhook and returns its path and its secret.
func (c *client) hook(store, url string, events ...string) (path, secret string) {
	c.t.Helper()
	made := c.post(store+"/webhooks", object{"url": url, "events": events}).want(http.StatusCreated).object()
	return store + "/webhooks/" + made["id"].(string), made["secret"].(string)
}

// delivery waits until the newest delivery of a webhook has a status after as many
// attempts. A pending one is between two tries: the last has left its error.
func (c *client) delivery(hook, status string, attempts int) object {
	c.t.Helper()
	var last object
	for deadline := time.After(patience); ; {
		if all := c.get(hook + "/deliveries").want(http.StatusOK).array(); len(all) > 0 {
			if last = all[0]; last["status"] == status && last["attempts"] == float64(attempts) && (status != "pending" || last["error"] != nil) {
				return last
			}
		}
		select {
		case <-deadline:
			c.t.Fatalf("no delivery is %s after %d attempts; the newest: %v", status, attempts, last)
		case <-time.After(5 * time.Millisecond):
		}
	}
}
