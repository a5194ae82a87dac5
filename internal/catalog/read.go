package catalog

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/store"
	"vitrine/internal/text"
)

// productRead are the columns that scanProduct reads.
const productRead = productColumns + `, created_at, updated_at`

// Get returns a product of a store with its variants, categories and suppliers.
func Get(ctx context.Context, q db.Q, st store.ID, p ProductID) (Product, error) {
	found, err := db.One(ctx, q, scanProduct, `SELECT `+productRead+` FROM product WHERE store_id = $1 AND id = $2 AND deleted_at IS NULL`, st, p)
	return loaded(ctx, q, st, found, err)
}

// loaded fills in what belongs to a product, unless it was not found.
func loaded(ctx context.Context, q db.Q, st store.ID, p Product, err error) (Product, error) {
	if err != nil {
		return Product{}, db.Missing(err, "product")
	}
	one := []Product{p}
	err = load(ctx, q, st, one)
	return one[0], err
}

// Require fails when a product is not in a store.
func Require(ctx context.Context, q db.Q, st store.ID, p ProductID) error {
	_, err := db.One(ctx, q, db.Value[int], `SELECT 1 FROM product WHERE store_id = $1 AND id = $2 AND deleted_at IS NULL`, st, p)
	return db.Missing(err, "product")
}

// load fills in what belongs to the products, in three queries however many they
// are.
func load(ctx context.Context, q db.Q, st store.ID, products []Product) error {
	if err := loadVariants(ctx, q, st, products); err != nil || len(products) == 0 {
		return err
	}
	at, among, args := amongProducts(st, products)
	for _, p := range at {
		p.Categories, p.Suppliers = []CategoryID{}, []SupplierLink{}
	}
	err := db.Each(ctx, q, func(row db.Row) error {
		var p ProductID
		var c CategoryID
		if err := row.Scan(&p, &c); err != nil {
			return err
		}
		at[p].Categories = append(at[p].Categories, c)
		return nil
	}, `SELECT product_id, category_id FROM product_category`+among+` ORDER BY product_id, category_id`, args...)
	if err != nil {
		return err
	}
	return db.Each(ctx, q, func(row db.Row) error {
		var p ProductID
		var l SupplierLink
		if err := row.Scan(&p, &l.Supplier, &l.SupplierSKU, &l.Cost, &l.Primary); err != nil {
			return err
		}
		at[p].Suppliers = append(at[p].Suppliers, l)
		return nil
	}, `SELECT product_id, supplier_id, supplier_sku, cost, is_primary FROM product_supplier`+among+` ORDER BY product_id, supplier_id`, args...)
}

// loadVariants fills in the variants of products.
func loadVariants(ctx context.Context, q db.Q, st store.ID, products []Product) error {
	if len(products) == 0 {
		return nil
	}
	at, among, args := amongProducts(st, products)
	for _, p := range at {
		p.Variants = []Variant{}
	}
	err := db.Each(ctx, q, func(row db.Row) error {
		v, err := scanVariant(row)
		if err == nil {
			at[v.Product].Variants = append(at[v.Product].Variants, v)
		}
		return err
	}, `SELECT `+variantColumns+` FROM variant`+among+` AND deleted_at IS NULL`, args...)
	for _, p := range at {
		slices.SortFunc(p.Variants, byPosition)
	}
	return err
}

// amongProducts returns the products by id, and the condition that finds what
// belongs to them.
func amongProducts(st store.ID, products []Product) (at map[ProductID]*Product, among string, args []any) {
	at, args = make(map[ProductID]*Product, len(products)), []any{st}
	for i := range products {
		p := &products[i]
		at[p.ID] = p
		args = append(args, p.ID)
	}
	return at, ` WHERE store_id = $1 AND product_id IN ` + db.List(2, len(products)), args
}

// Filter narrows a list of products. The zero value narrows nothing.
type Filter struct {
	Status   Status
	Category *CategoryID // those that are in it, not in the categories below
	Query    string      // part of the title, the vendor or a SKU, in any case

	recent int // in place of recent, for tests
}

