package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

//go:embed assets/*.css assets/*.js assets/*.svg assets/*.woff2 assets/*.gz
var assetFiles embed.FS

// asset is a file that pages load. It is kept packed where that is much smaller.
type asset struct {
	name   string
	packed bool
	body   []byte
	tag    string // names the content, without quotes
}

// kinds are the media types of assets.
var kinds = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
}

// assets are all assets by their names.
var assets = sync.OnceValue(func() map[string]asset {
	all, err := loadAssets()
	if err != nil {
		panic(err) // a file of our own that is not as it should be
	}
	return all
})

// Asset returns the address of an asset. It names the content, so that a browser may
// keep it for ever.
func Asset(name string) string {
	a, ok := assets()[name]
	if !ok {
		panic("there is no asset " + name)
	}
	return "/assets/" + name + "?v=" + a.tag
}

// ServeAsset answers with the asset that the path names.
func ServeAsset(w http.ResponseWriter, r *http.Request) {
	a, ok := assets()[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	a.serve(w, r)
}

func loadAssets() (map[string]asset, error) {
	entries, err := assetFiles.ReadDir("assets")
	if err != nil {
		return nil, err
	}
	all := map[string]asset{}
	for _, e := range entries {
		body, err := assetFiles.ReadFile("assets/" + e.Name())
		if err != nil {
			return nil, err
		}
		a := asset{body: body, tag: tagOf(body)}
		a.name, a.packed = strings.CutSuffix(e.Name(), ".gz")
		if kinds[path.Ext(a.name)] == "" {
			return nil, fmt.Errorf("asset %s is of no known kind", a.name)
		}
		all[a.name] = a
	}
	return all, nil
}

// tagOf names a content.
func tagOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:8])
}

// serve answers with the asset. At an address that names its content browsers keep
// it for ever; at another they ask whether it is still the same.
func (a asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", kinds[path.Ext(a.name)])
	h.Set("Cache-Control", "no-cache")
	if r.URL.Query().Get("v") == a.tag {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body, tag := a.body, a.tag
	if a.packed {
		h.Set("Vary", "Accept-Encoding")
		if TakesGzip(r) {
			h.Set("Content-Encoding", "gzip")
			tag += "-gzip"
		} else if unpacked, err := unpack(a.body); err == nil {
			body = unpacked
		}
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// TakesGzip tells whether the client can unpack (RFC 9110, section 12.5.3).
func TakesGzip(r *http.Request) bool {
	for coding := range strings.SplitSeq(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(coding), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			weight = strings.ReplaceAll(weight, " ", "")
			return strings.Trim(strings.TrimPrefix(weight, "q="), "0.") != "" || weight == ""
		}
	}
	return false
}

func unpack(packed []byte) ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(reader)
}
