package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// copiedAtOnce is how many pages a copy takes between looks at its context.
const copiedAtOnce = 4096

// CopyTo writes a SQLite database, as it is at one moment, into a file that is not
// there yet, while others read and write. progress hears of pages; it may be nil.
func (d *DB) CopyTo(ctx context.Context, path string, progress func(done, total int)) error {
	conn, err := d.read.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	// Within a transaction that has read, all pages are of one moment; without, the
	// copy would begin again whenever another process has written.
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return err
	}
	defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") }()
	if err := conn.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(new(int)); err != nil {
		return err
	}
	err = conn.Raw(func(raw any) error { return copyPages(ctx, raw, path, progress) })
	if err != nil {
		return errors.Join(fmt.Errorf("copy the database: %w", err), RemoveFile(path))
	}
	return nil
}

func copyPages(ctx context.Context, raw any, path string, progress func(done, total int)) error {
	source, ok := raw.(interface {
		NewBackup(to string) (*sqlite.Backup, error)
	})
	if !ok {
		return fmt.Errorf("a connection of %T cannot be copied", raw)
	}
	b, err := source.NewBackup(sqliteURI(path))
	if err != nil {
		return err
	}
	more := true
	for more && err == nil {
		if more, err = b.Step(copiedAtOnce); err == nil {
			err = ctx.Err()
		}
		if progress != nil {
			progress(b.PageCount()-b.Remaining(), b.PageCount())
		}
	}
	return errors.Join(err, b.Finish())
}

// RemoveFile removes a SQLite file that nobody uses, if it is there, with what lies
// beside it.
func RemoveFile(path string) error {
	var failed error
	for _, suffix := range []string{"", "-wal", "-shm", "-journal", "-migrate", "-jobs"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

// ErrDamaged says that a SQLite file is not whole.
var ErrDamaged = errors.New("the database is damaged")

// Check reads all of a SQLite database and fails with ErrDamaged when it is not
// whole, or a row of it names one that is not there.
func (d *DB) Check(ctx context.Context) error {
	found, err := All(ctx, d, Value[string], "PRAGMA integrity_check(1)")
	if err != nil || len(found) != 1 || found[0] != "ok" {
		return fmt.Errorf("%w: %v %v", ErrDamaged, found, err)
	}
	found, err = All(ctx, d, Value[string], `SELECT 'a row of ' || "table" || ' names a ' || parent || ' that is not there' FROM pragma_foreign_key_check LIMIT 1`)
	if err == nil && len(found) > 0 {
		err = errors.New(found[0])
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return nil
}

// ErrInUse says that another process has a database open.
var ErrInUse = errors.New("another process has the database open")

// Exists tells whether a SQLite database is there.
func Exists(path string) (bool, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Successor is a SQLite file that is being made to take another one's place. One at a
// time is made for a place.
type Successor struct {
	place  string // of the file itself, not of a link to it
	unlock func()
}

// Succeed begins a successor of the database in a place, where none needs to be. What
// an earlier one left behind is removed.
func Succeed(place string) (*Successor, error) {
	if err := os.MkdirAll(filepath.Dir(place), 0o750); err != nil {
		return nil, err
	}
	if there, err := Exists(place); err != nil {
		return nil, err
	} else if there {
		if place, err = filepath.EvalSymlinks(place); err != nil {
			return nil, err
		}
	}
	unlock, ok, err := tryLock(place + "-restore")
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrInUse
	}
	s := &Successor{place, unlock}
	if err := RemoveFile(s.Path()); err != nil {
		unlock()
		return nil, err
	}
	return s, nil
}

// Path is where the successor is made.
func (s *Successor) Path() string { return s.place + ".restoring" }

// Close gives the successor up, if it has not taken its place.
func (s *Successor) Close() error {
	err := RemoveFile(s.Path())
	s.unlock()
	return errors.Join(err, os.Remove(s.place+"-restore"))
}

// TakePlace puts the successor, which nobody uses any more, into its place. A database
// that is there is called aside from then on. Whoever opens the place finds the old one
// or the new one, whole, also when this process is killed. It fails with ErrInUse
// while another process has the old one open.
func (s *Successor) TakePlace(ctx context.Context, aside string) error {
	unlock, err := lockFile(s.place+"-migrate", unix.LOCK_EX) // who opens the place waits
	if err != nil {
		return err
	}
	defer unlock()
	working, ok, err := tryLock(s.place + "-jobs")
	if err != nil {
		return err
	}
	if !ok {
		return ErrInUse
	}
	defer working()
	if err := settle(ctx, s.Path()); err != nil {
		return err
	}
	there, err := Exists(s.place)
	if err != nil {
		return err
	}
	if there {
		if err := settle(ctx, s.place); err != nil {
			return err
		}
		if err := os.Link(s.place, aside); err != nil {
			return err
		}
	}
	if err := os.Rename(s.Path(), s.place); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(s.place))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// settle brings everything of a SQLite database into its one file, which only whoever
// has it alone can do: what is left beside it would be taken for the new one's. One
// that is damaged keeps what it has beside it under another name.
func settle(ctx context.Context, path string) error {
	raw, err := sql.Open("sqlite", sqliteDSN(path, "immediate", []string{"busy_timeout(2000)"}))
	if err != nil {
		return err
	}
	raw.SetMaxOpenConns(1)
	var mode string
	err = raw.QueryRowContext(ctx, "PRAGMA journal_mode = DELETE").Scan(&mode)
	_ = raw.Close()
	lite, _ := errors.AsType[*sqlite.Error](err)
	switch {
	case err == nil && mode == "delete":
		return nil
	case err == nil, lite != nil && lite.Code()&0xff == sqlite3.SQLITE_BUSY:
		return ErrInUse
	case ctx.Err() != nil:
		return ctx.Err()
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Rename(path+suffix, path+".damaged"+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
