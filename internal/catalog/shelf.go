package catalog

import (
	"context"
	"strconv"
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
	AlsoIn   string        // a query for the ids of all it is true of, and perhaps others, in the store $1; "" is none
	AlsoOf   string        // one for no fewer rows, which is soon counted
	Scan     func(db.Row) (T, error)
}

// Window returns a page of the products that are sold as a view shows them, in at
// most three queries.
func Window[T any](ctx context.Context, q db.Q, st store.ID, v View[T], p db.Page) ([]T, bool, error) {
	if v.Category != nil {
		v.Within = []CategoryID{*v.Category}
	}
	sh := shelving{within: v.Within, order: v.Order, min: v.Min, max: v.Max, columns: v.Columns, also: v.Also, alsoIn: v.AlsoIn, alsoOf: v.AlsoOf, folded: text.Fold(v.Query)}
	if !utf8.ValidString(sh.folded) || strings.ContainsFunc(sh.folded, unicode.IsControl) { // no name has such a part
		return []T{}, false, nil
	}
	if err := sh.lookByPrice(ctx, q, st); err != nil {
		return nil, false, err
	}
	if sh.narrowed() && !sh.short {
		statement, args := sh.atOnce(st, p)
		found, err := db.All(ctx, q, v.Scan, statement, args...)
		if err != nil || len(found) > p.Limit {
			found, more := db.Cut(p, found)
			return found, more, err
		}
		if err := sh.look(ctx, q, st); err != nil {
			return nil, false, err
		}
	}
	statement, args := sh.statement(q.Engine(), st, p)
	found, err := db.All(ctx, q, v.Scan, statement, args...)
	found, more := db.Cut(p, found)
	return found, more, err
}

// manyProducts are more than what is soon sorted. Of many that a query finds, the
// first ones of an order are soon come by in that order.
const manyProducts = 1000

// isRare tells whether a query finds fewer products than many, by the index of what it
// can find.
func isRare(ctx context.Context, q db.Q, st store.ID, folded string, many int) (bool, error) {
	if !db.Indexed(q.Engine(), folded) {
		return false, nil
	}
	var w db.Where
	statement := matching(&w, q.Engine(), st, folded, "")
	n, err := db.One(ctx, q, db.Value[int], `SELECT count(*) FROM (SELECT id FROM (`+statement+`) found LIMIT `+w.Arg(many)+`) counted`, w.Args...)
	return n < many, err
}

// lookByPrice looks at once where prices narrow an order that is not theirs: few may
// cost as much.
func (s *shelving) lookByPrice(ctx context.Context, q db.Q, st store.ID) error {
	if key, _ := s.order.key(); key == "price_from" || s.min == nil && s.max == nil {
		return nil
	}
	return s.look(ctx, q, st)
}

// look tells of which of the conditions few products are, by the indexes of each. It
// does so once.
func (s *shelving) look(ctx context.Context, q db.Q, st store.ID) error {
	if s.looked {
		return nil
	}
	s.looked = true
	w := db.Where{Args: []any{st}}
	count := func(ids string) string {
		if ids == "" {
			return strconv.Itoa(manyProducts)
		}
		return `(SELECT count(*) FROM (` + ids + ` LIMIT ` + strconv.Itoa(manyProducts) + `) counted)`
	}
	var found, within string
	if db.Indexed(q.Engine(), s.folded) {
		found = `SELECT id FROM (` + matching(&w, q.Engine(), st, s.folded, "") + `) found`
	}
	if len(s.within) > 0 {
		within = s.inCategories(&w)
	}
	priced := s.priced(&w)
	if found == "" && within == "" && priced == "" && s.alsoOf == "" {
		return nil
	}
	counted := count(found)
	if found != "" { // what the newest products have is in many; PostgreSQL's index would list them all
		newest := `SELECT search_text FROM product WHERE store_id = $1 AND status = 'active' AND deleted_at IS NULL ORDER BY id DESC LIMIT ` + strconv.Itoa(firstLooked)
		counted = `CASE WHEN (SELECT count(*) FROM (` + newest + `) newest WHERE search_text LIKE ` + w.Arg(like(s.folded)) + ` ESCAPE '\') >= ` + strconv.Itoa(commonHere) + `
			THEN ` + strconv.Itoa(manyProducts) + ` ELSE ` + counted + ` END`
	}
	statement := `SELECT ` + counted + `, ` + count(within) + `, ` + count(priced) + `, ` + count(s.alsoOf) + ` FROM store WHERE id = $1`
	_, err := db.One(ctx, q, func(row db.Row) (none struct{}, err error) {
		var found, within, priced, also int
		err = row.Scan(&found, &within, &priced, &also)
		s.rare, s.few, s.special, s.scarce = found < manyProducts, within < manyProducts, priced < manyProducts, also < manyProducts
		s.short = priced <= firstLooked
		return none, err
	}, statement, w.Args...)
	return err
}

// shelving is a page of an order that is looked for.
type shelving struct {
	within   []CategoryID
	order    Order
	min, max *money.Amount
	columns  string
	also     string
	alsoIn   string
	alsoOf   string
	folded   string // the query
	rare     bool   // it finds few products
	few      bool   // the categories have few
	special  bool   // few cost as much
	scarce   bool   // the other condition is true of few
	short    bool   // no more than are looked through anyhow
	looked   bool   // whether these are known
}

// narrowed tells whether there are conditions beside what is sold.
func (s *shelving) narrowed() bool {
	return len(s.within) > 0 || s.folded != "" || s.min != nil || s.max != nil || s.also != ""
}

