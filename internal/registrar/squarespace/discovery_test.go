package squarespace_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// schema is a type of a discovery document.
type schema struct {
	Type                 string            `json:"type"`
	Ref                  string            `json:"$ref"`
	Format               string            `json:"format"`
	Enum                 []string          `json:"enum"`
	Items                *schema           `json:"items"`
	Properties           map[string]schema `json:"properties"`
	AdditionalProperties *schema           `json:"additionalProperties"`
}

// method is one of a discovery document.
type method struct {
	HTTPMethod string         `json:"httpMethod"`
	FlatPath   string         `json:"flatPath"`
	Parameters map[string]any `json:"parameters"`
	Request    *schema        `json:"request"`
	Response   *schema        `json:"response"`
}

type resource struct {
	Methods   map[string]method   `json:"methods"`
	Resources map[string]resource `json:"resources"`
}

type document struct {
	resource
	Parameters map[string]any    `json:"parameters"`
	Schemas    map[string]schema `json:"schemas"`
}

var readDocument = sync.OnceValues(func() (document, error) {
	var d document
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "google.golang.org/api").Output() //nolint:noctx // at once
	if err != nil {
		return d, err
	}
	raw, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "domains", "v1", "domains-api.json"))
	if err != nil {
		return d, err
	}
	return d, json.Unmarshal(raw, &d)
})

// discovery is Google's own description of the API, which its module brings along.
func discovery(t *testing.T) document {
	t.Helper()
	d, err := readDocument()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// described holds requests and answers against the description, on their way.
type described struct {
	t    *testing.T
	api  document
	next http.Handler
}

func (d *described) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/token" {
		d.next.ServeHTTP(w, r)
		return
	}
	m, found := d.api.find(r)
	if !found {
		d.t.Errorf("the API has no %s %s", r.Method, r.URL.Path)
	}
	for name := range r.URL.Query() {
		if m.Parameters[name] == nil && d.api.Parameters[name] == nil {
			d.t.Errorf("%s %s has no parameter %s", r.Method, r.URL.Path, name)
		}
	}
	sent, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(sent))
	if m.Request != nil {
		d.check(*m.Request, sent)
	}
	rec := httptest.NewRecorder()
	d.next.ServeHTTP(rec, r)
	if rec.Code == http.StatusOK && m.Response != nil {
		d.check(*m.Response, rec.Body.Bytes())
	}
	for name, values := range rec.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes())
}

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

func (r resource) find(req *http.Request) (method, bool) {
	for _, m := range r.Methods {
		pattern := "^/" + strings.ReplaceAll(regexp.QuoteMeta(placeholder.ReplaceAllString(m.FlatPath, "{}")), `\{\}`, `[^/:]+`) + "$"
		if m.HTTPMethod == req.Method && regexp.MustCompile(pattern).MatchString(req.URL.Path) {
			return m, true
		}
	}
	for _, sub := range r.Resources {
		if m, found := sub.find(req); found {
			return m, true
		}
	}
	return method{}, false
}

func (d *described) check(s schema, raw []byte) {
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		d.t.Errorf("no JSON: %s", raw)
		return
	}
	if err := d.api.fits(s, value, "$"); err != nil {
		d.t.Errorf("%v in %s", err, raw)
	}
}

// fits tells what is wrong with a value of a type.
func (d document) fits(s schema, value any, at string) error {
	if s.Ref != "" {
		return d.fits(d.Schemas[s.Ref], value, at)
	}
	switch v := value.(type) {
	case map[string]any:
		return d.fitsObject(s, v, at)
	case []any:
		if s.Type != "array" {
			return fmt.Errorf("%s is a list", at)
		}
		for i, one := range v {
			if err := d.fits(*s.Items, one, fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
	case string:
		if s.Type != "string" && s.Type != "any" || len(s.Enum) > 0 && !slices.Contains(s.Enum, v) {
			return fmt.Errorf("%s is %q", at, v)
		}
	case float64:
		if s.Type != "integer" && s.Type != "number" && s.Type != "any" || s.Format == "int64" {
			return fmt.Errorf("%s is the number %v", at, v)
		}
	case bool:
		if s.Type != "boolean" && s.Type != "any" {
			return fmt.Errorf("%s is %v", at, v)
		}
	}
	return nil
}

func (d document) fitsObject(s schema, v map[string]any, at string) error {
	if s.Type != "object" && s.Type != "any" {
		return fmt.Errorf("%s is an object", at)
	}
	for name, one := range v {
		member, known := s.Properties[name]
		if !known && s.AdditionalProperties != nil {
			member, known = *s.AdditionalProperties, true
		}
		if !known && s.Type != "any" {
			return fmt.Errorf("%s has a member %s that nobody knows", at, name)
		}
		if err := d.fits(member, one, at+"."+name); err != nil {
			return err
		}
	}
	return nil
}
