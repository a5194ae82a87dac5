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

// pageSize is how many rows a list shows at once: more would weigh on a phone.
const pageSize = 25

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

// listing is one page of a list.
type listing[T any] struct {
	rows        []T
	first, next string // addresses; first is "" on the first page, next on the last
}

// listed reads the page of a list that a request asks for. key is what a row is found
// by.
func listed[T any](r *http.Request, read func(db.Page) ([]T, bool, error), key func(T) id.UUID) (listing[T], error) {
	l := listing[T]{first: firstPage(r)}
	p, err := pageOf(r)
	if err != nil {
		return l, err
	}
	var more bool
	if l.rows, more, err = read(p); err == nil && more {
		l.next = nextPage(r, key(l.rows[len(l.rows)-1]))
	}
	return l, err
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
