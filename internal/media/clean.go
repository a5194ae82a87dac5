package media

import (
	"context"
	"errors"
	"fmt"
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

// doom marks what no store has any more. From then on nobody gets it: who uploads the
// same picture while it is being deleted is asked to come again.
const doom = `
	UPDATE picture_file SET doomed_at = $1
	WHERE doomed_at IS NULL AND touched_at < $2 AND NOT EXISTS (
		SELECT 1 FROM picture p JOIN store s ON s.id = p.store_id
		WHERE p.sum = picture_file.sum AND (s.deleted_at IS NULL OR s.deleted_at > $3))`

// Clean deletes the pictures that no store has any more. It can be cut short at any
// place: the next call goes on.
func (s *Service) Clean(ctx context.Context) error {
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, doom, db.Time{Time: tx.Now()}, db.Time{Time: tx.Now().Add(-spared)}, db.Time{Time: tx.Now().Add(-mourned)})
		return err
	})
	if err != nil {
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
