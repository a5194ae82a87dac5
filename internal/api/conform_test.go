package api_test

import (
	"encoding/json"
	"errors"
	"mime"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"vitrine/internal/api"
)

// document is the API's description, with the operations by method and the shape
// of their path.
type document struct {
	*huma.OpenAPI
	routes []described
}

type described struct {
	path *regexp.Regexp
	op   *huma.Operation
}

// read builds the document once for all tests.
var read = sync.OnceValue(func() document {
	d := document{OpenAPI: api.New(api.Deps{}).Document()}
	param := regexp.MustCompile(`\\\{\w+\\\}`)
	for path, item := range d.Paths {
		for _, op := range api.OperationsOf(item) {
			shape := "^" + param.ReplaceAllString(regexp.QuoteMeta(path), "[^/]+") + "$"
			d.routes = append(d.routes, described{regexp.MustCompile(shape), op})
		}
	}
	return d
})

// operation returns the operation that a request is for: the one with the most
// words of its own when two fit.
func (d document) operation(method, path string) *huma.Operation {
	var best *huma.Operation
	for _, r := range d.routes {
		if r.op.Method == method && r.path.MatchString(path) && (best == nil || strings.Count(r.op.Path, "{") < strings.Count(best.Path, "{")) {
			best = r.op
		}
	}
	return best
}

// conforms checks that the document describes an answer: its status, its type and
// the shape of its body. What is no operation is not described.
func (r *response) conforms(method string, address *url.URL) {
	r.t.Helper()
	d := read()
	op := d.operation(method, address.Path)
	if op == nil {
		return
	}
	if err := d.check(op, r); err != nil {
		r.t.Errorf("%s: status %d is not as %s is described: %v: %s", r.what, r.status, op.OperationID, err, r.raw)
	}
}

func (d document) check(op *huma.Operation, r *response) error {
	said := op.Responses[strconv.Itoa(r.status)]
	if said == nil {
		return errors.New("this status is not described")
	}
	if name, ok := strings.CutPrefix(said.Ref, "#/components/responses/"); ok {
		said = d.Components.Responses[name]
	}
	if len(said.Content) == 0 && len(r.raw) == 0 {
		return nil
	}
	media, _, err := mime.ParseMediaType(r.header.Get("Content-Type"))
	if err != nil {
		return err
	}
	content := said.Content[media]
	if content == nil {
		return errors.New(media + " is not described")
	}
	if content.Schema == nil || !strings.HasSuffix(media, "json") {
		return nil
	}
	var body any
	if err := json.Unmarshal(r.raw, &body); err != nil {
		return err
	}
	var wrong huma.ValidateResult
	huma.Validate(d.Components.Schemas, content.Schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, body, &wrong)
	return errors.Join(wrong.Errors...)
}

// A deadline of the body that is not taken away ends whatever takes longer.
func TestOpenAPI_noOperationKeepsADeadlineBehindItsBody(t *testing.T) {
	t.Parallel()
	for _, r := range read().routes {
		if r.op.BodyReadTimeout >= 0 {
			t.Errorf("%s %s has a deadline of its own: %v", r.op.Method, r.op.Path, r.op.BodyReadTimeout)
		}
	}
}
