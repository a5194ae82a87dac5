package inventory

import (
	"context"
	"errors"
	"strings"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/store"
	"vitrine/internal/text"
)

// Filter narrows a list of levels. The zero value narrows nothing.
type Filter struct {
	Warehouse *WarehouseID
	Variant   *catalog.VariantID
	Product   *catalog.ProductID
	Query     string // part of the product's title or vendor, of the variant's title or SKU, in any case
	Low       bool
	Out       bool // none is available
	Held      bool // some is reserved
}

// List returns a page of a store's levels, newest first.
func List(ctx context.Context, q db.Q, st store.ID, f Filter, p db.Page) ([]Level, bool, error) {
	folded := text.Fold(f.Query)
	var found []Level
	var err error
	if folded == "" {
		w := f.where(st)
		end := p.Add(&w, "l.id")
		found, err = db.All(ctx, q, scanLevel, `SELECT `+levelColumns+levelFrom+w.String()+end, w.Args...)
	} else {
		found, err = search(ctx, q, st, f, folded, p)
	}
	found, more := db.Cut(p, found)
	return found, more, err
}

func (f Filter) where(st store.ID) db.Where {
	var w db.Where
	w.Add("l.store_id = ?", st)
	w.Add("NOT l.retired")
	if f.Low {
		w.Add("l.low")
	}
	if f.Out {
		w.Add("l.low AND l.quantity <= l.reserved") // out is low, too, and an index has those
	}
	if f.Held {
		w.Add("l.reserved > 0")
	}
	if f.Warehouse != nil {
		w.Add("l.warehouse_id = ?", *f.Warehouse)
	}
	if f.Variant != nil {
		w.Add("l.variant_id = ?", *f.Variant)
	}
	if f.Product != nil {
		w.Add("l.variant_id IN (SELECT x.id FROM variant x WHERE x.store_id = ? AND x.product_id = ?)", st, *f.Product)
	}
	named(&w)
	return w
}

// candidates are the levels that may be found. The databases fold ASCII alone: a
// variant's title in other letters is looked at in Go.
const candidates = `(p.search_text LIKE ? ESCAPE '\' OR lower(v.title) LIKE ? ESCAPE '\' OR octet_length(v.title) <> length(v.title))`

// searchChunk is how many candidates are read at once.
const searchChunk = 1000

var errEnough = errors.New("enough")

// search returns a page of levels that a query finds, and one more. A product is
// found by the SKUs of all its variants; its levels only by their own.
func search(ctx context.Context, q db.Q, st store.ID, f Filter, folded string, p db.Page) ([]Level, error) {
	var found []Level
	for chunk := (db.Page{Before: p.Before, Limit: searchChunk}); ; {
		w := f.where(st)
		like := "%" + db.EscapeLike(folded) + "%"
		w.Add(candidates, like, like)
		end := chunk.Add(&w, "l.id")
		read := 0
		err := db.Each(ctx, q, func(row db.Row) error {
			var vendor *string
			l, err := scanLevel(with(row, &vendor))
			if err != nil {
				return err
			}
			read++
			chunk.Before = l.ID.UUID
			if l.matches(folded, vendor) {
				found = append(found, l)
			}
			if len(found) > p.Limit {
				return errEnough
			}
			return nil
		}, `SELECT `+levelColumns+`, p.vendor`+levelFrom+w.String()+end, w.Args...)
		if errors.Is(err, errEnough) || err == nil && read <= searchChunk {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// matches tells whether one of a level's names has the folded text in it.
func (l Level) matches(folded string, vendor *string) bool {
	for _, name := range []*string{&l.ProductTitle, &l.VariantTitle, l.SKU, vendor} {
		if name != nil && strings.Contains(text.Fold(*name), folded) {
			return true
		}
	}
	return false
}

// extended reads one more column than a scan function asks for.
type extended struct {
	db.Row
	more any
}

func with(row db.Row, more any) db.Row { return extended{row, more} }

func (e extended) Scan(dest ...any) error { return e.Row.Scan(append(dest, e.more)...) }
