package storefront

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"vitrine/internal/content"
	"vitrine/internal/db"
	"vitrine/internal/web"
)

// A page that says nothing of who looks at it is drawn once for each version of its
// shop, however many look at it. It is kept with what it is packed to.

// keptPage is an answer that is the same for everybody who takes its content in one
// form: as it is, or packed.
type keptPage struct {
	body    []byte
	kind    []string // of its content, as a header has it
	tag     []string // names the content, in both forms
	packing []string // nil: it is as it is
	length  []string
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
	body := bytes.Clone(r.body.Bytes())
	sum := sha256.Sum256(body)
	tag := []string{`W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}
	return &keptPage{body: body, kind: r.header["Content-Type"], tag: tag, length: lengthOf(body)}
}

func lengthOf(body []byte) []string { return []string{strconv.Itoa(len(body))} }

// packers are at hand again, since each takes most of a megabyte.
var packers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// inOtherForm packs or unpacks the page.
func (p *keptPage) inOtherForm() (*keptPage, error) {
	other := *p
	if p.packing == nil {
		var packed bytes.Buffer
		z := packers.Get().(*gzip.Writer)
		defer packers.Put(z)
		z.Reset(&packed)
		_, _ = z.Write(p.body) // into memory
		_ = z.Close()          // so is this
		other.body, other.packing = bytes.Clone(packed.Bytes()), keptPacking
	} else {
		z, err := gzip.NewReader(bytes.NewReader(p.body))
		if err != nil {
			return nil, err
		}
		if other.body, err = io.ReadAll(z); err != nil {
			return nil, err
		}
		other.body, other.packing = bytes.Clone(other.body), nil
	}
	other.length = lengthOf(other.body)
	return &other, nil
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
	if h["Content-Type"], h["Content-Length"] = p.kind, p.length; p.packing != nil {
		h["Content-Encoding"] = p.packing
	}
	if r.Method == http.MethodHead {
		return nil
	}
	_, err := w.Write(p.body)
	return err
}

// kept registers a page that says nothing of who looks at it. Only the named parameters
// of its query count.
func (s *Storefront) kept(pattern string, parameters []string, p page) {
	s.page(pattern, func(w http.ResponseWriter, v *visit) error {
		v.narrow(parameters)
		key := pageKey{v.key(s.host(v)), web.TakesGzip(v.Request)}
		if found := s.pages.find(key); found != nil {
			return found.serve(w, v.Request)
		}
		found, other, err := s.pages.get(key, func() (*recorded, error) { return s.draw(v, p) })
		switch {
		case err != nil:
			return err
		case other != nil:
			return other.send(w)
		}
		return found.serve(w, v.Request)
	})
}

// draw draws a page of the version of the shop that the visit has found.
func (s *Storefront) draw(v *visit, p page) (answer *recorded, err error) {
	ctx := context.WithoutCancel(v.Context()) // others wait for it
	err = content.View(ctx, s.DB, s.Replica, v.ID.UUID, v.version, func(q db.Q) error {
		drawn := *v
		drawn.Request, drawn.from = v.WithContext(ctx), q
		answer = &recorded{header: http.Header{}, status: http.StatusOK}
		return p(answer, &drawn)
	})
	return answer, err
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
