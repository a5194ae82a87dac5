package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/catalog/shopifycsv"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/job"
)

// UploadID names a file on its way into a job.
type UploadID struct{ id.UUID }

// Upload is such a file. It lies in the database, in pieces, so that no process
// holds it whole and any of them can do the job. Until Later has given it to a job
// it is nobody's, and goes with Discard or, when its process dies, after a day.
type Upload struct {
	ID   UploadID
	Size int64
}

// MaxFile is how many bytes a file can have that comes over the network.
const MaxFile = 64 << 20

// chunkSize is how large the pieces are.
const chunkSize = 512 << 10

// Receive stores a file of up to limit bytes as it comes in. No transaction waits
// for whoever sends it.
func Receive(ctx context.Context, d *db.DB, owner account.ID, file io.Reader, limit int64) (*Upload, error) {
	u := &Upload{ID: UploadID{d.NewID()}}
	err := d.InTx(ctx, func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `INSERT INTO upload (id, account_id, size, created_at) VALUES ($1, $2, 0, $3)`, u.ID, owner, db.Time{Time: tx.Now()})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("begin an upload: %w", err)
	}
	if err := u.fill(ctx, d, file, limit); err != nil {
		return nil, errors.Join(err, u.Discard(context.WithoutCancel(ctx), d))
	}
	return u, nil
}

func (u *Upload) fill(ctx context.Context, d *db.DB, file io.Reader, limit int64) error {
	buffer := make([]byte, chunkSize)
	for n := 0; ; n++ {
		length, ended, err := readFull(file, buffer)
		if err != nil {
			return err
		}
		if u.Size += int64(length); u.Size > limit {
			return &fault.Error{Kind: fault.TooLarge, Code: "too_large", Message: fmt.Sprintf("The file is larger than %d MiB. Please split it.", limit>>20)}
		}
		if length > 0 {
			if err := u.append(ctx, d, n, buffer[:length]); err != nil {
				return fmt.Errorf("store an upload: %w", err)
			}
		}
		if ended {
			return nil
		}
	}
}

// readFull fills buffer, or reads to the end. Unlike io.ReadFull it tells the end
// from a file that broke off.
func readFull(file io.Reader, buffer []byte) (n int, ended bool, err error) {
	for n < len(buffer) && err == nil {
		var more int
		more, err = file.Read(buffer[n:])
		n += more
	}
	if err == io.EOF { //nolint:errorlint // a wrapped one is no end
		return n, true, nil
	}
	return n, false, err
}

func (u *Upload) append(ctx context.Context, d *db.DB, n int, data []byte) error {
	return d.InTx(ctx, func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `INSERT INTO upload_chunk (upload_id, n, data) VALUES ($1, $2, $3)`, u.ID, n, data)
		return err
	})
}

// Discard deletes a file that no job is to have.
func (u *Upload) Discard(ctx context.Context, d *db.DB) error {
	return d.InTx(ctx, func(tx *db.Tx) error { return discard(ctx, tx, u.ID) })
}

func discard(ctx context.Context, tx *db.Tx, u UploadID) error {
	_, err := db.Exec(ctx, tx, `DELETE FROM upload WHERE id = $1`, u)
	return err
}

// CheckHeader tells whether the file begins like a product CSV.
func (u *Upload) CheckHeader(ctx context.Context, q db.Q) error {
	return shopifycsv.CheckHeader(u.open(ctx, q))
}

// give lets a job have the file.
func (u *Upload) give(ctx context.Context, tx *db.Tx, j job.ID) error {
	n, err := db.Exec(ctx, tx, `UPDATE upload SET size = $2, job_id = $3 WHERE id = $1`, u.ID, u.Size, j)
	if err == nil && n == 0 {
		return fmt.Errorf("upload %s is gone", u.ID)
	}
	return err
}

// find returns the file that a job has.
func find(ctx context.Context, q db.Q, u UploadID, j job.ID) (*Upload, error) {
	size, err := db.One(ctx, q, db.Value[int64], `SELECT size FROM upload WHERE id = $1 AND job_id = $2`, u, j)
	if err != nil {
		return nil, fmt.Errorf("find upload %s: %w", u, err)
	}
	return &Upload{ID: u, Size: size}, nil
}

// open returns the file for reading, while ctx lives.
func (u *Upload) open(ctx context.Context, q db.Q) *io.SectionReader {
	return io.NewSectionReader(&pieces{ctx: ctx, q: q, upload: u.ID}, 0, u.Size)
}

// pieces reads a file and keeps the piece that it has read last. It is for one
// goroutine.
type pieces struct {
	ctx    context.Context //nolint:containedctx // io.ReaderAt has none
	q      db.Q
	upload UploadID
	n      int64
	data   []byte
}

// ReadAt implements io.ReaderAt.
func (p *pieces) ReadAt(buffer []byte, at int64) (int, error) {
	done := 0
	for done < len(buffer) {
		n, within := (at+int64(done))/chunkSize, (at+int64(done))%chunkSize
		if p.data == nil || p.n != n {
			data, err := db.One(p.ctx, p.q, db.Value[[]byte], `SELECT data FROM upload_chunk WHERE upload_id = $1 AND n = $2`, p.upload, n)
			if errors.Is(err, db.ErrNoRows) {
				return done, io.EOF
			}
			if err != nil {
				return done, fmt.Errorf("read upload %s: %w", p.upload, err)
			}
			p.n, p.data = n, data
		}
		if within >= int64(len(p.data)) {
			return done, io.EOF
		}
		done += copy(buffer[done:], p.data[within:])
	}
	return done, nil
}

// stranded is how long a file may be on its way. One that takes longer has lost the
// process that received it.
const stranded = 24 * time.Hour

// CleanUploads deletes the files that no job needs any more, or ever will. What a
// job left behind that succeeded was looked at by a rehearsal, and kept on purpose.
func CleanUploads(ctx context.Context, d *db.DB) error {
	return d.InTx(ctx, func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `
			DELETE FROM upload
			WHERE job_id IS NULL AND created_at < $1
				OR job_id IS NOT NULL AND NOT EXISTS (
					SELECT 1 FROM job
					WHERE job.id = upload.job_id AND (job.finished_at IS NULL OR job.status = 'succeeded' AND job.finished_at > $2))`,
			db.Time{Time: tx.Now().Add(-stranded)}, db.Time{Time: tx.Now().Add(-kept)})
		return err
	})
}
