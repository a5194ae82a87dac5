// Package acmetest is an authority that runs in the test's own process, Pebble, and the
// world that it asks. Neither leaves this machine.
package acmetest

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
)

// Identity is what CAA records call Pebble.
const Identity = "pebble.test"

// Options are what an authority does.
type Options struct {
	HTTPPort, TLSPort int               // where it looks whether names are proven
	External          map[string]string // the keys, in base64url, of accounts that it has outside of ACME; none is asked for where there are none
	Life              uint64            // of certificates, in seconds; 0: 90 days
	Done              func(path string) // called when something was done, before that is answered; or nil
}

// Pebble is an authority.
type Pebble struct {
	Directory string
	Roots     *x509.CertPool // of its own address
	RootPEM   []byte
	Issued    *x509.CertPool // of what it issues
	Root      []byte         // the same, one certificate

	manage http.Handler
	orders atomic.Int64
	issues atomic.Int64
	away   atomic.Bool
}

// quick has Pebble not pretend to be slow.
var quick = sync.OnceFunc(func() { _ = os.Setenv("PEBBLE_VA_NOSLEEP", "1") })

// Start starts an authority until the end of the test.
func Start(t testing.TB, w *World, o Options) *Pebble {
	t.Helper()
	quick()
	quiet := log.New(io.Discard, "", 0)
	store := db.NewMemoryStore()
	for id, key := range o.External {
		if err := store.AddExternalAccountKeyByID(id, key); err != nil {
			t.Fatal(err)
		}
	}
	issuer := ca.New(quiet, store, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {ValidityPeriod: o.Life}})
	front := wfe.New(quiet, store, va.New(quiet, o.HTTPPort, o.TLSPort, false, w.Address, store), issuer, []string{Identity}, false, len(o.External) > 0, 0, 0)
	p := &Pebble{Roots: x509.NewCertPool(), Issued: x509.NewCertPool(), manage: front.ManagementHandler()}
	handler := front.Handler()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.away.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		done := httptest.NewRecorder()
		handler.ServeHTTP(done, r)
		switch {
		case done.Code >= http.StatusBadRequest:
		case strings.HasSuffix(r.URL.Path, "/order-plz"):
			p.orders.Add(1)
		case strings.HasPrefix(r.URL.Path, "/finalize-order/"):
			p.issues.Add(1)
		}
		if o.Done != nil && done.Code < http.StatusBadRequest {
			o.Done(r.URL.Path)
		}
		maps.Copy(w.Header(), done.Header())
		w.WriteHeader(done.Code)
		_, _ = w.Write(done.Body.Bytes())
	}))
	t.Cleanup(server.Close)
	p.Directory = server.URL + "/dir"
	p.Roots.AddCert(server.Certificate())
	p.RootPEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	p.Root = issuer.GetRootCert(0).Cert.Raw
	p.Issued.AddCert(issuer.GetRootCert(0).Cert)
	return p
}

// Orders is how many orders were placed.
func (p *Pebble) Orders() int64 { return p.orders.Load() }

// Issues is how many certificates were issued.
func (p *Pebble) Issues() int64 { return p.issues.Load() }

// GoAway has the authority answer nobody, or answer again.
func (p *Pebble) GoAway(away bool) { p.away.Store(away) }

// Wish has the authority want a certificate, in PEM, to be renewed in a window of time.
func (p *Pebble) Wish(t testing.TB, certificate []byte, from, until time.Time) {
	t.Helper()
	window, err := json.Marshal(map[string]any{"suggestedWindow": map[string]time.Time{"start": from, "end": until}})
	if err != nil {
		t.Fatal(err)
	}
	wish, err := json.Marshal(map[string]string{"Certificate": string(certificate), "ARIResponse": string(window)})
	if err != nil {
		t.Fatal(err)
	}
	w, r := httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/set-renewal-info/", bytes.NewReader(wish))
	r.Header.Set("User-Agent", "test")
	p.manage.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("the authority does not take the wish: %d %s", w.Code, w.Body)
	}
}
