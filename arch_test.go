package vitrine_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// layers is the import order of the packages under internal/, lower to higher. A
// package imports only from lines above its own: two that need each other are one
// package, or a third on a later line drives both. A package below another in the
// tree (registrar/mock) stands just after its parent, unless it has its own line.
var layers = [][]string{
	{"clock", "fault"},
	{"id", "text"},
	{"lineage", "money", "config"},
	{"db"},
	{"job"},
	{"payment", "registrar", "dns", "mail", "blob"},
	{"account"},
	{"store"},
	{"catalog/shopifycsv"},
	{"catalog", "theme", "webhook"},
	{"pricing"},
	{"inventory"},
	{"setup"},
	{"review", "order", "analytics"},
	{"domain", "certificate"},
	{"purchase"},
	{"clone"},
	{"exchange"},
	{"demo"},
	{"web"},
	{"api", "dashboard", "storefront"},
	{"edge"},
	{"app"},
}

// testSupport are the packages that only tests, measurements and other test
// support import. One whose name ends in "test" (registrartest) is one too.
var testSupport = []string{"dbtest", "fixture", "golden"}

// speakHTTP are the packages that may know HTTP: those that serve it, and the
// adapters that call a vendor over it, which lie below their interface.
var (
	speakHTTP    = []string{"web", "api", "dashboard", "storefront", "edge", "app"}
	haveAdapters = []string{"payment", "registrar", "dns", "mail", "blob", "webhook", "certificate"}
)

// jsonTagged are the structs outside the packages above that have json tags all
// the same, as "package.Type", each with the reason.
var jsonTagged = map[string]string{}

// meaningless are names that say nothing about the business.
var meaningless = []string{
	"base", "common", "core", "handlers", "helper", "helpers", "lib", "misc", "models",
	"repositories", "services", "shared", "types", "util", "utils",
}

func TestArchitecture_everyPackageHasItsPlace(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if p.root == "internal" && !p.support() && p.layer() < 0 {
			t.Errorf("%s has no place in the import order: add it to layers in arch_test.go, above what imports it and below what it imports", p)
		}
		if slices.Contains(meaningless, path.Base(p.name)) {
			t.Errorf("%s: name the package after what it is to a merchant", p)
		}
	}
}

func TestArchitecture_importsPointDown(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, f := range p.files {
			for _, to := range f.imports() {
				if to.root == "internal" && !to.support() && !p.mayImport(to) {
					t.Errorf("%s: %s imports %s, which does not stand before it in the import order", f.path, p, to)
				}
				if to.root != "internal" {
					t.Errorf("%s: %s imports %s; only internal packages are imported", f.path, p, to)
				}
			}
		}
	}
}

func TestArchitecture_testSupportStaysInTests(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if p.support() {
			continue
		}
		for _, f := range p.files {
			for _, to := range f.imports() {
				if to.support() {
					t.Errorf("%s imports %s, which is for tests only", f.path, to)
				}
			}
		}
	}
}

func TestArchitecture_domainPackagesKnowNoHTTP(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if p.root != "internal" || p.support() || p.transport() {
			continue
		}
		for _, f := range p.files {
			for _, spec := range f.syntax.Imports {
				if name := importPath(spec); name == "net/http" || strings.HasPrefix(name, "net/http/") {
					t.Errorf("%s imports %s: only the outer packages and adapters know HTTP", f.path, name)
				}
			}
		}
	}
}

func TestArchitecture_domainTypesCarryNoJSONTags(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if p.root != "internal" || p.support() || p.transport() {
			continue
		}
		for _, f := range p.files {
			for name := range f.structsWithTag("json") {
				if jsonTagged[p.name+"."+name] == "" {
					t.Errorf("%s: %s.%s has json tags: the API's structs are its own", f.path, p.name, name)
				}
			}
		}
	}
}

func TestArchitecture_timeComesFromTheClock(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if p.root != "internal" && p.root != "cmd" || p.name == "clock" {
			continue
		}
		for _, f := range p.files {
			for _, line := range f.uses("time", "Now") {
				t.Errorf("%s:%d: take the time from a clock.Clock or the transaction, not from time.Now", f.path, line)
			}
		}
	}
}

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

// TestArchitecture_layersNameWhatIs keeps the list free of slips: a name twice
// would make one of its places meaningless.
func TestArchitecture_layersNameEachPackageOnce(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, name := range slices.Concat(append(layers, testSupport)...) {
		if seen[name] {
			t.Errorf("%s stands in the list twice", name)
		}
		seen[name] = true
	}
}

// pkg is a package of this module, or the name of one.
type pkg struct {
	root  string // the first folder of its path: internal, cmd, bench, e2e
	name  string // the rest
	files []file // without tests
}

