package vitrine_test

import (
	"go/ast"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestHouseStyle_noFunctionIsLongerThan60Lines(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, f := range p.files {
			for _, declaration := range f.syntax.Decls {
				fn, ok := declaration.(*ast.FuncDecl)
				if !ok || fn.Body == nil || ast.IsGenerated(f.syntax) {
					continue
				}
				if lines := f.line(fn.End()) - f.line(fn.Pos()) + 1; lines > 60 {
					t.Errorf("%s: %s has %d lines; split it at a name", f.path, fn.Name.Name, lines)
				}
			}
		}
	}
}

func TestHouseStyle_everyPackageSaysWhatItIs(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if !slices.ContainsFunc(p.files, func(f file) bool { return f.syntax.Doc != nil }) {
			t.Errorf("%s has no comment: say what it is and what it promises", p)
		}
	}
}

func TestHouseStyle_everyExportedNameSaysWhatItIs(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, f := range p.files {
			if ast.IsGenerated(f.syntax) {
				continue
			}
			for _, declaration := range f.syntax.Decls {
				for _, name := range undocumented(declaration) {
					t.Errorf("%s: %s has no comment: say what it is and what it promises", f.path, name)
				}
			}
		}
	}
}

// ofTheLibrary are methods that do what an interface of the standard library says.
var ofTheLibrary = []string{"Error", "Is", "Unwrap", "String", "Read", "Write", "Close"}

// undocumented returns the exported names of a declaration that have no comment.
func undocumented(declaration ast.Decl) []string {
	switch d := declaration.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil && d.Name.IsExported() && (d.Recv == nil || ast.IsExported(receiver(d)) && !slices.Contains(ofTheLibrary, d.Name.Name)) {
			return []string{d.Name.Name}
		}
	case *ast.GenDecl:
		if d.Doc != nil {
			return nil // of the whole group
		}
		var names []string
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				if s.Doc == nil && s.Name.IsExported() {
					names = append(names, s.Name.Name)
				}
			case *ast.ValueSpec:
				for _, name := range s.Names {
					if s.Doc == nil && s.Comment == nil && name.IsExported() {
						names = append(names, name.Name)
					}
				}
			}
		}
		return names
	}
	return nil
}

// receiver returns the name of the type that a method belongs to.
func receiver(d *ast.FuncDecl) string {
	name := ""
	ast.Inspect(d.Recv.List[0].Type, func(n ast.Node) bool {
		if ident, ok := n.(*ast.Ident); ok && name == "" {
			name = ident.Name
		}
		return name == ""
	})
	return name
}

var (
	nolint = regexp.MustCompile(`^//\s*nolint`)
	whyNot = regexp.MustCompile(`^//nolint:[a-z]+(,[a-z]+)* // \S`)
	toDo   = regexp.MustCompile(`\b(TODO|FIXME)\b`)
	issue  = regexp.MustCompile(`#\d+`)
)

func TestHouseStyle_commentsGiveReasons(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, f := range p.files {
			for _, group := range f.syntax.Comments {
				for _, comment := range group.List {
					if nolint.MatchString(comment.Text) && !whyNot.MatchString(comment.Text) {
						t.Errorf("%s:%d: nolint names the linter and the reason", f.path, f.line(comment.Pos()))
					}
					if toDo.MatchString(comment.Text) && !issue.MatchString(comment.Text) {
						t.Errorf("%s:%d: what is to be done has the number of an issue", f.path, f.line(comment.Pos()))
					}
				}
			}
		}
	}
}

func TestHouseStyle_importsHideNothing(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, f := range p.files {
			for _, spec := range f.syntax.Imports {
				if spec.Name != nil && spec.Name.Name == "." {
					t.Errorf("%s:%d: a dot import hides where names come from", f.path, f.line(spec.Pos()))
				}
			}
			for _, declaration := range f.syntax.Decls {
				if fn, ok := declaration.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
					t.Errorf("%s:%d: init runs for everybody who imports the package; give it a name and call it", f.path, f.line(fn.Pos()))
				}
			}
		}
	}
}

// TestDependencies_everyModuleHasARow holds DEPENDENCIES.md against what go.mod
// requires directly: every module has a row, with its three reasons, and no row is
// about one that is gone.
func TestDependencies_everyModuleHasARow(t *testing.T) {
	t.Parallel()
	rows := map[string][]string{}
	_, table, _ := strings.Cut(contents(t, "DEPENDENCIES.md"), "| module |")
	table, _, _ = strings.Cut(table, "\n\n")
	for line := range strings.Lines(table) {
		if cells := strings.Split(strings.TrimSpace(line), "|"); len(cells) > 2 && strings.Contains(cells[1], "/") {
			rows[strings.TrimSpace(cells[1])] = cells[2 : len(cells)-1]
		}
	}
	required := regexp.MustCompile(`(?m)^(?:require )?\s*(\S+\.\S+/\S+) v\S+$`) // what is indirect has a comment behind it
	modules := required.FindAllStringSubmatch(contents(t, "go.mod"), -1)
	if len(modules) == 0 {
		t.Fatal("go.mod requires nothing")
	}
	for _, found := range modules {
		reasons := rows[found[1]]
		if len(reasons) != 3 || slices.ContainsFunc(reasons, func(cell string) bool { return strings.TrimSpace(cell) == "" }) {
			t.Errorf("%s has no row in DEPENDENCIES.md that tells what it saves, what it drags in and who keeps it", found[1])
		}
		delete(rows, found[1])
	}
	for module := range rows {
		t.Errorf("DEPENDENCIES.md has a row about %s, which go.mod does not require", module)
	}
}

func contents(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
