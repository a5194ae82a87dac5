package media

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/picture"
)

const (
	// spared is how long a picture that no store has is kept: longer than any upload or
	// import is on its way that is about to give it to one.
	spared = 24 * time.Hour

	// mourned is how long pictures of deleted stores are kept.
	mourned = 30 * 24 * time.Hour
)

// Clean deletes the pictures that no store has any more. It can be cut short at any
// place: the next call goes on.
func (s *Service) Clean(ctx context.Context) error {
	if err := s.doomUnused(ctx); err != nil {
		return fmt.Errorf("look for pictures that nobody has: %w", err)
	}
	doomed, err := db.All(ctx, s.db, scanAddress, `SELECT sum, width FROM picture_file WHERE doomed_at IS NOT NULL ORDER BY doomed_at`)
	if err != nil {
		return err
	}
	var failed []error
	for _, a := range doomed {
		if err := s.remove(ctx, a); err != nil {
			failed = append(failed, err) // the others need not wait for this one
		}
	}
	return errors.Join(failed...)
}

// lookedAt is how many pictures are looked at together.
const lookedAt = 500

// doomUnused marks what no store has any more. From then on nobody gets it: who uploads
// the same picture while it is being deleted is asked to come again. Who has it come to a
// store touches it before.
func (s *Service) doomUnused(ctx context.Context) error {
	now := s.db.Now()
	var last picture.Sum
	untouched := db.Time{Time: now.Add(-spared)}
	for {
		sums, err := db.All(ctx, s.db, db.Value[picture.Sum], `
			SELECT sum FROM picture_file WHERE doomed_at IS NULL AND touched_at < $1 AND sum > $2 ORDER BY sum LIMIT $3`, untouched, last, lookedAt)
		if err != nil || len(sums) == 0 {
			return err
		}
		last = sums[len(sums)-1]
		unused, err := s.unused(ctx, sums, now.Add(-mourned))
		if err != nil {
			return err
		}
		if len(unused) == 0 {
			continue
		}
		err = s.db.InTx(ctx, func(tx *db.Tx) error {
			_, err := db.Exec(ctx, tx, `UPDATE picture_file SET doomed_at = $1 WHERE doomed_at IS NULL AND touched_at < $2 AND sum IN `+db.List(3, len(unused)),
				append([]any{db.Time{Time: now}, untouched}, db.Args(unused)...)...)
			return err
		})
		if err != nil {
			return err
		}
	}
}

// unused returns those of the pictures that only stores have which were deleted before.
func (s *Service) unused(ctx context.Context, sums []picture.Sum, before time.Time) ([]picture.Sum, error) {
	used := map[picture.Sum]bool{}
	err := db.Each(ctx, s.db, func(row db.Row) error {
		var sum picture.Sum
		err := row.Scan(&sum)
		used[sum] = true
		return err
	}, `SELECT DISTINCT p.sum FROM picture p JOIN store s ON s.id = p.store_id
		WHERE (s.deleted_at IS NULL OR s.deleted_at > $1) AND p.sum IN `+db.List(2, len(sums)), append([]any{db.Time{Time: before}}, db.Args(sums)...)...)
	return slices.DeleteFunc(sums, func(sum picture.Sum) bool { return used[sum] }), err
}

func scanAddress(row db.Row) (a picture.Address, err error) {
	err = row.Scan(&a.Sum, &a.Width)
	return a, err
}

// remove deletes what is kept of a picture, and then what tells of it.
func (s *Service) remove(ctx context.Context, a picture.Address) error {
	for _, v := range a.Versions() {
		if err := s.blobs.Delete(ctx, v.Key()); err != nil {
			return fmt.Errorf("delete a picture: %w", err)
		}
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `DELETE FROM picture_file WHERE sum = $1 AND doomed_at IS NOT NULL`, a.Sum)
		return err
	})
}
