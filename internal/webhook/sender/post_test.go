package sender

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/id"
	"vitrine/internal/webhook"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// newSender returns a sender that nobody has started.
func newSender(t *testing.T, allowPrivate bool) *Sender {
	t.Helper()
	d := dbtest.Open(t, dbtest.NewURL(t, db.SQLite), clock.System{})
	return New(d, webhook.NewService(nil, allowPrivate), Options{Timeout: time.Minute})
}

// impatience is how long senders wait in tests of what does not come.
const impatience = 5 * time.Second

func parcel(url string) webhook.Parcel {
	return webhook.Parcel{Delivery: webhook.DeliveryID{UUID: id.UUID{7}}, URL: url, Secret: secret, Body: `{"type":"product.created"}`}
}

// serve starts a server that answers like fn, until the end of the test.
func serve(t *testing.T, fn http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(fn)
	t.Cleanup(s.Close)
	return s.URL
}

// hang waits until the client gives up, which is seen once the body has been read.
func hang(r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

func TestSend_isVerifiedByTheReceiver(t *testing.T) {
	t.Parallel()
	verified := make(chan error, 1)
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		w, err := standardwebhooks.NewWebhook(secret)
		if err == nil {
			err = w.Verify(body.Bytes(), r.Header) // the timestamp too
		}
		verified <- err
	})
	if out := newSender(t, true).send(t.Context(), parcel(url)); out.Error != "" || out.Code != http.StatusOK {
		t.Errorf("%+v", out)
	}
	if err := <-verified; err != nil {
		t.Error(err)
	}
}

func TestSend_saysInASentenceWhatWentWrong(t *testing.T) {
	t.Parallel()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secure.Close)
	for name, test := range map[string]struct {
		url     string
		private bool
		want    string
	}{
		"not there":     {serve(t, http.NotFound), true, "The answer was 404 instead of 2xx."},
		"elsewhere":     {serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusFound) }), true, "The answer was 302, a redirect; redirects are not followed."},
		"silent":        {serve(t, func(_ http.ResponseWriter, r *http.Request) { hang(r) }), true, "There was no answer within 5s."},
		"refusing":      {"http://127.0.0.1:1", true, "The connection was refused."},
		"broken off":    {serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), true, "The connection broke off."},
		"unknown":       {"http://no-such-name.invalid", true, "The host name could not be found."},
		"not trusted":   {secure.URL, true, "The connection could not be made secure: certificate signed by unknown authority."},
		"private":       {serve(t, http.NotFound), false, "The host name leads to a private, loopback or link-local address."},
		"private name":  {strings.Replace(serve(t, http.NotFound), "127.0.0.1", "localhost", 1), false, "The host name leads to a private, loopback or link-local address."},
		"endless heads": {serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 100_000)) }), true, "The connection broke off."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSender(t, test.private)
			if name == "silent" {
				s.Timeout = impatience
			}
			if out := s.send(t.Context(), parcel(test.url)); out.Error != test.want {
				t.Errorf("%q, want %q", out.Error, test.want)
			}
		})
	}
}

func TestSend_readsNoMoreOfAnAnswerThanItKeeps(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(bytes.Repeat([]byte("x"), 8<<10)); err != nil {
				return
			}
		}
	})
	s := newSender(t, true)
	s.Timeout = time.Hour
	if out := s.send(t.Context(), parcel(url)); out.Error != "" || len(out.Body) != maxKept {
		t.Errorf("%d bytes, %q", len(out.Body), out.Error)
	}
}

func TestSend_aBodyThatDripsIsCutAndTheAnswerCounts(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("thanks"))
		_ = http.NewResponseController(w).Flush()
		hang(r)
	})
	s := newSender(t, true)
	s.Timeout = impatience
	if out := s.send(t.Context(), parcel(url)); out.Error != "" || out.Code != http.StatusOK || out.Body != "thanks" {
		t.Errorf("%+v", out)
	}
}

func TestSend_withoutASecretSendsNothing(t *testing.T) {
	t.Parallel()
	url := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("something arrived") })
	p := parcel(url)
	p.Secret = ""
	if out := newSender(t, true).send(t.Context(), p); out.Error != "The event could not be signed." {
		t.Errorf("%+v", out)
	}
}
