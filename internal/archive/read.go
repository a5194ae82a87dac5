package archive

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"slices"
)

// Reader reads a file.
type Reader struct {
	Manifest
	zip   *zip.ReadCloser
	files map[string]*zip.File
}

// Open opens a file of a kind, whose format is at most the newest that the caller
// reads. It fails with ErrForeign or ErrDamaged where that is so.
func Open(name, kind string, newest int) (*Reader, error) {
	z, err := zip.OpenReader(name)
	if _, missing := errors.AsType[*fs.PathError](err); missing {
		return nil, err
	}
	if err != nil {
		return nil, damaged("it does not end as a zip does")
	}
	r := &Reader{zip: z, files: map[string]*zip.File{}}
	for _, f := range z.File {
		r.files[f.Name] = f
	}
	if err := r.readManifest(kind, newest); err != nil {
		return nil, errors.Join(err, z.Close())
	}
	return r, nil
}

// Close closes the file.
func (r *Reader) Close() error { return r.zip.Close() }

func (r *Reader) readManifest(kind string, newest int) error {
	f := r.files[manifestName]
	if f == nil {
		return fmt.Errorf("%w: it has no manifest", ErrForeign)
	}
	in, err := f.Open()
	if err != nil {
		return damaged("its manifest cannot be read")
	}
	defer func() { _ = in.Close() }()
	raw, err := io.ReadAll(io.LimitReader(in, maxManifest))
	if err != nil {
		return damaged("its manifest cannot be read")
	}
	if err := json.Unmarshal(raw, &r.Manifest); err != nil || r.Kind != kind {
		return fmt.Errorf("%w: it is %q, not %q", ErrForeign, r.Kind, kind)
	}
	if r.Format > newest || r.Format < 1 {
		return fmt.Errorf("it has format %d, and this version of Vitrine reads up to %d: use a newer one", r.Format, newest)
	}
	for _, m := range r.Members {
		if there := r.files[m.Name]; there == nil {
			return damaged("%s is missing", m.Name)
		}
	}
	return nil
}

// Find returns what the manifest says of a member.
func (r *Reader) Find(name string) (Member, bool) {
	i := slices.IndexFunc(r.Members, func(m Member) bool { return m.Name == name })
	if i < 0 {
		return Member{}, false
	}
	return r.Members[i], true
}

// Member opens a member. Whoever reads it to its end knows that it is as it was
// written: a read fails with ErrDamaged where it is not.
func (r *Reader) Member(name string) (io.ReadCloser, error) {
	m, ok := r.Find(name)
	if !ok {
		return nil, damaged("%s is missing", name)
	}
	in, err := r.files[name].Open()
	if err != nil {
		return nil, damaged("%s cannot be read", name)
	}
	return &memberReader{ReadCloser: in, want: m, sum: sha256.New()}, nil
}

// Verify reads everything.
func (r *Reader) Verify() error {
	for _, m := range r.Members {
		in, err := r.Member(m.Name)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, in)
		if err = errors.Join(err, in.Close()); err != nil {
			return err
		}
	}
	return nil
}

type memberReader struct {
	io.ReadCloser
	want Member
	sum  hash.Hash
	n    int64
}

// Read implements io.Reader.
func (r *memberReader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	r.sum.Write(p[:n])
	r.n += int64(n)
	switch {
	case r.n > r.want.Size:
		return 0, damaged("%s is longer than it was", r.want.Name)
	case errors.Is(err, io.EOF) && (r.n != r.want.Size || hex.EncodeToString(r.sum.Sum(nil)) != r.want.SHA256):
		return 0, damaged("%s is not what was written", r.want.Name)
	case err != nil && !errors.Is(err, io.EOF):
		return 0, damaged("%s cannot be read: %v", r.want.Name, err)
	}
	return n, err
}
