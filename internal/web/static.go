package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

//go:embed static
var files embed.FS

// staticPath is where the files are served.
const staticPath = "/static/"

// hashes are what the files' names carry, so that a browser may keep each for ever.
var hashes = sync.OnceValue(func() map[string]string {
	entries, err := files.ReadDir("static")
	if err != nil {
		panic(err)
	}
	all := map[string]string{}
	for _, entry := range entries {
		content, err := files.ReadFile("static/" + entry.Name())
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(content)
		all[entry.Name()] = hex.EncodeToString(sum[:5])
	}
	return all
})

// Asset returns the address of a file of the binary: style.css is at
// /static/style.<hash>.css.
func Asset(name string) string {
	extension := path.Ext(name)
	return staticPath + strings.TrimSuffix(name, extension) + "." + hashes()[name] + extension
}

// Static serves the files that Asset names. Under a name without its hash, as the
// style sheet names its font, a file is served too, but is asked for again.
func Static() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, keep := plainName(strings.TrimPrefix(r.URL.Path, staticPath))
		content, err := files.ReadFile("static/" + name)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		if keep {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		} else {
			w.Header().Set("Cache-Control", "public, max-age=86400")
			w.Header().Set("ETag", `"`+hashes()[name]+`"`)
		}
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
	})
}

// plainName takes the hash out of a name, and tells whether it is the right one.
func plainName(name string) (plain string, current bool) {
	extension := path.Ext(name)
	stem := strings.TrimSuffix(name, extension)
	hash := strings.TrimPrefix(path.Ext(stem), ".")
	plain = strings.TrimSuffix(stem, "."+hash) + extension
	if hash == "" || hashes()[plain] != hash {
		return name, false
	}
	return plain, true
}
