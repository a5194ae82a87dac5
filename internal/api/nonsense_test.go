package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// nonsense are JSON values that somebody may send in the place of any other.
var nonsense = slices.Concat(
	[]string{"null", "true", "false", `""`, `" "`, `[]`, `{}`, `[null]`, `[[]]`, `{"":null}`, `[{}]`, `[""]`, `{"a":{"a":{"a":1}}}`},
	[]string{
		"0", "-0", "-1", "1", "0.1", "1e2", "1e-7", "1E400", "-1e400", "1e-400", "99999999999.99", "0.30000000000000004", "12.345678901234567890",
		"2147483647", "2147483648", "-2147483649", "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
		"18446744073709551616", "1.7976931348623157e308", "1e18", "1e30", strings.Repeat("9", 400), "0." + strings.Repeat("3", 400),
	},
	quoted(words...),
	[]string{
		`"\u0000"`, `"a\u0000b"`, `"\ud800"`, `"\udc00\ud800"`, `"\ud83d"`, `"a\udfffb"`, `"\ufffe\uffff"`, `"\u202e\u2066abc"`, `"\u0001\u001f\u007f\u0085"`, `"\r\nSet-Cookie: a=b"`, `"\u2028\u2029"`,
		"\"\xff\xfe\"", "\"\xc3\x28\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xc0\x80\"", "\"\xe2\x82\"",
	},
	[]string{strings.Repeat("[", 3000) + strings.Repeat("]", 3000), strings.Repeat(`{"a":`, 3000) + "1" + strings.Repeat("}", 3000), strings.Repeat("[", 20000)},
	[]string{`"` + strings.Repeat("a", 1<<17) + `"`, `"` + strings.Repeat("\u0301", 5000) + `"`, "[" + strings.Repeat(`"a",`, 5000) + `"a"]`, "[" + strings.Repeat("{},", 3000) + "{}]", "{" + manyMembers(3000) + "}"},
	[]string{`[1,"a",null,{}]`, `[1,1]`, `["a","a"]`, `{"__proto__":{"x":1}}`, `{"a":1,"a":2}`, `{"constructor":{"prototype":{}}}`, "NaN", "Infinity", "undefined", "'a'", `"unfinished`, "", "{", "01", "1.", "+1", ".5", "0x10"},
)

// words are texts that mean something to somebody further in.
var words = []string{
	"a", "'", "''", "' OR '1'='1", "'; DROP TABLE account; --", `" OR ""="`, "1; SELECT pg_sleep(10)--", "$1", "$$", "?", ":a", "%", "%%", "_", `\`, `\\`, "%s%n%d", "%00", "%ff",
	"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "</title><svg/onload=alert(1)>", "javascript:alert(1)", "{{7*7}}", "${7*7}", "<%= 7*7 %>", "{{.}}", "#{7*7}", "@import 'x'", "}</style>", "/*", "*/", "expression(alert(1))",
	"../../../etc/passwd", `..\..\windows`, "/etc/passwd", "file:///etc/passwd", "http://127.0.0.1:1/", "http://[::1]/", "http://169.254.169.254/latest", "//evil.example", "gopher://x", "data:text/html,x", "http://a:b@c:99999/", "http://%zz/", "https://xn--/", "https://" + strings.Repeat("a", 300) + ".example",
	"e\u0301", "\u0301", "مرحبا", "\u200f\u200e", "ß", "İ", "ﬃ", "𝒳", "👩‍👩‍👧‍👦", "\ufeff", "\u00a0", "\u2003", "日本語", strings.Repeat("ü", 300), strings.Repeat("a", 10001), strings.Repeat("a ", 300), strings.Repeat("👩‍👧", 200), strings.Repeat("&", 4000),
	"0", "-1", "1e9", "NaN", "Infinity", "-0.00", "0x10", "1,5", "１２", "12.345", "99999999999999999999", "0.000000000000000000001", "+1", " 1 ", "1_000", "true", "null",
	"0000-00-00T00:00:00Z", "9999-12-31T23:59:59Z", "10000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z", "2026-06-30T23:59:60Z", "2026-01-01T00:00:00+99:99", "2026-01-01T00:00:00.123456789123Z", "-2026-01-01T00:00:00Z", "2026-01-01", "2026-W01",
	"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "{00000000-0000-0000-0000-000000000000}", "urn:uuid:00000000-0000-0000-0000-000000000000",
	"a@b", "@", "a@b@c", "a@[127.0.0.1]", "a@" + strings.Repeat("b.", 200) + "c", "\"a b\"@c.example", "ü@ü.example", "a@b.example\r\nBcc: c@d.example", "localhost", "*.example.com", "example..com", "xn--a", "a.b.c.d.e", "1.2.3.4", "::1", "::ffff:1.2.3.4", strings.Repeat("a.", 130) + "com", "-a-.com", "_x._tcp", "@ ", ".", "com", "co.uk",
	"USD", "usd", "XXX", "US", "ZZ", "+1", "+1234567890", "active", "deleted", "all", "*", "free",
}

// quoted writes texts as JSON.
func quoted(texts ...string) []string {
	all := make([]string, len(texts))
	for i, s := range texts {
		raw, err := json.Marshal(s)
		if err != nil {
			panic(err)
		}
		all[i] = string(raw)
	}
	return all
}

func manyMembers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"k%d":%d,`, i, i)
	}
	return b.String() + `"z":0`
}

