package db

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Columns are the columns of a Set. They are declared once, in a package's
// variable, and know the texts that statements have with them.
type Columns struct {
	names []string
	types []string
	texts sync.Map // setText → string
}

type setText struct {
	statement   string
	engine      Engine
	fixed, rows int
}

// NewColumns reads columns as PostgreSQL declares them: "store_id uuid, n bigint".
func NewColumns(declaration string) *Columns {
	c := &Columns{}
	for column := range strings.SplitSeq(declaration, ",") {
		name, kind, _ := strings.Cut(strings.TrimSpace(column), " ")
		c.names, c.types = append(c.names, name), append(c.types, kind)
	}
	return c
}

// Set is rows that a statement takes as a table called given, however many they
// are: arrays on PostgreSQL, some rows at a time on SQLite. The statement begins
// with "WITH @given" and may have parameters of its own before the rows:
//
//	WITH @given INSERT INTO account (id, plan_id) SELECT id, $1 FROM given
//
// On a Citus cluster, rows that begin with store_id go store by store, so that each
// statement is for the machine of one. A Set is for one goroutine.
type Set struct {
	columns *Columns
	values  []any // row after row
}

// Set returns an empty set.
func (c *Columns) Set() *Set { return &Set{columns: c} }

// Add appends a row.
func (s *Set) Add(values ...any) {
	if len(values) != len(s.columns.names) {
		panic(fmt.Sprintf("a row of %d values for %d columns", len(values), len(s.columns.names)))
	}
	s.values = append(s.values, values...)
}

// Len tells how many rows there are.
func (s *Set) Len() int { return len(s.values) / len(s.columns.names) }

// Exec runs a statement with the rows and returns how many rows it touched. With
// no rows it does nothing.
func (s *Set) Exec(ctx context.Context, tx *Tx, statement string, args ...any) (int64, error) {
	var touched int64
	err := s.each(tx, statement, args, func(text string, args []any) error {
		n, err := Exec(ctx, tx.Prepared(), text, args...)
		touched += n
		return err
	})
	return touched, err
}

// QuerySet returns what a query with the rows finds. On SQLite an ORDER BY in it
// sorts no further than the rows that go together.
func QuerySet[T any](ctx context.Context, q Q, s *Set, scan func(Row) (T, error), statement string, args ...any) ([]T, error) {
	if tx, ok := q.(*Tx); ok {
		q = tx.Prepared()
	}
	var all []T
	err := s.each(q, statement, args, func(text string, args []any) error {
		found, err := All(ctx, q, scan, text, args...)
		all = append(all, found...)
		return err
	})
	return all, err
}

// each calls run for as many statements as the engine needs for all rows.
func (s *Set) each(q Q, statement string, fixed []any, run func(text string, args []any) error) error {
	e, width := q.Engine(), len(s.columns.names)
	if e == Postgres && q.Cluster() && s.columns.names[0] == "store_id" {
		return s.eachStore(statement, fixed, run)
	}
	for done, rows := 0, s.Len(); done < rows; {
		n := rows
		if e == SQLite {
			n = atOnce(rows-done, width)
		}
		some := s.values[done*width : (done+n)*width]
		args := append(make([]any, 0, len(fixed)+len(some)), fixed...)
		if e == Postgres {
			args = append(args, s.columns.arrays(some)...)
		} else {
			args = append(args, some...)
		}
		if err := run(s.columns.text(e, statement, len(fixed), n), args); err != nil {
			return err
		}
		done += n
	}
	return nil
}

// eachStore calls run once for the rows of each store, in the order of the stores: who
// locks rows locks them in the order of their keys.
func (s *Set) eachStore(statement string, fixed []any, run func(text string, args []any) error) error {
	ofStore := map[string][]any{}
	for row := range slices.Chunk(s.values, len(s.columns.names)) {
		key := fmt.Sprint(row[0])
		ofStore[key] = append(ofStore[key], row...)
	}
	for _, key := range slices.Sorted(maps.Keys(ofStore)) {
		arrays := s.columns.arrays(ofStore[key])
		arrays[0] = ofStore[key][0]
		args := append(slices.Clone(fixed), arrays...)
		if err := run(OfOneStore(s.columns.text(Postgres, statement, len(fixed), 0)), args); err != nil {
			return err
		}
	}
	return nil
}

// setOfStores is how text begins the rows of a Set that begin with store_id: their
// other columns, the parameter, and those of the other columns.
var setOfStores = regexp.MustCompile(`given \(store_id(, [^)]*)?\) AS \(SELECT \* FROM unnest\((\$\d+::uuid)\[\](?:, ([^)]*))?\)\)`)

// OfOneStore returns the statement of a Set as it is sent to a Citus cluster: with one
// store in the place of an array of them. Any other text stays as it is.
func OfOneStore(text string) string {
	at := setOfStores.FindStringSubmatch(text)
	if at == nil {
		return text
	}
	others, st, arrays := at[1], at[2], at[3]
	rows := "SELECT " + st
	if arrays != "" {
		rows += ", * FROM unnest(" + arrays + ")"
	}
	text = strings.Replace(text, at[0], "@given", 1)
	text = strings.ReplaceAll(text, "given.store_id", st) // so that each table is of this store, whatever becomes of given
	return strings.Replace(text, "@given", "given (store_id"+others+") AS ("+rows+")", 1)
}

// parametersAtOnce is about how many parameters a statement has on SQLite, whose
// driver looks each of them up by its name.
const parametersAtOnce = 112

// atOnce is how many of the rows that are left go into SQLite's next statement: a
// power of two, so that a statement has few texts.
func atOnce(left, width int) int {
	n := 1
	for 2*n <= left && 2*n*width <= parametersAtOnce {
		n *= 2
	}
	return n
}

// arrays turns rows into one array for each column.
func (c *Columns) arrays(values []any) []any {
	width := len(c.names)
	columns := make([][]any, width)
	for i := range columns {
		columns[i] = make([]any, 0, len(values)/width)
	}
	for i, v := range values {
		if t, ok := v.(Time); ok {
			v = t.Time // an array takes no text for a time
		}
		columns[i%width] = append(columns[i%width], v)
	}
	return Args(columns)
}

// text returns the statement with the table called given filled in.
func (c *Columns) text(e Engine, statement string, fixed, rows int) string {
	key := setText{statement: statement, engine: e, fixed: fixed, rows: rows}
	if e == Postgres {
		key.rows = 0
	}
	if known, ok := c.texts.Load(key); ok {
		return known.(string)
	}
	given := "given (" + strings.Join(c.names, ", ") + ") AS ("
	if e == Postgres {
		arrays := make([]string, len(c.types))
		for i, kind := range c.types {
			arrays[i] = fmt.Sprintf("$%d::%s[]", fixed+i+1, kind)
		}
		given += "SELECT * FROM unnest(" + strings.Join(arrays, ", ") + "))"
	} else {
		groups := make([]string, rows)
		for i := range groups {
			groups[i] = List(fixed+i*len(c.names)+1, len(c.names))
		}
		given += "VALUES " + strings.Join(groups, ", ") + ")"
	}
	text := strings.Replace(statement, "@given", given, 1)
	c.texts.Store(key, text)
	return text
}
