package catalog_test

import (
	"testing"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
)

func TestRepairSearch_putsInWhatIsMissingAndTakesOutTheRest(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.create("Stoneware mug", "M-1")
		s.create("Green tea", "T-1")
		s.delete(s.create("Gone", "G-1").ID)
		wrong := func() (n int) {
			t.Helper()
			for x, err := range catalog.VerifySearch(t.Context(), s.db) {
				if err != nil {
					t.Fatal(err)
				}
				t.Log(x)
				n++
			}
			return n
		}
		repair := func() (told int) {
			t.Helper()
			if err := catalog.RepairSearch(t.Context(), s.db, func(string) { told++ }); err != nil {
				t.Fatal(err)
			}
			return told
		}
		if n, told := wrong(), repair(); n+told > 0 {
			t.Errorf("at first %d differences, %d mended", n, told)
		}
		lost := `INSERT INTO product_search (store_id, product_id, text) SELECT store_id, id, 'nothing' FROM product WHERE deleted_at IS NOT NULL`
		if s.db.Engine() == db.SQLite {
			lost = `INSERT INTO product_search (rowid, product_id, grams) SELECT 7, id, 'nothing' FROM product WHERE deleted_at IS NOT NULL`
		}
		for _, breaks := range []string{`DELETE FROM product_search`, lost} {
			err := s.db.InTx(t.Context(), func(tx *db.Tx) error {
				_, err := db.Exec(t.Context(), tx, breaks)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if n, first, again, left := wrong(), repair(), repair(), wrong(); n != 1 || first != 1 || again != 0 || left != 0 {
				t.Errorf("%s: %d differences, mended %d, then %d; %d are left", breaks, n, first, again, left)
			}
		}
		if !s.inIndex("stoneware") {
			t.Error("it is not found by the index")
		}
	})
}
