package inventory

import (
	"context"
	"errors"
	"strings"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/id"
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
		w.Add("l.held")
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

// searchChunk is how many candidates are read at once; atOnce is how many levels are
// looked through before the index of products is asked.
const (
	searchChunk = 1000
	atOnce      = 200
)

var errEnough = errors.New("enough")

// finder is a search for levels on its way through a list.
type finder struct {
	store  store.ID
	filter Filter
	folded string
	limit  int // how many are wanted
	before id.UUID
	found  []Level
	within []catalog.ProductID // those that can have any; nil: all
}

// search returns a page of levels that a query finds, and one more. A product is
// found by the SKUs of all its variants; its levels only by their own. What is found
// often is among the newest levels; what is rare, an index of products has.
func search(ctx context.Context, q db.Q, st store.ID, f Filter, folded string, p db.Page) ([]Level, error) {
	s := finder{store: st, filter: f, folded: folded, limit: p.Limit + 1, before: p.Before}
	done, err := s.newest(ctx, q, atOnce)
	if err != nil || done {
		return s.found, err
	}
	products, few, err := catalog.Naming(ctx, q, st, folded)
	if err != nil || few && len(products) == 0 {
		return s.found, err
	}
	s.within = products
	for err == nil && !done {
		done, err = s.next(ctx, q)
	}
	return s.found, err
}

// newest looks through the newest n levels. done is true when that was all there is
// to look at.
func (s *finder) newest(ctx context.Context, q db.Q, n int) (done bool, err error) {
	w := s.filter.where(s.store)
	end := db.Page{Before: s.before, Limit: n - 1}.Add(&w, "l.id")
	read, err := s.read(ctx, q, w, end)
	return read < n, err
}

// next looks through the next candidates.
func (s *finder) next(ctx context.Context, q db.Q) (done bool, err error) {
	w := s.filter.where(s.store)
	like := "%" + db.EscapeLike(s.folded) + "%"
	w.Add(candidates, like, like)
	if s.within != nil {
		st := w.Arg(s.store)
		w.Add(`l.id IN (SELECT x.id FROM variant y CROSS JOIN inventory_level x WHERE y.store_id = ` + st + ` AND y.product_id IN ` + db.List(len(w.Args)+1, len(s.within)) + `
			AND x.store_id = ` + st + ` AND x.variant_id = y.id)`)
		w.Args = append(w.Args, db.Args(s.within)...)
	}
	end := db.Page{Before: s.before, Limit: searchChunk - 1}.Add(&w, "l.id")
	read, err := s.read(ctx, q, w, end)
	return read < searchChunk, err
}

// read looks at levels, and tells how many there were; none when enough is found.
func (s *finder) read(ctx context.Context, q db.Q, w db.Where, end string) (int, error) {
	read := 0
	err := db.Each(ctx, q, func(row db.Row) error {
		var vendor *string
		l, err := scanLevel(with(row, &vendor))
		if err != nil {
			return err
		}
		read++
		s.before = l.ID.UUID
		if l.matches(s.folded, vendor) {
			s.found = append(s.found, l)
		}
		if len(s.found) >= s.limit {
			return errEnough
		}
		return nil
	}, `SELECT `+levelColumns+`, p.vendor`+levelFrom+w.String()+end, w.Args...)
	if errors.Is(err, errEnough) {
		return 0, nil
	}
	return read, err
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
