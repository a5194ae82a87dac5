package transfer

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// progressTable is what a Copy keeps in the target until it is finished.
const progressTable = "database_copy"

// column is one that is copied. read is what is selected for it: its name, but for
// what the target makes itself.
type column struct {
	name, kind string // kind: PostgreSQL's name of the type
	oid        uint32
	read       string
}

// table is one that is copied. Its columns begin with those of the primary key.
type table struct {
	name    string
	columns []column
	keys    int  // how many columns the primary key has
	whole   bool // goes in one COPY: its rows name each other, and the target looks at once
}

func (t table) list(of func(column) string) string {
	parts := make([]string, len(t.columns))
	for i, c := range t.columns {
		parts[i] = of(c)
	}
	return strings.Join(parts, ", ")
}

// page selects the next rows after a key, or the first ones, in the order of keys.
func (t table) page(after bool, limit int) string {
	names := make([]string, t.keys)
	places := make([]string, t.keys)
	for i := range t.keys {
		names[i], places[i] = quote(t.columns[i].name), fmt.Sprintf("$%d", i+1)
	}
	where := ""
	if after {
		where = " WHERE (" + strings.Join(names, ", ") + ") > (" + strings.Join(places, ", ") + ")"
	}
	return "SELECT " + t.list(func(c column) string { return c.read }) + " FROM " + quote(t.name) + where +
		" ORDER BY " + strings.Join(names, ", ") + fmt.Sprintf(" LIMIT %d", limit)
}

// limit is how many rows of a table are taken at once. Files lie in bytea, a few
// hundred kilobytes each.
func (t table) limit(rows int) int {
	if slices.ContainsFunc(t.columns[t.keys:], func(c column) bool { return c.kind == "bytea" }) {
		return min(rows, 200)
	}
	return rows
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// plan returns the tables to copy, those that others name first.
func plan(ctx context.Context, from source, to *cluster) ([]table, error) {
	tables, err := to.tables(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the target's tables: %w", err)
	}
	there, err := from.layout(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the source's tables: %w", err)
	}
	tables = slices.DeleteFunc(tables, func(t table) bool { return there[t.name] == nil && slices.Contains(from.derived(), t.name) })
	for i := range tables {
		t := &tables[i]
		if err := t.matches(there[t.name]); err != nil {
			return nil, err
		}
		delete(there, t.name)
		from.adapt(t)
	}
	for name := range there {
		if !slices.Contains(from.derived(), name) {
			return nil, fmt.Errorf("the source has a table %s and the target does not", name)
		}
	}
	return tables, nil
}

// matches refuses a table whose columns are not those of the source.
func (t *table) matches(source []string) error {
	if source == nil {
		return fmt.Errorf("the target has a table %s and the source does not", t.name)
	}
	var target []string
	for _, c := range t.columns {
		target = append(target, c.name)
	}
	slices.Sort(target)
	slices.Sort(source)
	if !slices.Equal(target, source) {
		return fmt.Errorf("table %s has the columns %v in the source and %v in the target", t.name, source, target)
	}
	return nil
}
