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

// site is an edge before a database with one store.
type site struct {
	*testing.T
	db      *db.DB
	store   store.Store
	domains *domain.Service
	names   *domain.Names
	all     http.Handler
}

func open(t *testing.T, d *db.DB, platform string) *site {
	t.Helper()
	owner, err := fixture.Account(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{T: t, db: d}
	err = d.InTx(t.Context(), func(tx *db.Tx) (err error) {
		s.store, err = setup.Open(t.Context(), tx, owner, store.New("Mugs"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.domains, _ = fixture.Domains(d, clock.System{})
	s.names, s.all = s.process(platform)
	return s
}

// process is an edge of another process on the same database.
func (s *site) process(platform string) (*domain.Names, http.Handler) {
	s.Helper()
	names, err := domain.OpenNames(s.Context(), s.db)
	if err != nil {
		s.Fatal(err)
	}
	proxies, err := web.ParseProxies("192.0.2.1")
	if err != nil {
		s.Fatal(err)
	}
	return names, edge.New(proxies, edge.Parts{
		API: says("api"), Dashboard: says("dashboard"), Media: says("media"), PlatformDomain: platform, Names: names,
		Storefront: storefront.New(storefront.Deps{DB: s.db, PlatformDomain: platform}),
	})
}

// connect puts the store on a name, as far as to its certificate.
func (s *site) connect(name string) {
	s.Helper()
	err := s.db.InTx(s.Context(), func(tx *db.Tx) error {
		_, err := s.domains.Attach(s.Context(), tx, s.store, name)
		return err
	})
	if err == nil {
		_, err = s.domains.Verify(s.Context(), s.store.ID, nil)
	}
	if err == nil {
		_, err = s.domains.Configure(s.Context(), s.store.ID, s.store.Owner, false, nil)
	}
	if err == nil {
		_, err = s.domains.Certify(s.Context(), s.store.ID, nil)
	}
	if err != nil {
		s.Fatal(err)
	}
}

// get asks for an address through a proxy that says with which scheme it was asked.
func (s *site) get(all http.Handler, method, address string) *httptest.ResponseRecorder {
	s.Helper()
	r := httptest.NewRequestWithContext(s.Context(), method, address, nil)
	r.Header.Set("X-Forwarded-Proto", r.URL.Scheme)
	w := httptest.NewRecorder()
	all.ServeHTTP(w, r)
	return w
}

func TestNames_anActiveDomainShowsItsStoreAndOthersLeadThere(t *testing.T) {
	t.Parallel()
	dbtest.EachAt(t, clock.System{}, func(t *testing.T, d *db.DB) {
		s := open(t, d, "shops.example")
		if w := s.get(s.all, "GET", "http://mystore.com/"); w.Code != http.StatusNotFound || w.Body.Len() > 100 {
			t.Fatalf("a name that nobody has: %d, %s", w.Code, w.Body)
		}
		s.connect("mystore.com")
		home := s.get(s.all, "GET", "https://MyStore.com./")
		if home.Code != http.StatusOK || !strings.Contains(home.Body.String(), `<link rel="canonical" href="https://mystore.com/"`) || !strings.Contains(home.Body.String(), `href="/products"`) {
			t.Errorf("its own name: %d, %s", home.Code, home.Body)
		}
		if w := s.get(s.all, "GET", "https://mystore.com/sitemap.xml"); !strings.Contains(w.Body.String(), "<loc>https://mystore.com/products</loc>") {
			t.Errorf("the sitemap: %s", w.Body)
		}
		if w := s.get(s.all, "GET", "https://shops.example/s/mugs"); !strings.Contains(w.Body.String(), `<link rel="canonical" href="https://mystore.com/"`) {
			t.Errorf("below the platform's path: %s", w.Body)
		}
		for _, c := range []struct {
			method, from, to string
			status           int
		}{
			{"GET", "https://www.mystore.com/products?q=a%20b", "https://mystore.com/products?q=a%20b", 301},
			{"HEAD", "https://mugs.shops.example/products", "https://mystore.com/products", 301},
			{"POST", "https://mugs.shops.example/cart", "https://mystore.com/cart", 308},
			{"GET", "http://www.mystore.com:8080/a%2Fb", "http://mystore.com:8080/a%2Fb", 301},
			{"GET", "https://www.mystore.com//evil.example/", "https://mystore.com//evil.example/", 301},
		} {
			if w := s.get(s.all, c.method, c.from); w.Code != c.status || w.Header().Get("Location") != c.to {
				t.Errorf("%s %s: %d to %s", c.method, c.from, w.Code, w.Header().Get("Location"))
			}
		}
		for _, host := range []string{"www.www.mystore.com", "shop.mystore.com", "mystore.com.example", "com", ""} {
			if p, known := s.names.Find(host); known {
				t.Errorf("%q is known: %v", host, p)
			}
		}
		if err := s.domains.Detach(t.Context(), s.store.ID); err != nil {
			t.Fatal(err)
		}
		if w := s.get(s.all, "GET", "https://mystore.com/"); w.Code != http.StatusNotFound {
			t.Errorf("a name that the store has left: %d", w.Code)
		}
		if w := s.get(s.all, "GET", "https://mugs.shops.example/"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `<link rel="canonical" href="https://mugs.shops.example/"`) {
			t.Errorf("after that: %d", w.Code)
		}
	})
}

func TestNames_theBareNameLeadsToAWwwThatIsConnected(t *testing.T) {
	t.Parallel()
	dbtest.EachAt(t, clock.System{}, func(t *testing.T, d *db.DB) {
		s := open(t, d, "localhost")
		s.connect("www.mystore.com")
		if w := s.get(s.all, "GET", "http://mystore.com/x"); w.Code != http.StatusMovedPermanently || w.Header().Get("Location") != "http://www.mystore.com/x" {
			t.Errorf("%d to %s", w.Code, w.Header().Get("Location"))
		}
		if w := s.get(s.all, "GET", "http://www.mystore.com/"); w.Code != http.StatusOK {
			t.Errorf("www: %d", w.Code)
		}
		// Where the world does not find the platform, its hosts are for trying things out.
		if w := s.get(s.all, "GET", "http://mugs.localhost/"); w.Code != http.StatusOK {
			t.Errorf("locally: %d", w.Code)
		}
	})
}

// A second process learns by looking, the first knew before it had answered.
func TestNames_otherProcessesLearnOfADomainByLooking(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		here, there := dbtest.Open(t, address, clock.System{}), dbtest.Open(t, address, clock.System{})
		s := open(t, here, "shops.example")
		other, err := domain.OpenNames(t.Context(), there)
		if err != nil {
			t.Fatal(err)
		}
		following := make(chan struct{})
		go func() { other.Follow(t.Context()); close(following) }()
		t.Cleanup(func() { <-following })
		s.connect("mystore.com")
		if s.names.Primary("mugs") != "mystore.com" {
			t.Error("the process itself does not know")
		}
		// Within a second, on a machine that does nothing else.
		for began := time.Now(); other.Primary("mugs") == ""; time.Sleep(5 * time.Millisecond) {
			if time.Since(began) > time.Minute {
				t.Fatal("another process does not learn of it")
			}
		}
		err = here.InTx(t.Context(), func(tx *db.Tx) error { return s.domains.DeleteStore(t.Context(), tx, s.store.Owner, s.store.ID) })
		if err != nil {
			t.Fatal(err)
		}
		if _, known := s.names.Find("mystore.com"); known {
			t.Error("the name of a store that was deleted is known")
		}
		if err := other.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, known := other.Find("mystore.com"); known {
			t.Error("another process knows the name of a store that was deleted")
		}
	})
}

// A name that goes from one store to the other is the other's, in whichever order
// that is read.
func TestNames_aNameThatMovesIsNotLost(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		d := dbtest.Open(t, address, clock.System{})
		s := open(t, d, "shops.example")
		first := s.store
		err := d.InTx(t.Context(), func(tx *db.Tx) (err error) {
			s.store, err = setup.Open(t.Context(), tx, first.Owner, store.New("Cups"))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		second := s.store
		other, err := domain.OpenNames(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		late, err := domain.OpenNames(t.Context(), dbtest.Open(t, address, clock.System{}))
		if err != nil {
			t.Fatal(err)
		}
		for range 4 {
			for _, st := range []store.Store{first, second} {
				s.store = st
				s.connect("mystore.com")
				for _, n := range []*domain.Names{other, late} {
					if err := n.Refresh(t.Context()); err != nil {
						t.Fatal(err)
					}
					if p, known := n.Find("mystore.com"); !known || p.Store != st.ID || n.Primary(st.Slug) != "mystore.com" {
						t.Fatalf("the name is that of %v, want %s", p, st.Slug)
					}
				}
				if err := s.domains.Detach(t.Context(), st.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}
