package analytics_test

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"vitrine/internal/analytics"
	"vitrine/internal/catalog"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fault"
	"vitrine/internal/fixture"
	"vitrine/internal/inventory"
	"vitrine/internal/money"
	"vitrine/internal/order"
	"vitrine/internal/store"
)

var opening = time.Date(2026, 1, 15, 23, 30, 0, 0, time.UTC)

// shop is a store that sells mugs at 10 and tea at 3, whose orders can be moved.
type shop struct {
	*testing.T
	db       *db.DB
	clock    *clock.Fixed
	store    store.Store
	orders   *order.Service
	products map[string]catalog.Product
}

func each(t *testing.T, fn func(s *shop)) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		c := clock.At(opening)
		s := &shop{T: t, clock: c, db: dbtest.Open(t, address, c), products: map[string]catalog.Product{}}
		s.orders = order.New(s.db, inventory.NewWriter(s.db, nil), order.Settings{})
		owner, err := fixture.Account(t.Context(), s.db)
		s.must(err)
		s.must(s.db.InTx(t.Context(), func(tx *db.Tx) (err error) {
			if s.store, err = store.Create(t.Context(), tx, owner, store.New("Shop")); err != nil {
				return err
			}
			for title, price := range map[string]money.Amount{"Mug": 10_00, "Tea": 3_00} {
				p := catalog.NewProduct(title)
				v := catalog.NewVariant()
				v.Price = price
				p.Variants = []catalog.Variant{v}
				if s.products[title], err = catalog.Create(t.Context(), tx, s.store.ID, p); err != nil {
					return err
				}
			}
			return nil
		}))
		fn(s)
	})
}

func (s *shop) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *shop) place(title string, n int) order.ID {
	s.Helper()
	wanted := order.Wanted{Variant: s.products[title].Variants[0].ID, Quantity: n}
	o, err := s.orders.Place(s.Context(), s.store, order.Request{Email: "ada@example.com", Items: []order.Wanted{wanted}}, nil)
	s.must(err)
	return o.ID
}

func (s *shop) cancel(o order.ID) {
	s.Helper()
	_, err := s.orders.Cancel(s.Context(), s.store.ID, o, nil, nil)
	s.must(err)
}

// takeBack takes an order back that was paid and shipped.
func (s *shop) takeBack(o order.ID) {
	s.Helper()
	for _, move := range []func(context.Context, store.ID, order.ID, *string, order.Then) (order.Order, error){s.orders.Pay, s.orders.Fulfill, s.orders.Return} {
		_, err := move(s.Context(), s.store.ID, o, nil, nil)
		s.must(err)
	}
}

func (s *shop) addUp() {
	s.Helper()
	s.must(analytics.AddUp(s.Context(), s.db, s.store.ID))
}

func (s *shop) summary(from, to *time.Time) analytics.Summary {
	s.Helper()
	r, err := analytics.NewRange(from, to, s.clock.Now())
	s.must(err)
	sum, err := analytics.Summarise(s.Context(), s.db, s.store.ID, r)
	s.must(err)
	return sum
}

func (s *shop) differences() []string {
	s.Helper()
	var found []string
	for d, err := range analytics.Verify(s.Context(), s.db) {
		s.must(err)
		found = append(found, d.What)
	}
	return found
}

// TestSummarise_leavesCancelledOrdersOutAndSubtractsWhatWasPaidBack looks at the same
// orders with none, some and all of them in the sums.
func TestSummarise_leavesCancelledOrdersOutAndSubtractsWhatWasPaidBack(t *testing.T) {
	each(t, func(s *shop) {
		s.place("Mug", 2)
		cancelled := s.place("Mug", 50)
		s.addUp()
		s.clock.Advance(time.Hour) // the next day
		s.place("Tea", 5)
		returned := s.place("Mug", 1)
		s.cancel(cancelled)
		check := func(when string) {
			t := s.summary(nil, nil)
			if t.Orders != 3 || t.Units != 8 || t.Revenue != 35_00 || t.AverageOrder != 11_67 {
				s.Errorf("%s: %+v", when, t.Figures)
			}
			if len(t.Daily) != 30 || t.Daily[28].Revenue != 20_00 || t.Daily[28].Orders != 1 || t.Daily[29].Revenue != 15_00 || t.Daily[29].Units != 6 || t.Daily[0].Orders != 0 {
				s.Errorf("%s: %+v", when, t.Daily)
			}
			if len(t.TopProducts) != 2 || t.TopProducts[0].Title != "Mug" || t.TopProducts[0].Units != 2 || t.TopProducts[1].Revenue != 15_00 {
				s.Errorf("%s: %+v", when, t.TopProducts)
			}
			if t = s.summary(&opening, &opening); t.Revenue != 20_00 || len(t.Daily) != 1 || len(t.TopProducts) != 1 {
				s.Errorf("%s, one day: %+v", when, t)
			}
			if found := s.differences(); found != nil {
				s.Errorf("%s: %q", when, found)
			}
		}
		s.takeBack(returned)
		check("some are in the sums")
		s.addUp()
		check("all are")
		s.addUp()
		check("again")
	})
}

