package api

import (
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

//go:generate go test . -count=1 -run=_isTheFile -update

// describe completes the OpenAPI document with what is not said by the
// operations' inputs and outputs.
func (a *API) describe() {
	doc := a.huma.OpenAPI()
	doc.Info.Description = "Stores that can be copied whole, own stock that is never oversold, and domain names that stay alive: one API for merchants with many shops."
	doc.Info.License = &huma.License{Name: "Apache-2.0", URL: "https://www.apache.org/licenses/LICENSE-2.0"}
	doc.Servers = []*huma.Server{{URL: "/", Description: "This server."}}
	doc.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer", Description: "From POST /api/v1/auth/login, or a personal API token."},
	}
	doc.Components.Headers = sharedHeaders()
	doc.Components.Parameters = sharedParameters()
	doc.Components.Responses = map[string]*huma.Response{}
	problem := doc.Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	for _, f := range failures {
		doc.Components.Responses[f.name] = f.response(problem)
	}
	for _, item := range doc.Paths {
		for _, op := range operationsOf(item) {
			if op.Security == nil {
				op.Security = []map[string][]string{} // said, not left open: it needs no token
			}
			for _, p := range op.Parameters { // huma's messages have it; OpenAPI does not know it
				p.Schema.PatternDescription = ""
			}
			describeAnswers(op)
			describeErrors(op)
			describeKey(op)
			describeCaching(op)
		}
	}
	doc.Tags = tagsOf(doc)
	for _, unused := range []string{"ErrorModel", "ErrorDetail"} { // huma's own, which no answer has
		delete(doc.Components.Schemas.Map(), unused)
	}
}

// operationsOf returns the operations of a path.
func operationsOf(item *huma.PathItem) []*huma.Operation {
	all := []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete}
	return slices.DeleteFunc(all, func(op *huma.Operation) bool { return op == nil })
}

// failure is a way to be refused, and which operations know it.
type failure struct {
	status  int
	name    string
	text    string
	headers []string
	of      func(*huma.Operation) bool
}

// failures are all ways to be refused. Each is described once and referred to.
var failures = []failure{
	{http.StatusBadRequest, "Refused", "A rule of the business says no; the detail says which.", nil, writes},
	{http.StatusUnauthorized, "Unauthorized", "The access token is missing, unknown, expired or revoked, or the login is wrong.", []string{"WWW-Authenticate"}, needsToken},
	{http.StatusForbidden, "Forbidden", "The plan's limit is reached, or the member's role is too low.", nil, changes},
	{http.StatusNotFound, "NotFound", "There is no such thing, or it is somebody else's.", nil, namesSomething},
	{http.StatusConflict, "Conflict", "Another request was faster, or the first one with this Idempotency-Key is still running.", nil, keepsAnswers},
	{http.StatusRequestEntityTooLarge, "TooLarge", "The body is too large.", nil, takesBody},
	{http.StatusUnsupportedMediaType, "UnsupportedMediaType", "The body is of a type that is not taken here.", nil, takesBody},
	{http.StatusUnprocessableEntity, "Invalid", "The request is malformed: every field that is wrong is named.", nil, always},
	{http.StatusTooManyRequests, "TooManyRequests", "Too many requests, or too many failed logins.", []string{"Retry-After"}, always},
	{http.StatusInternalServerError, "Internal", "Something went wrong on our side; the detail has its number.", nil, always},
	{http.StatusServiceUnavailable, "Unavailable", "The service is stopping, or its database is away.", []string{"Retry-After"}, always},
	{http.StatusBadGateway, "ProviderFailed", "The DNS provider or another one outside failed; the detail has its own words.", nil, never},
	{anyOther, "Problem", "Any other problem.", nil, always},
}

// anyOther stands for every status that has no description of its own.
const anyOther = 0

