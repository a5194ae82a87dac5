package archive

import (
	"archive/zip"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Writer writes a file, which has its name once it is whole and on the disk.
type Writer struct {
	name    string
	file    *os.File
	zip     *zip.Writer
	members []Member
	open    io.Writer // of the last member
	sum     hash.Hash
	count   int64
}

// Create begins a file. What is called name stays as it is until Finish; meanwhile
// there is name.part, which only one writes at a time.
func Create(name string) (*Writer, error) {
	f, err := os.OpenFile(name+".part", os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the caller's own
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil { //nolint:gosec // a file descriptor fits
		return nil, errors.Join(fmt.Errorf("%s is being written by another process", name), f.Close())
	}
	if err := f.Truncate(0); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	w := &Writer{name: name, file: f, zip: zip.NewWriter(f)}
	w.zip.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestSpeed) })
	return w, nil
}

// Member begins the next thing in the file, which is packed unless it is packed
// already. What is written belongs to it until the next one begins.
func (w *Writer) Member(name string, packed bool) (io.Writer, error) {
	w.closeMember()
	method := zip.Deflate
	if packed {
		method = zip.Store
	}
	out, err := w.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method})
	if err != nil {
		return nil, err
	}
	w.members = append(w.members, Member{Name: name})
	w.open, w.sum, w.count = out, sha256.New(), 0
	return (*memberWriter)(w), nil
}

// Rows says how many rows the open member has.
func (w *Writer) Rows(n int64) { w.members[len(w.members)-1].Rows = n }

func (w *Writer) closeMember() {
	if w.open == nil {
		return
	}
	last := &w.members[len(w.members)-1]
	last.Size, last.SHA256 = w.count, hex.EncodeToString(w.sum.Sum(nil))
	w.open = nil
}

type memberWriter Writer

// Write implements io.Writer.
func (w *memberWriter) Write(p []byte) (int, error) {
	n, err := w.open.Write(p)
	w.sum.Write(p[:n])
	w.count += int64(n)
	return n, err
}

// Finish writes the manifest, of which the members are filled in, and gives the file
// its name. When it returns nil, the file outlives the machine's power.
func (w *Writer) Finish(m Manifest) error {
	w.closeMember()
	m.Members = w.members
	raw, err := json.MarshalIndent(m, "", "\t")
	if err == nil {
		var out io.Writer
		if out, err = w.zip.Create(manifestName); err == nil {
			_, err = out.Write(raw)
		}
	}
	if err == nil {
		err = w.zip.Close()
	}
	if err == nil {
		err = w.file.Sync()
	}
	if err == nil {
		err = os.Rename(w.file.Name(), w.name)
	}
	if err != nil {
		w.Abort()
		return err
	}
	return errors.Join(w.file.Close(), syncFolder(filepath.Dir(w.name)))
}

// Abort takes away what was written.
func (w *Writer) Abort() {
	_ = os.Remove(w.file.Name())
	_ = w.file.Close()
}

func syncFolder(path string) error {
	f, err := os.Open(path) //nolint:gosec // where the caller's file lies
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