func (p pkg) String() string { return strings.TrimSuffix(p.root+"/"+p.name, "/") }

// layer is the line of layers that the package or its nearest listed parent
// stands on, or -1.
func (p pkg) layer() int {
	for name := p.name; name != "."; name = path.Dir(name) {
		if i := slices.IndexFunc(layers, func(l []string) bool { return slices.Contains(l, name) }); i >= 0 {
			return i
		}
	}
	return -1
}

// listed tells whether the package itself stands in layers.
func (p pkg) listed() bool {
	return slices.ContainsFunc(layers, func(l []string) bool { return slices.Contains(l, p.name) })
}

// mayImport tells whether to stands before p. The commands, bench and e2e stand
// after everything.
func (p pkg) mayImport(to pkg) bool {
	if p.root != "internal" || p.support() {
		return true
	}
	child := !p.listed() && strings.HasPrefix(p.name, to.name+"/")
	return to.layer() < p.layer() || child
}

// support tells whether the package is for tests and measurements only.
func (p pkg) support() bool {
	if p.root != "internal" {
		return p.root == "bench" || p.root == "e2e"
	}
	return slices.Contains(testSupport, p.name) || strings.HasSuffix(p.name, "test")
}

// transport tells whether the package may know HTTP and JSON.
func (p pkg) transport() bool {
	top, below, _ := strings.Cut(p.name, "/")
	return slices.Contains(speakHTTP, top) || below != "" && slices.Contains(haveAdapters, top)
}

// file is one Go file, parsed.
type file struct {
	path   string
	syntax *ast.File
	set    *token.FileSet
}

// imports returns the packages of this module that the file imports.
func (f file) imports() []pkg {
	var found []pkg
	for _, spec := range f.syntax.Imports {
		if inside, ok := strings.CutPrefix(importPath(spec), "vitrine/"); ok {
			root, name, _ := strings.Cut(inside, "/")
			found = append(found, pkg{root: root, name: name})
		}
	}
	return found
}

func (f file) line(pos token.Pos) int { return f.set.Position(pos).Line }

// structsWithTag returns the names of the types with a field that has the tag.
func (f file) structsWithTag(key string) map[string]bool {
	found := map[string]bool{}
	outer := ""
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			outer = n.Name.Name
		case *ast.TypeSpec:
			outer = n.Name.Name
		case *ast.Field:
			if n.Tag != nil && hasTag(n.Tag.Value, key) {
				found[outer] = true
			}
		}
		return true
	})
	return found
}

func hasTag(literal, key string) bool {
	tag, err := strconv.Unquote(literal)
	_, ok := reflect.StructTag(tag).Lookup(key)
	return err == nil && ok
}

// uses returns the lines that name the package's identifier, whatever name the
// package is imported under.
func (f file) uses(importPathOf, identifier string) []int {
	var lines []int
	for _, spec := range f.syntax.Imports {
		if importPath(spec) != importPathOf {
			continue
		}
		local := path.Base(importPathOf)
		if spec.Name != nil {
			local = spec.Name.Name
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == identifier {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == local {
					lines = append(lines, f.line(s.Pos()))
				}
			}
			return true
		})
	}
	return lines
}

func importPath(spec *ast.ImportSpec) string {
	name, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return spec.Path.Value
	}
	return name
}

// packages parses every Go file of the module but tests, for every system.
func packages(t *testing.T) []pkg {
	t.Helper()
	byDir := map[string]*pkg{}
	for _, root := range []string{"internal", "cmd", "bench", "e2e"} {
		err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) && name == root {
				return nil // not every part of the house is built
			}
			if err != nil || entry.IsDir() && entry.Name() == "testdata" {
				return skip(err)
			}
			if entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return nil
			}
			set := token.NewFileSet()
			syntax, err := parser.ParseFile(set, name, nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return fmt.Errorf("parse: %w", err)
			}
			dir := filepath.ToSlash(filepath.Dir(name))
			if byDir[dir] == nil {
				top, rest, _ := strings.Cut(dir, "/")
				byDir[dir] = &pkg{root: top, name: rest}
			}
			byDir[dir].files = append(byDir[dir].files, file{path: name, syntax: syntax, set: set})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return sorted(byDir)
}

// skip leaves a folder of test data out, and passes on what kept it from being read.
func skip(err error) error {
	if err != nil {
		return err
	}
	return filepath.SkipDir
}

// sorted returns the packages by their paths.
func sorted(byDir map[string]*pkg) []pkg {
	var all []pkg
	for _, dir := range slices.Sorted(maps.Keys(byDir)) {
		all = append(all, *byDir[dir])
	}
	return all
}
