package exchange

import (
	"context"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/audit"
	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/inventory"
	"vitrine/internal/job"
	"vitrine/internal/store"
)

// jobKind is what the jobs that import are called.
const jobKind = "import"

// jobTimeout bounds one go at a large file.
const jobTimeout = 2 * time.Hour

// order is what a job is to import.
type order struct {
	Upload UploadID
	DryRun bool
	Keep   bool // the file, for Confirm
}

// Later makes a job that imports the file soon after tx has committed.
func Later(ctx context.Context, tx *db.Tx, owner account.ID, st store.ID, file *Upload, dryRun bool) (job.ID, error) {
	return enqueue(ctx, tx, owner, st, file, order{Upload: file.ID, DryRun: dryRun})
}

func enqueue(ctx context.Context, tx *db.Tx, owner account.ID, st store.ID, file *Upload, o order) (job.ID, error) {
	j, err := job.Enqueue(ctx, tx, job.New{Account: owner.UUID, Store: st.UUID, Kind: jobKind, Args: o})
	if err != nil {
		return job.ID{}, err
	}
	if !o.DryRun {
		if err := audit.InStore(ctx, tx, st.UUID, audit.CatalogImport, audit.Thing{Kind: "job", ID: j.String()}); err != nil {
			return job.ID{}, err
		}
	}
	return j, file.give(ctx, tx, j)
}

// HandleJobs has r do the imports that were asked for with Later, and delete their
// files. result is what a job shows of the report.
func HandleJobs(r *job.Runner, d *db.DB, stock *inventory.Writer, result func(Report) any) {
	job.Handle(r, jobKind, func(ctx context.Context, run *job.Run, o order) error {
		return do(ctx, d, stock, run, o, result)
	}, job.Settings{Timeout: jobTimeout, Long: true})
	r.Every("delete files of ended imports", time.Minute, func(ctx context.Context) error { return CleanUploads(ctx, d) })
}

// do imports a file. Each transaction keeps where the next go at it begins; the
// last one ends the job and deletes the file.
func do(ctx context.Context, d *db.DB, stock *inventory.Writer, run *job.Run, o order, result func(Report) any) error {
	owner, st := account.ID{UUID: run.Account}, store.ID{UUID: run.Store}
	s, err := store.Get(ctx, d, owner, st)
	if err != nil {
		return err
	}
	file, err := find(ctx, d, o.Upload, run.ID)
	if err != nil {
		return err
	}
	i := Import{Store: s, File: file.open(ctx, d), DryRun: o.DryRun, Progress: run.Progress, SetStock: StockOf(stock, s)}
	if _, err := run.Saved(&i.From); err != nil {
		return err
	}
	i.Keep = func(ctx context.Context, tx *db.Tx, now State) error { return run.Save(ctx, tx, now) }
	report, err := i.Run(ctx, d)
	if err != nil {
		return err
	}
	return d.InTx(ctx, func(tx *db.Tx) error {
		if !o.Keep {
			if err := discard(ctx, tx, o.Upload); err != nil {
				return err
			}
		}
		if !o.DryRun {
			if err := catalog.IndexLater(ctx, tx, owner, st); err != nil {
				return err
			}
		}
		return run.Succeed(ctx, tx, result(report))
	})
}
