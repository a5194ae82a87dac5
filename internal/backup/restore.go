package backup

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"vitrine/internal/archive"
	"vitrine/internal/blob"
	"vitrine/internal/clock"
	"vitrine/internal/db"
)

// Place is where a platform comes back to.
type Place struct {
	Database string       // the SQLite file
	Pictures blob.Storage // where those in the file go
	Replace  bool         // whether a database that is there is put aside
}

// ErrThere says that there is a database in the place.
var ErrThere = errors.New("there is a database already")

// Restore brings a platform back from a file. What is in it is checked and brought up
// to this program's schema first. Then it takes its place in one step, and what was
// there keeps another name, which is returned; it is "" where nothing was. Whoever
// looks, at whatever moment this is killed, finds the one or the other, whole.
func Restore(ctx context.Context, name string, to Place, tell Progress) (s Summary, aside string, err error) {
	in, err := open(name)
	if err != nil {
		return s, "", err
	}
	defer func() { _ = in.Close() }()
	there, err := db.Exists(to.Database)
	if err == nil && there && !to.Replace {
		err = ErrThere
	}
	if err != nil {
		return s, "", err
	}
	fresh, err := db.Succeed(to.Database)
	if err != nil {
		return s, "", err
	}
	defer func() { err = errors.Join(err, fresh.Close()) }()
	tell("database: unpacking")
	if err := unpack(ctx, in, fresh.Path()); err != nil {
		return s, "", err
	}
	tell("database: checking")
	if s, err = prepare(ctx, fresh.Path()); err != nil {
		return s, "", err
	}
	s.MadeAt = in.MadeAt
	if s.Pictures, err = unpackPictures(ctx, in, to.Pictures, tell); err != nil {
		return s, "", err
	}
	if there {
		aside = to.Database + ".before-restore-" + clock.System{}.Now().UTC().Format("20060102T150405.000")
	}
	return s, aside, fresh.TakePlace(ctx, aside)
}

func open(name string) (*archive.Reader, error) {
	in, err := archive.Open(name, kind, format)
	switch {
	case errors.Is(err, archive.ErrForeign):
		return nil, fmt.Errorf("%s is no backup that vitrine backup has made: %w", name, err)
	case errors.Is(err, archive.ErrDamaged):
		return nil, fmt.Errorf("%s is no whole backup: %w", name, err)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return in, nil
}

func unpack(ctx context.Context, in *archive.Reader, path string) error {
	from, err := in.Member(database)
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // beside the operator's database
	if err != nil {
		return err
	}
	_, err = io.Copy(f, reading{ctx, from})
	return errors.Join(err, f.Sync(), f.Close())
}

// prepare sees that an unpacked database is whole and of a schema that this program
// knows, and brings it up to date.
func prepare(ctx context.Context, path string) (s Summary, err error) {
	d, err := db.Open(ctx, db.Options{URL: "sqlite://" + path, Clock: clock.System{}})
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := d.Check(ctx); err != nil {
		return s, err
	}
	if _, err := d.Migrate(ctx); err != nil {
		return s, err
	}
	if s.Schema, err = db.Schema(ctx, d); err != nil {
		return s, err
	}
	return s, count(ctx, d, &s)
}

// unpackPictures puts the pictures of a file where they belong, but for those that are
// there: what lies under a key never changes.
func unpackPictures(ctx context.Context, in *archive.Reader, to blob.Storage, tell Progress) (int, error) {
	sums := map[[32]byte]bool{}
	for i, m := range in.Members {
		path, is := strings.CutPrefix(m.Name, pictures)
		if !is {
			continue
		}
		tell(fmt.Sprintf("pictures: %d of %d files", i, len(in.Members)))
		k, err := parseKey(path)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", m.Name, err)
		}
		if err := unpackPicture(ctx, in, m.Name, to, k); err != nil {
			return 0, err
		}
		sums[k.Sum] = true
	}
	return len(sums), ctx.Err()
}

func unpackPicture(ctx context.Context, in *archive.Reader, member string, to blob.Storage, k blob.Key) error {
	if there, err := to.Exists(ctx, k); err != nil || there {
		return err
	}
	from, err := in.Member(member)
	if err != nil {
		return err
	}
	content, err := io.ReadAll(from)
	if err = errors.Join(err, from.Close()); err != nil {
		return err
	}
	return to.Put(ctx, k, content)
}

// parseKey reads what blob.Key's String writes.
func parseKey(path string) (k blob.Key, err error) {
	parts := strings.Split(path, "/")
	if len(parts) == 3 && len(parts[1]) == hex.EncodedLen(len(k.Sum)) {
		_, err = hex.Decode(k.Sum[:], []byte(parts[1]))
		k.Name = parts[2]
	}
	if err != nil || !k.Valid() || k.String() != path {
		return blob.Key{}, blob.ErrKey
	}
	return k, nil
}