func always(*huma.Operation) bool            { return true }
func never(*huma.Operation) bool             { return false } // but for those that name it
func writes(op *huma.Operation) bool         { return op.Method != http.MethodGet }
func needsToken(op *huma.Operation) bool     { return len(op.Security) > 0 }
func changes(op *huma.Operation) bool        { return writes(op) && needsToken(op) }
func forShoppers(op *huma.Operation) bool    { return strings.HasPrefix(op.Path, base+storefrontPath) }
func keepsAnswers(op *huma.Operation) bool   { return changes(op) || writes(op) && forShoppers(op) }
func namesSomething(op *huma.Operation) bool { return strings.Contains(op.Path, "{") }
func takesBody(op *huma.Operation) bool      { return op.RequestBody != nil }

// response is the description that operations refer to.
func (f failure) response(problem *huma.Schema) *huma.Response {
	r := &huma.Response{
		Description: f.text, Headers: map[string]*huma.Header{"X-Request-Id": header("X-Request-Id")},
		Content: map[string]*huma.MediaType{"application/problem+json": {Schema: problem}},
	}
	for _, name := range f.headers {
		r.Headers[name] = header(name)
	}
	return r
}

// describeErrors says that every error is a problem, instead of huma's own list.
// Errors that only this operation knows are named by its route.
func describeErrors(op *huma.Operation) {
	for status := range op.Responses {
		if status >= "400" { // or "default"
			delete(op.Responses, status)
		}
	}
	for _, f := range failures {
		if !f.of(op) && !slices.Contains(op.Errors, f.status) {
			continue
		}
		status := "default"
		if f.status != anyOther {
			status = strconv.Itoa(f.status)
		}
		op.Responses[status] = &huma.Response{Ref: "#/components/responses/" + f.name}
	}
}

// describeGood describes the good answers that a handler's type does not tell.
func (a *API) describeGood(answers []good) map[string]*huma.Response {
	responses := map[string]*huma.Response{}
	for _, g := range answers {
		r := &huma.Response{Description: g.text, Headers: map[string]*huma.Header{}}
		kind, schema := a.media(g.body)
		if kind == "text/csv" {
			r.Headers["Content-Disposition"] = header("Content-Disposition")
		}
		r.Content = map[string]*huma.MediaType{kind: {Schema: schema}}
		if g.status == http.StatusAccepted {
			r.Headers["Location"], r.Headers["Preference-Applied"] = header("Location"), header("Preference-Applied")
		}
		responses[strconv.Itoa(g.status)] = r
	}
	return responses
}

// media returns the media type of a body and its schema.
func (a *API) media(body any) (string, *huma.Schema) {
	kind := "application/json"
	switch b := body.(type) {
	case csvFile:
		return "text/csv", &huma.Schema{Type: huma.TypeString}
	case events:
		kind, body = "text/event-stream", b.data
	}
	return kind, a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeOf(body), true, "")
}

// describeAnswers adds the headers that all good answers have.
func describeAnswers(op *huma.Operation) {
	for status, r := range op.Responses {
		if status >= "400" {
			continue
		}
		if r.Headers == nil {
			r.Headers = map[string]*huma.Header{}
		}
		r.Headers["X-Request-Id"] = header("X-Request-Id")
		if takesKey(op) && keepsAnswers(op) {
			r.Headers["Idempotency-Replayed"] = header("Idempotency-Replayed")
		}
	}
}

// describeCaching says how what shoppers read can be kept and asked for anew.
func describeCaching(op *huma.Operation) {
	if writes(op) || !forShoppers(op) {
		return
	}
	headers := map[string]*huma.Header{"ETag": header("ETag"), "Cache-Control": header("Cache-Control")}
	maps.Copy(op.Responses["200"].Headers, headers)
	op.Responses["304"] = &huma.Response{Description: "What If-None-Match names is still so.", Headers: maps.Clone(headers)}
	op.Responses["304"].Headers["X-Request-Id"] = header("X-Request-Id")
	op.Parameters = append(op.Parameters, &huma.Param{
		Name: "If-None-Match", In: "header", Description: "The ETag of the answer that one has.", Schema: &huma.Schema{Type: huma.TypeString},
	})
}

// takesKeyMark marks the operations that take an Idempotency-Key.
const takesKeyMark = "takes a key"

func takesKey(op *huma.Operation) bool { return op.Metadata[takesKeyMark] == true }

