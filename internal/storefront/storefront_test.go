package storefront_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/catalog"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fixture"
	"vitrine/internal/inventory"
	"vitrine/internal/money"
	"vitrine/internal/order"
	"vitrine/internal/payment/sandbox"
	"vitrine/internal/payment/stripe/stripetest"
	"vitrine/internal/seal"
	"vitrine/internal/setup"
	"vitrine/internal/store"
	"vitrine/internal/storefront"
	"vitrine/internal/till"
	"vitrine/internal/web"
)

// street is where the shops of a test are, on a database of its own.
type street struct {
	url    string
	db     *db.DB
	clock  *clock.Fixed
	owner  account.ID
	stock  *inventory.Writer
	orders *order.Service
	links  order.Links
	till   *till.Service
	bank   *sandbox.Provider
	pages  *storefront.Storefront
}

var began = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// each runs fn against the storefronts, once on every database.
func each(t *testing.T, fn func(t *testing.T, s *street)) {
	t.Helper()
	t.Parallel()
	dbtest.EachFrom(t, began, func(t *testing.T, d *db.DB, now *clock.Fixed) {
		owner, err := fixture.Account(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		stock := inventory.NewWriter(d, nil)
		s := &street{db: d, clock: now, owner: owner, stock: stock, orders: order.New(d, stock, order.Settings{HoldFor: time.Hour}), links: order.NewLinks(seal.Key{1})}
		s.bank = sandbox.New(d)
		s.till = till.New(d, s.orders, s.bank)
		pages := storefront.New(storefront.Deps{DB: d, Orders: s.orders, Links: s.links, Till: s.till, Bank: s.bank, PlatformDomain: "localhost"})
		s.pages = pages
		server := httptest.NewServer(web.Observe(nil, pages.Fail, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			slug, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/s/"), "/")
			pages.ServeHTTP(w, storefront.Open(r, slug, "/s/"+slug, ""))
		})))
		t.Cleanup(server.Close)
		s.url = server.URL
		fn(t, s)
	})
}

// shop is a store with what a shopper does in it.
type shop struct {
	t      *testing.T
	street *street
	store  store.Store
	at     string
}

var shops atomic.Int64

// shop opens a store; edit changes it before.
func (s *street) shop(t *testing.T, edits ...func(*store.Store)) *shop {
	t.Helper()
	sh := &shop{t: t, street: s}
	sh.write(func(tx *db.Tx) (err error) {
		made := store.New(fmt.Sprintf("Mug House %d", shops.Add(1)))
		for _, edit := range edits {
			edit(&made)
		}
		sh.store, err = setup.Open(t.Context(), tx, s.owner, made)
		return err
	})
	sh.at = "/s/" + sh.store.Slug
	return sh
}

// write changes something in a transaction.
func (s *shop) write(fn func(tx *db.Tx) error) {
	s.t.Helper()
	if err := s.street.db.InTx(s.t.Context(), fn); err != nil {
		s.t.Fatal(err)
	}
}

// product adds one with a variant for each price, in cents.
func (s *shop) product(title string, edit func(*catalog.Product), prices ...int) catalog.Product {
	s.t.Helper()
	p := catalog.NewProduct(title)
	for _, price := range prices {
		v := catalog.NewVariant()
		v.Price = money.Amount(price)
		p.Variants = append(p.Variants, v)
	}
	if edit != nil {
		edit(&p)
	}
	s.write(func(tx *db.Tx) (err error) {
		p, err = catalog.Create(s.t.Context(), tx, s.store.ID, p)
		return err
	})
	return p
}

const webhookSecret = "whsec_platform"

// answer is a response with its body read.
type answer struct {
	*http.Response
	body string
}

func (s *shop) do(method, path string, form url.Values, headers ...string) answer {
	s.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.street.url+s.at+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	read, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if said := fmt.Sprint(res.Header) + string(read); strings.Contains(said, stripetest.Key) || strings.Contains(said, webhookSecret) {
		s.t.Errorf("%s %s: a secret is in the answer", method, path)
	}
	return answer{res, string(read)}
}

func (s *shop) get(path string, headers ...string) answer {
	s.t.Helper()
	return s.do(http.MethodGet, path, nil, headers...)
}

// want fails the test unless the answer has the status and all the texts.
func (a answer) want(t *testing.T, status int, texts ...string) answer {
	t.Helper()
	if a.StatusCode != status {
		t.Fatalf("%s %s: %d, want %d: %s", a.Request.Method, a.Request.URL.Path, a.StatusCode, status, a.body)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("%s: %q is not in %s", a.Request.URL.Path, text, a.body)
		}
	}
	return a
}

