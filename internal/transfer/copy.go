package transfer

import (
	"context"
	"fmt"
	"io"
	"iter"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// copyTable brings over the rest of a table. While one chunk is written the next is
// read.
func (c Copy) copyTable(ctx context.Context, from source, to *cluster, t table, at state, tell func(int64)) (copied int64, err error) {
	work, ctx := errgroup.WithContext(ctx)
	chunks := make(chan *chunk)
	work.Go(func() error {
		for out, err := range pages(ctx, from, t, at.after, t.limit(c.Rows)) {
			if err != nil {
				return err
			}
			select {
			case chunks <- out:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	work.Go(func() error {
		for !at.done {
			n, err := to.put(ctx, t, chunks, &at)
			if err != nil {
				return err
			}
			copied += n
			tell(copied)
		}
		return nil
	})
	return copied, work.Wait()
}

// pages yields a table from a key on, to its last chunk, which may be empty.
func pages(ctx context.Context, from source, t table, after key, limit int) iter.Seq2[*chunk, error] {
	return func(yield func(*chunk, error) bool) {
		for {
			out, err := from.page(ctx, t, after, limit)
			if !yield(out, err) || err != nil || out.last {
				return
			}
			after = out.after(t)
		}
	}
}

// put writes the next chunk, and how far the table is, in one transaction. Of a table
// whose rows name each other it writes all chunks where foreign keys hold already:
// PostgreSQL looks at the end of a COPY whether those are there that are named.
func (c *cluster) put(ctx context.Context, t table, chunks <-chan *chunk, at *state) (rows int64, err error) {
	reader := &feed{ctx: ctx, chunks: chunks, all: t.whole, buffer: copyHeader}
	next := *at
	err = pgx.BeginFunc(ctx, c.conn, func(tx pgx.Tx) error {
		done, err := c.conn.PgConn().CopyFrom(ctx, reader, "COPY "+quote(t.name)+" ("+t.list(func(c column) string { return quote(c.name) })+") FROM STDIN (FORMAT binary)")
		if err != nil {
			return err
		}
		rows = done.RowsAffected()
		if rows != reader.rows {
			return fmt.Errorf("%d of %d rows arrived", rows, reader.rows)
		}
		next.rows += rows
		next.done = reader.last.last
		var after *string
		if reader.last.len() > 0 {
			text := reader.last.after(t).store()
			after = &text
		}
		_, err = tx.Exec(ctx, `UPDATE `+progressTable+` SET after = COALESCE($2, after), copied = $3, done = $4 WHERE name = $1`, t.name, after, next.rows, next.done)
		return err
	})
	if err == nil {
		*at = next
	}
	return rows, err
}

// feed reads as the chunks of one COPY.
type feed struct {
	ctx    context.Context //nolint:containedctx // Read takes none
	chunks <-chan *chunk
	all    bool // more than one
	buffer []byte
	last   *chunk
	rows   int64
	ended  bool
}

func (f *feed) Read(p []byte) (int, error) {
	for len(f.buffer) == 0 {
		if f.ended {
			return 0, io.EOF
		}
		if f.last != nil && (f.last.last || !f.all) {
			f.buffer, f.ended = copyTrailer, true
			break
		}
		select {
		case f.last = <-f.chunks:
			f.buffer = f.last.data
			f.rows += int64(f.last.len())
		case <-f.ctx.Done():
			return 0, f.ctx.Err() // who reads the source says why
		}
	}
	n := copy(p, f.buffer)
	f.buffer = f.buffer[n:]
	return n, nil
}