// List returns a page of a store's products, newest first, each with its variants,
// categories and suppliers.
func List(ctx context.Context, q db.Q, st store.ID, f Filter, p db.Page) ([]Product, bool, error) {
	var found []Product
	var err error
	switch folded := text.Fold(f.Query); {
	case folded == "":
		found, err = list(ctx, q, st, f, p)
	case !utf8.ValidString(folded) || strings.ContainsFunc(folded, unicode.IsControl): // no name has such a part
	default:
		found, err = search(ctx, q, st, f, folded, p)
	}
	if err != nil {
		return nil, false, err
	}
	found, more := db.Cut(p, found)
	return found, more, load(ctx, q, st, found)
}

// list returns a page of products and one more, straight from an index that has
// them in their order.
func list(ctx context.Context, q db.Q, st store.ID, f Filter, p db.Page) ([]Product, error) {
	statement, args := f.statement(st, p)
	return db.All(ctx, q, scanProduct, statement, args...)
}

func (f Filter) statement(st store.ID, p db.Page) (string, []any) {
	from, key, w := f.ordered(st)
	end := p.Add(&w, key)
	return `SELECT ` + productRead + ` FROM ` + from + w.String() + end, w.Args
}

// ordered returns the tables, the column that puts them into their order, and the
// condition of a filtered list without a query. CROSS JOIN tells SQLite which table
// to begin with.
func (f Filter) ordered(st store.ID) (from, key string, w db.Where) {
	from, key = `product p `, "p.id"
	if f.Category != nil {
		from, key = `product_category c CROSS JOIN product p `, "c.product_id"
		w.Add("c.store_id = ?", st)
		w.Add("c.category_id = ?", *f.Category)
		w.Add("p.id = c.product_id")
	}
	w.Add("p.store_id = ?", st)
	if f.Status != "" {
		w.Add("p.status = ?", string(f.Status))
	}
	w.Add("p.deleted_at IS NULL")
	return from, key, w
}

// recent is how many of the newest products are looked through for a query that finds
// many before the index is asked. What is found often is found there at once, without
// sorting all there is of it. atOnce is how many of them are looked through before
// anything else.
const (
	recent = 4000
	atOnce = 250
)

// search returns a page of the products that a query finds, and one more.
func search(ctx context.Context, q db.Q, st store.ID, f Filter, folded string, p db.Page) ([]Product, error) {
	if !db.Indexed(q.Engine(), folded) {
		return scanFor(ctx, q, st, f, folded, p, 0)
	}
	window := cmp.Or(f.recent, atOnce)
	found, err := scanFor(ctx, q, st, f, folded, p, window)
	if err != nil || len(found) > p.Limit {
		return found, err
	}
	if f.recent == 0 {
		rare, err := isRare(ctx, q, st, folded, fewProducts)
		if err != nil {
			return nil, err
		}
		if !rare {
			window = recent
			if found, err = scanFor(ctx, q, st, f, folded, p, window); err != nil || len(found) > p.Limit {
				return found, err
			}
		}
	}
	older := db.Page{Limit: p.Limit - len(found)}
	if older.Before, err = endOf(ctx, q, st, f, p, window); err != nil || older.Before.IsZero() {
		return found, err
	}
	rest, err := lookUp(ctx, q, st, f, folded, older)
	return append(found, rest...), err
}

// newest is the statement for the id and the text of products from the page's
// beginning on.
func (f Filter) newest(st store.ID, p db.Page) (string, db.Where) {
	from, key, w := f.ordered(st)
	if !p.Before.IsZero() {
		w.Add(key+" < ?", p.Before)
	}
	return `SELECT p.id, p.search_text FROM ` + from + w.String() + ` ORDER BY ` + key + ` DESC`, w
}

// scanFor reads products from the newest on: window of them, or all for 0.
func scanFor(ctx context.Context, q db.Q, st store.ID, f Filter, folded string, p db.Page, window int) ([]Product, error) {
	newest, w := f.newest(st, p)
	if window > 0 {
		newest += ` LIMIT ` + strconv.Itoa(window) // PostgreSQL plans for the number
	}
	ids := `SELECT id FROM (` + newest + `) newest WHERE search_text LIKE ` + w.Arg(like(folded)) + ` ESCAPE '\' ORDER BY id DESC LIMIT ` + w.Arg(p.Limit+1)
	return named(ctx, q, st, ids, w)
}

