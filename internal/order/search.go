package order

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/job"
	"vitrine/internal/store"
	"vitrine/internal/text"
)

// Orders and customers are found by a part of their search_text. PostgreSQL keeps an
// index of it. On SQLite a job fills one, so that no sale waits for that: up to a mark
// rows are found by it, in the order in which they were made, and those behind the mark
// are looked through.

// searched is a table whose rows are found by their search_text, and SQLite's index
// of it.
type searched struct{ table, index string }

var (
	ordersSearched    = searched{"shop_order", "order_search"}
	customersSearched = searched{"customer", "customer_search"}
)

// manyFound are so many of the rows that an index finds that of those which are wanted
// of them, the next ones are soon come by in the list.
const manyFound = 1000

// find returns a page of the rows that have the query in their search_text, newest
// first, and whether more follow. An empty one is in all.
func find[T any](ctx context.Context, q db.Q, s searched, st store.ID, w db.Where, query string, p db.Page, scan func(db.Row) (T, error), columns string) ([]T, bool, error) {
	read := `SELECT ` + columns + ` FROM ` + s.table
	folded := text.Fold(query)
	if folded == "" {
		return db.Paged(ctx, q, p, w, scan, read)
	}
	w.Add(`search_text LIKE ? ESCAPE '\'`, "%"+db.EscapeLike(folded)+"%")
	found, err := s.lookUp(ctx, q, st, folded, p)
	if err != nil {
		return nil, false, err
	}
	if found == nil {
		return db.Paged(ctx, q, p, w, scan, read)
	}
	var page []T
	among := func(before id.UUID, condition string, args ...any) (more bool, err error) {
		narrow := db.Where{Args: slices.Clone(w.Args)}
		narrow.Add(w.String()[len("WHERE "):])
		if condition != "" {
			narrow.Add(condition, args...)
		}
		some, more, err := db.Paged(ctx, q, db.Page{Before: before, Limit: p.Limit - len(page)}, narrow, scan, read)
		page = append(page, some...)
		return more, err
	}
	more, err := among(p.Before, "id > ?", found.mark)
	for looked := 0; err == nil && !more; looked += rowsAtOnce {
		if looked == manyFound {
			more, err = among(found.last, "")
			break
		}
		var ids []id.UUID
		if ids, err = found.next(ctx, q); err != nil || len(ids) == 0 {
			break
		}
		more, err = among(p.Before, "id IN ("+strings.Repeat("?, ", len(ids)-1)+"?)", db.Args(ids)...)
	}
	return page, more, err
}

// rowsAtOnce is how many of the rows that the index finds are read at a time. SQLite's
// driver takes time that grows with the square of the number of parameters.
const rowsAtOnce = 100

// sampled is how many of the newest rows tell which parts of a query are rare.
const sampled = 50

// lookup is what SQLite's index finds, on the way through it.
type lookup struct {
	index, match string
	mark         id.UUID // the last row that is in the index
	behind       int64   // which entries are still to come: those before it
	last         id.UUID // the last row that was found
	ended        bool
}

// lookUp begins to ask SQLite's index for the rows of a page, or returns none where
// there is no index.
func (s searched) lookUp(ctx context.Context, q db.Q, st store.ID, folded string, p db.Page) (*lookup, error) {
	if q.Engine() != db.SQLite {
		return nil, nil
	}
	mark, err := s.mark(ctx, q, st)
	if err != nil || mark.IsZero() {
		return nil, err
	}
	samples, err := db.All(ctx, q, db.Value[string], `SELECT search_text FROM `+s.table+` WHERE store_id = $1 ORDER BY id DESC LIMIT $2`, st, sampled)
	if err != nil {
		return nil, err
	}
	l := lookup{index: s.index, match: db.MatchRarest(st.UUID, folded, samples), mark: mark, behind: math.MaxInt64}
	if !p.Before.IsZero() {
		l.behind, err = db.One(ctx, q, db.Value[int64], `SELECT coalesce((SELECT rowid FROM `+s.index+` WHERE `+s.index+` MATCH $1), $2)`, db.GramOf(p.Before), l.behind)
	}
	return &l, err
}

