package dashboard_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/clock"
	"vitrine/internal/dashboard"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/dns/mock"
	"vitrine/internal/domain"
	"vitrine/internal/fixture"
	"vitrine/internal/inventory"
	"vitrine/internal/job"
	"vitrine/internal/order"
	"vitrine/internal/payment"
	"vitrine/internal/payment/sandbox"
	"vitrine/internal/payment/stripe/stripetest"
	"vitrine/internal/seal"
	"vitrine/internal/setup"
	"vitrine/internal/store"
	"vitrine/internal/till"
	"vitrine/internal/web"
	"vitrine/internal/webhook"
)

// site is the dashboard on a database of its own.
type site struct {
	url      string
	db       *db.DB
	accounts *account.Service
	jobs     *job.Runner
	orders   *order.Service
	domains  *domain.Service
	names    *mock.Provider
	stripe   *stripetest.Server // that keeps cards, where eachPaid was told so
	patterns []string           // that pages are registered for
}

// each runs fn against the dashboard, once on every database.
func each(t *testing.T, fn func(t *testing.T, s *site)) {
	t.Helper()
	eachPaid(t, func(_ *testing.T, s *site) payment.Provider { return sandbox.New(s.db) }, fn)
}

// eachPaid is each with another payment provider.
func eachPaid(t *testing.T, payments func(t *testing.T, s *site) payment.Provider, fn func(t *testing.T, s *site)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		settings := account.DefaultSettings
		settings.Hash = account.HashCost{Memory: 64, Passes: 1, Lanes: 1} // or the tests would mostly hash
		accounts, err := account.New(d, settings)
		if err != nil {
			t.Fatal(err)
		}
		s := &site{db: d, accounts: accounts, jobs: job.NewRunner(d, job.Options{Poll: 5 * time.Millisecond})}
		sealer, err := seal.New(seal.Key{1})
		if err != nil {
			t.Fatal(err)
		}
		s.domains, s.names = fixture.Domains(d, clock.System{})
		stock, hooks := inventory.NewWriter(d, nil), webhook.NewService(sealer, true)
		s.orders = order.New(d, stock, order.Settings{})
		purchases, _ := fixture.Purchases(d, s.domains)
		provider := payments(t, s)
		pages := dashboard.New(dashboard.Deps{
			DB: d, Accounts: accounts, Stock: stock, Orders: s.orders, Jobs: s.jobs, Webhooks: hooks, Domains: s.domains, Purchases: purchases, Payments: provider, Till: till.New(d, s.orders, provider), Media: fixture.Media(t, d), PlatformDomain: "localhost",
			OrderPage: func(st store.Store, _ order.Order) string { return "/s/" + st.Slug },
		})
		s.patterns = pages.Patterns()
		server := httptest.NewServer(web.Observe(nil, web.ErrorPage, pages.Handler()))
		t.Cleanup(server.Close)
		s.url = server.URL
		fn(t, s)
	})
}

// merchant is somebody with a store who uses the dashboard.
type merchant struct {
	t      *testing.T
	site   *site
	user   account.User
	secret string
	store  store.Store
	at     string // the path of the store
}

var merchants atomic.Int64

func (s *site) merchant(t *testing.T) *merchant {
	t.Helper()
	email := fmt.Sprintf("m%d@example.com", merchants.Add(1))
	session, err := s.accounts.Register(t.Context(), account.Credentials{Email: email, Password: "correct horse"}, "")
	if err != nil {
		t.Fatal(err)
	}
	m := &merchant{t: t, site: s, user: session.User, secret: session.Secret}
	err = s.db.InTx(t.Context(), func(tx *db.Tx) (err error) {
		m.store, err = setup.Open(t.Context(), tx, m.user.ID, store.New("Shop"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	m.at = "/dashboard/stores/" + m.store.Slug
	return m
}

// answer is a response with its body read.
type answer struct {
	*http.Response
	body string
}

func (m *merchant) do(method, path, kind string, body io.Reader, headers ...string) answer {
	m.t.Helper()
	r, err := http.NewRequestWithContext(m.t.Context(), method, m.site.url+path, body)
	if err != nil {
		m.t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "vitrine_session", Value: m.secret})
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	if err != nil {
		m.t.Fatal(err)
	}
	defer res.Body.Close()
	read, err := io.ReadAll(res.Body)
	if err != nil {
		m.t.Fatal(err)
	}
	return answer{res, string(read)}
}

func (m *merchant) get(path string) answer {
	m.t.Helper()
	return m.do("GET", path, "", nil)
}

// post sends a form of names and values in turn.
func (m *merchant) post(path string, pairs ...string) answer {
	m.t.Helper()
	f := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return m.do("POST", path, "application/x-www-form-urlencoded", strings.NewReader(f.Encode()))
}

// want fails the test unless the answer has the status and all the texts.
func (a answer) want(t *testing.T, status int, texts ...string) answer {
	t.Helper()
	_, content, _ := strings.Cut(a.body, "<main")
	content, _, _ = strings.Cut(content, "</main>")
	if a.StatusCode != status {
		t.Fatalf("%s %s: %d, want %d: %s", a.Request.Method, a.Request.URL.Path, a.StatusCode, status, content)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("%s: %q is not in %s", a.Request.URL.Path, text, content)
		}
	}
	return a
}

func TestPages_ofOthersAreNotThere(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		mine, theirs := s.merchant(t), s.merchant(t)
		p := theirs.product("B")
		for _, path := range []string{theirs.at + "/products", theirs.at + "/products/" + p.ID.String(), mine.at + "/products/" + p.ID.String(), theirs.at + "/products/export", theirs.at + "/import", mine.at + "/products/nonsense", "/dashboard/kit"} {
			mine.get(path).want(t, http.StatusNotFound)
		}
		mine.post(theirs.at+"/products", "title", "Mine").want(t, http.StatusNotFound)
		mine.post(mine.at+"/products/"+p.ID.String()+"/delete", "confirm", "B").want(t, http.StatusNotFound)
		found := mine.get("/dashboard/search?q=B&store=" + theirs.store.Slug)
		if strings.Contains(found.want(t, http.StatusOK).body, p.ID.String()) {
			t.Error("the search finds somebody else's product")
		}
		nobody := &merchant{t: t, site: s}
		if got := nobody.get(mine.at + "/products?status=draft"); got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), "/login?next=") {
			t.Errorf("%d, %s", got.StatusCode, got.Header.Get("Location"))
		}
	})
}

func TestForms_ofOtherSitesAreRefused(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		got := m.do("POST", m.at+"/products", "application/x-www-form-urlencoded", strings.NewReader("title=Mug"), "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")
		if got.StatusCode != http.StatusForbidden || len(m.products()) != 0 {
			t.Errorf("%d, %d products", got.StatusCode, len(m.products()))
		}
	})
}

// No database takes everything that an address can hold as text.
func TestPages_anAddressThatIsNoTextFindsNothing(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		for _, no := range []string{"%00", "a%00b", "%ff", "%ed%a0%80", "%0a"} {
			m.get("/dashboard/stores/"+no).want(t, http.StatusNotFound)
			for _, list := range []string{"/orders", "/customers", "/products", "/inventory"} {
				m.get(m.at+list+"?q="+no).want(t, http.StatusUnprocessableEntity)
			}
		}
		m.get(m.at+"/products?q=%C3%BC+%25").want(t, http.StatusOK)
	})
}
