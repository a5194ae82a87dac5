package db

import (
	"context"
	"database/sql"

	"github.com/jackc/pgx/v5"
)

// afresh is a Q whose statements PostgreSQL plans each time.
type afresh struct{ Q }

// Afresh returns q as one whose statements PostgreSQL plans each time they run, for
// how large the tables are then. Otherwise it keeps a plan, and one that was made
// while a table was small goes through the whole of it when it has grown.
func Afresh(q Q) Q {
	if q.Engine() == Postgres {
		return afresh{q}
	}
	return q
}

// ExecContext is part of Q.
func (a afresh) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return a.Q.ExecContext(ctx, query, unprepared(args)...)
}

// QueryContext is part of Q.
func (a afresh) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return a.Q.QueryContext(ctx, query, unprepared(args)...)
}

// unprepared tells the driver to send the statement itself and not the name of one
// that the server knows.
func unprepared(args []any) []any { return append([]any{pgx.QueryExecModeCacheDescribe}, args...) }