// wholes are bodies that are no object of an operation.
var wholes = []string{
	"", " ", "null", "[]", `""`, "0", "{", "}", "{}", `{"a"`, `{"a":}`, `{"a":1,}`, `{}{}`, "{}x", "\x00", "\xff\xfe{\x00}\x00", "\ufeff{}", strings.Repeat("[", 100000), strings.Repeat(`{"a":`, 100000),
	strings.Repeat(" ", 1<<20+10), `{"a":"` + strings.Repeat("a", 1<<20) + `"}`, "name=a&b=c", "<a/>", "--x\r\n\r\n--x--", "Handle,Title\n\"", `{"":""}`, `[{}]`, "{" + manyMembers(20000) + "}",
}

// mediaTypes are media types that a body may claim to be of.
var mediaTypes = []string{
	"", "application/json", "application/json; charset=utf-8", "application/json; charset=utf-16", "APPLICATION/JSON", "text/plain", "text/html", "text/csv", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x",
	"multipart/form-data; boundary=", "application/merge-patch+json", "application/json-patch+json", "application/cbor", "application/octet-stream", "image/png", "image/svg+xml", "image/gif", "*/*", "application/", ";", "a/b;c", "application/json; boundary=\"", strings.Repeat("a", 4000) + "/b", "application/problem+json",
}

// headers are values of headers that operations read.
var headers = []string{
	"", " ", "a", "\t", strings.Repeat("k", 255), strings.Repeat("k", 256), strings.Repeat("k", 5000), "\xff\xfe", "ü", "'; DROP TABLE idempotency_key; --", "../..", "%00", "*", `"`, `W/"`, `W/"a", "b"`, ",,,", "respond-async", "respond-async, wait=100", "wait=9999999999999999999", "Bearer", "Bearer ", "Bearer a b", "Basic YTpi", "bearer \xff", "gzip", "en", "text/html", "bytes=0-0,1-1", "bytes=-99999999999999999999",
	"100-continue", "Mon, 01 Jan 0001 00:00:00 GMT", "2026", "for=\"[::1]\"", "1.2.3.4, 5.6.7.8", "t=1,v1=a", "t=99999999999999999999999,v1=" + strings.Repeat("0", 64),
}

