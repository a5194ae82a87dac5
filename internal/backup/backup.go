// Package backup keeps a platform on SQLite in one file, its pictures with it, and
// brings it back from there.
package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"vitrine/internal/archive"
	"vitrine/internal/blob"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/picture"
)

const (
	kind   = "vitrine backup"
	format = 1

	database = "vitrine.db"
	pictures = "media/"
)

// Progress hears how far it is, in words.
type Progress func(what string)

// Summary is what a file holds.
type Summary struct {
	MadeAt   time.Time
	Schema   int64 // the last migration
	Stores   int
	Orders   int
	Pictures int // 0 also where they are not in the file
	Missing  int // pictures that the database tells of and that are not there
}

// Write writes a database, as it is at one moment, into a file with its pictures;
// without a storage they are not in it. The database goes on working.
func Write(ctx context.Context, d *db.DB, from blob.Storage, name string, tell Progress) (s Summary, err error) {
	out, err := archive.Create(name)
	if err != nil {
		return s, err
	}
	copied := name + ".db.part"
	defer func() {
		err = errors.Join(err, db.RemoveFile(copied))
		if err != nil {
			out.Abort()
		}
	}()
	if err := db.RemoveFile(copied); err != nil { // of one that was killed
		return s, err
	}
	s.MadeAt = d.Now()
	err = d.CopyTo(ctx, copied, func(done, total int) { tell(fmt.Sprintf("database: %d of %d pages", done, total)) })
	if err != nil {
		return s, err
	}
	addresses, err := read(ctx, copied, &s)
	if err != nil {
		return s, err
	}
	if err := pack(ctx, out, copied); err != nil {
		return s, err
	}
	if from != nil {
		if err := packPictures(ctx, out, from, addresses, &s, tell); err != nil {
			return s, err
		}
	}
	return s, out.Finish(archive.Manifest{Kind: kind, Format: format, MadeAt: s.MadeAt, Facts: s.facts(from != nil)})
}

func (s Summary) facts(withPictures bool) map[string]string {
	return map[string]string{
		"schema": strconv.FormatInt(s.Schema, 10), "stores": strconv.Itoa(s.Stores), "orders": strconv.Itoa(s.Orders),
		"pictures": strconv.Itoa(s.Pictures), "pictures_included": strconv.FormatBool(withPictures),
	}
}

// read sees that a copy is whole, and returns the pictures that its stores have.
func read(ctx context.Context, path string, s *Summary) ([]picture.Address, error) {
	d, err := db.Open(ctx, db.Options{URL: "sqlite://" + path, Clock: clock.System{}})
	if err != nil {
		return nil, err
	}
	defer func() { _ = d.Close() }()
	if err := d.Check(ctx); err != nil {
		return nil, err
	}
	if s.Schema, err = db.Schema(ctx, d); err != nil {
		return nil, err
	}
	if err := count(ctx, d, s); err != nil {
		return nil, err
	}
	return db.All(ctx, d, func(row db.Row) (a picture.Address, err error) { return a, row.Scan(&a.Sum, &a.Width) }, `
		SELECT sum, width FROM picture_file f
		WHERE doomed_at IS NULL AND EXISTS (SELECT 1 FROM picture p WHERE p.sum = f.sum) ORDER BY sum`)
}

func count(ctx context.Context, q db.Q, s *Summary) (err error) {
	if s.Stores, err = db.One(ctx, q, db.Value[int], `SELECT count(*) FROM store WHERE deleted_at IS NULL`); err != nil {
		return err
	}
	s.Orders, err = db.One(ctx, q, db.Value[int], `SELECT count(*) FROM shop_order`)
	return err
}

func pack(ctx context.Context, out *archive.Writer, path string) error {
	in, err := os.Open(path) //nolint:gosec // the copy beside the caller's file
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	w, err := out.Member(database, false)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, reading{ctx, in})
	return err
}

func packPictures(ctx context.Context, out *archive.Writer, from blob.Storage, all []picture.Address, s *Summary, tell Progress) error {
	for i, a := range all {
		tell(fmt.Sprintf("pictures: %d of %d", i, len(all)))
		whole := true
		for _, v := range a.Versions() {
			content, err := from.Get(ctx, v.Key())
			if errors.Is(err, blob.ErrNone) {
				whole = false
				continue
			}
			if err != nil {
				return err
			}
			w, err := out.Member(pictures+v.Key().String(), true)
			if err == nil {
				_, err = w.Write(content)
			}
			if err != nil {
				return err
			}
		}
		if whole {
			s.Pictures++
		} else {
			s.Missing++
		}
	}
	return ctx.Err()
}

// reading is a reader that ends with its context.
type reading struct {
	ctx context.Context //nolint:containedctx // of one call
	io.Reader
}

// Read implements io.Reader.
func (r reading) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
