package analytics_test

import (
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

func TestSummarise_leavesCancelledOrdersOutAndSubtractsWhatWasPaidBack(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		c := clock.At(opening)
		d := dbtest.Open(t, address, c)
		ctx := t.Context()
		owner, err := fixture.Account(ctx, d)
		must(t, err)
		orders := order.New(d, inventory.NewWriter(d, nil), order.Settings{})
		var st store.Store
		products := map[string]catalog.Product{}
		must(t, d.InTx(ctx, func(tx *db.Tx) (err error) {
			if st, err = store.Create(ctx, tx, owner, store.New("Shop")); err != nil {
				return err
			}
			for title, price := range map[string]money.Amount{"Mug": 10_00, "Tea": 3_00} {
				p := catalog.NewProduct(title)
				v := catalog.NewVariant()
				v.Price = price
				p.Variants = []catalog.Variant{v}
				if products[title], err = catalog.Create(ctx, tx, st.ID, p); err != nil {
					return err
				}
			}
			return nil
		}))
		place := func(title string, n int) order.Order {
			o, err := orders.Place(ctx, st, order.Request{Email: "ada@example.com", Items: []order.Wanted{{Variant: products[title].Variants[0].ID, Quantity: n}}}, nil)
			must(t, err)
			return o
		}
		place("Mug", 2)
		cancelled := place("Mug", 50)
		c.Advance(time.Hour) // the next day
		place("Tea", 5)
		returned := place("Mug", 1)
		_, err = orders.Cancel(ctx, st.ID, cancelled.ID, nil, nil)
		must(t, err)
		for _, move := range []func() error{
			func() error { _, err := orders.Pay(ctx, st.ID, returned.ID, nil, nil); return err },
			func() error { _, err := orders.Fulfill(ctx, st.ID, returned.ID, nil, nil); return err },
			func() error { _, err := orders.Return(ctx, st.ID, returned.ID, nil, nil); return err },
		} {
			must(t, move())
		}

		r, err := analytics.NewRange(nil, nil, c.Now())
		must(t, err)
		s, err := analytics.Summarise(ctx, d, st.ID, r)
		must(t, err)
		if s.Orders != 3 || s.Units != 8 || s.Revenue != 35_00 || s.AverageOrder != 11_67 {
			t.Errorf("%+v", s.Figures)
		}
		if len(s.Daily) != 30 || s.Daily[28].Revenue != 20_00 || s.Daily[28].Orders != 1 || s.Daily[29].Revenue != 15_00 || s.Daily[29].Units != 6 || s.Daily[0].Orders != 0 {
			t.Errorf("%+v", s.Daily)
		}
		if len(s.TopProducts) != 2 || s.TopProducts[0].Title != "Mug" || s.TopProducts[0].Units != 2 || s.TopProducts[1].Revenue != 15_00 {
			t.Errorf("%+v", s.TopProducts)
		}
		r, err = analytics.NewRange(&opening, &opening, c.Now())
		must(t, err)
		if s, err = analytics.Summarise(ctx, d, st.ID, r); err != nil || s.Revenue != 20_00 || len(s.Daily) != 1 {
			t.Errorf("one day: %+v, %v", s, err)
		}
	})
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

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