// firstLooked is how many products, in their order, are looked through for a page
// before anything is counted. What is true of many fills a page there.
const firstLooked = 120

// commonHere is how many of the first ones have what many have.
const commonHere = firstLooked / 20

// someCategories are few enough to look at the newest of each.
const someCategories = 10

// atOnce is the statement for a page and one more product of the first ones.
func (s *shelving) atOnce(st store.ID, p db.Page) (string, []any) {
	of := db.Where{Args: []any{st}}
	all := shelving{within: s.within, folded: s.folded, min: s.min, max: s.max, also: s.also}
	key, _ := s.order.key()
	first, by, sorted := "", "id DESC", " ORDER BY id DESC"
	if key == "" && len(s.within) > 0 && len(s.within) <= someCategories {
		first, all.within = s.newestOf(&of, p), nil
	} else {
		by = s.begin(&of, p)
		first = `SELECT store_id, id, search_text, price_from FROM product ` + of.String() + ` ORDER BY ` + by + ` LIMIT ` + strconv.Itoa(firstLooked)
		of = db.Where{Args: of.Args}
		sorted = "" // they come so: SQLite would look at all of them before it sorts what it has
	}
	all.narrow(db.SQLite, st, &of) // by what is in the row, which needs no engine's index
	ids := `SELECT id FROM (` + first + `) product ` + of.String() + sorted + ` LIMIT ` + of.Arg(p.Limit+1)
	return `SELECT ` + s.columns + ` FROM product WHERE store_id = $1 AND id IN (` + ids + `) ORDER BY ` + by, of.Args
}

// newestOf is the query for the newest products of the categories: the index has those
// of each in that order.
func (s *shelving) newestOf(w *db.Where, p db.Page) string {
	behind, limit := "", ` ORDER BY product_id DESC LIMIT `+strconv.Itoa(firstLooked)
	if !p.Before.IsZero() {
		behind = " AND product_id < " + w.Arg(p.Before)
	}
	each := make([]string, len(s.within))
	for i, c := range s.within {
		each[i] = `SELECT product_id FROM (SELECT product_id FROM product_category WHERE store_id = $1 AND category_id = ` + w.Arg(c) + behind + limit + `) c`
	}
	return `SELECT p.store_id, p.id, p.search_text, p.price_from
		FROM (SELECT product_id FROM (` + strings.Join(each, " UNION ") + `) c` + limit + `) c
		JOIN product p ON p.store_id = $1 AND p.id = c.product_id
		WHERE p.status = 'active' AND p.deleted_at IS NULL`
}

// statement is the one for a page and one more product.
func (s *shelving) statement(e db.Engine, st store.ID, p db.Page) (string, []any) {
	w := db.Where{Args: []any{st}}
	by := s.begin(&w, p)
	s.narrow(e, st, &w)
	return `SELECT ` + s.columns + ` FROM product ` + w.String() + ` ORDER BY ` + by + ` LIMIT ` + w.Arg(p.Limit+1), w.Args
}

// begin adds that products are sold and where the page begins: behind the place that
// its predecessor's last product has now. It returns their order.
func (s *shelving) begin(w *db.Where, p db.Page) (by string) {
	w.Add("store_id = $1")
	w.Add("status = 'active'")
	w.Add("deleted_at IS NULL")
	key, desc := s.order.key()
	after, direction := ">", ""
	if desc {
		after, direction = "<", " DESC"
	}
	by = key + direction + ", id" + direction
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
	return by
}

// narrow adds what the products must be.
func (s *shelving) narrow(e db.Engine, st store.ID, w *db.Where) {
	if len(s.within) > 0 {
		if s.few {
			w.Add("id IN (" + s.inCategories(w) + ")")
		} else {
			among := db.List(len(w.Args)+1, len(s.within))
			w.Args = append(w.Args, db.Args(s.within)...)
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
	s.narrowPrice(w)
	if s.scarce {
		w.Add("id IN (" + s.alsoIn + ")")
	}
	if s.also != "" {
		w.Add(strings.ReplaceAll(s.also, "product.store_id", "$1")) // in whatever the products are found
	}
}

// narrowPrice adds what the products must cost. An index by price is of use where
// they come in that order, or few are left.
func (s *shelving) narrowPrice(w *db.Where) {
	key, _ := s.order.key()
	switch {
	case s.min == nil && s.max == nil:
	case s.special && key != "price_from":
		w.Add("id IN (" + s.priced(w) + ")")
	default:
		column := "price_from"
		if key != column {
			column = "+price_from" // which no index is over
		}
		if s.min != nil {
			w.Add(column+" >= ?", *s.min)
		}
		if s.max != nil {
			w.Add(column+" <= ?", *s.max)
		}
	}
}

// inCategories is the query for the ids of what is in the categories.
func (s *shelving) inCategories(w *db.Where) string {
	among := db.List(len(w.Args)+1, len(s.within))
	w.Args = append(w.Args, db.Args(s.within)...)
	return "SELECT product_id FROM product_category WHERE store_id = $1 AND category_id IN " + among
}

// priced is the query for the ids of what costs as much, or "" where that does not
// matter.
func (s *shelving) priced(w *db.Where) string {
	if s.min == nil && s.max == nil {
		return ""
	}
	query := "SELECT id FROM product WHERE store_id = $1 AND status = 'active' AND deleted_at IS NULL"
	if s.min != nil {
		query += " AND price_from >= " + w.Arg(*s.min)
	}
	if s.max != nil {
		query += " AND price_from <= " + w.Arg(*s.max)
	}
	return query
}
