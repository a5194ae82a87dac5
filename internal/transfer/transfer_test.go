package transfer_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/internal/catalog"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fixture"
	"vitrine/internal/inventory"
	"vitrine/internal/order"
	"vitrine/internal/store"
	"vitrine/internal/transfer"
)

// size is what is copied: a small store, or one of a million rows.
func size() (fixture.Size, fixture.Trading) {
	if os.Getenv("VITRINE_TEST_ACCEPT") != "" {
		return fixture.Large.Scaled(8, 3), fixture.Trading{Warehouses: 3, Held: 500, Low: 100, Orders: 20_000, Customers: 10_000, Reviews: 10_000, TaxRules: 50}
	}
	return fixture.Size{Products: 100, VariantsEach: 5, Categories: 20, CategoryLinks: 100, Suppliers: 5, SupplierLinks: 100, Discounts: 10, DiscountLinks: 20}, fixture.Trading{Warehouses: 3, Held: 20, Low: 5, Orders: 100, Customers: 50, Reviews: 50, TaxRules: 5}
}

// each runs fn with a filled database of either engine, and an empty target.
func each(t *testing.T, fn func(t *testing.T, from *db.DB, shop store.Store, to *db.DB)) {
	t.Helper()
	if os.Getenv("TEST_POSTGRES_DSN") == "" {
		t.Skip("the target is a PostgreSQL: set TEST_POSTGRES_DSN")
	}
	dbtest.Each(t, func(t *testing.T, from *db.DB) {
		owner, err := fixture.Account(t.Context(), from)
		if err != nil {
			t.Fatal(err)
		}
		catalog, trading := size()
		shop, err := fixture.Catalog(t.Context(), from, owner, catalog)
		if err == nil {
			err = fixture.Trade(t.Context(), from, shop, trading)
		}
		if err != nil {
			t.Fatal(err)
		}
		fn(t, from, shop, dbtest.Open(t, dbtest.NewURL(t, db.Postgres), clock.System{}))
	})
}

func write(t *testing.T, d *db.DB, query string, args ...any) {
	t.Helper()
	if err := d.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := db.Exec(t.Context(), tx, query, args...)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, c transfer.Copy) transfer.Report {
	t.Helper()
	r, err := c.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCopy_bringsEveryRow(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, from *db.DB, shop store.Store, to *db.DB) {
		odd(t, from, shop)
		r := run(t, transfer.Copy{From: from, To: to})
		if len(r.Differences) > 0 || r.Copied != r.Rows {
			t.Fatalf("copied %d of %d rows, differences: %v", r.Copied, r.Rows, r.Differences)
		}
		speed := float64(r.Rows) / (r.Copying + r.Comparing).Seconds()
		t.Logf("%d rows of %d tables: copied in %v, compared in %v: %.0f rows/s", r.Rows, r.Tables, r.Copying, r.Comparing, speed)
		if os.Getenv("VITRINE_TEST_ACCEPT") != "" && (speed < 20_000 || r.Rows < 1_000_000) {
			t.Errorf("%d rows at %.0f rows/s, want a million at 20,000", r.Rows, speed)
		}
		asOriginal(t, from, to)
		asNew(t, to)
		if was, is := found(t, from), found(t, to); !slices.Equal(was, is) {
			t.Errorf("doctor finds %d things in the source and %d in the copy", len(was), len(is))
		}
		if err := catalog.IndexAll(t.Context(), to); err != nil {
			t.Fatal(err)
		}
		if n := number(t, to, `SELECT count(*) FROM product WHERE NOT indexed`); n != 0 {
			t.Errorf("%d products are not in the index", n)
		}
	})
}

// odd writes values that engines keep in different ways.
func odd(t *testing.T, d *db.DB, s store.Store) {
	t.Helper()
	write(t, d, `UPDATE product SET title = $2, tags = '["a","ü"]', description = NULL, seo_title = '' WHERE store_id = $1`, s.ID, "Käse 🧀 \\N \t \" '' \u2028")
	write(t, d, `UPDATE variant SET weight = 0.1, price = -1, cost = 9223372036854775807, barcode = '' WHERE store_id = $1`, s.ID)
	write(t, d, `UPDATE discount SET starts_at = $2, expires_at = $3 WHERE store_id = $1`, s.ID,
		db.Time{Time: time.Date(1970, 1, 1, 0, 0, 0, 1000, time.UTC)}, db.Time{Time: time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)})
	write(t, d, `INSERT INTO secret (name, value) VALUES ('empty', $1), ('bytes', $2)`, []byte{}, []byte{0, 255, 10, 92})
	write(t, d, `UPDATE category SET parent_id = (SELECT other.id FROM category other WHERE other.store_id = $1 ORDER BY other.id DESC LIMIT 1) WHERE store_id = $1`, s.ID)
}

