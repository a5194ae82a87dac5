package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"vitrine/internal/account"
	"vitrine/internal/analytics"
	"vitrine/internal/app"
	"vitrine/internal/catalog"
	"vitrine/internal/config"
	"vitrine/internal/db"
	"vitrine/internal/fixture"
	"vitrine/internal/id"
	"vitrine/internal/order"
	"vitrine/internal/store"
)

const (
	fewProducts  = 100
	manyProducts = 100_000
	visits       = 20 // of each page, in each store
)

var aboutPages = fmt.Sprintf(`
Two stores of one merchant, with %d products and with %d, three variants each, a level of every variant, an order and a review for every
product: whole pages and lists, as whoever is signed in gets them over HTTP, in turn of one store and the other, median of %d. The small store has
enough of everything to fill a page. A storefront's pages are drawn anew each time. "Rare" is a product, a customer or an order among the
oldest; what is "far back" is true of the 60 oldest alone. Marks: at most 1.5 × the time of the small store, and 3 × for what is searched for.

| database | page | %[1]d products | %[2]d | |
| --- | --- | --- | --- | --- |`, fewProducts, manyProducts, visits)

// lookedAt is a page, below the store's part of an address.
type lookedAt struct {
	name, path string
	searched   bool
}

func (p lookedAt) limit() float64 {
	if p.searched {
		return 3
	}
	return 1.5
}

// rare is a word that only the oldest product has in its title.
const rare = "rarebit"

var merchantsPages = []lookedAt{
	{name: "Home"},
	{name: "Products", path: "/products"},
	{name: "Products, drafts", path: "/products?status=draft"},
	{name: "Products, a category", path: "/products?category={category}"},
	{name: "Products, rare", path: "/products?q=" + rare, searched: true},
	{name: "Products, none", path: "/products?q=zeppelin", searched: true},
	{name: "Products, many", path: "/products?q=product+number", searched: true},
	{name: "Categories", path: "/categories"},
	{name: "Suppliers", path: "/suppliers"},
	{name: "Inventory", path: "/inventory"},
	{name: "Inventory, a warehouse", path: "/inventory?warehouse={warehouse}"},
	{name: "Inventory, low and far back", path: "/inventory?stock=low"},
	{name: "Inventory, out", path: "/inventory?stock=out"},
	{name: "Inventory, reserved and far back", path: "/inventory?stock=reserved"},
	{name: "Inventory, rare", path: "/inventory?q=" + rare, searched: true},
	{name: "Inventory, none", path: "/inventory?q=zeppelin", searched: true},
	{name: "Inventory, none in a warehouse", path: "/inventory?q=zeppelin&warehouse={warehouse}", searched: true},
	{name: "Inventory, many", path: "/inventory?q=product+number", searched: true},
	{name: "Warehouses", path: "/warehouses"},
	{name: "Orders", path: "/orders"},
	{name: "Orders, to ship", path: "/orders?status=paid"},
	{name: "Orders, rare", path: "/orders?q=customer-7@", searched: true},
	{name: "Orders, by number", path: "/orders?q=1007", searched: true},
	{name: "Orders, none", path: "/orders?q=zeppelin", searched: true},
	{name: "Orders, many", path: "/orders?q=example.com", searched: true},
	{name: "Customers", path: "/customers"},
	{name: "Customers, rare", path: "/customers?q=customer-7@", searched: true},
	{name: "Customers, none", path: "/customers?q=zeppelin", searched: true},
	{name: "Discounts", path: "/discounts"},
	{name: "Tax rules", path: "/tax-rules"},
	{name: "Reviews", path: "/reviews"},
	{name: "Reviews, waiting", path: "/reviews?status=pending"},
	{name: "Analytics", path: "/analytics"},
	{name: "Analytics, a year", path: "/analytics?days=365"},
	{name: "Themes", path: "/themes"},
	{name: "Members", path: "/settings/members"},
	{name: "Webhooks", path: "/settings/webhooks"},
	{name: "Pictures", path: "/pictures"},
}

