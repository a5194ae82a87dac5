package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
)

// visitor is somebody with a browser, who is not led on by redirects.
type visitor struct {
	*testing.T
	url    string
	client *http.Client
	random *rand.Rand

	answers map[int]int // by their status
}

func (r *running) visitor(t *testing.T, random *rand.Rand) *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &visitor{t, r.url, &http.Client{Jar: jar, CheckRedirect: stay}, random, map[int]int{}}
}

// answerWithin is how long any page may take, and far longer than it does, on a machine
// that does much else too.
const answerWithin = time.Minute

// send makes a request, whose answer is in time and no fault of ours.
func (v *visitor) send(method, path, kind, body string) (int, string) {
	v.Helper()
	ctx, cancel := context.WithTimeout(v.Context(), answerWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, v.url+path, strings.NewReader(body))
	if err != nil {
		return 0, "" // nobody can send it
	}
	req.Header.Set("Accept", browser)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	res, err := v.client.Do(req)
	if err != nil {
		v.Errorf("%s %s with %.300q is not answered: %v", method, path, body, err)
		return 0, ""
	}
	defer res.Body.Close()
	v.answers[res.StatusCode]++
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 500 && res.StatusCode != http.StatusBadGateway { // a provider's
		v.Errorf("%s %.300s with %.600q: %d, %v", method, path, body, res.StatusCode, err)
	}
	return res.StatusCode, string(raw)
}

