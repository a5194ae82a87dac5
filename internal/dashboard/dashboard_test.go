package dashboard_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/catalog"
	"vitrine/internal/dashboard"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/exchange"
	"vitrine/internal/job"
	"vitrine/internal/setup"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

// site is the dashboard on a database of its own.
type site struct {
	url      string
	db       *db.DB
	accounts *account.Service
	jobs     *job.Runner
}

// each runs fn against the dashboard, once on every database.
func each(t *testing.T, fn func(t *testing.T, s *site)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		accounts, err := account.New(d, account.DefaultSettings)
		if err != nil {
			t.Fatal(err)
		}
		s := &site{db: d, accounts: accounts, jobs: job.NewRunner(d, job.Options{Poll: 5 * time.Millisecond})}
		pages := dashboard.New(dashboard.Deps{DB: d, Accounts: accounts, Jobs: s.jobs, PlatformDomain: "localhost"})
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

func (m *merchant) products() []catalog.Product {
	m.t.Helper()
	found, err := catalog.Following(m.t.Context(), m.site.db, m.store.ID, catalog.ProductID{}, 100)
	if err != nil {
		m.t.Fatal(err)
	}
	return found
}

func (m *merchant) product(title string) catalog.Product {
	m.t.Helper()
	m.post(m.at+"/products", "title", title, "status", "active", "variants[0].price", "1", "variants[0].weight_unit", "kg").want(m.t, http.StatusSeeOther)
	all := m.products()
	return all[len(all)-1]
}

func TestProducts_areAddedChangedAndDeleted(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		p := m.product("Mug")
		if p.Title != "Mug" || p.Variants[0].Price != 100 {
			t.Fatalf("product %+v", p)
		}
		page := m.at + "/products/" + p.ID.String()
		m.get(page).want(t, http.StatusOK, `value="Mug"`)
		m.post(page, "title", "", "slug", "mug", "status", "active", "variants[0].id", p.Variants[0].ID.String(), "variants[0].price", "x", "variants[0].weight_unit", "kg").
			want(t, http.StatusUnprocessableEntity, "Must not be empty.", "Must be a decimal number", "please look at the 2 fields marked below", `value="x"`)
		m.post(page, "title", "Cup", "slug", "cup", "status", "draft", "variants[0].id", p.Variants[0].ID.String(), "variants[0].price", "2.50", "variants[0].weight_unit", "g",
			"variants[1].title", "Large", "variants[1].price", "3", "variants[1].weight_unit", "g").want(t, http.StatusSeeOther)
		got := m.products()[0]
		if got.Title != "Cup" || got.Slug != "cup" || got.Status != catalog.Draft || len(got.Variants) != 2 || got.Variants[0].ID != p.Variants[0].ID || got.Variants[1].Title != "Large" {
			t.Errorf("product %+v", got)
		}
		m.post(page+"/delete", "confirm", "Mug").want(t, http.StatusUnprocessableEntity, "title, Cup")
		m.post(page+"/delete", "confirm", "Cup").want(t, http.StatusSeeOther)
		if all := m.products(); len(all) != 0 {
			t.Errorf("products %+v", all)
		}
		m.get(page).want(t, http.StatusNotFound)
	})
}

func TestSteps_storeNothing(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		p := m.product("Mug")
		page := m.at + "/products/" + p.ID.String()
		form := []string{"title", "Changed", "options[0].name", "Size", "options[0].values", "S, M", "variants[0].id", p.Variants[0].ID.String(), "variants[0].price", "7"}
		m.post(page, append(form, "step", "generate")...).want(t, http.StatusOK, `value="Changed"`, `name="variants[1].price"`)
		partial := m.do("POST", page, "application/x-www-form-urlencoded", strings.NewReader("step=image-add&images[0].url=x"), "HX-Request", "true", "HX-Request-Type", "partial").
			want(t, http.StatusOK, `name="images[1].url"`)
		if strings.Contains(partial.body, "<html") {
			t.Error("a step with JavaScript answers with a whole page")
		}
		if got := m.products()[0]; got.Title != "Mug" || len(got.Variants) != 1 {
			t.Errorf("product %+v", got)
		}
	})
}

func TestBulk_touchesTheMerchantsOwnProductsAlone(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		mine, theirs := s.merchant(t), s.merchant(t)
		a, b := mine.product("A"), theirs.product("B")
		both := []string{"product", a.ID.String(), "product", b.ID.String(), "product", "nonsense"}
		mine.post(mine.at+"/products/bulk", append(both, "action", "archive")...).want(t, http.StatusSeeOther)
		mine.post(mine.at+"/products/bulk", append(both, "action", "sell")...).want(t, http.StatusNotFound)
		if got := theirs.products()[0].Status; got != catalog.Active || mine.products()[0].Status != catalog.Archived {
			t.Errorf("theirs is %s, mine %s", got, mine.products()[0].Status)
		}
		mine.post(mine.at+"/products/bulk", append(both, "action", "delete")...).want(t, http.StatusOK, "Delete 2 products?")
		mine.post(mine.at+"/products/bulk/delete", append(both, "confirm", "2 products", "back", "//evil.example")...).want(t, http.StatusSeeOther)
		if len(mine.products()) != 0 || len(theirs.products()) != 1 {
			t.Errorf("%d of mine, %d of theirs", len(mine.products()), len(theirs.products()))
		}
	})
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

