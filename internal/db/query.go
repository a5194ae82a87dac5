package db

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"vitrine/internal/observe"
)

// Q is what a query needs: a *DB or a *Tx.
type Q interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	Engine() Engine // for the few statements that differ
	Cluster() bool  // whether this is PostgreSQL with Citus

	pool() *observe.Pool // where statements are counted
}

// Row is what a scan function reads from: the columns of one row.
type Row interface {
	Scan(dest ...any) error
}

// RowFunc is a row of which somebody else scans the other columns.
type RowFunc func(dest ...any) error

// Scan implements Row.
func (f RowFunc) Scan(dest ...any) error { return f(dest...) }

// Exec runs a statement and returns how many rows it touched.
func Exec(ctx context.Context, q Q, query string, args ...any) (int64, error) {
	ctx, counted := q.pool().Statement(ctx, query)
	res, err := q.ExecContext(ctx, query, args...)
	counted.End(outcome(err))
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// ExecOne runs a statement that is about one row: ErrNoRows when it touched none.
func ExecOne(ctx context.Context, q Q, query string, args ...any) error {
	n, err := Exec(ctx, q, query, args...)
	if err == nil && n == 0 {
		return ErrNoRows
	}
	return err
}

// All returns every row of a query, never nil.
func All[T any](ctx context.Context, q Q, scan func(Row) (T, error), query string, args ...any) ([]T, error) {
	all := []T{}
	err := Each(ctx, q, func(row Row) error {
		item, err := scan(row)
		all = append(all, item)
		return err
	}, query, args...)
	if err != nil {
		return nil, err
	}
	return all, nil
}

// Each calls fn for every row of a query, one after the other, without keeping
// them.
func Each(ctx context.Context, q Q, fn func(Row) error, query string, args ...any) (err error) {
	ctx, counted := q.pool().Statement(ctx, query)
	defer func() { counted.End(outcome(err)) }()
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// One returns the single row of a query, or ErrNoRows.
func One[T any](ctx context.Context, q Q, scan func(Row) (T, error), query string, args ...any) (T, error) {
	items, err := All(ctx, q, scan, query, args...)
	if err != nil {
		var none T
		return none, err
	}
	if len(items) == 0 {
		var none T
		return none, ErrNoRows
	}
	return items[0], nil
}

// Value reads a row of one column.
func Value[T any](row Row) (T, error) {
	var v T
	err := row.Scan(&v)
	return v, err
}

// Where builds the condition of a filtered list. The zero value is empty.
type Where struct {
	terms []string
	Args  []any
}

// Add appends a condition. Each ? in it stands for the next of args.
func (w *Where) Add(condition string, args ...any) {
	for _, arg := range args {
		w.Args = append(w.Args, arg)
		condition = strings.Replace(condition, "?", "$"+itoa(len(w.Args)), 1)
	}
	w.terms = append(w.terms, condition)
}

// Arg adds an argument and returns its placeholder.
func (w *Where) Arg(arg any) string {
	w.Args = append(w.Args, arg)
	return "$" + itoa(len(w.Args))
}

// String returns "WHERE …", or nothing when there is no condition.
func (w *Where) String() string {
	if len(w.terms) == 0 {
		return ""
	}
	return "WHERE " + strings.Join(w.terms, " AND ")
}

// Rows returns n groups of placeholders for a multi-row INSERT: ($1, $2), ($3, $4).
func Rows(n, columns int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(List(i*columns+1, columns))
	}
	return b.String()
}

// Rows returns the same for values in their order. SQLite gets a bare ? for each: it
// looks every $N up by its name among all of them, and twice at that, which takes
// time that grows with the square of their number.
func (e Engine) Rows(n, columns int) string {
	if e == SQLite {
		row := "(" + strings.Repeat("?, ", columns-1) + "?)"
		return strings.Repeat(row+", ", n-1) + row
	}
	return Rows(n, columns)
}

// List returns n placeholders from $first on, in parentheses: ($3, $4, $5).
func List(first, n int) string {
	var b strings.Builder
	b.WriteByte('(')
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("$" + itoa(first+i))
	}
	b.WriteByte(')')
	return b.String()
}

// Args turns a slice into arguments.
func Args[T any](items []T) []any {
	args := make([]any, len(items))
	for i, item := range items {
		args[i] = item
	}
	return args
}

// EscapeLike makes s literal inside LIKE … ESCAPE '\'.
func EscapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

func itoa(n int) string { return strconv.Itoa(n) }