// asOriginal reads both databases as a program does.
func asOriginal(t *testing.T, from, to *db.DB) {
	t.Helper()
	for _, query := range []string{
		`SELECT title || '|' || tags || '|' || COALESCE(seo_title, 'none') FROM product ORDER BY store_id, id LIMIT 3`,
		`SELECT CAST(price AS TEXT) || ' ' || CAST(cost AS TEXT) || ' ' || CAST(weight AS TEXT) FROM variant ORDER BY store_id, id LIMIT 3`,
		`SELECT CAST(sum(quantity) AS TEXT) || ' ' || CAST(sum(reserved) AS TEXT) || ' ' || CAST(count(*) AS TEXT) FROM inventory_level WHERE NOT retired`,
	} {
		want, err := db.All(t.Context(), from, db.Value[string], query)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := db.All(t.Context(), to, db.Value[string], query); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s:\n got %v\nwant %v (%v)", query, got, want, err)
		}
	}
	times := func(d *db.DB) string {
		all, err := db.All(t.Context(), d, func(row db.Row) (string, error) {
			var starts, expires db.Time
			err := row.Scan(&starts, &expires)
			return starts.String() + expires.String(), err
		}, `SELECT starts_at, expires_at FROM discount ORDER BY id LIMIT 2`)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(all)
	}
	if got, want := times(to), times(from); got != want {
		t.Errorf("times: got %s, want %s", got, want)
	}
}

// asNew wants the indexes and constraints of a new database.
func asNew(t *testing.T, d *db.DB) {
	t.Helper()
	schema := func(d *db.DB) []string {
		all, err := db.All(t.Context(), d, db.Value[string], `
			SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema()
			UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || convalidated
			FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
			ORDER BY 1`)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	fresh := schema(dbtest.Open(t, dbtest.NewURL(t, db.Postgres), clock.System{}))
	if got := schema(d); len(fresh) < 300 || !slices.Equal(got, fresh) {
		t.Errorf("the target has %d indexes and constraints, a new database %d", len(got), len(fresh))
	}
}

// found is what doctor finds in stock and orders, which is the same in the copy.
func found(t *testing.T, d *db.DB) (all []string) {
	t.Helper()
	for difference, err := range inventory.Verify(t.Context(), d) {
		all = append(all, fmt.Sprint("stock: ", difference, err))
	}
	for difference, err := range order.Verify(t.Context(), d) {
		all = append(all, fmt.Sprint("orders: ", difference, err))
	}
	slices.Sort(all)
	return all
}

func number(t *testing.T, d *db.DB, query string) int {
	t.Helper()
	n, err := db.One(t.Context(), d, db.Value[int], query)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestCopy_stoppedAnywhere_goesOn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, from *db.DB, _ store.Store, to *db.DB) {
		c := transfer.Copy{From: from, To: to, Rows: 97}
		var report transfer.Report
		for goes := 1; ; goes++ {
			ctx, stop := context.WithCancel(t.Context())
			steps := 0
			c.Tell = func(string, int64, int64) {
				if steps++; steps == 12 {
					stop()
				}
			}
			if goes == 4 {
				c.Tell = nil // it has been stopped often enough
			}
			r, err := c.Run(ctx)
			stop()
			if report = r; err == nil {
				break
			}
			if ctx.Err() == nil {
				t.Fatal(err)
			}
			if err := transfer.Half(t.Context(), to); err == nil || !strings.Contains(err.Error(), "not finished") {
				t.Errorf("a half database may be served: %v", err)
			}
		}
		if len(report.Differences) > 0 || report.Copied == 0 || report.Copied == report.Rows {
			t.Errorf("the last go copied %d of %d rows: %v", report.Copied, report.Rows, report.Differences)
		}
		asNew(t, to)
		if err := transfer.Half(t.Context(), to); err != nil {
			t.Errorf("a whole database may not be served: %v", err)
		}
	})
}

