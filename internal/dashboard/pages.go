package dashboard

import (
	"encoding/base64"
	"maps"
	"net/http"
	"slices"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
)

// pageSize is how many rows a list shows at once.
const pageSize = 50

// pageOf reads which page of a list an address asks for.
func pageOf(r *http.Request) (db.Page, error) {
	p := db.Page{Limit: pageSize}
	cursor := r.URL.Query().Get("after")
	if cursor == "" {
		return p, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) != len(p.Before) {
		return p, fault.Missing("page")
	}
	p.Before = id.UUID(raw)
	return p, nil
}

// nextPage is the address of the rows after the last one that is shown, with all
// filters as they are.
func nextPage(r *http.Request, last id.UUID) string {
	return with(r, map[string]string{"after": base64.RawURLEncoding.EncodeToString(last[:])})
}

// firstPage is the address of a list's beginning, or "" there.
func firstPage(r *http.Request) string {
	if !r.URL.Query().Has("after") {
		return ""
	}
	return with(r, map[string]string{"after": ""})
}

// with is the address of a request with some of its filters changed; "" takes one
// away.
func with(r *http.Request, changed map[string]string) string {
	q := r.URL.Query()
	for _, name := range slices.Sorted(maps.Keys(changed)) {
		if q.Set(name, changed[name]); changed[name] == "" {
			q.Del(name)
		}
	}
	if len(q) == 0 {
		return r.URL.Path
	}
	return r.URL.Path + "?" + q.Encode()
}
