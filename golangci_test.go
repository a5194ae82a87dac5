package vitrine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"vitrine/internal/golden"
)

//go:generate go test . -count=1 -run=TestGolangci -update

// TestGolangci_followsTheImportOrder keeps .golangci.yml, for those who have the
// linter installed, in step with layers.
func TestGolangci_followsTheImportOrder(t *testing.T) {
	t.Parallel()
	golden.Compare(t, ".golangci.yml", []byte(strings.Replace(golangci, "RULES\n", depguard(), 1)))
}

const golangci = `# Generated from the import order in arch_test.go; make generate writes it anew.
# For those who have golangci-lint 2 installed. make lint does without it: building
# it takes longer than all other checks together.
version: "2"
run:
  timeout: 9m
linters:
  default: none
  enable: [bodyclose, copyloopvar, depguard, errcheck, errorlint, exhaustive, forbidigo, funlen, gocritic, gosec, govet, ineffassign, misspell, nilerr, noctx, nolintlint, revive, rowserrcheck, sloglint, sqlclosecheck, staticcheck, testifylint, thelper, unconvert, unparam, unused, usetesting, wastedassign]
  settings:
    depguard:
      rules:
RULES
    errcheck:
      exclude-functions: [(io.Closer).Close, (*database/sql.Rows).Close, (*database/sql.Conn).Close, (*database/sql.DB).Close, (*vitrine/internal/db.DB).Close]
    forbidigo:
      analyze-types: true
      forbid:
        - pattern: ^time\.Now$
          msg: take the time from a clock.Clock or the transaction
    funlen: {lines: 60, statements: 40}
    nolintlint: {require-explanation: true, require-specific: true}
  exclusions:
    generated: strict
    rules:
      - path: (_test\.go|^bench/)
        linters: [forbidigo]
formatters:
  enable: [gofumpt, goimports]
`

// depguard writes the rules: what is about the business knows no HTTP, and every
// package imports only what stands before it.
func depguard() string {
	var b strings.Builder
	var domain []string
	for i, layer := range layers[:len(layers)-1] {
		files := filesOf(layer)
		var later []string
		for _, name := range slices.Concat(layers[i+1:]...) {
			later = append(later, "{pkg: vitrine/internal/"+name+", desc: stands later}")
		}
		if (pkg{root: "internal", name: layer[0]}).domain() {
			domain = append(domain, files...)
		}
		rule(&b, strings.ReplaceAll(strings.Join(layer, "-"), "/", "-"), files, later)
	}
	rule(&b, "no-http", domain, []string{"{pkg: net/http, desc: only the outer packages and adapters know HTTP}"})
	return b.String()
}

func filesOf(layer []string) []string {
	files := make([]string, len(layer))
	for i, name := range layer {
		files[i] = `"**/internal/` + name + `/*.go"`
	}
	return files
}

func rule(b *strings.Builder, name string, files, deny []string) {
	fmt.Fprintf(b, "        %s:\n          files: [\"!$test\", %s]\n          deny: [%s]\n", name, strings.Join(files, ", "), strings.Join(deny, ", "))
}
