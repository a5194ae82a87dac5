package clone_test

import (
	"testing"

	"vitrine/internal/account"
	"vitrine/internal/clone"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fixture"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// source makes a store with everything that links, a third of it archived.
func source(t *testing.T, d *db.DB) (account.ID, store.Store) {
	t.Helper()
	owner, err := fixture.Account(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	s, err := fixture.Catalog(t.Context(), d, owner, fixture.Size{
		Products: 30, VariantsEach: 10, Categories: 20, CategoryLinks: 90, Suppliers: 5, SupplierLinks: 60, Discounts: 10, DiscountLinks: 50,
	})
	if err != nil {
		t.Fatal(err)
	}
	err = d.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := db.Exec(t.Context(), tx, `
			UPDATE product SET status = 'archived'
			WHERE store_id = $1 AND id IN (SELECT id FROM product WHERE store_id = $1 ORDER BY slug LIMIT 10)`, s.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return owner, s
}

func run(t *testing.T, d *db.DB, owner account.ID, from store.Store) (store.Store, error) {
	t.Helper()
	var s store.Store
	err := d.InTx(t.Context(), func(tx *db.Tx) (err error) {
		s, err = clone.Run(t.Context(), tx, owner, clone.Request{Source: from.ID}, nil)
		return err
	}, clone.Options()...)
	return s, err
}

// TestRun_everyReferenceOfACloneLeadsToARow asks SQLite itself, which does not look
// while a clone is made. PostgreSQL has looked.
func TestRun_everyReferenceOfACloneLeadsToARow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		owner, from := source(t, d)
		made, err := run(t, d, owner, from)
		if err != nil {
			t.Fatal(err)
		}
		for table, want := range map[string]int{"product": 20, "variant": 200, "product_category": 60, "product_supplier": 40} {
			n, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM `+table+` WHERE store_id = $1`, made.ID)
			if n != want || err != nil {
				t.Errorf("%d rows of %s, want %d (%v)", n, table, want, err)
			}
		}
		if d.Engine() != db.SQLite {
			return
		}
		dangling, err := db.All(t.Context(), d, db.Value[string], `SELECT "table" || ' names ' || parent FROM pragma_foreign_key_check`)
		if len(dangling) > 0 || err != nil {
			t.Errorf("%d dangling, the first %v (%v)", len(dangling), dangling[:min(1, len(dangling))], err)
		}
	})
}

// TestRun_failsWhenTheSourceIsNotWhole damages a source as no statement of ours can.
func TestRun_failsWhenTheSourceIsNotWhole(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		owner, from := source(t, d)
		damage(t, d, from)
		if _, err := run(t, d, owner, from); err == nil {
			t.Error("a clone was made")
		}
		stores, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM store`)
		if stores != 1 || err != nil {
			t.Errorf("%d stores (%v)", stores, err)
		}
	})
}

// damage takes away a product that variants belong to.
func damage(t *testing.T, d *db.DB, from store.Store) {
	t.Helper()
	blind, seeing := `PRAGMA foreign_keys = OFF`, `PRAGMA foreign_keys = ON`
	if d.Engine() == db.Postgres {
		blind, seeing = `ALTER TABLE product DISABLE TRIGGER ALL`, `ALTER TABLE product ENABLE TRIGGER ALL`
	}
	one, err := db.One(t.Context(), d, db.Value[id.UUID], `
		SELECT id FROM product WHERE store_id = $1 AND status = 'active' ORDER BY id LIMIT 1`, from.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		statement string
		args      []any
	}{{blind, nil}, {`DELETE FROM product WHERE store_id = $1 AND id = $2`, []any{from.ID, one}}, {seeing, nil}} {
		if _, err := d.Writer().ExecContext(t.Context(), step.statement, step.args...); err != nil {
			t.Fatal(err)
		}
	}
}
