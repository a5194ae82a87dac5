package dbtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"vitrine/internal/db"
)

// heard are the texts of the statements that the tests of this process have run on
// PostgreSQL.
var heard sync.Map

type listener struct{}

// TraceQueryStart is part of pgx.QueryTracer.
func (listener) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	heard.Store(data.SQL, true)
	return ctx
}

// TraceQueryEnd is part of pgx.QueryTracer.
func (listener) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// Main runs the tests of a package, and then looks whether a Citus cluster could have
// run what they have asked PostgreSQL for. It is what a TestMain exits with.
func Main(m *testing.M) int {
	code := m.Run()
	if os.Getenv("TEST_POSTGRES_DSN") == "" {
		return code
	}
	texts := slices.Sorted(maps.Keys(maps.Collect(strs(&heard))))
	broken, err := Fanning(context.Background(), texts)
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

func strs(m *sync.Map) func(yield func(string, bool) bool) {
	return func(yield func(string, bool) bool) {
		m.Range(func(key, _ any) bool { return yield(key.(string), true) })
	}
}

// Fanning names the statements that a Citus cluster refuses, or asks every machine for:
// those that find rows of a distributed table without its store_id, or join it with a
// table that is on the coordinator alone. PostgreSQL's own plan says which rows a
// statement looks for.
func Fanning(ctx context.Context, statements []string) (broken []string, err error) {
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
	for _, text := range statements {
		if !planned.MatchString(text) {
			continue
		}
		what, err := judge(ctx, conn, places, text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
		for _, w := range what {
			broken = append(broken, w+":\n"+text)
		}
	}
	return broken, nil
}

// planned are the statements that PostgreSQL makes a plan for.
var planned = regexp.MustCompile(`(?i)^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b`)

// judge looks at the plan of a statement.
func judge(ctx context.Context, conn *pgx.Conn, places map[string]string, text string) ([]string, error) {
	if strings.Contains(text, "pg_") { // about the database itself
		return nil, nil
	}
	if _, err := conn.Exec(ctx, "PREPARE judged AS "+text); err != nil {
		return nil, nil //nolint:nilerr // a test's own, about a table of its own or a mistake on purpose
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
	var plan []struct{ Plan map[string]any }
	if err := json.Unmarshal([]byte(raw), &plan); err != nil {
		return nil, err
	}
	var s seen
	s.walk(plan[0].Plan)
	return s.judge(places, strings.Contains(strings.ToUpper(text), "SKIP LOCKED")), nil
}

// seen is what a plan reads, by alias, and under which conditions.
type seen struct {
	tables     map[string]string
	conditions []string
}

func (s *seen) walk(node map[string]any) {
	if table, is := node["Relation Name"].(string); is && node["Node Type"] != "ModifyTable" {
		if s.tables == nil {
			s.tables = map[string]string{}
		}
		s.tables[node["Alias"].(string)] = table
	}
	for name, value := range node {
		if text, is := value.(string); is && (strings.HasSuffix(name, "Cond") || strings.HasSuffix(name, "Filter")) {
			s.conditions = append(s.conditions, text)
		}
	}
	children, _ := node["Plans"].([]any)
	for _, child := range children {
		s.walk(child.(map[string]any))
	}
}

func (s *seen) judge(places map[string]string, skips bool) (broken []string) {
	all := strings.Join(s.conditions, "\n")
	var spread, local []string
	for _, alias := range slices.Sorted(maps.Keys(s.tables)) {
		table := s.tables[alias]
		switch places[table] {
		case db.CitusLocal:
			local = append(local, table)
		case db.CitusByStore:
			spread = append(spread, table)
			name := regexp.QuoteMeta(alias) + `\.store_id`
			if !regexp.MustCompile(`\b` + name + ` = |= ` + name + `\b`).MatchString(all) {
				broken = append(broken, table+" is searched without store_id")
			}
		}
	}
	if len(spread) > 0 && len(local) > 0 {
		broken = append(broken, fmt.Sprintf("%v is joined with %v, which is on the coordinator alone", spread, local))
	}
	if len(spread) > 0 && skips {
		broken = append(broken, fmt.Sprintf("%v is locked with SKIP LOCKED", spread))
	}
	return broken
}
