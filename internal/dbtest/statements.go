package dbtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// heard are the Statements that the product has sent while the tests of this process ran.
var heard sync.Map

type listener struct{}

// TraceQueryStart is part of pgx.QueryTracer.
func (listener) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if by := sender(); by != "" {
		heard.Store(Statement{data.SQL, by}, true)
	}
	return ctx
}

// TraceQueryEnd is part of pgx.QueryTracer.
func (listener) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// sender returns the function of the product that is sending a statement; none if a test
// sends it.
func sender() string {
	var at [64]uintptr
	frames := runtime.CallersFrames(at[:runtime.Callers(3, at[:])])
	for {
		f, more := frames.Next()
		name, ours := strings.CutPrefix(f.Function, "vitrine/internal/")
		switch {
		case strings.HasSuffix(f.File, "_test.go"), strings.HasPrefix(name, "fixture."), strings.HasPrefix(name, "dbtest.Fanning"):
			return ""
		case ours && !strings.HasPrefix(name, "db.") && !strings.HasPrefix(name, "dbtest."):
			return literal.ReplaceAllString(name, "")
		case !more:
			return ""
		}
	}
}

// literal is what Go adds to the name of a function for those that are written within it.
var literal = regexp.MustCompile(`(\[\.\.\.\]|\.func\d|\.gowrap\d|-range\d).*$`)

// Main runs the tests of a package, and then looks whether a Citus cluster could have
// run what the product has asked PostgreSQL for meanwhile. It is what a TestMain exits
// with.
func Main(m *testing.M) int {
	code := m.Run()
	if os.Getenv("TEST_POSTGRES_DSN") == "" {
		return code
	}
	var all []Statement
	heard.Range(func(key, _ any) bool {
		all = append(all, key.(Statement))
		return true
	})
	slices.SortFunc(all, func(a, b Statement) int { return strings.Compare(a.By+a.Text, b.By+b.Text) })
	broken, err := Fanning(context.Background(), all)
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
		p, err := planOf(ctx, conn, s.Text)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", s.By, s.Text, err)
		}
		if p == nil {
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
