package inventory_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fault"
	"vitrine/internal/inventory"
)

func TestWriter_fiftyCallersGetTwentyPieces(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		l := s.put(s.variant(false), s.main, 20)
		var sold, refused atomic.Int64
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				_, err := s.writer.Reserve(t.Context(), s.id, l, units(1))
				switch {
				case err == nil:
					sold.Add(1)
				case fault.Code(err) == "sold_out":
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if sold.Load() != 20 || refused.Load() != 30 {
			t.Errorf("%d sold, %d refused", sold.Load(), refused.Load())
		}
		s.want(l, 20, 20)
		s.sound()
	})
}

func TestWriter_twoProcessesOversellNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		l := s.put(s.variant(false), s.main, 100)
		other := dbtest.Open(t, d.URL(), nil)
		writers := []*inventory.Writer{s.writer, inventory.NewWriter(other, nil)}
		var sold atomic.Int64
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				for range 5 {
					_, err := writers[i%2].Reserve(t.Context(), s.id, l, units(1))
					if err == nil {
						sold.Add(1)
					} else if fault.Code(err) != "sold_out" {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if sold.Load() != 100 {
			t.Errorf("%d sold", sold.Load())
		}
		s.want(l, 100, 100)
		s.sound()
	})
}

func TestWriter_eachMoveSaysWhatItRefuses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		l := s.put(s.variant(false), s.main, 10)
		ctx, w := t.Context(), s.writer
		adjust := func(n int64) error {
			_, err := w.Adjust(ctx, s.id, l, inventory.Damaged, units(n))
			return err
		}
		must := func(f inventory.Figures, err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			if now := s.level(l).Figures; now != f {
				t.Errorf("answered %+v, found %+v", f, now)
			}
		}
		code := func(want string, _ inventory.Figures, err error) {
			t.Helper()
			fault.AssertCode(t, err, want)
		}
		must(w.Reserve(ctx, s.id, l, units(6)))
		f, err := w.Reserve(ctx, s.id, l, units(5))
		code("sold_out", f, err)
		f, err = w.Release(ctx, s.id, l, units(7))
		code("more_than_reserved", f, err)
		f, err = w.Fulfill(ctx, s.id, l, units(7))
		code("more_than_reserved", f, err)
		must(w.Fulfill(ctx, s.id, l, units(2)))
		must(w.Release(ctx, s.id, l, units(1)))
		s.want(l, 8, 3)
		fault.AssertCode(t, adjust(-9), "below_zero")
		fault.AssertCode(t, adjust(-6), "below_reserved")
		fault.AssertCode(t, adjust(inventory.MaxQuantity), "too_many")
		if err := adjust(-5); err != nil {
			t.Error(err)
		}
		s.want(l, 3, 3)
		f, err = w.Reserve(ctx, s.id, inventory.LevelID{UUID: d.NewID()}, units(1))
		code("not_found", f, err)
		f, err = w.Reserve(ctx, newShop(t, d).id, l, units(1))
		code("not_found", f, err)
		s.sound()
	})
}

func TestWriter_backorderReservesMoreThanThereIs(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		p := s.product("Mug", true)
		v := p.Variants[0].ID
		l := s.put(v, s.main, 2)
		if _, err := s.writer.Reserve(t.Context(), s.id, l, units(5)); err != nil {
			t.Fatal(err)
		}
		s.want(l, 2, 5)
		if n := s.level(l).Available(); n != 0 {
			t.Errorf("%d available", n)
		}
		_, err := s.writer.Fulfill(t.Context(), s.id, l, units(3))
		fault.AssertCode(t, err, "more_than_on_hand")
		s.put(v, s.main, 3)
		update := func(allow bool) error {
			return d.InTx(t.Context(), func(tx *db.Tx) error {
				v := p.Variants[0]
				v.AllowBackorder = allow
				return inventory.SyncBackorder(t.Context(), tx, s.id, v)
			})
		}
		fault.AssertCode(t, update(false), "backorder_in_use")
		s.put(v, s.main, 5)
		if err := update(false); err != nil {
			t.Fatal(err)
		}
		_, err = s.writer.Reserve(t.Context(), s.id, l, units(1))
		fault.AssertCode(t, err, "sold_out")
		s.sound()
	})
}

