package dbtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"vitrine/internal/db"
)

// Statement is a text that PostgreSQL was asked to run.
type Statement struct {
	Text string
	By   string // the function that sent it, as everywhere names it
}

// heard are the spots of the product that sent statements while the tests of this
// process ran.
var heard sync.Map

type spot struct {
	text string
	file string
	line int
}

type listener struct{}

// TraceQueryStart is part of pgx.QueryTracer.
func (listener) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if file, line := sender(); file != "" {
		heard.Store(spot{data.SQL, file, line}, true)
	}
	return ctx
}

// TraceQueryEnd is part of pgx.QueryTracer.
func (listener) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// passOn are the packages that send the statements of others.
var passOn = regexp.MustCompile(`/internal/(db|dbtest)/[^/]*$`)

// sender returns where the product is sending a statement; nowhere if a test sends it.
func sender() (file string, line int) {
	var at [64]uintptr
	frames := runtime.CallersFrames(at[:runtime.Callers(3, at[:])])
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		switch {
		case strings.HasSuffix(f.File, "_test.go"), strings.Contains(f.File, "/internal/fixture/"):
			return "", 0
		case strings.Contains(f.File, "/internal/") && strings.HasPrefix(f.Function, "vitrine/") && !passOn.MatchString(f.File):
			return f.File, f.Line
		}
	}
	return "", 0
}

// Main runs the tests of a package, and then looks whether a Citus cluster could have
// run what the product has asked PostgreSQL for meanwhile. It is what a TestMain exits
// with.
func Main(m *testing.M) int {
	code := m.Run()
	if os.Getenv("TEST_POSTGRES_DSN") == "" {
		return code
	}
	broken, err := judgeHeard(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "look at the statements:", err)
		return 1
	}
	for _, b := range broken {
		fmt.Fprintln(os.Stderr, "a Citus cluster:", b)
		code = 1
	}
	return code
}

// MainAccept is Main in the run of the long proofs alone, for packages whose statements
// are those of packages below, which have looked at them.
func MainAccept(m *testing.M) int {
	if os.Getenv("VITRINE_TEST_ACCEPT") == "" {
		return m.Run()
	}
	return Main(m)
}

func judgeHeard(ctx context.Context) ([]string, error) {
	unique := map[Statement]bool{}
	names := functions{}
	for key := range heard.Range {
		s := key.(spot)
		by, err := names.at(s.file, s.line)
		if err != nil {
			return nil, err
		}
		unique[Statement{s.text, by}] = true
	}
	all := slices.SortedFunc(maps.Keys(unique), func(a, b Statement) int { return strings.Compare(a.By+a.Text, b.By+b.Text) })
	return Fanning(ctx, all)
}

// functions are parsed files, by their paths.
type functions map[string]parsed

type parsed struct {
	set  *token.FileSet
	file *ast.File
}

// at names the function that a line of a file is in: catalog.Window, order.Service.Place.
func (all functions) at(path string, line int) (string, error) {
	p, known := all[path]
	if !known {
		p.set = token.NewFileSet()
		var err error
		if p.file, err = parser.ParseFile(p.set, path, nil, parser.SkipObjectResolution); err != nil {
			return "", err
		}
		all[path] = p
	}
	for _, d := range p.file.Decls {
		f, is := d.(*ast.FuncDecl)
		if !is || line < p.set.Position(f.Pos()).Line || line > p.set.Position(f.End()).Line {
			continue
		}
		name := f.Name.Name
		if f.Recv != nil {
			name = strings.TrimPrefix(types.ExprString(f.Recv.List[0].Type), "*") + "." + name
		}
		return p.file.Name.Name + "." + name, nil
	}
	return p.file.Name.Name, nil // in a variable of the package
}

// Fanning names the statements that a Citus cluster refuses, and those that it asks every
// machine for though everywhere does not name who sends them. PostgreSQL's own plan says
// which rows a statement looks for.
func Fanning(ctx context.Context, statements []Statement) (broken []string, err error) {
	address, drop, err := newPostgres(os.Getenv("TEST_POSTGRES_DSN"))
	if err != nil {
		return nil, err
	}
	defer drop()
	d, err := db.Open(ctx, db.Options{URL: address})
	if err != nil {
		return nil, err
	}
	defer d.Close()
	places, err := db.CitusPlaces(ctx, d)
	if err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	if _, err := conn.Exec(ctx, `SET plan_cache_mode = force_generic_plan`); err != nil {
		return nil, err
	}
	for _, s := range statements {
		if !planned.MatchString(s.Text) || strings.Contains(s.Text, "pg_") { // the second is about the database itself
			continue
		}
		p, err := planOf(ctx, conn, db.OfOneStore(s.Text))
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", s.By, s.Text, err)
		}
		if p == nil {
			continue
		}
		if _, other := elsewhere[s.By]; other {
			continue
		}
		what := p.refused(places)
		if _, meant := everywhere[s.By]; !meant {
			what = append(what, p.slow(places)...)
		}
		for _, w := range what {
			broken = append(broken, fmt.Sprintf("%s: %s:\n%s", s.By, w, s.Text))
		}
	}
	return broken, nil
}