// Also while the target gets its indexes and foreign keys.
func TestCopy_stoppedAtTheIndexes_goesOn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, from *db.DB, _ store.Store, to *db.DB) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		_, err := transfer.Copy{From: from, To: to, Tell: func(step string, _, _ int64) {
			if step == "compare" {
				stop()
			}
		}}.Run(ctx)
		if err == nil {
			t.Fatal("it was not stopped")
		}
		if r := run(t, transfer.Copy{From: from, To: to}); r.Copied != 0 || len(r.Differences) > 0 {
			t.Errorf("the second go copied %d rows: %v", r.Copied, r.Differences)
		}
		asNew(t, to)
	})
}

func TestCopy_namesEachDifference(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, from *db.DB, shop store.Store, to *db.DB) {
		spoilt := false
		r := run(t, transfer.Copy{From: from, To: to, Rows: 50, Tell: func(step string, _, _ int64) {
			if spoilt || step != "compare" {
				return
			}
			spoilt = true
			write(t, to, `UPDATE tax_rule SET rate = rate + 1 WHERE store_id = $1 AND id = (SELECT id FROM tax_rule ORDER BY id LIMIT 1)`, shop.ID)
			write(t, to, `DELETE FROM review WHERE store_id = $1 AND id = (SELECT id FROM review ORDER BY id DESC LIMIT 1)`, shop.ID)
			write(t, to, `DELETE FROM review WHERE store_id = $1 AND id = (SELECT id FROM review ORDER BY id LIMIT 1)`, shop.ID)
			write(t, from, `DELETE FROM supplier_order`)
			write(t, from, `DELETE FROM product_supplier WHERE supplier_id = (SELECT supplier_id FROM product_supplier ORDER BY supplier_id LIMIT 1)`)
		}})
		gone := number(t, to, `SELECT count(*) FROM product_supplier`) - number(t, from, `SELECT count(*) FROM product_supplier`)
		all := strings.Join(r.Differences, "\n")
		for want, times := range map[string]int{" differs in [rate]": 1, "is missing in the target": 2, "product_supplier (": min(gone, 97)} {
			if got := strings.Count(all, want); got < times {
				t.Errorf("%q is said %d times, want %d", want, got, times)
			}
		}
		if n := len(r.Differences) + r.More; n != 3+gone {
			t.Errorf("%d differences, want %d", n, 3+gone)
		}
		if !strings.Contains(all, "store_id "+shop.ID.String()) {
			t.Errorf("the keys are not said:\n%s", all)
		}
	})
}

func TestCopy_refusesWhatItMustNotTouch(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, from *db.DB, _ store.Store, to *db.DB) {
		refused := func(c transfer.Copy, why string) {
			t.Helper()
			if _, err := c.Run(t.Context()); err == nil || !strings.Contains(err.Error(), why) {
				t.Errorf("got %v, want %q", err, why)
			}
		}
		refused(transfer.Copy{From: from, To: from}, map[db.Engine]string{db.SQLite: "must be a PostgreSQL", db.Postgres: "data already"}[from.Engine()])
		before := number(t, to, `SELECT count(*) FROM plan`)
		if _, err := fixture.Account(t.Context(), to); err != nil {
			t.Fatal(err)
		}
		refused(transfer.Copy{From: from, To: to}, "data already")
		if after := number(t, to, `SELECT count(*) FROM plan`); after != before {
			t.Errorf("a refused copy has changed the target: %d plans, %d before", after, before)
		}
		write(t, to, `DELETE FROM account`)
		write(t, to, `UPDATE plan SET price = 1 WHERE id = 'scale'`)
		refused(transfer.Copy{From: from, To: to}, "data already")
		write(t, to, `UPDATE plan SET price = 29900 WHERE id = 'scale'`)
		write(t, from, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9001, TRUE)`)
		refused(transfer.Copy{From: from, To: to}, "newer vitrine")
		write(t, from, `DELETE FROM goose_db_version WHERE version_id IN (9001, 57)`)
		refused(transfer.Copy{From: from, To: to}, "not up to date")
	})
}