// next returns the next rows, newest first, or none when that were all.
func (l *lookup) next(ctx context.Context, q db.Q) ([]id.UUID, error) {
	if l.ended {
		return nil, nil
	}
	ids, err := db.All(ctx, q, func(row db.Row) (u id.UUID, err error) { return u, row.Scan(&l.behind, &u) }, `
		SELECT rowid, row_id FROM `+l.index+` WHERE `+l.index+` MATCH $1 AND rowid < $2 ORDER BY rowid DESC LIMIT $3`, l.match, l.behind, rowsAtOnce)
	l.ended = len(ids) < rowsAtOnce
	if len(ids) > 0 {
		l.last = ids[len(ids)-1]
	}
	return ids, err
}

// mark is the last row of a store that the index has, or zero.
func (s searched) mark(ctx context.Context, q db.Q, st store.ID) (id.UUID, error) {
	mark, err := db.One(ctx, q, db.Value[id.UUID], `SELECT last_id FROM search_mark WHERE store_id = $1 AND found = $2`, st, s.table)
	if errors.Is(err, db.ErrNoRows) {
		return id.UUID{}, nil
	}
	return mark, err
}

// searchBatch is how many rows are put into the index at a time, which is how long
// that keeps SQLite's writer.
const searchBatch = 250

// IndexSearch puts a store's orders and customers into SQLite's index, in small
// transactions. It can be stopped and begun again at any time.
func IndexSearch(ctx context.Context, d *db.DB, st store.ID) error {
	if d.Engine() != db.SQLite {
		return nil
	}
	for _, s := range []searched{ordersSearched, customersSearched} {
		for n := searchBatch; n == searchBatch; {
			err := d.InTx(ctx, func(tx *db.Tx) (err error) {
				n, err = s.advance(ctx, tx, st)
				return err
			})
			if err != nil {
				return fmt.Errorf("index the %ss of store %s: %w", s.table, st, err)
			}
		}
	}
	return nil
}

// advance puts the rows behind the mark into the index. SQLite has one writer and
// rows get their ids while they have it, so none comes before the mark later.
func (s searched) advance(ctx context.Context, tx *db.Tx, st store.ID) (int, error) {
	mark, err := s.mark(ctx, tx, st)
	if err != nil {
		return 0, err
	}
	type entry struct {
		row  id.UUID
		text string
	}
	entries, err := db.All(ctx, tx, func(row db.Row) (e entry, err error) { return e, row.Scan(&e.row, &e.text) },
		`SELECT id, search_text FROM `+s.table+` WHERE store_id = $1 AND id > $2 ORDER BY id LIMIT $3`, st, mark, searchBatch)
	if err != nil || len(entries) == 0 {
		return 0, err
	}
	mark = entries[len(entries)-1].row
	var args []any
	for _, e := range entries { // whose entries come in the order of their ids
		args = append(args, e.row, db.Grams(st.UUID, e.text)+db.GramOf(e.row))
	}
	if _, err := db.Exec(ctx, tx, `INSERT INTO `+s.index+` (row_id, grams) VALUES `+tx.Engine().Rows(len(entries), 2), args...); err != nil {
		return 0, err
	}
	_, err = db.Exec(ctx, tx, `
		INSERT INTO search_mark (store_id, found, last_id) VALUES ($1, $2, $3)
		ON CONFLICT (store_id, found) DO UPDATE SET last_id = excluded.last_id`, st, s.table, mark)
	return len(entries), err
}

// indexAll does what is to be done of all stores.
func indexAll(ctx context.Context, d *db.DB) error {
	if d.Engine() != db.SQLite {
		return nil
	}
	stores, err := db.All(ctx, d, func(row db.Row) (st store.ID, err error) { return st, row.Scan(&st) }, `
		SELECT c.store_id FROM order_counter c WHERE EXISTS (
			SELECT 1 FROM shop_order o WHERE o.store_id = c.store_id AND o.id > coalesce((
				SELECT m.last_id FROM search_mark m WHERE m.store_id = c.store_id AND m.found = 'shop_order'), x''))`)
	if err != nil {
		return err
	}
	var failed error // of one store, which does not hold up the others
	for _, st := range stores {
		if failed = errors.Join(failed, IndexSearch(ctx, d, st)); ctx.Err() != nil {
			break
		}
	}
	return failed
}

// HandleJobs has r do now and then what nobody waits for.
func (s *Service) HandleJobs(r *job.Runner) {
	r.Every("index orders and customers", 10*time.Minute, func(ctx context.Context) error { return indexAll(ctx, s.db) })
}
