package api_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"vitrine/internal/api"
	"vitrine/internal/golden"
)

// TestReference_isTheFile writes the document for those who read rather than
// generate.
func TestReference_isTheFile(t *testing.T) {
	t.Parallel()
	doc := api.New(api.Deps{}).Document()
	var b strings.Builder
	b.WriteString("# The API\n\nMade from the code, as `openapi.yaml` is. A running Vitrine serves that at `/openapi.yaml` and `/openapi.json`, and a page to try it out at `/docs`.\n")
	for _, tag := range doc.Tags {
		fmt.Fprintf(&b, "\n## %s\n\n", tag.Name)
		if tag.Description != "" {
			fmt.Fprintf(&b, "%s\n", tag.Description)
		}
		for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
			for _, op := range api.OperationsOf(doc.Paths[path]) {
				if slices.Contains(op.Tags, tag.Name) {
					b.WriteString(section(doc, op))
				}
			}
		}
	}
	golden.Compare(t, "../../docs/reference/api.md", []byte(b.String()))
}

func section(doc *huma.OpenAPI, op *huma.Operation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s\n\n`%s %s`\n\n", op.Summary, op.Method, op.Path)
	if op.Description != "" {
		fmt.Fprintf(&b, "%s\n\n", strings.ReplaceAll(op.Description, "\n", " "))
	}
	var query []string
	for _, p := range op.Parameters {
		if p.In == "query" {
			query = append(query, "`"+p.Name+"`")
		}
	}
	if len(query) > 0 {
		fmt.Fprintf(&b, "- Query: %s\n", strings.Join(query, ", "))
	}
	if fields := bodyOf(doc, op); fields != "" {
		fmt.Fprintf(&b, "- Body: %s\n", fields)
	}
	answers := slices.DeleteFunc(slices.Sorted(maps.Keys(op.Responses)), func(s string) bool { return s == "default" })
	fmt.Fprintf(&b, "- Answers: %s\n", strings.Join(answers, ", "))
	return b.String()
}

// bodyOf names the members of a body, those that must be there in bold.
func bodyOf(doc *huma.OpenAPI, op *huma.Operation) string {
	if op.RequestBody == nil {
		return ""
	}
	var all []string
	for _, kind := range slices.Sorted(maps.Keys(op.RequestBody.Content)) {
		s := op.RequestBody.Content[kind].Schema
		if s != nil && s.Ref != "" {
			s = doc.Components.Schemas.SchemaFromRef(s.Ref)
		}
		if s == nil || kind != "application/json" {
			all = append(all, "`"+kind+"`")
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
			text := "`" + name + "`"
			if slices.Contains(s.Required, name) {
				text = "**" + text + "**"
			}
			all = append(all, text)
		}
	}
	return strings.Join(all, ", ")
}
