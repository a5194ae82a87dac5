package api_test

// The rows of section 1 of the contract, and of its ruling "General", and the tests
// that hold them (those without a file are here):
//
//	Base path      TestContract_theAPIIsDescribed, TestContract_unknownPathsAndWrongMethodsAreProblems
//	Ids, times     TestContract_idsTimesAndListsOfEverything (contract_resources_test.go)
//	Money, rates   TestContract_money… (contract_pricing_test.go)
//	Auth           TestContract_everyBadTokenIs401
//	Ownership      TestOwnership_… (sweep_test.go)
//	Errors         TestContract_problemsAreWholeAndKeepSecrets
//	Status codes   TestContract_checksGoInOrder, TestContract_bodiesThatAreNoJSONObjectAre422,
//	               TestContract_mediaTypes, TestContract_bodiesOver1MiBAre413
//	Partial update TestContract_patchHasMergePatchMeaning (contract_resources_test.go)
//	Lists          TestContract_idsTimesAndListsOfEverything, TestContract_pagesStayWholeWhileRowsAreAdded,
//	               TestContract_linkKeepsTheFilters
//	Idempotency    contract_idempotency_test.go
//	Limits         TestContract_names_…, TestContract_controlCharacters… (contract_resources_test.go)
//	Headers        TestContract_requestIds

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	idForm   = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	timeForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$`)
)

// idsOfOthers are given by whoever is asked outside.
var idsOfOthers = []string{"provider_record_id", "dns_zone_id", "ssl_certificate_id", "registrar_order_id"}

// atRegistrar is how the numbers of orders at the registrar begin, which answers call
// order_id.
var atRegistrar = regexp.MustCompile(`^(order|renewal)-`)

// checkForms walks an answer and checks every id and every time in it.
func checkForms(t testing.TB, v any) {
	t.Helper()
	switch v := v.(type) {
	case object:
		for name, value := range v {
			text, isText := value.(string)
			switch {
			case isText && (name == "id" || strings.HasSuffix(name, "_id")) && !slices.Contains(idsOfOthers, name) && !atRegistrar.MatchString(text) && !idForm.MatchString(text):
				t.Errorf("%s is %q, which is no id", name, text)
			case strings.HasSuffix(name, "_at") && value != nil && !timeForm.MatchString(text):
				t.Errorf("%s is %v, which is no time in UTC", name, value)
			}
			checkForms(t, value)
		}
	case array:
		for _, item := range v {
			checkForms(t, item)
		}
	}
}

func TestContract_theAPIIsDescribed(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		for path, mediaType := range map[string]string{
			"/healthz": "application/json", "/readyz": "application/json", "/openapi.json": "application/openapi+json",
			"/openapi.yaml": "application/openapi+yaml",
		} {
			r := p.nobody(t).get(p.url + path).want(http.StatusOK)
			if got := r.header.Get("Content-Type"); !strings.HasPrefix(got, mediaType) || len(r.raw) == 0 {
				t.Errorf("%s answers with %d bytes of %q", path, len(r.raw), got)
			}
		}
		if got := p.nobody(t).get(p.url + "/openapi.json").object()["openapi"]; !strings.HasPrefix(got.(string), "3.1") {
			t.Errorf("OpenAPI %v", got)
		}
	})
}

func TestContract_unknownPathsAndWrongMethodsAreProblems(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		for _, path := range []string{
			"/nothing", "/stores/", store + "/", store + "/nothing", "/api/v1/stores", "/../stores", "/x/../stores", "/%2e%2e/stores", "/./stores",
		} {
			c.get(p.url + "/api/v1" + path).want(http.StatusNotFound)
			c.post(p.url+"/api/v1"+path, object{}).want(http.StatusNotFound)
		}
		for _, path := range []string{"/nothing", "/api", "/api/v1", "/api/v1//stores", "//api/v1/stores", "/api/v2/stores", "/API/V1/stores"} {
			c.get(p.url + path).want(http.StatusNotFound)
		}
		p.nobody(t).get("/nothing").want(http.StatusNotFound)
		for method, paths := range map[string][]string{
			"PUT": {"/stores", store, store + "/products", "/plans"}, "DELETE": {"/stores", "/plans", "/auth/me"}, "PATCH": {"/stores", "/auth/me"},
			"POST": {store, "/plans", "/auth/me"}, "GET": {"/auth/register", "/auth/login", store + "/clone"}, "TRACE": {"/stores"}, "FOO": {"/stores"}, "HEAD": {"/auth/login"},
		} {
			for _, path := range paths {
				r := c.do(method, path, nil, nil)
				if method == "HEAD" {
					if r.status != http.StatusMethodNotAllowed {
						t.Errorf("HEAD %s: %d", path, r.status)
					}
					continue
				}
				if r.want(http.StatusMethodNotAllowed); r.header.Get("Allow") == "" {
					t.Errorf("%s %s: no Allow header", method, path)
				}
			}
		}
		if allowed := c.do("OPTIONS", "/stores", nil, nil).header.Get("Allow"); !strings.Contains(allowed, "GET") || !strings.Contains(allowed, "POST") {
			t.Errorf("OPTIONS tells %q", allowed)
		}
		if head := c.do("HEAD", store, nil, nil).want(http.StatusOK); len(head.raw) != 0 || head.header.Get("Content-Type") != "application/json" {
			t.Errorf("HEAD answers %q as %q", head.raw, head.header.Get("Content-Type"))
		}
	})
}

func TestContract_everyBadTokenIs401(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		for _, credentials := range []string{
			"", "Bearer", "Bearer ", "Bearer  ", "Bearer x", "Basic " + c.token, c.token, "Bearer" + c.token, "Bearer " + c.token + "x", "Bearer " + c.token[:len(c.token)-1],
			"Bearer " + strings.ToUpper(c.token), "Bearer \xff\xfe", "Bearer " + strings.Repeat("x", 8000), "Bearer " + c.token + " " + c.token, "Token " + c.token,
		} {
			header := http.Header{"Authorization": {credentials}}
			for _, path := range []string{"/auth/me", "/stores", "/stores/nonsense"} {
				if r := c.do("GET", path, nil, header).want(http.StatusUnauthorized); r.header.Get("WWW-Authenticate") != "Bearer" {
					t.Errorf("%q: WWW-Authenticate %q", credentials, r.header.Get("WWW-Authenticate"))
				}
			}
		}
		p.nobody(t).get("/auth/me").want(http.StatusUnauthorized)
		for _, scheme := range []string{"Bearer ", "bearer ", "BEARER  "} {
			c.do("GET", "/auth/me", nil, http.Header{"Authorization": {scheme + c.token}}).want(http.StatusOK)
		}
	})
}

func TestContract_problemsAreWholeAndKeepSecrets(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		r := c.post("/stores", object{"name": "", "currency": "ZZZ"}).invalid("body.name", "body.currency")
		for _, e := range r.object()["errors"].(array) {
			for _, member := range []string{"location", "message", "value"} {
				if _, there := e.(object)[member]; !there {
					t.Errorf("%v has no %s", e, member)
				}
			}
		}
		if got := r.object()["errors"].(array)[1].(object)["value"]; got != "ZZZ" {
			t.Errorf("what was sent reads %v", got)
		}
		for _, body := range []any{
			`{"email": "a@example.com", "password": "tell nobody"`, `{"email": "a@example.com", "password": {"x": "tell nobody"}}`, `"tell nobody"`, `["tell nobody"]`,
			object{"email": "nonsense", "password": "tell nobody"},
			object{"email": "a@example.com", "password": "tell nobody", "admin": true},
			object{"email": "a@example.com", "password": "tell nobody\x00"},
		} {
			if r := c.post("/auth/register", body).invalid(); strings.Contains(string(r.raw), "tell nobody") {
				t.Errorf("the password is sent back: %s", r.raw)
			}
		}
	})
}

func TestContract_checksGoInOrder(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		owner, other := p.merchant(t), p.merchant(t)
		store := owner.store(object{})
		other.store(object{})
		theirs := store + "/categories/" + owner.post(store+"/categories", object{"name": "Tea"}).object()["id"].(string)
		malformed := []func(c *client, path string) *response{
			func(c *client, path string) *response { return c.patch(path, object{"nonsense": 1}) },
			func(c *client, path string) *response { return c.patch(path, `{"name":`) },
			func(c *client, path string) *response { return c.patch(path, nil) },
			func(c *client, path string) *response { return c.patch(path+"?nonsense=1", object{}) },
			func(c *client, path string) *response {
				return c.patch(path, object{"name": strings.Repeat("x", 2<<20)})
			},
			func(c *client, path string) *response {
				return c.do("PATCH", path, "name", http.Header{"Content-Type": {"text/plain"}})
			},
		}
		statuses := []int{422, 422, 422, 422, 413, 415}
		for i, send := range malformed {
			send(p.nobody(t), theirs).want(http.StatusUnauthorized)
			send(other, theirs).want(http.StatusNotFound)
			send(other, store).want(http.StatusNotFound)
			send(owner, store+"/categories/019bc186-de00-7004-a201-474e24bce60d").want(http.StatusNotFound)
			send(owner, store+"/categories/nonsense").want(http.StatusNotFound)
			send(owner, theirs).want(statuses[i])
		}
		// 404 before 403 before 422, and 422 before 400.
		owner.store(object{})
		owner.store(object{})
		other.post(store+"/clone", object{"nonsense": 1}).want(http.StatusNotFound)
		for _, body := range []any{object{"nonsense": 1}, object{"new_name": 5}, `{`, object{"new_name": strings.Repeat("x", 201)}, object{}} {
			owner.post(store+"/clone", body).want(http.StatusForbidden)
			owner.post("/stores", body).want(http.StatusForbidden)
		}
		owner.delete("/stores/" + owner.get("/stores?limit=1").array()[0]["id"].(string)).want(http.StatusNoContent)
		owner.post(store+"/clone", object{"new_name": 5}).invalid("body.new_name")
		owner.post(store+"/categories", object{"name": "", "parent_id": strings.TrimPrefix(store, "/stores/")}).invalid("body.name")
		owner.post(store+"/categories", object{"name": "x", "parent_id": strings.TrimPrefix(store, "/stores/")}).want(http.StatusBadRequest)
		missing := store + "/products/019bc186-de00-7004-a201-474e24bce60d/variants"
		owner.postKeyed(strings.Repeat("k", 256), missing, object{}).want(http.StatusNotFound)
		owner.postKeyed("k", missing, object{"title": strings.Repeat("x", 2<<20)}).want(http.StatusNotFound)
	})
}

func TestContract_bodiesThatAreNoJSONObjectAre422(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t).onPlan("scale")
		store := c.store(object{})
		for _, path := range []string{"/stores", store + "/products", store + "/suppliers", "/auth/tokens", "/auth/register", "/auth/login"} {
			for _, body := range []string{
				``, ` `, `{`, `{"name":`, `{"name":"a",}`, `{'name':'a'}`, `{name:"a"}`, `{"name":"a"} x`, `{"name":"a"}{"name":"b"}`, `null`, `true`, `5`, `"name"`, `[]`, `[{"name":"a"}]`,
				`{"name":NaN}`, `{"name":"a\x"}`, "{\"name\":\"a\nb\"}", "{\"name\":\"\xff\xfe\"}", `{"name":01}`, strings.Repeat("[", 100_000), `<name>a</name>`, `name=a`,
			} {
				got := c.do("POST", path, body, http.Header{"Content-Type": {"application/json"}}).want(http.StatusUnprocessableEntity).object()
				if got["errors"] == nil {
					t.Errorf("%s with %.20q names no place: %v", path, body, got)
				}
			}
		}
		if n := len(c.get("/stores").array()); n != 1 {
			t.Errorf("%d stores", n)
		}
		// A member that is sent twice counts once, with its last value.
		got := c.post("/stores", `{"name": "first", "name": "last"}`).want(http.StatusCreated).object()
		if got["name"] != "last" {
			t.Errorf("a member sent twice reads %v", got["name"])
		}
		theme := c.post(store+"/themes", `{"name": "T", "settings": {"a": 1}, "settings": {"b": 2}}`).want(http.StatusCreated).object()
		if len(theme["settings"].(object)) != 1 {
			t.Errorf("settings sent twice read %v", theme["settings"])
		}
		c.post("/stores", `{"name": "first", "Name": "last"}`).invalid("body.Name")
	})
}

func TestContract_mediaTypes(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t).onPlan("scale")
		for mediaType, status := range map[string]int{
			"application/json": 201, "application/json; charset=utf-8": 201, "Application/JSON;charset=UTF-8": 201, "": 201,
			"text/plain": 415, "text/json": 415, "application/xml": 415, "application/x-www-form-urlencoded": 415, "multipart/form-data; boundary=x": 415, "application/cbor": 415, "image/png": 415, "nonsense": 415, "application/json-patch+json": 415, "application/vnd.api+json": 415, "application/merge-patch+json": 415,
		} {
			header := http.Header{"Content-Type": {mediaType}}
			c.do("POST", "/stores", `{"name": "Shop"}`, header).want(status)
			if r := c.do("POST", "/auth/login", `{"email": "a@example.com", "password": "not this one"}`, header); (r.status == 415) != (status == 415) {
				t.Errorf("login as %q: %d", mediaType, r.status)
			}
		}
		store := c.store(object{})
		for mediaType, status := range map[string]int{"application/merge-patch+json": 200, "Application/Merge-Patch+JSON; charset=utf-8": 200, "application/json": 200, "application/json-patch+json": 415, "text/plain": 415} {
			c.do("PATCH", store, `{"name": "Shop"}`, http.Header{"Content-Type": {mediaType}}).want(status)
		}
		if r := c.do("GET", "/stores", nil, http.Header{"Accept": {"text/html"}}).want(http.StatusOK); r.header.Get("Content-Type") != "application/json" {
			t.Errorf("Content-Type %q", r.header.Get("Content-Type"))
		}
	})
}

func TestContract_bodiesOver1MiBAre413(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		whole := func(size int) string {
			body := `{"name": "` + strings.Repeat("x", 190) + `"}`
			return body + strings.Repeat(" ", size-len(body))
		}
		c.patch(store, whole(1<<20)).want(http.StatusOK)
		c.patch(store, whole(1<<20+1)).want(http.StatusRequestEntityTooLarge)
		c.post("/stores", whole(1<<20+1)).want(http.StatusRequestEntityTooLarge)
		c.post("/auth/register", whole(2<<20)).want(http.StatusRequestEntityTooLarge)
		c.postKeyed("k", "/stores", whole(1<<20+1)).want(http.StatusRequestEntityTooLarge)
		c.postKeyed("k", "/stores", whole(1<<20)).want(http.StatusCreated)
		// Without a length, as a stream.
		req, err := http.NewRequestWithContext(t.Context(), "POST", p.url+"/api/v1/stores", io.MultiReader(strings.NewReader(whole(1<<20)), bytes.NewReader(make([]byte, 1))))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+c.token)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("a stream is answered with %d", res.StatusCode)
		}
	})
}

func TestContract_aBodyThatBreaksOffIs422(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		for name, header := range map[string]string{"without a key": "", "with a key": "Idempotency-Key: k\r\n"} {
			conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close() })
			_, err = fmt.Fprintf(conn, "POST /api/v1/stores HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%sContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n", c.token, header)
			if err != nil {
				t.Fatal(err)
			}
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			told, err := io.ReadAll(res.Body)
			if err != nil || res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(string(told), `"errors"`) {
				t.Errorf("%s: %d %s, %v", name, res.StatusCode, told, err)
			}
		}
	})
}

func TestContract_pagesStayWholeWhileRowsAreAdded(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/categories"
		add := func() string {
			return c.post(path, object{"name": "Shelf"}).want(http.StatusCreated).object()["id"].(string)
		}
		var before []any
		for range 7 {
			before = append([]any{add()}, before...)
		}
		var read []any
		for next := path + "?limit=2"; next != ""; {
			r := c.get(next).want(http.StatusOK)
			read = append(read, column(r.array(), "id")...)
			next = r.next()
			add() // newer than all pages
		}
		if !slices.Equal(read, before) {
			t.Errorf("read %v, want %v", read, before)
		}
		// A row that goes away takes no other with it.
		first := c.get(path + "?limit=3").want(http.StatusOK)
		c.delete(path + "/" + first.array()[2]["id"].(string)).want(http.StatusNoContent)
		second := c.get(first.next()).want(http.StatusOK)
		whole := column(c.get(path).array(), "id")
		if got := append(column(first.array()[:2], "id"), column(second.array(), "id")...); !slices.Equal(got, whole[:len(got)]) {
			t.Errorf("read %v, want %v", got, whole)
		}
	})
}

func TestContract_linkKeepsTheFilters(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		store := c.store(object{})
		path := store + "/products"
		shelf := c.post(store+"/categories", object{"name": "Shelf"}).object()["id"].(string)
		for i := range 10 {
			body := object{"title": "Tee & Ä", "status": []string{"active", "draft"}[i%2]}
			if i < 8 {
				body["category_ids"] = array{shelf}
			}
			c.post(path, body).want(http.StatusCreated)
		}
		r := c.get(path + "?status=draft&q=%26+%C3%A4&category_id=" + shelf + "&limit=3").want(http.StatusOK)
		next := r.next()
		for _, part := range []string{p.url + "/api/v1" + path + "?", "status=draft", "q=%26+%C3%A4", "category_id=" + shelf, "limit=3", "cursor="} {
			if !strings.Contains(next, part) {
				t.Errorf("the next page is at %s, without %s", next, part)
			}
		}
		last := c.get(next).want(http.StatusOK)
		if len(r.array()) != 3 || len(last.array()) != 1 || last.next() != "" {
			t.Errorf("%d and %d items, then %q", len(r.array()), len(last.array()), last.next())
		}
		if all := c.get(path + "?status=draft&q=%26+%C3%A4&category_id=" + shelf + "&limit=4"); all.next() != "" || len(all.array()) != 4 {
			t.Errorf("a page that is just full names a next one: %q", all.next())
		}
	})
}

func TestContract_requestIds(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		for _, path := range []string{"/stores", "/plans", "/nothing", "/stores/nonsense", p.url + "/healthz"} {
			sent := c.do("GET", path, nil, http.Header{"X-Request-Id": {"Order-7_a.b:c"}})
			if got := sent.header.Get("X-Request-Id"); got != "Order-7_a.b:c" {
				t.Errorf("%s: X-Request-Id %q", path, got)
			}
			for _, insane := range []string{"", " ", "a b", "<script>", "a\tb", "ä", strings.Repeat("x", 129), `"`} {
				got := c.do("GET", path, nil, http.Header{"X-Request-Id": {insane}}).header.Get("X-Request-Id")
				if !idForm.MatchString(got) {
					t.Errorf("%s: %q became %q", path, insane, got)
				}
			}
		}
		first, second := c.get("/plans").header.Get("X-Request-Id"), p.nobody(t).post("/auth/login", `{`).header.Get("X-Request-Id")
		if first == second || !idForm.MatchString(first) || !idForm.MatchString(second) {
			t.Errorf("%q and %q", first, second)
		}
	})
}