// lacks fails the test when the answer has one of the texts.
func (a answer) lacks(t *testing.T, texts ...string) answer {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			t.Errorf("%s: %q is in %s", a.Request.URL.Path, text, a.body)
		}
	}
	return a
}

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(dbtest.MainAccept(m))
}

func TestHome_showsWhatIsSold(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh := s.shop(t)
		sh.get("").want(t, http.StatusOK, "The shelves are being filled", sh.store.Name)
		sh.product("Blue Mug", nil, 1250)
		sh.product("Secret Mug", func(p *catalog.Product) { p.Status = catalog.Draft }, 900)
		sh.get("").want(t, http.StatusOK, "Blue Mug", "$12.50", `href="`+sh.at+`/products/blue-mug"`).lacks(t, "Secret Mug")
		sh.get("/").want(t, http.StatusOK, "Blue Mug")
	})
}

func TestProduct_offersItsVariants(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh := s.shop(t)
		p := sh.product("Blue Mug", func(p *catalog.Product) { p.Variants[0].Title, p.Variants[1].Title = "Small", "Large" }, 1250, 1800)
		sh.get("/products/blue-mug").want(t, http.StatusOK, "<h1>Blue Mug</h1>", "$12.50", `value="`+p.Variants[0].ID.String()+`"`, `action="`+sh.at+`/cart"`)
		sh.get("/products/blue-mug?variant="+p.Variants[1].ID.String()).want(t, http.StatusOK, "$18.00", `value="`+p.Variants[1].ID.String()+`"`)
		sh.get("/products/blue-mug?variant=nonsense").want(t, http.StatusOK, "$12.50")
	})
}

func TestPages_thatAreNotThereSaySoInsideOfTheShop(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh, other := s.shop(t), s.shop(t)
		other.product("Blue Mug", nil, 1250)
		sh.product("Secret Mug", func(p *catalog.Product) { p.Status = catalog.Draft }, 900)
		for _, path := range []string{"/nothing", "/products/blue-mug", "/products/secret-mug", "//products", "/%2Fproducts", "%2Fnothing", "/products/..%2f", "/./products/", "/products/%00", "/products/%ff"} {
			sh.get(path).want(t, http.StatusNotFound)
		}
		sh.get("/nothing").want(t, http.StatusNotFound, "This page is not here", sh.store.Name)
	})
}

func TestShop_thatIsClosedOrNeverWasIsGone(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh := s.shop(t)
		sh.product("Blue Mug", nil, 1250)
		sh.write(func(tx *db.Tx) error { return store.Delete(t.Context(), tx, s.owner, sh.store.ID) })
		sh.get("").want(t, http.StatusNotFound, "There is no shop here")
		sh.get("/products/blue-mug").want(t, http.StatusNotFound, "There is no shop here").lacks(t, "Blue Mug")
		sh.at = "/s/nobody"
		sh.get("").want(t, http.StatusNotFound, "There is no shop here")
	})
}

func TestPausedShop_canBeLookedAtAndTakesNoOrders(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh := s.shop(t)
		sh.product("Blue Mug", nil, 1250)
		sh.write(func(tx *db.Tx) (err error) {
			_, err = store.Update(t.Context(), tx, sh.store.ID, func(s *store.Store) { s.Status = store.Paused })
			return err
		})
		sh.get("/products/blue-mug").want(t, http.StatusOK, "This shop takes a break", "takes no orders at the moment").lacks(t, "Add to cart")
	})
}

func TestPages_runNothingButTheirOwn(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh := s.shop(t)
		words := `<p onclick="alert(1)">Fired <b>twice</b>.</p><script>alert(1)</script><a href="javascript:alert(1)">x</a><img src=x onerror=alert(1)><h1>Big</h1></div></main>`
		sh.product("Blue </title><script>alert(1)</script> Mug", func(p *catalog.Product) { p.Description = &words }, 1250)
		got := sh.get("/products/blue-title-script-alert-1-script-mug").want(t, http.StatusOK, "<p>Fired <b>twice</b>.</p>", "<h3>Big</h3>")
		got.lacks(t, "<script>", "onclick", "javascript:", "onerror")
		if policy := got.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self'") || strings.Contains(policy, "unsafe") {
			t.Errorf("the policy is %q", policy)
		}
		if got.Header.Get("Set-Cookie") != "" {
			t.Error("a cookie before the cart")
		}
	})
}
