package media_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/blob"
	"vitrine/internal/blob/disk"
	"vitrine/internal/catalog"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fault"
	"vitrine/internal/fixture"
	"vitrine/internal/media"
	"vitrine/internal/picture"
	"vitrine/internal/setup"
	"vitrine/internal/store"
)

// desk is a merchant with a store and a picture to upload.
type desk struct {
	t     *testing.T
	db    *db.DB
	clock *clock.Fixed
	blobs blob.Storage
	media *media.Service
	owner account.ID
	file  []byte
}

func each(t *testing.T, fn func(d *desk)) {
	t.Helper()
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		c := clock.At(time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC))
		d := &desk{t: t, db: dbtest.Open(t, address, c), clock: c, file: fixture.PNG(t, 200, 100, 7)}
		folder, err := disk.Open(t.TempDir(), c.Now())
		if err != nil {
			t.Fatal(err)
		}
		d.blobs, d.media = folder, media.New(d.db, folder, fixture.MediaLimits)
		if d.owner, err = fixture.Account(t.Context(), d.db); err != nil {
			t.Fatal(err)
		}
		fn(d)
	})
}

func (d *desk) store() store.ID {
	d.t.Helper()
	var made store.Store
	err := d.db.InTx(d.t.Context(), func(tx *db.Tx) (err error) {
		made, err = setup.Open(d.t.Context(), tx, d.owner, store.New("Shop"))
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return made.ID
}

func (d *desk) keep(s *media.Service) (store.Picture, error) {
	u, err := s.Receive(bytes.NewReader(d.file))
	if err != nil {
		return store.Picture{}, err
	}
	p, err := s.Keep(d.t.Context(), u)
	return p, errors.Join(err, u.Close())
}

func (d *desk) add(st store.ID, p store.Picture) (store.Picture, error) {
	var added store.Picture
	err := d.db.InTx(d.t.Context(), func(tx *db.Tx) (err error) {
		added, err = d.media.Add(d.t.Context(), tx, st, d.owner, p)
		return err
	})
	return added, err
}

// upload gives a store the picture.
func (d *desk) upload(st store.ID) store.Picture {
	d.t.Helper()
	p, err := d.keep(d.media)
	if err == nil {
		p, err = d.add(st, p)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

func (d *desk) delete(st store.ID, p store.Picture) error {
	return d.db.InTx(d.t.Context(), func(tx *db.Tx) error { return d.media.Delete(d.t.Context(), tx, st, p.ID) })
}

// cleaned has what nobody has be deleted, some time later.
func (d *desk) cleaned(after time.Duration) {
	d.t.Helper()
	d.clock.Advance(after)
	if err := d.media.Clean(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
}

// wantKept tells whether all versions are served, or none.
func (d *desk) wantKept(p store.Picture, kept bool) {
	d.t.Helper()
	for _, a := range p.Address().Versions() {
		content, err := d.media.Get(d.t.Context(), a)
		if kept && (err != nil || len(content) == 0) || !kept && !errors.Is(err, blob.ErrNone) {
			d.t.Errorf("%s has %d bytes, %v", a, len(content), err)
		}
	}
}

const day = 24 * time.Hour

func TestKeep_isForTheNextDayAndAddForGood(t *testing.T) {
	each(t, func(d *desk) {
		p, err := d.keep(d.media)
		if err != nil {
			d.t.Fatal(err)
		}
		d.wantKept(p, true)
		d.cleaned(day - time.Minute)
		d.wantKept(p, true)
		p = d.upload(d.store())
		d.cleaned(100 * day)
		d.wantKept(p, true)
	})
}

func TestClean_deletesWhatNobodyGotInADay(t *testing.T) {
	each(t, func(d *desk) {
		p, err := d.keep(d.media)
		if err != nil {
			d.t.Fatal(err)
		}
		d.cleaned(day + time.Minute)
		d.wantKept(p, false)
		d.wantKept(d.upload(d.store()), true) // it can come again
	})
}

func TestClean_keepsWhatAnotherStoreHas(t *testing.T) {
	each(t, func(d *desk) {
		first, second := d.store(), d.store()
		a, b := d.upload(first), d.upload(second)
		if a.Sum != b.Sum || a.ID == b.ID {
			d.t.Errorf("%v and %v", a, b)
		}
		if err := d.delete(first, a); err != nil {
			d.t.Fatal(err)
		}
		d.cleaned(2 * day)
		d.wantKept(b, true)
		if err := d.delete(second, b); err != nil {
			d.t.Fatal(err)
		}
		d.cleaned(day - time.Minute)
		d.wantKept(b, true) // for an import that is on its way
		d.cleaned(2 * time.Minute)
		d.wantKept(b, false)
	})
}

func TestClean_keepsThoseOfADeletedStoreForAMonth(t *testing.T) {
	each(t, func(d *desk) {
		st := d.store()
		p := d.upload(st)
		err := d.db.InTx(d.t.Context(), func(tx *db.Tx) error { return store.Delete(d.t.Context(), tx, d.owner, st) })
		if err != nil {
			d.t.Fatal(err)
		}
		d.cleaned(29 * day)
		d.wantKept(p, true)
		d.cleaned(2 * day)
		d.wantKept(p, false)
	})
}

// stuck is a storage that takes some calls and refuses the rest, as one does whose
// process dies or whose network breaks.
type stuck struct {
	blob.Storage
	puts, deletes int
}

var errStuck = errors.New("the storage is away")

func (s *stuck) Put(ctx context.Context, k blob.Key, content []byte) error {
	if s.puts--; s.puts < 0 {
		return errStuck
	}
	return s.Storage.Put(ctx, k, content)
}

func (s *stuck) Delete(ctx context.Context, k blob.Key) error {
	if s.deletes--; s.deletes < 0 {
		return errStuck
	}
	return s.Storage.Delete(ctx, k)
}

func TestKeep_halfAPictureIsFoundAndDeleted(t *testing.T) {
	each(t, func(d *desk) {
		broken := media.New(d.db, &stuck{Storage: d.blobs, puts: 1}, fixture.MediaLimits)
		if _, err := d.keep(broken); !errors.Is(err, errStuck) {
			d.t.Fatalf("got %v", err)
		}
		whole := picture.Address{Sum: sumOf(d), Width: 200}
		half := whole.Versions()[0]
		if _, err := d.media.Get(d.t.Context(), half); err != nil {
			d.t.Fatalf("nothing was kept: %v", err)
		}
		d.cleaned(2 * day)
		if _, err := d.media.Get(d.t.Context(), half); !errors.Is(err, blob.ErrNone) {
			d.t.Errorf("half a picture stays: %v", err)
		}
	})
}

func sumOf(d *desk) picture.Sum {
	d.t.Helper()
	p, err := d.keep(media.New(d.db, blobless{}, fixture.MediaLimits))
	if err != nil {
		d.t.Fatal(err)
	}
	return p.Sum
}

// blobless is a storage that keeps nothing.
type blobless struct{ blob.Storage }

func (blobless) Put(context.Context, blob.Key, []byte) error        { return nil }
func (blobless) Exists(context.Context, blob.Key) (bool, error)     { return false, nil }
func (blobless) Get(context.Context, blob.Key) ([]byte, error)      { return nil, blob.ErrNone }
func (blobless) Delete(ctx context.Context, k blob.Key) (err error) { return nil }

// TestClean_goesOnWhereItWasCutShort also sees that nobody gets a picture of which half
// is gone.
func TestClean_goesOnWhereItWasCutShort(t *testing.T) {
	each(t, func(d *desk) {
		st := d.store()
		p := d.upload(st)
		if err := d.delete(st, p); err != nil {
			d.t.Fatal(err)
		}
		d.clock.Advance(2 * day)
		broken := media.New(d.db, &stuck{Storage: d.blobs, deletes: 1}, fixture.MediaLimits)
		if err := broken.Clean(d.t.Context()); !errors.Is(err, errStuck) {
			d.t.Fatalf("got %v", err)
		}
		if _, err := d.keep(d.media); !fault.Is(err, fault.Unavailable) {
			d.t.Errorf("uploaded while it is deleted: %v", err)
		}
		if _, err := d.add(st, p); !fault.Is(err, fault.Unavailable) {
			d.t.Errorf("given to a store while it is deleted: %v", err)
		}
		d.cleaned(time.Minute)
		d.wantKept(p, false)
		d.wantKept(d.upload(st), true)
	})
}

func TestKeep_makesAnewWhatTheStorageHasLost(t *testing.T) {
	each(t, func(d *desk) {
		p := d.upload(d.store())
		if err := d.blobs.Delete(d.t.Context(), p.Address().Versions()[0].Key()); err != nil {
			d.t.Fatal(err)
		}
		d.wantKept(d.upload(d.store()), true)
	})
}

// TestDelete_andShowAtOnce has a product begin to show a picture while it is deleted:
// one of the two is refused.
func TestDelete_andShowAtOnce(t *testing.T) {
	each(t, func(d *desk) {
		st := d.store()
		for range 20 {
			p := d.upload(st)
			var deleted, shown error
			var both sync.WaitGroup
			both.Go(func() { deleted = d.delete(st, p) })
			both.Go(func() {
				shown = d.db.InTx(d.t.Context(), func(tx *db.Tx) error {
					mug := catalog.NewProduct("Mug")
					mug.Images = []catalog.Image{{URL: p.Address().String()}}
					_, err := catalog.Create(d.t.Context(), tx, st, mug)
					return err
				})
			})
			both.Wait()
			if (deleted == nil) == (shown == nil) {
				d.t.Fatalf("deleted: %v, shown: %v", deleted, shown)
			}
			if shown == nil {
				fault.AssertCode(d.t, deleted, "picture_shown")
				return // each product would show it from now on
			}
		}
	})
}

func TestReceive_refusesWhatIsTooLargeAndLeavesNothingBehind(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	s := media.New(nil, nil, media.Limits{File: 1 << 20})
	_, err := s.Receive(bytes.NewReader(make([]byte, 1<<20+1)))
	fault.AssertCode(t, err, "too_large")
	u, err := s.Receive(bytes.NewReader(make([]byte, 1<<20)))
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestRepair_putsFilesAsideThatNoPictureHas(t *testing.T) {
	each(t, func(d *desk) {
		p := d.upload(d.store())
		orphan := blob.Key{Sum: [32]byte{1, 2}, Name: "160.webp"}
		if err := d.blobs.Put(d.t.Context(), orphan, []byte("left over")); err != nil {
			d.t.Fatal(err)
		}
		wrong := func() (all []string) {
			d.t.Helper()
			for x, err := range d.media.Verify(d.t.Context()) {
				if err != nil {
					d.t.Fatal(err)
				}
				all = append(all, x.What)
			}
			return all
		}
		repair := func() (told int) {
			d.t.Helper()
			if err := d.media.Repair(d.t.Context(), func(string) { told++ }); err != nil {
				d.t.Fatal(err)
			}
			return told
		}
		d.clock.Advance(clock.System{}.Now().Sub(d.clock.Now())) // files have the time of the system
		if said := wrong(); said != nil {
			d.t.Errorf("of a young file: %q", said)
		}
		d.clock.Advance(2 * day)
		if said := wrong(); len(said) != 1 || !strings.Contains(said[0], orphan.String()) {
			d.t.Errorf("of one left over: %q", said)
		}
		if first, again := repair(), repair(); first != 1 || again != 0 {
			d.t.Errorf("put aside %d, then %d", first, again)
		}
		if said := wrong(); said != nil {
			d.t.Errorf("after that: %q", said)
		}
		d.wantKept(p, true)
		if err := d.blobs.Delete(d.t.Context(), p.Address().Versions()[0].Key()); err != nil {
			d.t.Fatal(err)
		}
		if said := wrong(); len(said) != 1 || !strings.Contains(said[0], "have it uploaded again") {
			d.t.Errorf("of a lost version: %q", said)
		}
		if told := repair(); told != 0 {
			d.t.Errorf("%d were mended that cannot be", told)
		}
	})
}