// describeKey adds the header that every POST takes, and few others do.
func describeKey(op *huma.Operation) {
	if !takesKey(op) {
		return
	}
	name := "IdempotencyKey"
	if !keepsAnswers(op) {
		name = "IdempotencyKeyIgnored"
	}
	op.Parameters = append(op.Parameters, &huma.Param{Ref: "#/components/parameters/" + name})
}

func sharedParameters() map[string]*huma.Param {
	limit := maxKeyLength
	one := 1
	key := func(text string) *huma.Param {
		return &huma.Param{
			Name: "Idempotency-Key", In: "header", Description: text,
			Schema: &huma.Schema{Type: huma.TypeString, MinLength: &one, MaxLength: &limit, Examples: []any{"order-4711"}},
		}
	}
	return map[string]*huma.Param{
		"IdempotencyKey":        key("Makes the request safe to repeat: within 24 hours the same key and body get the first answer again, with Idempotency-Replayed: true. With another body the key is refused."),
		"IdempotencyKeyIgnored": key("Taken and ignored: what nobody is signed in for is never answered with what was answered before."),
	}
}

func header(name string) *huma.Header { return &huma.Header{Ref: "#/components/headers/" + name} }

func sharedHeaders() map[string]*huma.Header {
	word := &huma.Schema{Type: huma.TypeString}
	return map[string]*huma.Header{
		"X-Request-Id":         {Description: "The number of this request in our logs; the client's own when it sent a sane one.", Schema: word},
		"WWW-Authenticate":     {Description: "Bearer: how to authenticate.", Schema: word},
		"Location":             {Description: "Where the new thing is: the job.", Schema: word},
		"Preference-Applied":   {Description: "respond-async, when that was asked for and done.", Schema: word},
		"Content-Disposition":  {Description: "The name of the file.", Schema: word},
		"ETag":                 {Description: "Names what the answer says.", Schema: word},
		"Cache-Control":        {Description: "For how long a cache may answer.", Schema: word},
		"Retry-After":          {Description: "After how many seconds to try again.", Schema: &huma.Schema{Type: huma.TypeInteger, Examples: []any{2}}},
		"Idempotency-Replayed": {Description: "true when this is the answer to an earlier request with the same Idempotency-Key.", Schema: &huma.Schema{Type: huma.TypeBoolean}},
	}
}

// tagTexts say what the operations with a tag are about.
var tagTexts = map[string]string{
	"Account":    "Registering, logging in, and who one is.",
	"API tokens": "Personal tokens for programs that act for a merchant.",
	"Categories": "The shelves of a store, in a tree.",
	"Discounts":  "Codes that take something off a price.",
	"DNS":        "The records of a store's domain, here and at the DNS provider.",
	"Domains":    "The name of its own that a store stands under, and its certificate.",
	"Jobs":       "Long work that goes on after its request was answered.",
	"Members":    "Who works in a store, and what they may do there.",
	"Pictures":   "What merchants upload to show their goods, in the widths that pages need.",
	"Plans":      "How many stores a merchant may have, and for what price.",
	"Products":   "What a store sells: products, their variants, and the suppliers of both.",
	"Storefront": "A store as shoppers see it, without a token: what is sold and what others say of it, and nothing of costs, suppliers and stock figures.",
	"Stores":     "A merchant's shops, each with its own catalog, and their copies.",
	"Reviews":    "What shoppers say of products, and which of it shows.",
	"Suppliers":  "Who a store gets its goods from.",
	"Tax rules":  "What tax is due where.",
	"Themes":     "How a store's pages look. One of them can be active.",
	"Warehouses": "Where a store keeps goods.",
	"Webhooks":   "Other systems that hear of what happens in a store.",
}

// tagsOf lists the tags that are used, by name.
func tagsOf(doc *huma.OpenAPI) []*huma.Tag {
	names := map[string]bool{}
	for _, item := range doc.Paths {
		for _, op := range operationsOf(item) {
			for _, tag := range op.Tags {
				names[tag] = true
			}
		}
	}
	var tags []*huma.Tag
	for name := range names {
		tags = append(tags, &huma.Tag{Name: name, Description: tagTexts[name]})
	}
	slices.SortFunc(tags, func(a, b *huma.Tag) int { return strings.Compare(a.Name, b.Name) })
	return tags
}