var headerNames = []string{"Idempotency-Key", "Prefer", "If-None-Match", "If-Modified-Since", "Authorization", "X-Request-Id", "Accept", "Accept-Encoding", "Accept-Language", "Range", "X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "Origin", "Cookie", "Stripe-Signature", "Content-Encoding", "X-Http-Method-Override", "Traceparent", "Last-Event-ID", "Content-Disposition"}

// nonsensePaths are segments of a path.
var nonsensePaths = slices.Concat(escaped(words...), []string{"%00", "%ff", "%c3%28", "%2e%2e", "..%2f..%2f", "%0d%0a", "a%2fb", ";", "%25", "+", "%ed%a0%80", "~", strings.Repeat("a", 5000), strings.Repeat("%00", 300)})

func escaped(texts ...string) []string {
	all := make([]string, 0, len(texts))
	for _, s := range texts {
		if e := url.PathEscape(s); e != "." && e != "" {
			all = append(all, e)
		}
	}
	return all
}

// request is one of those that are tried.
type request struct {
	path, body string
	header     http.Header
}

// plausible writes a value that a schema takes, and perhaps the operation too: what
// stands at one place of it can be replaced by nonsense, so that this alone is wrong.
func plausible(d document, s *huma.Schema, name string, ids map[string]string, depth int) string {
	s = resolved(d, s)
	if known, ok := sensible(name, ids); ok && (s.Type == huma.TypeString || s.Type == "" || len(s.OneOf) > 0) {
		return known
	}
	switch {
	case len(s.Enum) > 0:
		raw, _ := json.Marshal(s.Enum[0])
		return string(raw)
	case len(s.Examples) > 0:
		raw, _ := json.Marshal(s.Examples[0])
		return string(raw)
	case len(s.OneOf) > 0:
		return plausible(d, s.OneOf[0], name, ids, depth)
	}
	switch s.Type {
	case huma.TypeObject:
		return written(membersOf(d, s, ids, depth))
	case huma.TypeArray:
		return "[" + plausible(d, s.Items, strings.TrimSuffix(name, "s"), ids, depth+1) + "]"
	case huma.TypeInteger, huma.TypeNumber:
		return strconv.Itoa(max(map[string]int{"ttl": 3600}[name], 1))
	case huma.TypeBoolean:
		return "true"
	}
	if s.Format == "date-time" {
		return `"2026-02-01T00:00:00Z"`
	}
	return `"Tea"`
}

// sensible is a value for members whose schema is only a text.
func sensible(name string, ids map[string]string) (string, bool) {
	if id, ok := ids[name]; ok && strings.HasSuffix(name, "_id") {
		return `"` + id + `"`, true
	}
	known, ok := map[string]string{
		"email": `"ann@example.com"`, "password": `"correct horse"`, "url": `"https://hooks.example/in"`, "country": `"DE"`, "currency": `"EUR"`, "phone": `"+1234567890"`, "event": `"order.paid"`,
		"price": `"12.50"`, "cost": `"2.50"`, "value": `"10"`, "compare_at_price": `"20"`, "minimum_amount": `"1"`, "rate": `"19"`, "plan": `"scale"`, "record_type": `"TXT"`, "from_warehouse_id": `"` + ids["warehouse_id"] + `"`,
		"website": `"https://leaf.example"`, "logo_url": `"https://leaf.example/a.png"`, "favicon_url": `"https://leaf.example/a.png"`, "parent_id": "null", "expires_at": `"2027-02-01T00:00:00Z"`, "sku": `"TEA-1"`,
		"status": `"active"`, "type": `"percentage"`, "applies_to": `"products"`, "weight_unit": `"g"`, "store_type": `"ecommerce"`, "role": `"staff"`, "discount_code": `"TEN"`, "slug": `"tea-2"`, "domain": `"tea-shop.com"`,
	}[name]
	return known, ok
}

func resolved(d document, s *huma.Schema) *huma.Schema {
	for s != nil && s.Ref != "" {
		s = d.Components.Schemas.SchemaFromRef(s.Ref)
	}
	if s == nil {
		return &huma.Schema{}
	}
	return s
}

// membersOf writes a value of each member of an object.
func membersOf(d document, s *huma.Schema, ids map[string]string, depth int) map[string]string {
	all := map[string]string{}
	if depth < 4 {
		for name, member := range resolved(d, s).Properties {
			all[name] = plausible(d, member, name, ids, depth+1)
		}
	}
	return all
}

// written is an object of members that are written already.
func written(members map[string]string) string {
	parts := make([]string, 0, len(members))
	for _, name := range slices.Sorted(maps.Keys(members)) {
		parts = append(parts, fmt.Sprintf("%q:%s", name, members[name]))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// bodySchema is what an operation takes as JSON, or nil.
func bodySchema(d document, op *huma.Operation) *huma.Schema {
	if op.RequestBody == nil || op.RequestBody.Content["application/json"] == nil {
		return nil
	}
	return resolved(d, op.RequestBody.Content["application/json"].Schema)
}

// requestsFor makes what is tried on an operation.
func requestsFor(d document, op *huma.Operation, at string, ids map[string]string) []request {
	schema := bodySchema(d, op)
	good := ""
	if schema != nil {
		good = written(membersOf(d, schema, ids, 0))
	}
	all := []request{{path: at, body: good}}
	all = append(all, wrongPaths(op, ids, good)...)
	all = append(all, wrongQueries(op, at, good)...)
	for _, name := range headerNames {
		for _, value := range headers {
			all = append(all, request{at, good, http.Header{name: {value}}})
		}
	}
	for _, kind := range mediaTypes {
		for _, body := range []string{good, "", "{}", "a,b\n1,2\n"} {
			all = append(all, request{at, body, http.Header{"Content-Type": {kind}}})
		}
	}
	if op.RequestBody != nil || op.Method == http.MethodPost {
		for _, body := range wholes {
			all = append(all, request{path: at, body: body})
		}
	}
	if schema != nil {
		for _, body := range wrongBodies(d, schema, ids, 0) {
			all = append(all, request{path: at, body: body})
		}
	}
	return all
}

func wrongPaths(op *huma.Operation, ids map[string]string, good string) []request {
	var all []request
	for _, param := range pathParam.FindAllString(op.Path, -1) {
		for _, value := range nonsensePaths {
			path := strings.TrimPrefix(strings.ReplaceAll(op.Path, param, value), "/api/v1")
			all = append(all, request{path: pathParam.ReplaceAllStringFunc(path, func(p string) string { return ids[strings.Trim(p, "{}")] }), body: good})
		}
	}
	return all
}

func wrongQueries(op *huma.Operation, at, good string) []request {
	var all []request
	names := []string{"unknown"}
	for _, p := range op.Parameters {
		if p.In == "query" {
			names = append(names, p.Name)
		}
	}
	for _, name := range names {
		for _, value := range append(slices.Clone(words), "\x00", "\xff\xfe", "\r\n", "\ud7ff", "9223372036854775808", "-9223372036854775809", "1.5", "200", "201", strings.Repeat("9", 1000), strings.Repeat("a,", 3000)) {
			all = append(all, request{path: at + "?" + name + "=" + url.QueryEscape(value), body: good})
		}
		all = append(all, request{path: at + "?" + name, body: good}, request{path: at + "?" + name + "=1&" + name + "=2", body: good}, request{path: at + "?" + name + "=%zz", body: good}, request{path: at + "?" + name + "[]=1;" + name + "=%", body: good})
	}
	return all
}

// wrongBodies replaces what is in an object, one thing after the other.
func wrongBodies(d document, s *huma.Schema, ids map[string]string, depth int) []string {
	good := membersOf(d, s, ids, depth)
	var all []string
	with := func(name, value string) {
		changed := maps.Clone(good)
		changed[name] = value
		all = append(all, written(changed))
		if depth == 0 { // and without what need not be there
			needed := map[string]string{name: value}
			for _, required := range s.Required {
				if required != name {
					needed[required] = good[required]
				}
			}
			all = append(all, written(needed))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(good)) {
		for _, value := range nonsense {
			with(name, value)
		}
		without := maps.Clone(good)
		delete(without, name)
		all = append(all, written(without), strings.TrimSuffix(written(good), "}")+fmt.Sprintf(",%q:%s}", name, good[name]), strings.TrimSuffix(written(good), "}")+fmt.Sprintf(",%q:1}", strings.ToUpper(name)))
		member := resolved(d, s.Properties[name])
		switch {
		case depth > 2:
		case member.Type == huma.TypeObject:
			for _, value := range wrongBodies(d, member, ids, depth+1) {
				with(name, value)
			}
		case member.Type == huma.TypeArray:
			for _, value := range wrongItems(d, member, ids, depth) {
				with(name, "["+value+"]")
			}
		}
	}
	all = append(all, strings.TrimSuffix(written(good), "}")+`,"unknown_member":1}`)
	return all
}

func wrongItems(d document, list *huma.Schema, ids map[string]string, depth int) []string {
	if item := resolved(d, list.Items); item.Type == huma.TypeObject {
		return wrongBodies(d, item, ids, depth+1)
	}
	return nonsense
}

// longest is how long any request may take, and far longer than it does.
const longest = time.Minute

// try sends a request as it is and checks the answer: described, of the described
// shape, and no fault of ours.
func (c *client) try(op *huma.Operation, q request) (status int) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), longest)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, op.Method, c.url+"/api/v1"+q.path, strings.NewReader(q.body))
	if err != nil {
		return 0 // nobody can send it
	}
	if q.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	maps.Copy(req.Header, q.header)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			c.t.Errorf("%s is not answered: %v", q.of(op), err)
		}
		return 0 // the client itself refuses to send it
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Errorf("%s: %v", q.of(op), err)
		return res.StatusCode
	}
	r := &response{t: c.t, what: q.of(op), status: res.StatusCode, header: res.Header, raw: raw}
	if r.status >= 500 && r.status != http.StatusBadGateway { // a provider's, where it is described
		c.t.Errorf("%s: status %d: %s", r.what, r.status, r.raw)
	}
	if u, err := url.Parse(c.url + "/api/v1" + q.path); err == nil {
		r.conforms(op.Method, u)
	}
	r.keepsSecrets()
	return r.status
}

