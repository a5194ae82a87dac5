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