// endOf returns the last product of a window, or zero when the window holds all
// there are.
func endOf(ctx context.Context, q db.Q, st store.ID, f Filter, p db.Page, window int) (id.UUID, error) {
	newest, w := f.newest(st, p)
	newest += ` LIMIT 1 OFFSET ` + strconv.Itoa(window-1)
	end, err := db.One(ctx, q, db.Value[id.UUID], `SELECT id FROM (`+newest+`) newest`, w.Args...)
	if errors.Is(err, db.ErrNoRows) {
		return id.UUID{}, nil
	}
	return end, err
}

// lookUp asks the index for a page and one more, and scans what is not in it yet.
func lookUp(ctx context.Context, q db.Q, st store.ID, f Filter, folded string, p db.Page) ([]Product, error) {
	var w db.Where
	of := ` AND p.id < ` + w.Arg(p.Before)
	if f.Category != nil {
		of += ` AND EXISTS (SELECT 1 FROM product_category c WHERE c.store_id = p.store_id AND c.product_id = p.id AND c.category_id = ` + w.Arg(*f.Category) + `)`
	}
	if f.Status != "" { // IS TRUE: SQLite must not take the index on status here
		of += ` AND (p.status = ` + w.Arg(string(f.Status)) + `) IS TRUE`
	}
	ids := `SELECT id FROM (` + matching(&w, q.Engine(), st, folded, of) + `) found ORDER BY id DESC LIMIT ` + w.Arg(p.Limit+1)
	return named(ctx, q, st, ids, w)
}

// matching is the statement for the ids of the products that the index finds, or
// that are not in it yet, narrowed by of. Its arguments are added to w.
func matching(w *db.Where, e db.Engine, st store.ID, folded, of string) string {
	c := db.Where{Args: w.Args}
	candidates(&c, e, st, folded)
	of = ` AND p.store_id = ` + c.Arg(st) + ` AND p.deleted_at IS NULL AND p.search_text LIKE ` + c.Arg(like(folded)) + ` ESCAPE '\'` + of
	w.Args = c.Args
	return `
			SELECT p.id FROM product_search CROSS JOIN product p ` + c.String() + ` AND p.id = product_search.product_id AND p.indexed` + of + `
			UNION ALL
			SELECT p.id FROM product p WHERE NOT p.indexed` + of
}

// named returns the products that a statement for ids names, newest first.
func named(ctx context.Context, q db.Q, st store.ID, ids string, w db.Where) ([]Product, error) {
	statement := `SELECT ` + productRead + ` FROM product WHERE store_id = ` + w.Arg(st) + ` AND id IN (` + ids + `) ORDER BY id DESC`
	return db.All(ctx, q, scanProduct, statement, w.Args...)
}

// Variants returns a page of a product's variants, newest first.
func Variants(ctx context.Context, q db.Q, st store.ID, product ProductID, p db.Page) ([]Variant, bool, error) {
	if err := Require(ctx, q, st, product); err != nil {
		return nil, false, err
	}
	var w db.Where
	w.Add("store_id = ?", st)
	w.Add("product_id = ?", product)
	w.Add("deleted_at IS NULL")
	return db.Paged(ctx, q, p, w, scanVariant, `SELECT `+variantColumns+` FROM variant`)
}

// GetVariant returns a variant of a product.
func GetVariant(ctx context.Context, q db.Q, st store.ID, product ProductID, v VariantID) (Variant, error) {
	found, err := db.One(ctx, q, scanVariant, `
		SELECT `+variantColumns+` FROM variant WHERE store_id = $1 AND id = $2 AND product_id = $3 AND deleted_at IS NULL`, st, v, product)
	return found, db.Missing(err, "variant")
}

// Titles returns what products are called. Those that are not there are left out.
func Titles(ctx context.Context, q db.Q, st store.ID, ids []ProductID) (map[ProductID]string, error) {
	titles := make(map[ProductID]string, len(ids))
	for some := range slices.Chunk(ids, namesAtOnce) {
		err := db.Each(ctx, db.Afresh(q), func(row db.Row) error {
			var p ProductID
			var title string
			err := row.Scan(&p, &title)
			titles[p] = title
			return err
		}, `SELECT id, title FROM product WHERE store_id = $1 AND deleted_at IS NULL AND id IN `+db.List(2, len(some)), append([]any{st}, db.Args(some)...)...)
		if err != nil {
			return nil, err
		}
	}
	return titles, nil
}