// of says what was sent, in short.
func (q request) of(op *huma.Operation) string {
	short := func(s string) string {
		if len(s) > 700 {
			return s[:600] + "…" + s[len(s)-90:]
		}
		return s
	}
	return fmt.Sprintf("%s %s %q %s %q", op.OperationID, op.Method, short(q.path), short(fmt.Sprintf("%q", q.header)), short(q.body))
}

// world is a store with one of each thing, and who comes to it.
type world struct {
	ids                   map[string]string
	second                string // a store without anything
	owner, viewer, nobody *client
}

func (p *platform) newWorld(t *testing.T) *world {
	t.Helper()
	owner := p.merchant(t).onPlan("scale")
	ids := owner.oneOfEach()
	store := "/stores/" + ids["store_id"]
	ids["slug"] = strings.TrimPrefix(owner.front(store), "/storefront/")
	ids["product_slug"] = "tea"
	ids["to_warehouse_id"] = owner.id(store+"/warehouses", object{"name": "Cellar"})
	return &world{ids, strings.TrimPrefix(owner.store(object{}), "/stores/"), owner, owner.member(p, store, "viewer"), p.nobody(t)}
}

// idsFor names another store where the first one has already what is asked for.
func (w *world) idsFor(op *huma.Operation) map[string]string {
	if op.OperationID != "attach-domain" && op.OperationID != "purchase-domain" {
		return w.ids
	}
	ids := maps.Clone(w.ids)
	ids["store_id"] = w.second
	return ids
}