// upload sends a file in a form.
func (m *merchant) upload(content string) answer {
	m.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", "products.csv")
	if err != nil {
		m.t.Fatal(err)
	}
	_, _ = io.WriteString(part, content)
	_ = form.Close()
	return m.do("POST", m.at+"/import", form.FormDataContentType(), &b)
}

const csvHeader = "Handle,Title,Variant SKU,Variant Price\n"

func (s *site) count(t *testing.T, query string) int {
	t.Helper()
	n, err := db.One(t.Context(), s.db, db.Value[int], query)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestImport_ofWhatIsNoFileLeavesNothingBehind(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		m.upload("no,header\n").want(t, http.StatusUnprocessableEntity, "file-error")
		m.upload("").want(t, http.StatusUnprocessableEntity, "Is empty.")
		m.post(m.at+"/import", "file", "x").want(t, http.StatusUnprocessableEntity, "choose a CSV file")
		m.do("POST", m.at+"/import", "multipart/form-data; boundary=x", strings.NewReader("--x\r\nbroken")).want(t, http.StatusUnprocessableEntity)
		if n := s.count(t, `SELECT count(*) FROM upload`) + s.count(t, `SELECT count(*) FROM job`); n != 0 {
			t.Errorf("%d uploads and jobs are left", n)
		}
	})
}

func TestImport_isRehearsedBeforeItIsDone(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		exchange.HandleJobs(s.jobs, s.db, func(r exchange.Report) any {
			return map[string]any{"products_created": r.ProductsCreated, "rows": r.Rows, "errors": []any{}}
		})
		catalog.HandleJobs(s.jobs, s.db)
		m := s.merchant(t)
		work(t, s)
		check := m.upload(csvHeader + "mug,Mug,M-1,12.50\n").want(t, http.StatusSeeOther).Header.Get("Location")
		m.until(check, "New products")
		if len(m.products()) != 0 {
			t.Fatal("it was imported already")
		}
		done := m.post(check).want(t, http.StatusSeeOther).Header.Get("Location")
		m.until(done, "The import is done.")
		if all := m.products(); len(all) != 1 || all[0].Title != "Mug" {
			t.Errorf("products %+v", all)
		}
		m.post(check).want(t, http.StatusUnprocessableEntity, "This file was imported already")
		s.merchant(t).get(done).want(t, http.StatusNotFound)
	})
}

// until looks at a page until it has a text.
func (m *merchant) until(path, text string) {
	m.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if strings.Contains(m.get(path).want(m.t, http.StatusOK).body, text) {
			return
		}
	}
	m.t.Fatalf("%s never says %q", path, text)
}

func TestExport_isAFile(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		m.product("Mug")
		got := m.get(m.at+"/products/export").want(t, http.StatusOK, "Handle,", "mug,Mug")
		if got.Header.Get("Content-Disposition") != `attachment; filename="shop-products.csv"` && !regexp.MustCompile(`filename="shop(-\d+)?-products\.csv"`).MatchString(got.Header.Get("Content-Disposition")) {
			t.Errorf("headers %v", got.Header)
		}
	})
}

func TestToken_isShownOnceAndOnlyToItsOwner(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		made := m.post("/dashboard/account/tokens", "name", "Robot", "days", "30").want(t, http.StatusOK)
		secret := regexp.MustCompile(`vtr_[\w-]{40,}`).FindString(made.body)
		if secret == "" || made.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("no secret in %s", made.body)
		}
		if list := m.get("/dashboard/account").want(t, http.StatusOK, "Robot"); strings.Contains(list.body, secret) {
			t.Error("the secret is shown again")
		}
		m.post("/dashboard/account/tokens", "name", " ", "days", "soon").want(t, http.StatusUnprocessableEntity)
		tokens, _, err := account.ListTokens(t.Context(), s.db, m.user.ID, db.Page{Limit: 10})
		if err != nil || len(tokens) != 1 || tokens[0].ExpiresAt == nil {
			t.Fatalf("tokens %+v, %v", tokens, err)
		}
		s.merchant(t).post("/dashboard/account/tokens/"+tokens[0].ID.String()+"/delete").want(t, http.StatusNotFound)
		m.post("/dashboard/account/tokens/"+tokens[0].ID.String()+"/delete").want(t, http.StatusSeeOther)
	})
}

func TestCreateProduct_manyAtOnceMakeOneEach(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				m.post(m.at+"/products", "title", "Mug", "status", "active", "variants[0].price", "1", "variants[0].weight_unit", "kg").want(t, http.StatusSeeOther)
			})
		}
		wg.Wait()
		slugs := map[string]bool{}
		for _, p := range m.products() {
			slugs[p.Slug] = true
		}
		if len(slugs) != 8 {
			t.Errorf("slugs %v", slugs)
		}
	})
}

// work does the jobs until the test ends.
func work(t *testing.T, s *site) {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- s.jobs.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("run the jobs: %v", err)
		}
	})
}