// TestSummarise_isExactWhateverIsInTheSums lets chance place orders, move them, add
// them up and pass days, and counts along.
func TestSummarise_isExactWhateverIsInTheSums(t *testing.T) {
	each(t, func(s *shop) {
		random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same each time
		type sale struct {
			id              order.ID
			title           string
			n               int
			at              time.Time
			undone, counted bool
		}
		var sales []*sale
		for range 60 {
			switch chance := random.IntN(10); {
			case chance < 5:
				o := &sale{title: []string{"Mug", "Tea"}[random.IntN(2)], n: 1 + random.IntN(3), at: s.clock.Now(), counted: true}
				o.id = s.place(o.title, o.n)
				sales = append(sales, o)
			case chance < 7:
				s.clock.Advance(time.Duration(random.IntN(80)) * time.Hour)
			case chance < 8:
				s.addUp()
			case len(sales) > 0:
				o := sales[random.IntN(len(sales))]
				if o.undone {
					continue
				}
				if o.undone = true; chance == 8 {
					o.counted = false
					s.cancel(o.id)
				} else {
					s.takeBack(o.id)
				}
			}
			for _, days := range append(analytics.Spans, 2) {
				from := s.clock.Now().AddDate(0, 0, 1-days)
				var units int
				best := map[string]int{}
				for _, o := range sales {
					if o.counted && !o.at.Before(from.Truncate(24*time.Hour)) {
						if units += o.n; !o.undone {
							best[o.title] += o.n
						}
					}
				}
				got := s.summary(&from, nil)
				found := map[string]int{}
				for _, p := range got.TopProducts {
					found[p.Title] = p.Units
				}
				if got.Units != units || !maps.Equal(found, best) {
					s.Fatalf("%d days: %d units, %v; want %d, %v", days, got.Units, found, units, best)
				}
			}
		}
		s.addUp()
		if found := s.differences(); found != nil {
			s.Errorf("%q", found)
		}
	})
}

// TestAddUp_losesNothingWhileOthersSell adds orders up while they are placed, cancelled
// and taken back.
func TestAddUp_losesNothingWhileOthersSell(t *testing.T) {
	each(t, func(s *shop) {
		var sellers, adder sync.WaitGroup
		done := make(chan struct{})
		adder.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					s.addUp()
				}
			}
		})
		for seller := range 4 {
			sellers.Go(func() {
				for i := range 6 {
					switch o := s.place("Tea", 1); (seller + i) % 3 {
					case 0:
						s.cancel(o)
					case 1:
						s.takeBack(o)
					}
				}
			})
		}
		sellers.Wait()
		close(done)
		adder.Wait()
		s.addUp()
		if t := s.summary(nil, nil); t.Orders != 16 || t.TopProducts[0].Units != 8 {
			s.Errorf("%+v", t.Figures)
		}
		if found := s.differences(); found != nil {
			s.Errorf("%q", found)
		}
	})
}

func TestVerify_namesSumsThatAreWrong(t *testing.T) {
	each(t, func(s *shop) {
		s.place("Mug", 2)
		s.addUp()
		for _, broken := range []struct{ breaks, mends, want string }{
			{`UPDATE sales_day SET revenue = revenue + 1`, `UPDATE sales_day SET revenue = revenue - 1`, "the orders of 2026-01-15 come to something else"},
			{`UPDATE sales_day_product SET units = 3`, `UPDATE sales_day_product SET units = 2`, "products of 2026-01-15 sold otherwise"},
			{`UPDATE sales_span_product SET units = 3 WHERE days = 7`, `UPDATE sales_span_product SET units = 2`, "products of the 7 days until 2026-01-15 sold otherwise"},
		} {
			s.exec(broken.breaks)
			if found := s.differences(); !slices.Contains(found, broken.want) {
				s.Errorf("%s: %q", broken.breaks, found)
			}
			s.exec(broken.mends)
			if found := s.differences(); found != nil {
				s.Fatalf("%s: %q", broken.mends, found)
			}
		}
	})
}

func (s *shop) exec(statement string) {
	s.Helper()
	s.must(s.db.InTx(s.Context(), func(tx *db.Tx) error {
		_, err := db.Exec(s.Context(), tx, statement)
		return err
	}))
}

func TestNewRange_isBounded(t *testing.T) {
	t.Parallel()
	before, long := opening.Add(-48*time.Hour), opening.AddDate(-6, 0, 0)
	if _, err := analytics.NewRange(&opening, &before, opening); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	if _, err := analytics.NewRange(&long, nil, opening); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
}

func TestRepair_addsUpAnewWhatIsWrong(t *testing.T) {
	each(t, func(s *shop) {
		s.place("Mug", 2)
		s.must(analytics.AddUp(s.Context(), s.db, s.store.ID))
		wrong := func() (n int) {
			for _, err := range analytics.Verify(s.Context(), s.db) {
				s.must(err)
				n++
			}
			return n
		}
		repair := func() (told int) {
			s.must(analytics.Repair(s.Context(), s.db, func(string) { told++ }))
			return told
		}
		if n := repair(); n > 0 {
			s.Errorf("%d sound stores were mended", n)
		}
		for _, breaks := range []string{
			`UPDATE sales_day SET revenue = revenue + 1`, `UPDATE sales_day_product SET units = 9`, `DELETE FROM sales_span_product`,
		} {
			s.must(s.db.InTx(s.Context(), func(tx *db.Tx) error {
				_, err := db.Exec(s.Context(), tx, breaks)
				return err
			}))
			if wrong() == 0 {
				s.Errorf("%s: nobody sees it", breaks)
			}
			if first, again, left := repair(), repair(), wrong(); first != 1 || again != 0 || left != 0 {
				s.Errorf("%s: mended %d, then %d; %d are left", breaks, first, again, left)
			}
		}
	})
}
