package media

import (
	"context"
	"fmt"
	"iter"
	"time"

	"vitrine/internal/blob"
	"vitrine/internal/db"
	"vitrine/internal/picture"
	"vitrine/internal/store"
)

// Difference is a picture that is not where it should be, or a file that is no
// picture's.
type Difference struct{ What string }

func (d Difference) String() string { return "pictures: " + d.What }

// settled is how old a file is before it counts as left over: whoever is about to write
// its row has been faster.
const settled = 24 * time.Hour

// Shelf is a storage whose files can be listed and put aside. A folder is one.
type Shelf interface {
	blob.Storage

	// Each calls fn for every file, with when it was written. What is no key is told of
	// by its path alone.
	Each(ctx context.Context, fn func(k blob.Key, path string, at time.Time) error) error

	// PutAside takes a file out of the storage and keeps it below the same folder.
	PutAside(ctx context.Context, k blob.Key) error
}

// Verify yields the pictures of stores of which a version is not kept and, where files
// can be listed, the files that no picture has. An error ends it.
func (s *Service) Verify(ctx context.Context) iter.Seq2[Difference, error] {
	return func(yield func(Difference, error) bool) {
		more := true
		tell := func(format string, args ...any) bool {
			more = more && yield(Difference{fmt.Sprintf(format, args...)}, nil)
			return more
		}
		if err := s.missing(ctx, tell); err != nil {
			yield(Difference{}, err)
			return
		}
		err := s.leftOver(ctx, func(k blob.Key, path string) error {
			if k.Name == "" {
				tell("nobody knows what the file %s is", path)
			} else {
				tell("the file %s belongs to no picture", k)
			}
			return nil
		})
		if err != nil && more {
			yield(Difference{}, err)
		}
	}
}

// missing tells of pictures of which a version is not kept.
func (s *Service) missing(ctx context.Context, tell func(string, ...any) bool) error {
	type shown struct {
		store   store.ID
		id      store.PictureID
		address picture.Address
	}
	all, err := db.All(ctx, s.db, func(row db.Row) (p shown, err error) {
		return p, row.Scan(&p.store, &p.id, &p.address.Sum, &p.address.Width)
	}, `SELECT p.store_id, p.id, p.sum, p.width FROM picture p JOIN store s ON s.id = p.store_id WHERE s.deleted_at IS NULL ORDER BY p.sum, p.id`)
	if err != nil {
		return fmt.Errorf("look at the pictures: %w", err)
	}
	var last picture.Sum
	whole := false
	for i, p := range all {
		if i == 0 || p.address.Sum != last {
			if whole, err = s.kept(ctx, p.address); err != nil {
				return fmt.Errorf("look for a picture: %w", err)
			}
			last = p.address.Sum
		}
		if !whole && !tell("picture %s of store %s is not where it should be: have it uploaded again", p.id, p.store) {
			return nil
		}
	}
	return nil
}

// leftOver calls fn for each file that no picture has.
func (s *Service) leftOver(ctx context.Context, fn func(k blob.Key, path string) error) error {
	shelf, ok := s.blobs.(Shelf)
	if !ok {
		return nil
	}
	old := s.db.Now().Add(-settled)
	known := map[picture.Sum]bool{}
	return shelf.Each(ctx, func(k blob.Key, path string, at time.Time) error {
		if at.After(old) {
			return nil
		}
		if k.Name == "" {
			return fn(k, path)
		}
		there, asked := known[picture.Sum(k.Sum)]
		if !asked {
			var err error
			there, err = db.One(ctx, s.db, db.Value[bool], `SELECT EXISTS (SELECT 1 FROM picture_file WHERE sum = $1)`, picture.Sum(k.Sum))
			if err != nil {
				return err
			}
			clear(known) // files of one picture lie together
			known[picture.Sum(k.Sum)] = there
		}
		if there {
			return nil
		}
		return fn(k, path)
	})
}

// Repair puts the files aside that no picture has, and tells of them. It can be done
// again, and while others upload.
func (s *Service) Repair(ctx context.Context, tell func(what string)) error {
	shelf, ok := s.blobs.(Shelf)
	if !ok {
		return nil
	}
	return s.leftOver(ctx, func(k blob.Key, path string) error {
		if k.Name == "" {
			return nil
		}
		if err := shelf.PutAside(ctx, k); err != nil {
			return fmt.Errorf("put %s aside: %w", path, err)
		}
		tell(fmt.Sprintf("pictures: the file %s is put aside", k))
		return nil
	})
}
