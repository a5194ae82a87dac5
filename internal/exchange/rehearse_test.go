package exchange_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/catalog"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/exchange"
	"vitrine/internal/fault"
	"vitrine/internal/inventory"
	"vitrine/internal/job"
)

// office is a shop with somebody who does the jobs.
type office struct {
	*shop
	jobs *job.Runner
}

func newOffice(t *testing.T, d *db.DB) *office {
	t.Helper()
	o := &office{newShop(t, d), job.NewRunner(d, job.Options{Poll: 5 * time.Millisecond})}
	exchange.HandleJobs(o.jobs, d, inventory.NewWriter(d, nil), func(r exchange.Report) any { return r })
	catalog.HandleJobs(o.jobs, d)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- o.jobs.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("run the jobs: %v", err)
		}
	})
	return o
}

func (o *office) receive(file string) *exchange.Upload {
	o.t.Helper()
	u, err := exchange.Receive(o.t.Context(), o.db, o.Owner, strings.NewReader(file), 1<<20)
	if err != nil {
		o.t.Fatal(err)
	}
	return u
}

// rehearse looks at a file, and waits until that is done.
func (o *office) rehearse(file string) job.ID {
	o.t.Helper()
	u := o.receive(file)
	var j job.ID
	err := o.db.InTx(o.t.Context(), func(tx *db.Tx) (err error) {
		j, err = exchange.Rehearse(o.t.Context(), tx, o.Owner, o.ID, u)
		return err
	})
	if err != nil {
		o.t.Fatal(err)
	}
	o.wait(j)
	return j
}

func (o *office) wait(j job.ID) {
	o.t.Helper()
	for now, err := range o.jobs.Watch(o.t.Context(), o.Owner.UUID, j) {
		if err != nil || now.Status == job.Failed {
			o.t.Fatalf("the job is %+v, %v", now, err)
		}
	}
}

func (o *office) confirm(owner account.ID, j job.ID) (made job.ID, err error) {
	err = o.db.InTx(o.t.Context(), func(tx *db.Tx) (err error) {
		made, err = exchange.Confirm(o.t.Context(), tx, owner, o.ID, j)
		return err
	})
	return made, err
}

func (o *office) waiting(j job.ID) bool {
	o.t.Helper()
	yes, err := exchange.Rehearsed(o.t.Context(), o.db, o.Owner, o.ID, j)
	if err != nil {
		o.t.Fatal(err)
	}
	return yes
}

const oneMug = header + "mug,Mug,M,1,,,,\n"

func TestRehearse_writesNothingUntilItIsConfirmed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		j := o.rehearse(oneMug)
		if n := len(o.products()); n != 0 || !o.waiting(j) {
			t.Fatalf("%d products; the file waits: %v", n, o.waiting(j))
		}
		made, err := o.confirm(o.Owner, j)
		if err != nil {
			t.Fatal(err)
		}
		o.wait(made)
		if n := len(o.products()); n != 1 || o.waiting(j) {
			t.Errorf("%d products; the file waits: %v", n, o.waiting(j))
		}
		_, err = o.confirm(o.Owner, j)
		fault.AssertCode(t, err, "file_gone")
	})
}

func TestConfirm_twiceAtOnceImportsOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		j := o.rehearse(oneMug)
		var wg sync.WaitGroup
		var got, gone atomic.Int64
		for range 8 {
			wg.Go(func() {
				switch _, err := o.confirm(o.Owner, j); {
				case err == nil:
					got.Add(1)
				case fault.Code(err) == "file_gone":
					gone.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got.Load() != 1 || gone.Load() != 7 {
			t.Errorf("%d imports, %d refused", got.Load(), gone.Load())
		}
	})
}

func TestConfirm_isForWhoRehearsedIntoThatStore(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		j, stranger := o.rehearse(oneMug), newShop(t, d)
		_, err := o.confirm(stranger.Owner, j)
		fault.AssertCode(t, err, "file_gone")
		err = d.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := exchange.Confirm(t.Context(), tx, o.Owner, stranger.ID, j)
			return err
		})
		fault.AssertCode(t, err, "file_gone")
	})
}

func TestRehearse_keepsTheLatestFileForAnHour(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		c := clock.At(time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC))
		d := dbtest.Open(t, address, c)
		o := newOffice(t, d)
		first := o.rehearse(oneMug)
		second := o.rehearse(oneMug)
		if o.waiting(first) || !o.waiting(second) {
			t.Errorf("the first waits: %v, the second: %v", o.waiting(first), o.waiting(second))
		}
		clean := func() {
			t.Helper()
			if err := exchange.CleanUploads(t.Context(), d); err != nil {
				t.Fatal(err)
			}
		}
		clean()
		if !o.waiting(second) {
			t.Error("the file was deleted at once")
		}
		c.Advance(61 * time.Minute)
		clean()
		if o.waiting(second) {
			t.Error("the file is still there")
		}
	})
}
