package s3_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"vitrine/internal/blob"
	"vitrine/internal/blob/blobtest"
	"vitrine/internal/blob/s3"
)

const bucket = "pictures"

// serve starts a server that speaks the protocol, with an empty bucket.
func serve(t *testing.T, around func(http.Handler) http.Handler) string {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket(bucket); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(around(gofakes3.New(backend).Server()))
	t.Cleanup(server.Close)
	return server.URL
}

func plain(h http.Handler) http.Handler { return h }

func open(t *testing.T, o s3.Options) *s3.Storage {
	t.Helper()
	s, err := s3.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func at(endpoint string) s3.Options {
	return s3.Options{Endpoint: endpoint, Region: "us-east-1", Bucket: bucket, KeyID: "key", Secret: "secret"}
}

func TestStorage(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, func(t *testing.T) blob.Storage { return open(t, at(serve(t, plain))) })
}

var some = blob.Key{Sum: [32]byte{1}, Name: "640.webp"}

func TestStorage_signsWhatItSendsAndTellsTheType(t *testing.T) {
	t.Parallel()
	var signed, typed atomic.Int32
	s := open(t, at(serve(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=key/") && strings.Contains(r.Header.Get("Authorization"), "/us-east-1/s3/") {
				signed.Add(1)
			}
			if r.Header.Get("Content-Type") == "image/webp" {
				typed.Add(1)
			}
			h.ServeHTTP(w, r)
		})
	})))
	if err := s.Put(t.Context(), some, []byte("mug")); err != nil {
		t.Fatal(err)
	}
	if signed.Load() != 1 || typed.Load() != 1 {
		t.Errorf("signed: %d, with the type: %d", signed.Load(), typed.Load())
	}
}

// TestStorage_asksAgainWhenTheServerIsBusy also sees that what was kept is whole.
func TestStorage_asksAgainWhenTheServerIsBusy(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	s := open(t, at(serve(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if calls.Add(1)%2 == 1 {
				http.Error(w, "<Error><Code>SlowDown</Code></Error>", http.StatusServiceUnavailable)
				return
			}
			h.ServeHTTP(w, r)
		})
	})))
	if err := s.Put(t.Context(), some, []byte("mug")); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(t.Context(), some); err != nil || string(got) != "mug" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestStorage_whatIsRefusedIsNotTakenForMissing(t *testing.T) {
	t.Parallel()
	s := open(t, at(serve(t, func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte("<Error><Code>AccessDenied</Code></Error>"))
		})
	})))
	_, getErr := s.Get(t.Context(), some)
	_, lookErr := s.Exists(t.Context(), some)
	for call, err := range map[string]error{"put": s.Put(t.Context(), some, nil), "get": getErr, "exists": lookErr, "delete": s.Delete(t.Context(), some)} {
		if err == nil || errors.Is(err, blob.ErrNone) {
			t.Errorf("%s: %v", call, err)
		}
	}
}

func TestOpen_refusesWhatIsNoAddress(t *testing.T) {
	t.Parallel()
	for _, endpoint := range []string{"", "s3.example", "ftp://s3.example", "https://"} {
		if _, err := s3.Open(at(endpoint)); err == nil {
			t.Errorf("%q is accepted", endpoint)
		}
	}
	o := at("https://s3.example")
	o.Bucket = ""
	if _, err := s3.Open(o); err == nil {
		t.Error("no bucket is accepted")
	}
}
