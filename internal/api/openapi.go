package api

import (
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

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
	problem := doc.Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	for _, item := range doc.Paths {
		for _, op := range operationsOf(item) {
			if op.Security == nil {
				op.Security = []map[string][]string{} // said, not left open: it needs no token
			}
			describeErrors(op, problem)
			describeHeaders(op)
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

// describeErrors says that every error is a problem, instead of huma's own list.
func describeErrors(op *huma.Operation, problem *huma.Schema) {
	body := map[string]*huma.MediaType{"application/problem+json": {Schema: problem}}
	op.Responses["default"] = &huma.Response{Description: "What went wrong.", Content: body}
	op.Responses["422"] = &huma.Response{Description: "The request is malformed: every field that is wrong is named.", Content: body}
	if len(op.Security) > 0 {
		op.Responses["401"] = &huma.Response{Description: "The access token is missing, unknown, expired or revoked.", Content: body}
	}
}

// describeHeaders adds the header that every POST of a merchant takes.
func describeHeaders(op *huma.Operation) {
	if op.Method != "POST" || len(op.Security) == 0 {
		return
	}
	limit := maxKeyLength
	op.Parameters = append(op.Parameters, &huma.Param{
		Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: huma.TypeString, MaxLength: &limit},
		Description: "Makes the request safe to repeat: within 24 hours the same key and body get the first answer again, with Idempotency-Replayed: true.",
	})
}

// tagsOf lists the tags by name.
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
		tags = append(tags, &huma.Tag{Name: name})
	}
	slices.SortFunc(tags, func(a, b *huma.Tag) int { return strings.Compare(a.Name, b.Name) })
	return tags
}
