package catalog

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"vitrine/internal/db"
	"vitrine/internal/id"
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
	folded := text.Fold(f.Query)
	if !utf8.ValidString(folded) || strings.ContainsFunc(folded, unicode.IsControl) { // no name has such a part
		return []Product{}, false, nil
	}
	rare, err := isRare(ctx, q, st, folded)
	if err != nil {
		return nil, false, err
	}
	statement, args := f.shelf(q.Engine(), st, folded, rare, o, p)
	found, err := db.All(ctx, q, scanProduct, statement, args...)
	if err != nil {
		return nil, false, err
	}
	found, more := db.Cut(p, found)
	return found, more, load(ctx, q, st, found)
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

// shelf is the statement for a page of an order and one more product. The page
// begins behind the place that its predecessor's last product has now.
func (f Filter) shelf(e db.Engine, st store.ID, folded string, rare bool, o Order, p db.Page) (string, []any) {
	key, desc := o.key()
	after, direction := ">", ""
	if desc {
		after, direction = "<", " DESC"
	}
	w := db.Where{Args: []any{st}}
	w.Add("store_id = $1")
	w.Add("status = 'active'")
	w.Add("deleted_at IS NULL")
	if f.Category != nil {
		w.Add("EXISTS (SELECT 1 FROM product_category c WHERE c.store_id = $1 AND c.product_id = product.id AND c.category_id = ?)", *f.Category)
	}
	switch {
	case folded == "":
	case rare:
		w.Add("id IN (" + matching(&w, e, st, folded, "") + ")")
	default:
		w.Add(`search_text LIKE ? ESCAPE '\'`, like(folded))
	}
	if !p.Before.IsZero() {
		last := " FROM product WHERE store_id = $1 AND id = " + w.Arg(p.Before) + ")"
		w.Add("(" + key + ", id) " + after + " (SELECT " + key + ", id" + last)
		w.Add(key + " " + after + "= (SELECT " + key + last) // where SQLite begins in an index over an expression
	}
	return `SELECT ` + productRead + ` FROM product ` + w.String() +
		` ORDER BY ` + key + direction + `, id` + direction + ` LIMIT ` + w.Arg(p.Limit+1), w.Args
}