var apiLists = []lookedAt{
	{name: "products", path: "/products"},
	{name: "products, none", path: "/products?q=zeppelin", searched: true},
	{name: "variants", path: "/products/{product}/variants"},
	{name: "categories", path: "/categories"},
	{name: "suppliers", path: "/suppliers"},
	{name: "inventory", path: "/inventory"},
	{name: "inventory, none", path: "/inventory?q=zeppelin", searched: true},
	{name: "inventory, low", path: "/inventory/low-stock"},
	{name: "inventory, added up", path: "/inventory/summary"},
	{name: "warehouses", path: "/warehouses"},
	{name: "orders", path: "/orders"},
	{name: "orders, none", path: "/orders?q=zeppelin", searched: true},
	{name: "purchase orders", path: "/purchase-orders"},
	{name: "customers", path: "/customers"},
	{name: "customers, none", path: "/customers?q=zeppelin", searched: true},
	{name: "discounts", path: "/discounts"},
	{name: "tax rules", path: "/tax-rules"},
	{name: "reviews", path: "/reviews"},
}

var shopPages = []lookedAt{
	{name: "home", path: "/"},
	{name: "all products", path: "/products"},
	{name: "by price", path: "/products?sort=price_asc"},
	{name: "by name", path: "/products?sort=title_asc"},
	{name: "a category", path: "/categories/category-7"},
	{name: "a category by price", path: "/categories/category-7?sort=price_desc"},
	{name: "a category with those below it", path: "/categories/category-0"},
	{name: "in stock", path: "/products?in_stock=1"},
	{name: "in stock, by price", path: "/products?in_stock=1&sort=price_desc"},
	{name: "a price from few on", path: "/products?min=900"},
	{name: "a price range and in stock, by name", path: "/products?min=20&max=1000&in_stock=1&sort=title_desc"},
	{name: "rare", path: "/products?q=" + rare, searched: true},
	{name: "none", path: "/products?q=zeppelin", searched: true},
	{name: "many", path: "/products?q=product+number", searched: true},
	{name: "many, by price", path: "/products?q=product+number&sort=price_asc", searched: true},
	{name: "many in a category, in stock", path: "/products?q=product+number&category=category-7&in_stock=1", searched: true},
}

func measurePages(ctx context.Context, d *db.DB, out *report) error {
	v, err := newVisitor(ctx, d)
	if err != nil {
		return err
	}
	defer v.close()
	few, err := v.trading(ctx, fewProducts)
	if err != nil {
		return err
	}
	many, err := v.trading(ctx, manyProducts)
	if err != nil {
		return err
	}
	if err := analyze(ctx, d); err != nil {
		return err
	}
	for _, part := range []struct {
		name  string
		pages []lookedAt
		get   func(context.Context, shopAtHand, string) error
	}{{"", merchantsPages, v.dashboard}, {"API: ", apiLists, v.list}, {"shop: ", shopPages, v.shopPage}} {
		for _, p := range part.pages {
			small, large, err := inTurn(visits, func() error { return part.get(ctx, few, p.path) }, func() error { return part.get(ctx, many, p.path) })
			if err != nil {
				return fmt.Errorf("%s%s: %w", part.name, p.name, err)
			}
			out.row(d.Engine(), part.name+p.name, millis(small), millis(large), out.atMost(p.limit(), ratio(large, small), "×"))
		}
	}
	return nil
}

// shopAtHand is a store and what the addresses of its pages name.
type shopAtHand struct {
	store.Store
	names *strings.Replacer
}

// visitor looks at pages of a running app.
type visitor struct {
	db           *db.DB
	app, shops   *httptest.Server
	user         account.ID
	secret       string
	folder       string
	shopsVisited int
}

func newVisitor(ctx context.Context, d *db.DB) (*visitor, error) {
	folder, err := os.MkdirTemp("", "vitrine-bench-pictures")
	if err != nil {
		return nil, err
	}
	settings := map[string]string{"VITRINE_MEDIA_DIR": folder, "VITRINE_STOREFRONT_RATE_LIMIT": "0"}
	c, err := config.Load(func(name string) (string, bool) { s, ok := settings[name]; return s, ok }, nil)
	if err != nil {
		return nil, err
	}
	a, err := app.New(ctx, c, d)
	if err != nil {
		return nil, err
	}
	session, err := a.Accounts.Register(ctx, account.Credentials{Email: "merchant@example.com", Password: "correct horse"}, "Merchant")
	if err != nil {
		return nil, err
	}
	shops, err := serveShops(ctx, d)
	if err != nil {
		return nil, err
	}
	return &visitor{
		db: d, app: httptest.NewServer(a.Handler()), shops: shops, user: session.User.ID, secret: session.Secret, folder: folder,
	}, nil
}

func (v *visitor) close() {
	v.app.Close()
	v.shops.Close()
	_ = os.RemoveAll(v.folder)
}