// settle makes a merchant with a store that has one of most things.
func (v *visitor) settle() (slug string) {
	v.Helper()
	var login struct {
		Token string `json:"access_token"`
	}
	post := func(path string, in, out any) {
		v.Helper()
		raw, err := json.Marshal(in)
		if err != nil {
			v.Fatal(err)
		}
		req, err := http.NewRequestWithContext(v.Context(), http.MethodPost, v.url+"/api/v1"+path, bytes.NewReader(raw))
		if err != nil {
			v.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		if login.Token != "" {
			req.Header.Set("Authorization", "Bearer "+login.Token)
		}
		res, err := v.client.Do(req)
		if err != nil {
			v.Fatal(err)
		}
		defer res.Body.Close()
		if res.StatusCode >= 300 {
			v.Fatalf("%s: %d", path, res.StatusCode)
		}
		if err := json.NewDecoder(res.Body).Decode(out); err != nil {
			v.Fatal(err)
		}
	}
	type m = map[string]any
	var store, product, order, any struct {
		ID       string `json:"id"`
		Slug     string `json:"slug"`
		Variants []struct {
			ID string `json:"id"`
		} `json:"variants"`
	}
	post("/auth/register", m{"email": "ann@example.com", "password": "correct horse"}, &login)
	post("/stores", m{"name": "Tea", "store_type": "ecommerce"}, &store)
	at := "/stores/" + store.ID
	post(at+"/products", m{"title": "Mug", "variants": []m{{"price": "9.50", "allow_backorder": true}}}, &product)
	post(at+"/inventory", m{"variant_id": product.Variants[0].ID, "quantity": 50}, &any)
	for path, body := range map[string]m{
		"/categories": {"name": "Cups"}, "/suppliers": {"name": "Potter"}, "/discounts": {"code": "TEN", "type": "percentage", "value": "10"}, "/tax-rules": {"name": "VAT", "country": "DE", "rate": "19"},
		"/warehouses": {"name": "Cellar"}, "/members": {"email": "bob@example.com", "role": "staff"}, "/webhooks": {"url": "https://hooks.example/in", "events": []string{"order.paid"}}, "/themes": {"name": "Dark"},
		"/domain": {"domain": "tea-shop.com"},
	} {
		post(at+path, body, &any)
	}
	post(at+"/orders", m{"customer": m{"email": "cy@example.com"}, "items": []m{{"variant_id": product.Variants[0].ID, "quantity": 1}}}, &order)
	post("/storefront/"+store.Slug+"/products/mug/reviews", m{"rating": 4, "author": "Di"}, &any)
	v.client.Jar.SetCookies(mustParse(v.T, v.url), []*http.Cookie{{Name: "vitrine_session", Value: login.Token}})
	return store.Slug
}

func mustParse(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// pageForm is a form of a page, as a browser would send it.
type pageForm struct {
	method, action string
	files          bool
	fields         url.Values
}

// explore follows the links of pages from the first on, and returns each form that
// they have once, and each address.
func (v *visitor) explore(most int, first ...string) (forms []pageForm, seen []string) {
	seen = first
	known := map[string]bool{}
	for i := 0; i < len(seen) && i < most; i++ {
		status, body := v.send(http.MethodGet, seen[i], "", "")
		if status != http.StatusOK {
			continue
		}
		doc, err := html.Parse(strings.NewReader(body))
		if err != nil {
			v.Fatal(err)
		}
		for n := range doc.Descendants() {
			switch {
			case n.Data == "a" || n.Data == "form" && !strings.EqualFold(attribute(n, "method"), "post"):
				link := shape(attribute(n, "href") + attribute(n, "action"))
				if strings.HasPrefix(link, "/") && !known["GET "+alike(link)] {
					known["GET "+alike(link)] = true
					seen = append(seen, link)
				}
			case n.Data == "form":
				f := formOf(n, seen[i])
				if names := strings.Join(slices.Sorted(maps.Keys(f.fields)), ","); !known[alike(f.action)+names] {
					known[alike(f.action)+names] = true
					forms = append(forms, f)
				}
			}
		}
	}
	return forms, seen
}

// shape is an address without its fragment.
func shape(link string) string { link, _, _ = strings.Cut(link, "#"); return link }

var (
	idInPath = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`)
	aCursor  = regexp.MustCompile(`=[^&]*`)
)

// alike is the same for addresses that one page answers for different things.
func alike(link string) string {
	return aCursor.ReplaceAllString(idInPath.ReplaceAllString(link, "*"), "=")
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func formOf(n *html.Node, page string) pageForm {
	f := pageForm{http.MethodPost, attribute(n, "action"), attribute(n, "enctype") == "multipart/form-data", url.Values{}}
	if f.action == "" {
		f.action = page
	}
	for c := range n.Descendants() {
		name := attribute(c, "name")
		if name == "" || c.Data != "input" && c.Data != "select" && c.Data != "textarea" && c.Data != "button" {
			continue
		}
		value := attribute(c, "value")
		for o := range c.Descendants() {
			if o.Data == "option" && value == "" {
				value = attribute(o, "value")
			}
			if o.Type == html.TextNode && c.Data == "textarea" {
				value = o.Data
			}
		}
		f.fields.Set(name, value)
	}
	return f
}

// typed are what somebody may type, or send without a form.
var typed = []string{
	"", " ", "a", "0", "-1", "1.5", "1e9", "NaN", "99999999999999999999999", "9223372036854775808", "-9223372036854775809", "0x10", "１２", "1,5", "'", "'; DROP TABLE account; --", `"><script>alert(1)</script>`, "{{7*7}}", "${7*7}", "../../etc/passwd", "%00", "\x00", "a\x00b", "\x01\x1f\x7f", "\xff\xfe", "\xc3\x28", "\xed\xa0\x80", "\r\nSet-Cookie: a=b",
	"e\u0301", "\u202eabc", "👩‍👩‍👧", "\ufeff", "İß", strings.Repeat("a", 300), strings.Repeat("ü", 20000), strings.Repeat("9", 400), "//evil.example", "javascript:alert(1)", "http://127.0.0.1:1/", "https://xn--/", "a@b", "@", "ann@example.com", "00000000-0000-0000-0000-000000000000", "not-an-id", "on", "true", "active", "2026-02-30", "9999-12-31T23:59", "0001-01-01", "10000-01-01T00:00", "USD", "DE", "[]", "{}", "null", "a,b,,c", "\n\n\n", ",", strings.Repeat("a,", 3000), strings.Repeat("a\n", 3000),
}

// oddForms are bodies and their media types that no form sends.
var oddForms = [][2]string{
	{"", ""},
	{"application/x-www-form-urlencoded", "%zz"},
	{"application/x-www-form-urlencoded", "a;b=c"},
	{"application/x-www-form-urlencoded", strings.Repeat("a=b&", 20000)},
	{"application/x-www-form-urlencoded", strings.Repeat("a", 2<<20)},
	{"application/json", `{"name":"a"}`},
	{"multipart/form-data", "x"},
	{"multipart/form-data; boundary=x", "--x\r\n\r\n"},
	{"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"\x00\"; filename=\"../../a\"\r\n\r\na\r\n--x--"},
	{"multipart/form-data; boundary=x", strings.Repeat("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n", 3000) + "--x--"},
	{"text/plain", "a=b"},
	{"\"", "a=b"},
}

// tryForm sends a form with one field of it replaced after the other, and as no
// browser would send it.
func (v *visitor) tryForm(f pageForm, share int) (n int) {
	v.Helper()
	attempt := func(kind, body string) {
		if v.random.IntN(share) == 0 {
			v.send(f.method, f.action, kind, body)
			n++
		}
	}
	for _, odd := range oddForms {
		attempt(odd[0], odd[1])
	}
	for name := range f.fields {
		for _, value := range typed {
			changed := maps.Clone(f.fields)
			changed[name] = []string{value}
			kind, body := "application/x-www-form-urlencoded", changed.Encode()
			if f.files {
				kind, body = asParts(v.T, changed)
			}
			attempt(kind, body)
		}
		twice := url.Values{name: {"a", "b", "c"}}
		attempt("application/x-www-form-urlencoded", twice.Encode())
	}
	return n
}

// asParts writes a form as one with a file is sent.
func asParts(t *testing.T, fields url.Values) (kind, body string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, values := range fields {
		part, err := w.CreateFormFile(name, "a.csv")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write([]byte(values[0]))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.String()
}

// Whatever is sent in whichever form of the dashboard and of a shop, and asked of
// whichever page: the answer comes soon and is never a fault of ours. A sample that
// is another one each time is tried, and everything with VITRINE_TEST_ACCEPT=1.
func TestNonsense_inFormsAndAddressesIsAnswered(t *testing.T) {
	t.Parallel()
	share := 60
	if os.Getenv("VITRINE_TEST_ACCEPT") != "" {
		share = 1
	}
	dbtest.EachAt(t, clock.System{}, func(t *testing.T, d *db.DB) {
		seed := uint64(time.Now().UnixNano())
		v := serveWith(t, d, map[string]string{"CONFIG": os.DevNull, "STOREFRONT_RATE_LIMIT": "0", "LOGIN_FAILURES_PER_ADDRESS": "1000000"}).visitor(t, rand.New(rand.NewPCG(seed, 0))) //nolint:gosec // what is tried is no secret
		slug := v.settle()
		forms, pages := v.explore(200, "/dashboard", "/dashboard/stores/"+slug, "/dashboard/stores/"+slug+"/settings", "/dashboard/account", "/login", "/register", "/s/"+slug, "/s/"+slug+"/products/mug")
		if len(forms) < 30 || len(pages) < 60 {
			t.Fatalf("%d forms on %d pages only", len(forms), len(pages))
		}
		last := func(f pageForm) bool {
			return strings.Contains(f.action, "/logout") || strings.Contains(f.action, "/delete") || strings.Contains(f.action, "/sessions")
		}
		slices.SortStableFunc(forms, func(a, b pageForm) int {
			switch {
			case last(a) == last(b):
				return 0
			case last(a):
				return 1
			}
			return -1
		})
		tried := 0
		for _, page := range pages {
			path, query, _ := strings.Cut(page, "?")
			names := slices.Collect(maps.Keys(mustParse(t, page).Query()))
			for _, name := range append(names, "q", "cursor", "after", "page", "limit", "sort", "status", "unknown") {
				for _, value := range typed {
					if v.random.IntN(share*4) == 0 {
						v.send(http.MethodGet, path+"?"+query+"&"+name+"="+url.QueryEscape(value), "", "")
						tried++
					}
				}
			}
			for _, value := range typed {
				if v.random.IntN(share) == 0 {
					v.send(http.MethodGet, idInPath.ReplaceAllLiteralString(path, url.PathEscape(value))+"/"+url.PathEscape(value), "", "")
					tried++
				}
			}
		}
		for _, f := range forms {
			tried += v.tryForm(f, share)
		}
		t.Logf("%d requests (seed %d) to %d forms and %d pages were answered with %v", tried, seed, len(forms), len(pages), v.answers)
	})
}
