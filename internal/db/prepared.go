package db

import (
	"context"
	"database/sql"
	"sync"
)

// maxPrepared bounds how many statements SQLite keeps ready.
const maxPrepared = 256

// prepared is the transaction as a Q whose statements SQLite keeps compiled.
type prepared struct{ *Tx }

// Prepared returns the transaction as a Q for statements with fixed texts that run
// again and again: SQLite compiles each once, which takes longer than to run it, as
// PostgreSQL's driver does anyway. A query must be read to its end before the same
// text is run again.
func (tx *Tx) Prepared() Q {
	if tx.db.engine == Postgres {
		return tx
	}
	return prepared{tx}
}

// ExecContext is part of Q.
func (p prepared) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if s := p.db.statements.find(query); s != nil {
		return p.StmtContext(ctx, s).ExecContext(ctx, args...)
	}
	return p.Tx.ExecContext(ctx, query, args...)
}

// QueryContext is part of Q.
func (p prepared) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if s := p.db.statements.find(query); s != nil {
		return p.StmtContext(ctx, s).QueryContext(ctx, args...)
	}
	return p.Tx.QueryContext(ctx, query, args...)
}

// Prepared is the same for reads outside of a transaction, which many requests make
// with the same text.
func (d *DB) Prepared() Q {
	if d.engine == Postgres {
		return d
	}
	return preparedReads{d}
}

type preparedReads struct{ *DB }

// QueryContext is part of Q.
func (p preparedReads) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := p.reads.get(ctx, p.read, query)
	if err != nil || s == nil {
		return p.DB.QueryContext(ctx, query, args...) // who runs it hears why
	}
	return s.QueryContext(ctx, args...)
}

// get returns a statement, which it compiles when it is asked for the first time,
// or nil when too many are ready.
func (s *statements) get(ctx context.Context, pool *sql.DB, query string) (*sql.Stmt, error) {
	s.mu.Lock()
	found, full := s.ready[query], len(s.ready) >= maxPrepared
	s.mu.Unlock()
	if found != nil || full {
		return found, nil
	}
	made, err := pool.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if other := s.ready[query]; other != nil {
		_ = made.Close()
		return other, nil
	}
	if s.ready == nil {
		s.ready = map[string]*sql.Stmt{}
	}
	s.ready[query] = made
	return made, nil
}

// statements are those that SQLite keeps ready. A text that is asked for inside of
// a transaction is compiled before the next one begins, since there is no second
// connection that writes.
type statements struct {
	mu     sync.Mutex
	ready  map[string]*sql.Stmt
	wanted []string
}

// find returns a statement, or notes that it is wanted.
func (s *statements) find(query string) *sql.Stmt {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, known := s.ready[query]
	if !known && len(s.ready) < maxPrepared {
		if s.ready == nil {
			s.ready = map[string]*sql.Stmt{}
		}
		s.ready[query] = nil
		s.wanted = append(s.wanted, query)
	}
	return found
}

// prepare compiles what is wanted. A text that cannot be compiled stays unprepared:
// who runs it hears why.
func (s *statements) prepare(ctx context.Context, writer *sql.DB) {
	s.mu.Lock()
	wanted := s.wanted
	s.wanted = nil
	s.mu.Unlock()
	for _, query := range wanted {
		statement, err := writer.PrepareContext(ctx, query)
		s.mu.Lock()
		if err != nil && ctx.Err() != nil {
			delete(s.ready, query) // the next one who wants it has more time
		} else if err == nil {
			s.ready[query] = statement
		}
		s.mu.Unlock()
	}
}

// close gives all statements back.
func (s *statements) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, statement := range s.ready {
		if statement != nil {
			_ = statement.Close()
		}
	}
	s.ready = nil
}