// trading makes a store with as many products, and all that goes with them.
func (v *visitor) trading(ctx context.Context, n int) (shopAtHand, error) {
	const some = 60 // of what a merchant thinks of one by one
	s, err := fixture.Catalog(ctx, v.db, v.user, fixture.Size{
		Products: n, VariantsEach: 3, Categories: some, CategoryLinks: n * 2, Suppliers: some, SupplierLinks: n, Discounts: some, DiscountLinks: 2 * some,
	})
	if err != nil {
		return shopAtHand{}, err
	}
	st := literal(v.db, s.ID.UUID)
	oldest := "(SELECT id FROM product WHERE store_id = " + st + " ORDER BY id LIMIT "
	err = alter(ctx, v.db,
		"UPDATE store SET store_type = 'ecommerce' WHERE id = "+st,
		"UPDATE product SET price_from = (SELECT min(v.price) FROM variant v WHERE v.store_id = product.store_id AND v.product_id = product.id) WHERE store_id = "+st,
		"UPDATE product SET title = 'Rarebit', search_text = '"+rare+"' || search_text WHERE store_id = "+st+" AND id IN "+oldest+"1)",
		"UPDATE variant SET price = 100000 WHERE store_id = "+st+" AND product_id IN "+oldest+"30)",
		"UPDATE product SET price_from = 100000 WHERE store_id = "+st+" AND id IN "+oldest+"30)",
		"UPDATE product SET status = 'draft' WHERE store_id = "+st+" AND id IN "+oldest+"60 OFFSET 30)",
		"INSERT INTO product_category (store_id, product_id, category_id) SELECT store_id, id, (SELECT id FROM category WHERE store_id = "+st+" AND slug = 'category-7') FROM product WHERE store_id = "+st+" AND id IN "+
			oldest+"70) ON CONFLICT DO NOTHING",
	)
	if err != nil {
		return shopAtHand{}, err
	}
	if err := catalog.IndexSearch(ctx, v.db, s.ID); err != nil {
		return shopAtHand{}, err
	}
	err = fixture.Trade(ctx, v.db, s, fixture.Trading{Warehouses: 5, Held: 60, Low: 60, Orders: max(250, n), Customers: max(60, n/2), Reviews: 2 * n, TaxRules: 60})
	if err != nil {
		return shopAtHand{}, err
	}
	if err := order.IndexSearch(ctx, v.db, s.ID); err != nil {
		return shopAtHand{}, err
	}
	if err := analytics.AddUp(ctx, v.db, s.ID); err != nil {
		return shopAtHand{}, err
	}
	return v.named(ctx, s)
}

// named finds what the addresses of a store's pages name.
func (v *visitor) named(ctx context.Context, s store.Store) (shopAtHand, error) {
	var names []string
	for name, query := range map[string]string{
		"{category}":  `SELECT id FROM category WHERE store_id = $1 AND slug = 'category-7'`,
		"{warehouse}": `SELECT id FROM warehouse WHERE store_id = $1 ORDER BY id LIMIT 1`,
		"{product}":   `SELECT id FROM product WHERE store_id = $1 ORDER BY id DESC LIMIT 1`,
	} {
		found, err := db.One(ctx, v.db, db.Value[id.UUID], query, s.ID)
		if err != nil {
			return shopAtHand{}, err
		}
		names = append(names, name, found.String())
	}
	return shopAtHand{s, strings.NewReplacer(names...)}, nil
}

func (v *visitor) dashboard(ctx context.Context, s shopAtHand, path string) error {
	return v.look(ctx, v.app.URL+"/dashboard/stores/"+s.Slug+s.names.Replace(path), func(r *http.Request) {
		r.Header.Set("Cookie", "vitrine_session="+v.secret)
	})
}

func (v *visitor) list(ctx context.Context, s shopAtHand, path string) error {
	return v.look(ctx, v.app.URL+"/api/v1/stores/"+s.ID.String()+s.names.Replace(path), func(r *http.Request) {
		r.Header.Set("Authorization", "Bearer "+v.secret)
	})
}

// shopPage looks at a page of a shop at an address at which nobody has seen it yet: it
// is not at hand.
func (v *visitor) shopPage(ctx context.Context, s shopAtHand, path string) error {
	v.shopsVisited++
	return v.look(ctx, v.shops.URL+"/s/"+s.Slug+path, func(r *http.Request) { r.Host = fmt.Sprintf("127.0.0.1:%d", v.shopsVisited) })
}

func (v *visitor) look(ctx context.Context, address string, as func(*http.Request)) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	as(req)
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", address, res.Status)
	}
	_, err = io.Copy(io.Discard, res.Body)
	return err
}
