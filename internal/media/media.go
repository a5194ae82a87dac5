// Package media takes the pictures that merchants upload: it has them made fit for
// pages, keeps what is served beside the database, and deletes what no store has any
// more.
//
// What lies beside the database cannot commit together with it. So a row of
// picture_file is there before the first byte of a picture is kept, and goes after the
// last one: whatever dies in between, that row tells what is to be deleted.
package media

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/blob"
	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/picture"
	"vitrine/internal/store"
	"vitrine/internal/theme"
)

// Limits bound what merchants upload, in bytes.
type Limits struct {
	File  int64 // one file
	Store int64 // what is kept of all pictures of one store; 0: any
}

// Service takes pictures. It is safe for concurrent use.
type Service struct {
	db     *db.DB
	blobs  blob.Storage
	maker  *picture.Maker
	limits Limits
}

// New returns a service that keeps pictures in a storage.
func New(d *db.DB, blobs blob.Storage, limits Limits) *Service {
	return &Service{db: d, blobs: blobs, maker: picture.NewMaker(), limits: limits}
}

// MaxFile is how many bytes one file may have.
func (s *Service) MaxFile() int64 { return s.limits.File }

// MaxStore is how many bytes all pictures of a store may take; 0: any number.
func (s *Service) MaxStore() int64 { return s.limits.Store }

// Upload is a file that somebody sends, on its way to being a picture.
type Upload struct {
	file *os.File
	sum  picture.Sum
}

// Receive keeps a file as it comes in, where it takes no memory while its sender is
// slow. Whoever receives it closes it.
func (s *Service) Receive(file io.Reader) (*Upload, error) {
	f, err := os.CreateTemp("", "vitrine-picture-")
	if err != nil {
		return nil, fmt.Errorf("receive a picture: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil { // it lives as long as it is open, however that ends
		return nil, errors.Join(fmt.Errorf("receive a picture: %w", err), f.Close())
	}
	u, sum := &Upload{file: f}, sha256.New()
	n, err := io.Copy(io.MultiWriter(f, sum), io.LimitReader(file, s.limits.File+1))
	if err == nil && n > s.limits.File {
		err = s.ErrTooLarge()
	}
	if err != nil {
		return nil, errors.Join(err, u.Close())
	}
	u.sum = picture.Sum(sum.Sum(nil))
	return u, nil
}

// Close lets go of the file, which is gone then. What was made of it stays.
func (u *Upload) Close() error { return u.file.Close() }

// ErrTooLarge is what is told of a file that is larger than can be uploaded.
func (s *Service) ErrTooLarge() error {
	return &fault.Error{Kind: fault.TooLarge, Code: "too_large", Message: fmt.Sprintf("The picture is larger than %d MiB.", s.limits.File>>20)}
}

// Keep makes a picture of a file and keeps its versions for good. No store has it yet:
// Add gives it to one, soon.
func (s *Service) Keep(ctx context.Context, u *Upload) (store.Picture, error) {
	known, err := store.FindPicturesAnywhere(ctx, s.db, []picture.Sum{u.sum})
	if err != nil {
		return store.Picture{}, err
	}
	p, is := known[u.sum]
	if is {
		if is, err = s.kept(ctx, p.Address()); err != nil {
			return store.Picture{}, err
		}
	}
	if is {
		return p, s.touch(ctx, p.Address())
	}
	m, err := s.maker.Make(ctx, u.file)
	if err != nil {
		return store.Picture{}, err
	}
	p = store.Picture{Sum: u.sum, Width: m.Width, Height: m.Height, Bytes: m.Bytes()}
	if err := s.touch(ctx, p.Address()); err != nil {
		return store.Picture{}, err
	}
	for _, v := range m.Versions {
		if err := s.blobs.Put(ctx, picture.Address{Sum: u.sum, Width: v.Width}.Key(), v.Content); err != nil {
			return store.Picture{}, fmt.Errorf("keep a picture: %w", err)
		}
	}
	return p, nil
}

// kept tells whether all versions of a picture are there.
func (s *Service) kept(ctx context.Context, a picture.Address) (bool, error) {
	for _, v := range a.Versions() {
		if there, err := s.blobs.Exists(ctx, v.Key()); err != nil || !there {
			return false, err
		}
	}
	return true, nil
}

// touch keeps a picture from being deleted for a while, whether a store has it or not.
func (s *Service) touch(ctx context.Context, a picture.Address) error {
	return s.db.InTx(ctx, func(tx *db.Tx) error { return touch(ctx, tx, a) })
}

func touch(ctx context.Context, tx *db.Tx, a picture.Address) error {
	n, err := db.Exec(ctx, tx, `
		INSERT INTO picture_file (sum, width, touched_at) VALUES ($1, $2, $3)
		ON CONFLICT (sum) DO UPDATE SET touched_at = excluded.touched_at WHERE picture_file.doomed_at IS NULL`,
		a.Sum, a.Width, db.Time{Time: tx.Now()})
	if err == nil && n == 0 {
		return &fault.Error{Kind: fault.Unavailable, Code: "picture_going", Message: "This picture is just being deleted. Please send it again in a moment.", RetryAfter: 10 * time.Second}
	}
	return err
}

// Add gives a store a picture that Keep has kept. One that it has already is returned
// as it is.
func (s *Service) Add(ctx context.Context, tx *db.Tx, st store.ID, by account.ID, p store.Picture) (store.Picture, error) {
	if err := touch(ctx, tx, p.Address()); err != nil {
		return store.Picture{}, err
	}
	p.UploadedBy = by
	return store.AddPicture(ctx, tx, st, p, s.limits.Store)
}

// Delete takes a picture from a store that shows it nowhere. Other stores keep it.
func (s *Service) Delete(ctx context.Context, tx *db.Tx, st store.ID, p store.PictureID) error {
	gone, err := store.DeletePicture(ctx, tx, st, p) // whoever is about to show it waits, or was faster and is seen below
	if err != nil {
		return err
	}
	for what, shows := range map[string]func(context.Context, db.Q, store.ID, picture.Sum) (bool, error){
		"a product": catalog.ShowsPicture, "a theme": theme.ShowsPicture, "the store itself": store.ShowsPicture,
	} {
		shown, err := shows(ctx, tx, st, gone.Sum)
		if err != nil {
			return err
		}
		if shown {
			return fault.Refusedf("picture_shown", "The picture is shown by %s. Take it away there first.", what)
		}
	}
	return touch(ctx, tx, gone.Address())
}

// Get returns a version of a picture as it is served, or blob.ErrNone.
func (s *Service) Get(ctx context.Context, a picture.Address) ([]byte, error) {
	return s.blobs.Get(ctx, a.Key())
}

// Bring keeps the versions of a picture that somebody else has made; those that are
// here already stay. content returns one, or blob.ErrNone. As with Keep, no store has
// the picture yet.
func (s *Service) Bring(ctx context.Context, a picture.Address, content func(picture.Address) ([]byte, error)) error {
	if err := s.touch(ctx, a); err != nil {
		return err
	}
	for _, v := range a.Versions() {
		if there, err := s.blobs.Exists(ctx, v.Key()); err != nil {
			return err
		} else if there {
			continue
		}
		version, err := content(v)
		if errors.Is(err, blob.ErrNone) {
			continue
		}
		if err != nil {
			return err
		}
		if err := s.blobs.Put(ctx, v.Key(), version); err != nil {
			return fmt.Errorf("keep a picture: %w", err)
		}
	}
	return nil
}
