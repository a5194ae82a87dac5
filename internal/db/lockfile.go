package db

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// TryLockFile takes the lock of the file beside a SQLite database that is named
// after it and ends in suffix. ok is false while another holder lives: the system
// drops a lock with the process that held it, however that ends.
func (d *DB) TryLockFile(suffix string) (unlock func(), ok bool, err error) {
	path, err := filepath.EvalSymlinks(d.path()) // two names of one file share the lock
	if err != nil {
		return nil, false, fmt.Errorf("lock: %w", err)
	}
	return tryLock(path + suffix)
}

// tryLock takes the lock of a file. ok is false while another holder lives.
func tryLock(path string) (unlock func(), ok bool, err error) {
	unlock, err = lockFile(path, unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, false, nil
	}
	return unlock, err == nil, err
}

// lockFile locks a file as flock(2) is told to, and makes it if need be.
func lockFile(path string, how int) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // beside the database that the operator named
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), how); err != nil { //nolint:gosec // a file descriptor fits
		_ = f.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return func() { _ = f.Close() }, nil
}
