package edge_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/domain"
	"vitrine/internal/edge"
	"vitrine/internal/fixture"
	"vitrine/internal/setup"
	"vitrine/internal/store"
	"vitrine/internal/storefront"
	"vitrine/internal/web"
)

// says answers with a word.
func says(word string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(word)) })
}

func TestStorefront_refusesWhoAsksTooOftenAndSaysWhenToComeBack(t *testing.T) {
	t.Parallel()
	dbtest.EachAt(t, clock.At(time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)), func(t *testing.T, d *db.DB) {
		names, err := domain.OpenNames(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		all := edge.New(nil, edge.Parts{
			Names: names,
			API:   says("api"), Dashboard: says("dashboard"), Media: says("media"), PlatformDomain: "shops.example",
			Storefront: storefront.New(storefront.Deps{DB: d, PlatformDomain: "shops.example", Shoppers: web.NewLimiter(2)}),
		})
		var last *httptest.ResponseRecorder
		for range 3 {
			last = httptest.NewRecorder()
			all.ServeHTTP(last, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://mugs.shops.example/", nil))
		}
		if last.Code != http.StatusTooManyRequests || last.Header().Get("Retry-After") != "1" {
			t.Errorf("%d, %v", last.Code, last.Header())
		}
	})
}

func TestEdge_givesEachRequestToWhatItIsFor(t *testing.T) {
	t.Parallel()
	dbtest.EachAt(t, clock.System{}, func(t *testing.T, d *db.DB) {
		owner, err := fixture.Account(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		err = d.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := setup.Open(t.Context(), tx, owner, store.New("Mugs"))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		names, err := domain.OpenNames(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		all := edge.New(nil, edge.Parts{
			Names: names,
			API:   says("api"), Dashboard: says("dashboard"), PlatformDomain: "shops.example",
			Storefront: storefront.New(storefront.Deps{DB: d, PlatformDomain: "shops.example"}),
		})
		for _, c := range []struct{ host, path, want string }{
			{"shops.example", "/", "api"},
			{"shops.example", "/api/v1/stores", "api"},
			{"shops.example", "/dashboard", "dashboard"},
			{"shops.example", "/dashboard/stores", "dashboard"},
			{"shops.example", "/dashboards", "api"},
			{"shops.example", "/login", "dashboard"},
			{"shops.example", "/s", "api"},
			{"shops.example", "/s/", "api"},
			{"shops.example", "/s/mugs", `href="/s/mugs/products"`},
			{"shops.example", "/s/mugs/", `href="/s/mugs/products"`},
			{"shops.example", "/s/nobody/", "There is no shop here"},
			{"mugs.shops.example", "/", `href="/products"`},
			{"MUGS.Shops.Example.", "/", `href="/products"`},
			{"mugs.shops.example:8443", "/", `href="/products"`},
			{"mugs.localhost:8080", "/", `href="/products"`},
			{"mugs.shops.example", "/dashboard", "This page is not here"},
			{"mugs.shops.example", "/api/v1/stores", "This page is not here"},
			{"mugs.shops.example", "/assets/shop.css", "api"},
			{"mugs.shops.example", "/demo/pictures/x.svg", "api"},
			{"nobody.shops.example", "/", "There is no shop here"},
			{"a.mugs.shops.example", "/", "nothing at this name"},
			{"unknown.example", "/dashboard", "nothing at this name"},
			{"unknown.example", "/healthz", "api"},
			{"127.0.0.1", "/", "api"},
			{"[::1]:8080", "/", "api"},
			{"vitrine", "/", "api"},
			{"vitrine.shops.svc.cluster.local:8080", "/", "api"},
		} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+c.host+c.path, nil)
			w := httptest.NewRecorder()
			all.ServeHTTP(w, r)
			if !strings.Contains(w.Body.String(), c.want) {
				t.Errorf("%s%s: %d, no %q in %s", c.host, c.path, w.Code, c.want, w.Body)
			}
		}
	})
}
