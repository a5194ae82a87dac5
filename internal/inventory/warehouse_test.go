package inventory_test

import (
	"sync"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fixture"
	"vitrine/internal/inventory"
	"vitrine/internal/store"
)

func TestEnsureDefaultWarehouse_makesOneHoweverOftenItRuns(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		owner, err := fixture.Account(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		var s store.Store
		err = d.InTx(t.Context(), func(tx *db.Tx) (err error) {
			s, err = store.Create(t.Context(), tx, owner, store.New("Shop"))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				err := d.InTx(t.Context(), func(tx *db.Tx) error {
					_, err := inventory.EnsureDefaultWarehouse(t.Context(), tx, s.ID)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		all, more, err := inventory.ListWarehouses(t.Context(), d, s.ID, db.Page{Limit: 10})
		if err != nil || more || len(all) != 1 || all[0].Name != "Main Warehouse" || !all[0].Default || !all[0].Active {
			t.Errorf("%v, %v", all, err)
		}
	})
}
