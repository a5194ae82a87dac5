package db_test

import (
	"errors"
	"strings"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fixture"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// link puts a product into a category, both of which may not be there.
func link(t *testing.T, tx *db.Tx, st, product, category id.UUID) error {
	t.Helper()
	_, err := db.Exec(t.Context(), tx, `INSERT INTO product_category (store_id, product_id, category_id) VALUES ($1, $2, $3)`, st, product, category)
	return err
}

// shopWithLink makes a store with one product in one category.
func shopWithLink(t *testing.T, d *db.DB) (st store.ID, product, category id.UUID) {
	t.Helper()
	owner, err := fixture.Account(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	s, err := fixture.Catalog(t.Context(), d, owner, fixture.Size{Products: 1, VariantsEach: 1, Categories: 2, CategoryLinks: 1})
	if err != nil {
		t.Fatal(err)
	}
	one := func(query string) id.UUID {
		found, err := db.One(t.Context(), d, db.Value[id.UUID], query, s.ID)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	product = one(`SELECT id FROM product WHERE store_id = $1`)
	return s.ID, product, one(`
		SELECT id FROM category WHERE store_id = $1 AND id NOT IN (SELECT category_id FROM product_category WHERE store_id = $1)`)
}

func links(t *testing.T, d *db.DB, st store.ID) int {
	t.Helper()
	n, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM product_category WHERE store_id = $1`, st)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestBulk_commitsOnlyWhatNamesRowsThatAreThere(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		st, product, category := shopWithLink(t, d)
		for name, wrong := range map[string][2]id.UUID{
			"product": {d.NewID(), category}, "category": {product, d.NewID()},
		} {
			err := d.InTx(t.Context(), func(tx *db.Tx) error {
				tx.Fill(st.UUID)
				return link(t, tx, st.UUID, wrong[0], wrong[1])
			}, db.Bulk())
			if err == nil || d.Engine() == db.SQLite && !strings.Contains(err.Error(), "names a "+name+" that is not there") {
				t.Errorf("a link to no %s: %v", name, err)
			}
		}
		if n := links(t, d, st); n != 1 {
			t.Errorf("%d links, want the first one alone", n)
		}
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			tx.Fill(st.UUID)
			return link(t, tx, st.UUID, product, category)
		}, db.Bulk())
		if n := links(t, d, st); n != 2 || err != nil {
			t.Errorf("%d links after a good one (%v)", n, err)
		}
	})
}

func TestBulk_mustSayWhichStoreItFills(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		err := d.InTx(t.Context(), func(*db.Tx) error { return nil }, db.Bulk())
		if err == nil {
			t.Error("committed without knowing what to check")
		}
	})
}

// TestBulk_leavesTheForeignKeysOnBehindIt goes on with the one connection that
// writes, after each way in which a transaction can end.
func TestBulk_leavesTheForeignKeysOnBehindIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		st, _, _ := shopWithLink(t, d)
		for name, end := range map[string]func(tx *db.Tx) error{
			"commit":   func(tx *db.Tx) error { tx.Fill(st.UUID); return nil },
			"error":    func(*db.Tx) error { return errors.New("boom") },
			"dangling": func(tx *db.Tx) error { tx.Fill(st.UUID); return link(t, tx, st.UUID, d.NewID(), d.NewID()) },
			"panic":    func(*db.Tx) error { panic("boom") },
		} {
			func() {
				defer func() { _ = recover() }()
				_ = d.InTx(t.Context(), end, db.Bulk(), db.Snapshot())
			}()
			err := d.InTx(t.Context(), func(tx *db.Tx) error { return link(t, tx, st.UUID, d.NewID(), d.NewID()) })
			if !db.ViolatesForeignKey(err) {
				t.Errorf("after %s: a dangling row gives %v", name, err)
			}
		}
	})
}
