package api_test

import (
	"testing"

	"vitrine/internal/api"
	"vitrine/internal/id"
)

// FuzzCursor: what is accepted is exactly what a page gave out, and every id that a
// row can have comes back from its cursor.
func FuzzCursor(f *testing.F) {
	for _, s := range []string{
		api.Cursor(id.UUID{1, 2, 3}), api.Cursor(id.UUID{15: 255}), api.Cursor(id.UUID{}), "", "AAAA", "not a cursor", "AQIDAAAAAAAAAAAAAAAAAB", "AQIDAAAAAA\nAAAAAAAAAAAA", "AQIDAAAAAAAAAAAAAAAAAA==",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var u id.UUID
		copy(u[:], s)
		if back, valid := api.ReadCursor(api.Cursor(u)); !u.IsZero() && (back != u || !valid) {
			t.Errorf("%s comes back as %s", u, back)
		}
		last, valid := api.ReadCursor(s)
		if !valid {
			return
		}
		if last.IsZero() {
			t.Errorf("%q leads nowhere", s)
		}
		if written := api.Cursor(last); written != s {
			t.Errorf("%q reads as %s, whose cursor is %q", s, last, written)
		}
	})
}