// planned are the statements that PostgreSQL makes a plan for.
var planned = regexp.MustCompile(`(?i)^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b`)

// planOf returns the plan of a statement, whatever its parameters are; none where it is
// about a table that the schema does not have, such as a temporary one.
func planOf(ctx context.Context, conn *pgx.Conn, text string) (*plan, error) {
	if _, err := conn.Exec(ctx, "PREPARE judged AS "+text); err != nil {
		return nil, nil //nolint:nilerr // a mistake that a test makes on purpose
	}
	defer func() { _, _ = conn.Exec(ctx, "DEALLOCATE judged") }()
	var n int
	if err := conn.QueryRow(ctx, `SELECT COALESCE(array_length(parameter_types, 1), 0) FROM pg_prepared_statements WHERE name = 'judged'`).Scan(&n); err != nil {
		return nil, err
	}
	call := "EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) EXECUTE judged"
	if n > 0 {
		call += "(" + strings.TrimSuffix(strings.Repeat("NULL, ", n), ", ") + ")"
	}
	var raw string
	if err := conn.QueryRow(ctx, call, pgx.QueryExecModeSimpleProtocol).Scan(&raw); err != nil {
		return nil, err
	}
	var told []struct{ Plan map[string]any }
	if err := json.Unmarshal([]byte(raw), &told); err != nil {
		return nil, err
	}
	p := &plan{tables: map[string]string{}, equal: map[string]string{}}
	p.walk(told[0].Plan)
	return p, nil
}

// plan is what a statement reads, by alias; what it changes; and which columns are equal
// in all that it reads, each with one that stands for them.
type plan struct {
	tables  map[string]string
	changes string
	locks   bool
	equal   map[string]string
}

// equation is one of a condition: of two columns, or a column and what the statement was
// given.
var equation = regexp.MustCompile(`("?\w+"?\.\w+|\(?\$\d+|'[^']*'::uuid) = ("?\w+"?\.\w+|ANY|\(?\$\d+|'[^']*'::uuid)`)

// given stands for what a statement was given.
const given = "given"

func (p *plan) walk(node map[string]any) {
	table, _ := node["Relation Name"].(string)
	switch kind := node["Node Type"]; {
	case kind == "LockRows":
		p.locks = true
	case kind == "ModifyTable":
		if node["Operation"] != "Insert" {
			p.changes = table
		}
	case table != "":
		p.tables[node["Alias"].(string)] = table
	}
	for name, value := range node {
		if text, is := value.(string); is && (strings.HasSuffix(name, "Cond") || strings.HasSuffix(name, "Filter")) {
			for _, sides := range equation.FindAllStringSubmatch(text, -1) {
				p.equate(p.standsFor(sides[1]), p.standsFor(sides[2]))
			}
		}
	}
	children, _ := node["Plans"].([]any)
	for _, child := range children {
		p.walk(child.(map[string]any))
	}
}

func (p *plan) equate(a, b string) {
	if a == given {
		a, b = b, a
	}
	if a != b {
		p.equal[a] = b
	}
}

// standsFor returns what stands for all that equals a side of an equation.
func (p *plan) standsFor(side string) string {
	side = strings.ReplaceAll(side, `"`, "")
	if !strings.Contains(side, ".") {
		return given
	}
	for p.equal[side] != "" {
		side = p.equal[side]
	}
	return side
}

// spread returns the distributed tables that are read, those on the coordinator, and
// whose stores the former are looked for in: given, or something for each set of tables
// that are of the same stores.
func (p *plan) spread(places map[string]string) (spread, local, stores []string) {
	for _, alias := range slices.Sorted(maps.Keys(p.tables)) {
		switch table := p.tables[alias]; places[table] {
		case db.CitusLocal:
			local = append(local, table)
		case db.CitusByStore:
			spread = append(spread, table)
			stores = append(stores, p.standsFor(alias+".store_id"))
		}
	}
	return spread, local, stores
}

// refused tells why Citus does not run the plan at all.
func (p *plan) refused(places map[string]string) (why []string) {
	spread, _, stores := p.spread(places)
	sets := slices.Compact(slices.Sorted(slices.Values(stores)))
	if len(sets) > 1 {
		why = append(why, fmt.Sprintf("%v are joined over different stores", spread))
	}
	if p.locks && len(sets) > 0 && !slices.Equal(sets, []string{given}) {
		why = append(why, fmt.Sprintf("rows of %v are locked without store_id", spread))
	}
	if len(spread) > 0 && places[p.changes] == db.CitusEverywhere {
		why = append(why, fmt.Sprintf("%s is changed by what is in %v", p.changes, spread))
	}
	return why
}

// slow tells why the plan needs more than the machine of one store.
func (p *plan) slow(places map[string]string) (why []string) {
	spread, local, stores := p.spread(places)
	for i, table := range spread {
		if stores[i] != given {
			why = append(why, table+" is searched without store_id")
		}
	}
	if len(spread) > 0 && len(local) > 0 {
		why = append(why, fmt.Sprintf("%v is joined with %v, which is on the coordinator alone", spread, local))
	}
	return why
}
