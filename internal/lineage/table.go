package lineage

import (
	"fmt"
	"strings"

	"vitrine/internal/id"
)

// Copy says which store is copied to which, and when.
type Copy struct {
	From, To id.UUID
	At       any    // the time as the database takes it
	Schema   string // what stands before a table that is read; see db.Engine.Committed
}

// Table says how one table of a store is copied: by one statement, whatever the
// number of rows. In the columns' values and in From stand :from and :to for the stores,
// :mask for lineage_id's first argument and :now for the time of the copy; a
// table that is read is written @table.
type Table struct {
	Name    string // what a merchant calls the rows: "products"
	Into    string // the table
	Columns []Column
	From    string // FROM … WHERE …
	Order   string // the column that puts the rows into the order of the new table's key
}

// Column is a column of the copy and the expression that fills it.
type Column struct{ Name, Value string }

// Same returns columns that are copied as they are, from the table with the alias.
func Same(alias string, names ...string) []Column {
	columns := make([]Column, len(names))
	for i, name := range names {
		columns[i] = Column{name, alias + "." + name}
	}
	return columns
}

// Derived returns a column that holds the copied row's id of alias.name.
func Derived(name, alias, column string) Column {
	return Column{name, "lineage_id(:mask, " + alias + "." + column + ")"}
}

// IDs are the columns that every copied row has: its store, its id and the row
// that it was copied from.
func IDs(alias string) []Column {
	return []Column{{"store_id", ":to"}, Derived("id", alias, "id"), {"source_id", alias + ".id"}}
}

// Stamps say that a copied row is as old as the copy.
var Stamps = []Column{{"created_at", ":now"}, {"updated_at", ":now"}}

// Insert returns the statement that copies the table, and its arguments.
func (t Table) Insert(c Copy) (string, []any) {
	var names, values []string
	for _, column := range t.Columns {
		names = append(names, column.Name)
		values = append(values, column.Value)
	}
	return bind(fmt.Sprintf("INSERT INTO %s (%s) SELECT %s %s ORDER BY %s",
		t.Into, strings.Join(names, ", "), strings.Join(values, ", "), t.From, t.Order), c)
}

// Count returns the statement that counts what Insert would copy.
func (t Table) Count(c Copy) (string, []any) {
	return bind("SELECT count(*) "+t.From, c)
}

// bind completes the tables and numbers the parameters of a statement.
func bind(statement string, c Copy) (string, []any) {
	statement = strings.ReplaceAll(statement, "@", c.Schema)
	var args []any
	for _, parameter := range []struct {
		name  string
		value any
	}{{":from", c.From}, {":to", c.To}, {":mask", Mask(c.To)}, {":now", c.At}} {
		if strings.Contains(statement, parameter.name) {
			args = append(args, parameter.value)
			statement = strings.ReplaceAll(statement, parameter.name, fmt.Sprintf("$%d", len(args)))
		}
	}
	return statement, args
}