// visitor is the owner mostly.
func (w *world) visitor(random *rand.Rand) *client {
	switch random.IntN(10) {
	case 0:
		return w.viewer
	case 1:
		return w.nobody
	default:
		return w.owner
	}
}

// perOperation is about how many requests of an operation are tried: when time is short, and when not.
const (
	perOperation      = 8
	perOperationAtAll = 400
)

// Whatever is sent to whichever operation, as whomever: the answer is one that the
// document describes, in the shape that it describes, soon, and never a fault of
// ours. What is tried is a sample that is another one each time, and a large one with
// VITRINE_TEST_ACCEPT=1.
func TestNonsense_isAnsweredAsDescribed(t *testing.T) {
	whole := os.Getenv("VITRINE_TEST_ACCEPT") != ""
	count := perOperation
	if whole {
		count = perOperationAtAll
	}
	each(t, func(t *testing.T, p *platform) {
		p.work(t)
		seed := uint64(time.Now().UnixNano())
		random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // which requests are tried is no secret
		tried, answers := 0, map[int]int{}
		var w *world
		eachOperation(t, func(path string, op *huma.Operation) {
			if w == nil || whole || op.Method == http.MethodDelete || op.OperationID == "logout" {
				w = p.newWorld(t)
			}
			all := requestsFor(read(), op, address(t, path, w.idsFor(op)), w.idsFor(op))
			for i, q := range all {
				if i > 0 && random.IntN(len(all)) >= count {
					continue
				}
				answers[w.visitor(random).try(op, q)]++
				tried++
			}
			if op.Method == http.MethodDelete || op.OperationID == "logout" {
				w = nil
			}
		})
		t.Logf("%d requests (seed %d) were answered with %v", tried, seed, answers)
	})
}