// TestWriter_thenIsPartOfTheTransaction has a batch in which one caller's own
// statement fails: that one alone is taken back.
func TestWriter_thenIsPartOfTheTransaction(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		l := s.put(s.variant(false), s.main, 100)
		const callers = 24
		errs := make([]error, callers)
		var wg sync.WaitGroup
		for i := range callers {
			wg.Go(func() {
				m := units(1)
				m.Then = func(ctx context.Context, tx *db.Tx, f inventory.Figures) error {
					if i%5 == 0 {
						_, err := db.Exec(ctx, tx, `INSERT INTO inventory_hold (store_id, holder_id, line, level_id, quantity, created_at) VALUES ($1, $1, 1, $2, 0, $3)`, s.id, l, db.Time{Time: tx.Now()})
						return err // a quantity of 0 is refused
					}
					if f.Reserved < 1 {
						return errors.New("no figures")
					}
					return nil
				}
				_, errs[i] = s.writer.Reserve(t.Context(), s.id, l, m)
			})
		}
		wg.Wait()
		good := int64(0)
		for i, err := range errs {
			if (i%5 == 0) != d.Violates(err, "inventory_hold_quantity") {
				t.Errorf("caller %d: %v", i, err)
			}
			if err == nil {
				good++
			}
		}
		s.want(l, 100, good)
		s.sound()
	})
}

// note is a part that counts how often it is opened and written.
type note struct {
	texts []string
}

func (n *note) Open(context.Context, *db.Tx) error { return nil }

func (n *note) Write(ctx context.Context, tx *db.Tx) error {
	for _, text := range n.texts {
		if text == "bad" {
			return errors.New("a bad text")
		}
		if _, err := db.Exec(ctx, tx, `INSERT INTO secret (name, value) VALUES ($1, $2)`, text, []byte{1}); err != nil {
			return err
		}
	}
	return nil
}

// TestWriter_aFailingBatchIsSplit has a part that cannot tell who is to blame.
func TestWriter_aFailingBatchIsSplit(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		l := s.put(s.variant(false), s.main, 100)
		texts := []string{"a", "b", "bad", "c", "a", "d", "e", "bad", "f"} // "a" is there once
		errs := make([]error, len(texts))
		var wg sync.WaitGroup
		for i, text := range texts {
			wg.Go(func() {
				errs[i] = s.writer.Do(t.Context(), s.id, inventory.Request{
					Prepare: func(s *inventory.Stock) { s.NeedLevel(l) },
					Decide: func(s *inventory.Stock) error {
						_, err := s.Reserve(l, 1, inventory.Note{})
						p := inventory.Join(s, func() *note { return &note{} })
						p.texts = append(p.texts, text)
						return err
					},
				})
			})
		}
		wg.Wait()
		refused := 0
		for i, err := range errs {
			if err != nil {
				refused++
			}
			if texts[i] == "bad" && err == nil || texts[i] != "bad" && texts[i] != "a" && err != nil {
				t.Errorf("%s: %v", texts[i], err)
			}
		}
		if refused != 3 {
			t.Errorf("%d were refused", refused)
		}
		s.want(l, 100, 6)
		n, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM secret WHERE length(name) = 1`)
		if err != nil || n != 6 {
			t.Errorf("%d texts, %v", n, err)
		}
		s.sound()
	})
}

func TestWriter_aDecisionThatPanicsOrRefusesTakesEverythingBack(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		v, elsewhere := s.variant(false), s.warehouse("Elsewhere")
		l := s.put(v, s.main, 10)
		holder := d.NewID()
		request := func(after func() error) error {
			return s.writer.Do(t.Context(), s.id, inventory.Request{
				Prepare: func(s *inventory.Stock) { s.NeedPlace(v, elsewhere); s.NeedHolder(holder) },
				Decide: func(st *inventory.Stock) error {
					if _, err := st.Hold(holder, []inventory.Line{{N: 1, Variant: v, Quantity: 4}}, inventory.Note{}); err != nil {
						return err
					}
					if _, _, err := st.Set(v, elsewhere, inventory.Target{Quantity: 5}, inventory.Note{}); err != nil {
						return err
					}
					return after()
				},
			})
		}
		var wg sync.WaitGroup
		for i := range 6 { // together with one that goes well
			wg.Go(func() {
				err := request(func() error {
					switch i {
					case 0:
						return nil
					case 1:
						panic("boom")
					}
					return fault.Refusedf("second_thoughts", "No.")
				})
				if i == 0 && err != nil || i > 0 && err == nil || i > 1 && fault.Code(err) != "second_thoughts" {
					t.Errorf("request %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		s.want(l, 10, 4)
		levels, _, err := inventory.List(t.Context(), d, s.id, inventory.Filter{}, db.Page{Limit: 10})
		if err != nil || len(levels) != 2 || levels[0].Quantity != 5 {
			t.Errorf("%+v, %v", levels, err)
		}
		s.sound()
	})
}

func TestWriter_whoGaveUpIsLeftOut(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		l := s.put(s.variant(false), s.main, 10)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.writer.Reserve(ctx, s.id, l, units(1)); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		s.want(l, 10, 0)
	})
}
