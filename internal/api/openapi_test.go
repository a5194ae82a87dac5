package api_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"vitrine/internal/api"
	"vitrine/internal/golden"
)

func TestOpenAPI_isTheFile(t *testing.T) {
	t.Parallel()
	text, err := api.New(api.Deps{}).OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "openapi.yaml", text)
}

// operations returns every operation of the document by its id, which no other has.
func operations(t *testing.T) map[string]*huma.Operation {
	t.Helper()
	d := read()
	all := map[string]*huma.Operation{}
	for _, r := range d.routes {
		if name := r.op.OperationID; all[name] != nil || name == "" {
			t.Errorf("%s %s: the id %q is taken or empty", r.op.Method, r.op.Path, name)
		}
		all[r.op.OperationID] = r.op
	}
	return all
}

func TestOpenAPI_everyOperationIsDescribed(t *testing.T) {
	t.Parallel()
	for name, op := range operations(t) {
		if op.Summary == "" || strings.HasSuffix(op.Summary, ".") {
			t.Errorf("%s: the summary %q is not a phrase", name, op.Summary)
		}
		if len(op.Tags) != 1 {
			t.Errorf("%s has the tags %q; one says where it is found", name, op.Tags)
		}
		if op.Security == nil {
			t.Errorf("%s leaves open whether it needs a token", name)
		}
		for _, p := range op.Parameters {
			if p.Ref == "" && p.Description == "" {
				t.Errorf("%s does not say what its parameter %s is", name, p.Name)
			}
		}
		for _, status := range []string{"422", "429", "500", "503", "default"} {
			if op.Responses[status] == nil {
				t.Errorf("%s does not say what it answers with status %s", name, status)
			}
		}
		for status, r := range op.Responses {
			if r.Ref == "" && r.Headers["X-Request-Id"] == nil {
				t.Errorf("%s: the answer %s has no X-Request-Id", name, status)
			}
		}
	}
}

func TestOpenAPI_whatNeedsATokenSaysSo(t *testing.T) {
	t.Parallel()
	var public []string
	for name, op := range operations(t) {
		switch {
		case len(op.Security) == 0 && !strings.HasPrefix(op.Path, "/api/v1/storefront/"):
			public = append(public, name)
		case len(op.Security) > 0 && op.Responses["401"] == nil:
			t.Errorf("%s needs a token and does not say what happens without one", name)
		}
		if strings.Contains(op.Path, "{") && op.Responses["404"] == nil {
			t.Errorf("%s names something and does not say what happens when it is not there", name)
		}
	}
	slices.Sort(public)
	if want := []string{"forgot-password", "list-plans", "login", "receive-payment-webhook", "register", "reset-password"}; !slices.Equal(public, want) {
		t.Errorf("without a token one can call %q, want %q", public, want)
	}
}

func TestOpenAPI_everyPOSTTakesAnIdempotencyKey(t *testing.T) {
	t.Parallel()
	for name, op := range operations(t) {
		takes := slices.ContainsFunc(op.Parameters, func(p *huma.Param) bool { return strings.HasPrefix(p.Ref, "#/components/parameters/IdempotencyKey") })
		if wants := op.Method == "POST" || op.OperationID == "set-auto-renew"; takes != wants {
			t.Errorf("%s %s: takes an Idempotency-Key: %v", op.Method, name, takes)
		}
		if takes && len(op.Security) > 0 && op.Responses["409"] == nil {
			t.Errorf("%s does not say what happens while its key is in use", name)
		}
	}
}

func TestOpenAPI_everyListHasALinkToItsNextPage(t *testing.T) {
	t.Parallel()
	for name, op := range operations(t) {
		good := op.Responses["200"]
		if op.Method != "GET" || good == nil || good.Content["application/json"] == nil || good.Content["application/json"].Schema.Type != huma.TypeArray {
			continue
		}
		if good.Content["application/json"].Schema.Nullable {
			t.Errorf("%s: a list is never null", name)
		}
		if good.Headers["Link"] == nil {
			t.Errorf("%s has no Link header", name)
		}
	}
}
