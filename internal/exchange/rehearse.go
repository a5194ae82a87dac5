package exchange

import (
	"context"
	"errors"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/job"
	"vitrine/internal/store"
)

// kept is how long a file waits for Confirm after it was rehearsed.
const kept = time.Hour

// Rehearse makes a job that tells what an import of the file would do. The file is
// kept for an hour after that, for Confirm; of each user only the latest one is.
func Rehearse(ctx context.Context, tx *db.Tx, owner account.ID, st store.ID, file *Upload) (job.ID, error) {
	_, err := db.Exec(ctx, tx, `
		DELETE FROM upload
		WHERE account_id = $1 AND job_id IN (SELECT id FROM job WHERE account_id = $1 AND finished_at IS NOT NULL)`, owner)
	if err != nil {
		return job.ID{}, err
	}
	return enqueue(ctx, tx, owner, st, file, order{Upload: file.ID, DryRun: true, Keep: true})
}

const rehearsed = `
	SELECT u.id, u.size FROM upload u JOIN job j ON j.id = u.job_id
	WHERE u.job_id = $1 AND u.account_id = $2 AND j.store_id = $3 AND j.status = 'succeeded'`

// Rehearsed tells whether the file of a rehearsal waits for Confirm.
func Rehearsed(ctx context.Context, q db.Q, owner account.ID, st store.ID, rehearsal job.ID) (bool, error) {
	_, err := db.One(ctx, q, scanUpload, rehearsed, rehearsal, owner, st)
	if errors.Is(err, db.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// Confirm makes a job that imports the file which a rehearsal has looked at. A second
// call finds it gone.
func Confirm(ctx context.Context, tx *db.Tx, owner account.ID, st store.ID, rehearsal job.ID) (job.ID, error) {
	file, err := db.One(ctx, tx, scanUpload, rehearsed, rehearsal, owner, st)
	if err == nil {
		// Whoever moves the file first has it; the other one waits here, and moves none.
		err = db.ExecOne(ctx, tx, `UPDATE upload SET job_id = NULL WHERE id = $1 AND job_id = $2`, file.ID, rehearsal)
	}
	if errors.Is(err, db.ErrNoRows) {
		return job.ID{}, fault.Refusedf("file_gone", "This file was imported already, or it is no longer kept. Please choose it again.")
	}
	if err != nil {
		return job.ID{}, err
	}
	return enqueue(ctx, tx, owner, st, &file, order{Upload: file.ID})
}

func scanUpload(row db.Row) (Upload, error) {
	var u id.UUID
	var size int64
	err := row.Scan(&u, &size)
	return Upload{ID: UploadID{u}, Size: size}, err
}
