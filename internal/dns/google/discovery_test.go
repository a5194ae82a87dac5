package google_test

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
	"strings"
	"sync/atomic"
	"testing"

	"vitrine/internal/dns/dnstest"
	"vitrine/internal/dns/google/googletest"
)

// document is what Google publishes of its API: a discovery document.
type document struct {
	Parameters map[string]any
	Schemas    map[string]schema
	Resources  map[string]struct{ Methods map[string]method }
}

type method struct {
	HTTPMethod, Path  string
	Parameters        map[string]struct{ Location string }
	Request, Response schema
}

type schema struct {
	Ref        string `json:"$ref"`
	Type       string
	Properties map[string]schema
	Items      *schema
	Enum       []string
}

func discovery(t *testing.T) document {
	t.Helper()
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "google.golang.org/api").Output()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "dns/v1/dns-api.json"))
	if err != nil {
		t.Fatal(err)
	}
	var d document
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// method finds what a request asks for.
func (d document) method(r *http.Request) (method, bool) {
	for _, resource := range d.Resources {
		for _, m := range resource.Methods {
			path := regexp.MustCompile(`\\\{\w+\\\}`).ReplaceAllString(regexp.QuoteMeta("/"+m.Path), `[^/]+`)
			if m.HTTPMethod == r.Method && regexp.MustCompile("^"+path+"$").MatchString(r.URL.Path) {
				return m, true
			}
		}
	}
	return method{}, false
}

// check says what is wrong with a value.
func (d document) check(path string, s schema, v any) []string {
	if s.Ref != "" {
		s = d.Schemas[s.Ref]
	}
	types := map[string]bool{}
	var wrong []string
	switch v := v.(type) {
	case map[string]any:
		types["object"] = true
		for name, value := range v {
			property, known := s.Properties[name]
			if !known {
				wrong = append(wrong, path+"."+name+" is unknown")
				continue
			}
			wrong = append(wrong, d.check(path+"."+name, property, value)...)
		}
	case []any:
		types["array"] = true
		for i, value := range v {
			if s.Items != nil {
				wrong = append(wrong, d.check(fmt.Sprintf("%s[%d]", path, i), *s.Items, value)...)
			}
		}
	case string:
		types["string"] = len(s.Enum) == 0 || strings.Contains(" "+strings.Join(s.Enum, " ")+" ", " "+v+" ")
	case float64:
		types["number"], types["integer"] = true, v == float64(int64(v))
	case bool:
		types["boolean"] = true
	}
	if !types[s.Type] {
		wrong = append(wrong, fmt.Sprintf("%s is %v, not %s %v", path, v, s.Type, s.Enum))
	}
	return wrong
}

// body checks that of a request or an answer.
func (d document) body(t *testing.T, what string, s schema, text []byte) {
	t.Helper()
	if len(text) == 0 {
		return
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Errorf("%s: %v", what, err)
	}
	for _, wrong := range d.check(what, s, v) {
		t.Error(wrong)
	}
}

// Both the provider and the server of the tests keep to what Google publishes.
func TestGoogle_keepsToTheDiscoveryDocument(t *testing.T) {
	t.Parallel()
	d, s := discovery(t), googletest.New()
	var checked atomic.Int64
	listening := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			s.ServeHTTP(w, r)
			return
		}
		m, known := d.method(r)
		if !known {
			t.Errorf("%s %s is unknown", r.Method, r.URL)
		}
		for name := range r.URL.Query() {
			if _, own := m.Parameters[name]; !own && d.Parameters[name] == nil {
				t.Errorf("%s %s: the parameter %s is unknown", r.Method, r.URL, name)
			}
		}
		text, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(text))
		d.body(t, "request "+m.Request.Ref, m.Request, text)
		answer := httptest.NewRecorder()
		s.ServeHTTP(answer, r)
		if answer.Code == http.StatusOK {
			d.body(t, "answer "+m.Response.Ref, m.Response, answer.Body.Bytes())
			checked.Add(1)
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	}))
	t.Cleanup(listening.Close)
	p := at(t, listening.URL, s.Credentials(listening.URL))
	var n atomic.Int64
	dnstest.Run(t, func(*testing.T) dnstest.Subject {
		name := fmt.Sprintf("shop%d.example", n.Add(1))
		s.Zone(name, false)
		return dnstest.Subject{Provider: p, Domain: name}
	})
	if checked.Load() < 50 {
		t.Errorf("only %d answers were checked", checked.Load())
	}
}
