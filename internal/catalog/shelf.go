package catalog

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/money"
	"vitrine/internal/store"
	"vitrine/internal/text"
)

// Order is how shoppers see products: the newest first, or by price or title.
type Order string

// The orders.
const (
	Newest    Order = "newest"
	PriceAsc  Order = "price_asc" // by the cheapest variant
	PriceDesc Order = "price_desc"
	TitleAsc  Order = "title_asc"
	TitleDesc Order = "title_desc"
)

// key is what an index has the active products in the order of, and desc whether it
// is read backwards.
func (o Order) key() (key string, desc bool) {
	switch o {
	case PriceAsc, PriceDesc:
		return "price_from", o == PriceDesc
	case TitleAsc, TitleDesc:
		return "substr(search_text, 1, 100)", o == TitleDesc
	default:
		return "", true
	}
}

// ActiveID returns the id of a product that is sold.
func ActiveID(ctx context.Context, q db.Q, st store.ID, slug string) (ProductID, error) {
	found, err := db.One(ctx, q, db.Value[id.UUID], `
		SELECT id FROM product WHERE store_id = $1 AND slug = $2 AND status = 'active' AND deleted_at IS NULL`, st, slug)
	return ProductID{found}, db.Missing(err, "product")
}

// ActiveBySlug returns a product that is sold, with its variants, categories and
// suppliers.
func ActiveBySlug(ctx context.Context, q db.Q, st store.ID, slug string) (Product, error) {
	found, err := db.One(ctx, q, scanProduct, `
		SELECT `+productRead+` FROM product WHERE store_id = $1 AND slug = $2 AND status = 'active' AND deleted_at IS NULL`, st, slug)
	return loaded(ctx, q, st, found, err)
}

// Shelf returns a page of the products that are sold, in an order, each with its
// variants, categories and suppliers. Of f it takes the category and the query.
func Shelf(ctx context.Context, q db.Q, st store.ID, f Filter, o Order, p db.Page) ([]Product, bool, error) {
	f.Status = Active
	if key, _ := o.key(); key == "" {
		return List(ctx, q, st, f, p)
	}
	found, more, err := Window(ctx, q, st, View[Product]{Filter: f, Order: o, Columns: productRead, Scan: scanProduct}, p)
	if err != nil {
		return nil, false, err
	}
	return found, more, load(ctx, q, st, found)
}

// View is what is shown of the products that are sold, and of which of them.
type View[T any] struct {
	Filter                 // its category and its query
	Within   []CategoryID  // one of these, in place of the category; empty: any
	Order                  // in which they come
	Min, Max *money.Amount // of what the cheapest variant costs
	Columns  string        // of the table product
	Also     string        // one more condition on it; "" is none
	Scan     func(db.Row) (T, error)
}

// Window returns a page of the products that are sold as a view shows them, in at
// most three queries.
func Window[T any](ctx context.Context, q db.Q, st store.ID, v View[T], p db.Page) ([]T, bool, error) {
	if v.Category != nil {
		v.Within = []CategoryID{*v.Category}
	}
	sh := shelving{within: v.Within, order: v.Order, min: v.Min, max: v.Max, columns: v.Columns, also: v.Also, folded: text.Fold(v.Query)}
	if !utf8.ValidString(sh.folded) || strings.ContainsFunc(sh.folded, unicode.IsControl) { // no name has such a part
		return []T{}, false, nil
	}
	var err error
	if sh.rare, err = isRare(ctx, q, st, sh.folded); err != nil {
		return nil, false, err
	}
	if sh.few, err = isSmall(ctx, q, st, v.Within); err != nil {
		return nil, false, err
	}
	statement, args := sh.statement(q.Engine(), st, p)
	found, err := db.All(ctx, q, v.Scan, statement, args...)
	found, more := db.Cut(p, found)
	return found, more, err
}

// manyProducts are more than what is soon sorted. Of many that a query finds, the
// first ones of an order are soon come by in that order.
const manyProducts = 1000

// isRare tells whether a query finds few products, by the index of what it can find.
func isRare(ctx context.Context, q db.Q, st store.ID, folded string) (bool, error) {
	if utf8.RuneCountInString(folded) < trigramLength {
		return false, nil
	}
	var w db.Where
	statement := matching(&w, q.Engine(), st, folded, "")
	n, err := db.One(ctx, q, db.Value[int], `SELECT count(*) FROM (SELECT id FROM (`+statement+`) found LIMIT `+w.Arg(manyProducts)+`) counted`, w.Args...)
	return n < manyProducts, err
}

// isSmall tells whether categories hold few products.
func isSmall(ctx context.Context, q db.Q, st store.ID, within []CategoryID) (bool, error) {
	if len(within) == 0 {
		return false, nil
	}
	n, err := db.One(ctx, q, db.Value[int], `
		SELECT count(*) FROM (SELECT product_id FROM product_category WHERE store_id = $1 AND category_id IN `+db.List(3, len(within))+` LIMIT $2) counted`,
		append([]any{st, manyProducts}, db.Args(within)...)...)
	return n < manyProducts, err
}

// shelving is a page of an order that is looked for.
type shelving struct {
	within   []CategoryID
	order    Order
	min, max *money.Amount
	columns  string
	also     string
	folded   string // the query
	rare     bool   // it finds few products
	few      bool   // the categories have few
}

// statement is the one for a page and one more product. The page begins behind the
// place that its predecessor's last product has now.
func (s shelving) statement(e db.Engine, st store.ID, p db.Page) (string, []any) {
	w := db.Where{Args: []any{st}}
	w.Add("store_id = $1")
	w.Add("status = 'active'")
	w.Add("deleted_at IS NULL")
	s.narrow(e, st, &w)
	key, desc := s.order.key()
	after, direction := ">", ""
	if desc {
		after, direction = "<", " DESC"
	}
	by := key + direction + ", id" + direction
	if key == "" {
		by = "id" + direction
	}
	switch {
	case p.Before.IsZero():
	case key == "":
		w.Add("id "+after+" ?", p.Before)
	default:
		last := " FROM product WHERE store_id = $1 AND id = " + w.Arg(p.Before) + ")"
		w.Add("(" + key + ", id) " + after + " (SELECT " + key + ", id" + last)
		w.Add(key + " " + after + "= (SELECT " + key + last) // where SQLite begins in an index over an expression
	}
	return `SELECT ` + s.columns + ` FROM product ` + w.String() + ` ORDER BY ` + by + ` LIMIT ` + w.Arg(p.Limit+1), w.Args
}

// narrow adds what the products must be.
func (s shelving) narrow(e db.Engine, st store.ID, w *db.Where) {
	if len(s.within) > 0 {
		among := db.List(len(w.Args)+1, len(s.within))
		w.Args = append(w.Args, db.Args(s.within)...)
		if s.few {
			w.Add("id IN (SELECT product_id FROM product_category WHERE store_id = $1 AND category_id IN " + among + ")")
		} else {
			w.Add("EXISTS (SELECT 1 FROM product_category c WHERE c.store_id = $1 AND c.product_id = product.id AND c.category_id IN " + among + ")")
		}
	}
	switch {
	case s.folded == "":
	case s.rare:
		w.Add("id IN (" + matching(w, e, st, s.folded, "") + ")")
	default:
		w.Add(`search_text LIKE ? ESCAPE '\'`, like(s.folded))
	}
	if s.min != nil {
		w.Add("price_from >= ?", *s.min)
	}
	if s.max != nil {
		w.Add("price_from <= ?", *s.max)
	}
	if s.also != "" {
		w.Add(s.also)
	}
}
