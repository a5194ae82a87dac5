package exchange_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/exchange"
	"vitrine/internal/fault"
	"vitrine/internal/fixture"
	"vitrine/internal/money"
	"vitrine/internal/store"
)

var errPower = errors.New("the power is out")

// mixed is a file of several batches, with bad rows at every place.
func mixed() string {
	var b strings.Builder
	b.WriteString(header)
	for i := range 900 {
		fmt.Fprintf(&b, "bowl-%d,Bowl %d,B-%d,%d,Size,S,,\nbowl-%d,,C-%d,5,,M,,\n", i, i, i, i%90+1, i, i)
		if i%100 == 0 {
			fmt.Fprintf(&b, "bad-%d,Bad,,free,,,,\n", i)
		}
	}
	b.WriteString("bowl-3,,D-3,5,,L,,\n,no handle,,,,,,\n")
	return b.String()
}

// TestImport_goesOnWhereItWasAndTellsTheWhole breaks an import off behind each of
// its transactions, and before each of their commits.
func TestImport_goesOnWhereItWasAndTellsTheWhole(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		var last exchange.State
		for broken := 0; ; broken++ {
			calls := 0
			i := exchange.Import{Store: s.Store, File: section(mixed()), From: last}
			i.Keep = func(_ context.Context, _ *db.Tx, now exchange.State) error {
				if calls++; calls == 2 {
					return errPower // what this transaction wrote is gone
				}
				last = now
				return nil
			}
			r, err := i.Run(t.Context(), s.db)
			if errors.Is(err, errPower) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if r.ProductsCreated != 900 || r.VariantsCreated != 1801 || len(r.Errors) != 10 || r.ProductsUpdated+r.VariantsUpdated != 0 || r.Rows != 1811 {
				t.Errorf("%+v", r)
			}
			if broken < 3 {
				t.Errorf("broken off %d times", broken)
			}
			break
		}
		s.expectCounts(900, 1801)
		// Once more from the end: nothing is left to do, and the report is whole.
		i := exchange.Import{Store: s.Store, File: section(mixed()), From: last}
		if r, err := i.Run(t.Context(), s.db); err != nil || r.ProductsCreated != 900 || len(r.Errors) != 10 || r.Rows != 1811 {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

func (s *shop) expectCounts(products, variants int) {
	s.t.Helper()
	n := 0
	found := s.products()
	for _, p := range found {
		n += len(p.Variants)
	}
	if len(found) != products || n != variants {
		s.t.Errorf("%d products with %d variants, want %d with %d", len(found), n, products, variants)
	}
}

func TestImport_ofOneFileSeveralTimesAtOnceMakesEverythingOnce(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		reports := make([]exchange.Report, 4)
		var all sync.WaitGroup
		for n := range reports {
			all.Go(func() {
				i := exchange.Import{Store: s.Store, File: section(mixed())}
				var err error
				if reports[n], err = i.Run(t.Context(), s.db); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		var sum exchange.Report
		for _, r := range reports {
			sum.ProductsCreated += r.ProductsCreated
			sum.VariantsCreated += r.VariantsCreated
		}
		if sum.ProductsCreated != 900 || sum.VariantsCreated != 1801 {
			t.Errorf("together they tell of %+v", sum)
		}
		s.expectCounts(900, 1801)
	})
}

// TestImport_losesNothingThatOthersWriteMeanwhile lets a merchant rename products
// while an import changes their prices.
func TestImport_losesNothingThatOthersWriteMeanwhile(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.take(header + many(120))
		products := s.products()
		var b strings.Builder
		b.WriteString("Handle,Variant SKU,Variant Price\n")
		for i := range 120 {
			fmt.Fprintf(&b, "bowl-%d,B-%d,777\n", i, i)
		}
		var all sync.WaitGroup
		all.Go(func() {
			for range 3 {
				i := exchange.Import{Store: s.Store, File: section(b.String())}
				if _, err := i.Run(t.Context(), s.db); err != nil {
					t.Error(err)
				}
			}
		})
		for n := range 2 {
			all.Go(func() {
				for i := n; i < len(products); i += 2 {
					err := s.db.InTx(t.Context(), func(tx *db.Tx) error {
						_, err := catalog.Update(t.Context(), tx, s.ID, products[i].ID, func(p *catalog.Product) { p.Title += " renamed" })
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		for _, p := range s.products() {
			if !strings.HasSuffix(p.Title, " renamed") || p.Variants[0].Price != 77700 {
				t.Errorf("%s: %q at %d", p.Slug, p.Title, p.Variants[0].Price)
			}
		}
	})
}

// TestImport_meetsProductsThatAppearMeanwhile lets products appear between the plan of a
// batch and its writing.
func TestImport_meetsProductsThatAppearMeanwhile(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		var all sync.WaitGroup
		all.Go(func() {
			for i := range 100 {
				p := catalog.NewProduct(fmt.Sprintf("Bowl %d", i*7))
				v := catalog.NewVariant()
				sku := fmt.Sprintf("B-%d", i*7)
				v.SKU = &sku
				p.Variants = []catalog.Variant{v}
				err := s.db.InTx(t.Context(), func(tx *db.Tx) error {
					_, err := catalog.Create(t.Context(), tx, s.ID, p)
					return err
				})
				if code := fault.Code(err); err != nil && code != "sku_taken" && code != "slug_taken" {
					t.Error(err)
				}
			}
		})
		i := exchange.Import{Store: s.Store, File: section(header + many(900))}
		if _, err := i.Run(t.Context(), s.db); err != nil {
			t.Error(err)
		}
		all.Wait()
		skus := map[string]bool{}
		for _, p := range s.products() {
			for _, v := range p.Variants {
				if skus[*v.SKU] {
					t.Errorf("SKU %s twice", *v.SKU)
				}
				skus[*v.SKU] = true
			}
		}
		if len(skus) != 900 {
			t.Errorf("%d SKUs", len(skus))
		}
	})
}

func TestImport_stopsWhenTheStoreIsDeletedOrChangesItsCurrency(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		change := func(statement string, args ...any) func(context.Context, *db.Tx, exchange.State) error {
			return func(ctx context.Context, tx *db.Tx, _ exchange.State) error {
				_, err := db.Exec(ctx, tx, statement, args...)
				return err
			}
		}
		i := exchange.Import{Store: s.Store, File: section(mixed()), Keep: change(`UPDATE store SET currency = 'EUR' WHERE id = $1`, s.ID)}
		if _, err := i.Run(t.Context(), s.db); fault.Code(err) != "currency_changed" {
			t.Errorf("got %v", err)
		}
		s.Currency = money.Currency("EUR")
		i = exchange.Import{Store: s.Store, File: section(mixed()), Keep: change(`UPDATE store SET deleted_at = $2 WHERE id = $1`, s.ID, db.Time{Time: s.db.Now()})}
		if _, err := i.Run(t.Context(), s.db); !fault.Is(err, fault.NotFound) {
			t.Errorf("got %v", err)
		}
	})
}

func TestImport_writesToItsStoreAlone(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		other := newShop(t, s.db)
		s.take(header + many(10))
		other.expect(header+many(10), "10+0, 10+0")
		other.expect("Handle,Variant SKU,Variant Price\nbowl-1,B-1,99\n", "0+0, 0+1")
		s.has("bowl-1 \"Bowl 1\" active tags=[]\n  variant 1 \"Default\" sku=B-1 200")
	})
}

func TestImport_productsAreFoundOnceTheyAreIndexed(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		find := func(q string) int {
			found, _, err := catalog.List(t.Context(), s.db, s.ID, catalog.Filter{Query: q}, db.Page{Limit: 50})
			if err != nil {
				t.Fatal(err)
			}
			return len(found)
		}
		s.take(header + "mug,Tea Mug,M-1,1,,,,\n")
		if find("tea mug") != 1 || find("m-1") != 1 {
			t.Error("not found before it is indexed")
		}
		if err := catalog.IndexSearch(t.Context(), s.db, s.ID); err != nil {
			t.Fatal(err)
		}
		s.take(header + "mug,Coffee Cup,M-1,1,,,,\n")
		if find("coffee") != 1 || find("tea mug") != 0 {
			t.Error("found by its old title")
		}
		if err := catalog.IndexSearch(t.Context(), s.db, s.ID); err != nil {
			t.Fatal(err)
		}
		if find("coffee") != 1 || find("tea mug") != 0 {
			t.Error("found by its old title in the index")
		}
	})
}

func TestImport_intoAStoreThatIsNotThereFails(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		owner, err := fixture.Account(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		i := exchange.Import{Store: store.Store{Owner: owner, ID: store.ID{UUID: d.NewID()}, Currency: "USD"}, File: section(header + many(1))}
		if _, err := i.Run(t.Context(), d); !fault.Is(err, fault.NotFound) {
			t.Errorf("got %v", err)
		}
	})
}
