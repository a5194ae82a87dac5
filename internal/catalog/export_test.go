package catalog

import (
	"vitrine/internal/db"
	"vitrine/internal/store"
)

// LookingAt lets a search look through the newest n products before it asks the
// index.
func (f Filter) LookingAt(n int) Filter {
	f.recent = n
	return f
}

// Unindexed tells where IndexAll goes on when a process was killed.
var Unindexed = unindexed

// Shelved is what Shelf asks the database, without a query.
func (f Filter) Shelved(e db.Engine, st store.ID, o Order, p db.Page) (string, []any) {
	s := shelving{order: o, columns: productRead}
	if f.Category != nil {
		s.within = []CategoryID{*f.Category}
	}
	return s.statement(e, st, p)
}

// Statement is what List asks the database first.
func (f Filter) Statement(st store.ID, p db.Page) (string, []any) {
	return f.statement(st, p)
}
