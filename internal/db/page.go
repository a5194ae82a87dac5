package db

import (
	"context"

	"vitrine/internal/id"
)

// Page asks for a part of a list that is sorted newest first, which is by id
// downwards.
type Page struct {
	Before id.UUID // the last id of the page before; zero for the first page
	Limit  int
}

// Add narrows w to the rows of the page and one more, which tells whether there
// is a next page. It returns the end of the statement.
func (p Page) Add(w *Where, column string) string {
	if !p.Before.IsZero() {
		w.Add(column+" < ?", p.Before)
	}
	w.Args = append(w.Args, p.Limit+1)
	return " ORDER BY " + column + " DESC LIMIT $" + itoa(len(w.Args))
}

// Paged returns a page of the rows of a SELECT that w narrows, newest first, and
// whether more follow. The SELECT ends with its FROM; its ids are in the column id.
func Paged[T any](ctx context.Context, q Q, p Page, w Where, scan func(Row) (T, error), selectFrom string) (items []T, more bool, err error) {
	end := p.Add(&w, "id")
	found, err := All(ctx, q, scan, selectFrom+" "+w.String()+end, w.Args...)
	items, more = Cut(p, found)
	return items, more, err
}

// Cut splits what a statement with Add's end found into the page and whether more
// rows follow.
func Cut[T any](p Page, found []T) (items []T, more bool) {
	if len(found) > p.Limit {
		return found[:p.Limit], true
	}
	return found, false
}
