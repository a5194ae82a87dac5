package storefront

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"vitrine/internal/web"
)

// A page that says nothing of who looks at it is drawn once for each version of its
// shop, however many look at it. It is kept with what it is packed to.

// maxKept is how many bytes of pages are kept at most.
const maxKept = 192 << 20

// keptPage is an answer that is the same for everybody.
type keptPage struct {
	body, packed []byte
	kind         []string // of its content, as a header has it
	tag          []string // names the content

	length, packedLength []string
}

// keeper keeps pages, those that were asked for last. It is safe for concurrent use.
type keeper struct {
	mu       sync.Mutex
	now, old map[string]*keptPage // those asked for since it was turned, and before
	bytes    int                  // of now
	drawing  map[string]*drawing
}

// drawing is a page on its way. Whoever else wants it waits.
type drawing struct {
	done  chan struct{}
	page  *keptPage
	other *recorded // an answer that is not kept
	err   error
}

// errNotDrawn is what others hear who wait for a page whose drawing has panicked.
var errNotDrawn = errors.New("the page was not drawn")

func newKeeper() *keeper {
	return &keeper{now: map[string]*keptPage{}, drawing: map[string]*drawing{}}
}

// find returns the page with the key.
func (k *keeper) find(key string) *keptPage {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.lookUp(key)
}

func (k *keeper) lookUp(key string) *keptPage {
	p := k.now[key]
	if p == nil {
		if p = k.old[key]; p != nil {
			k.add(key, p)
		}
	}
	return p
}

func (k *keeper) add(key string, p *keptPage) {
	k.now[key] = p
	if k.bytes += len(key) + len(p.body) + len(p.packed); k.bytes > maxKept/2 {
		k.now, k.old, k.bytes = map[string]*keptPage{}, k.now, 0
	}
}

// get returns the page with the key, or has it drawn.
func (k *keeper) get(key string, draw func() (*recorded, error)) (*keptPage, *recorded, error) {
	k.mu.Lock()
	if p := k.lookUp(key); p != nil {
		k.mu.Unlock()
		return p, nil, nil
	}
	if d := k.drawing[key]; d != nil {
		k.mu.Unlock()
		<-d.done
		return d.page, d.other, d.err
	}
	d := &drawing{done: make(chan struct{}), err: errNotDrawn}
	k.drawing[key] = d
	k.mu.Unlock()
	defer func() { // also when it panics
		k.mu.Lock()
		delete(k.drawing, key)
		if d.page != nil {
			k.add(key, d.page)
		}
		k.mu.Unlock()
		close(d.done)
	}()
	if d.other, d.err = draw(); d.err == nil && d.other.status == http.StatusOK {
		d.page, d.other = d.other.keep(), nil
	}
	return d.page, d.other, d.err
}

// recorded is an answer that has not been sent yet.
type recorded struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header, WriteHeader and Write make it an http.ResponseWriter.
func (r *recorded) Header() http.Header         { return r.header }
func (r *recorded) WriteHeader(status int)      { r.status = status }
func (r *recorded) Write(b []byte) (int, error) { return r.body.Write(b) }

func (r *recorded) send(w http.ResponseWriter) error {
	for name, values := range r.header {
		w.Header()[name] = values
	}
	w.WriteHeader(r.status)
	_, err := w.Write(r.body.Bytes())
	return err
}

// keep makes the answer one that can be given again.
func (r *recorded) keep() *keptPage {
	body := r.body.Bytes()
	sum := sha256.Sum256(body)
	p := &keptPage{body: body, kind: r.header["Content-Type"], tag: []string{`W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(body) // into memory
	if z.Close() == nil {
		p.packed = packed.Bytes()
	}
	p.length, p.packedLength = []string{strconv.Itoa(len(p.body))}, []string{strconv.Itoa(len(p.packed))}
	return p
}

var (
	keptControl = []string{"no-cache"} // it may be kept, and is asked for every time
	keptVary    = []string{"Accept-Encoding"}
	keptPacking = []string{"gzip"}
)

func (p *keptPage) serve(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h["Etag"], h["Cache-Control"], h["Vary"] = p.tag, keptControl, keptVary
	if sent := r.Header.Get("If-None-Match"); sent != "" && strings.Contains(sent, strings.TrimPrefix(p.tag[0], "W/")) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h["Content-Type"] = p.kind
	body := p.body
	if h["Content-Length"] = p.length; web.TakesGzip(r) {
		h["Content-Encoding"], h["Content-Length"], body = keptPacking, p.packedLength, p.packed
	}
	if r.Method == http.MethodHead {
		return nil
	}
	_, err := w.Write(body)
	return err
}

// kept registers a page that says nothing of who looks at it. Only the named parameters
// of its query count.
func (s *Storefront) kept(pattern string, parameters []string, p page) {
	s.page(pattern, func(w http.ResponseWriter, v *visit) error {
		v.narrow(parameters)
		key := v.key(s.host(v))
		if found := s.pages.find(key); found != nil {
			return found.serve(w, v.Request)
		}
		found, other, err := s.pages.get(key, func() (*recorded, error) {
			drawn := *v
			drawn.Request = v.WithContext(context.WithoutCancel(v.Context())) // others wait for it
			answer := &recorded{header: http.Header{}, status: http.StatusOK}
			return answer, p(answer, &drawn)
		})
		switch {
		case err != nil:
			return err
		case other != nil:
			return other.send(w)
		}
		return found.serve(w, v.Request)
	})
}

// narrow takes out of the query what means nothing to the page.
func (v *visit) narrow(parameters []string) {
	if v.URL.RawQuery == "" {
		return
	}
	sent, counts := v.URL.Query(), url.Values{}
	for _, name := range parameters {
		if value := strings.TrimSpace(sent.Get(name)); value != "" {
			counts.Set(name, value)
		}
	}
	v.URL.RawQuery = counts.Encode()
}

// key names a page of a version of a shop, whose own host the world knows, if it has
// one. Then its address does not depend on the request.
func (v *visit) key(host string) string {
	var key []byte
	key = append(key, v.ID.UUID[:]...)
	key = binary.BigEndian.AppendUint64(key, uint64(v.version)) //nolint:gosec // counts up
	key = append(key, v.base...)
	if host == "" {
		host = v.origin
	}
	key = append(append(key, ' '), host...)
	key = append(append(key, ' '), v.URL.Path...)
	key = append(append(key, '?'), v.URL.RawQuery...)
	return string(slices.Clip(key))
}
