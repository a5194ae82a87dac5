package db_test

import (
	"sync"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/dbtest"
)

func TestPrepared_readsWhatIsThereNow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const count = `SELECT count(*) FROM secret WHERE name LIKE $1`
		for n := range 4 {
			var wg sync.WaitGroup
			for range 20 { // more than there are connections
				wg.Go(func() {
					found, err := db.One(t.Context(), d.Prepared(), db.Value[int], count, "x%")
					if err != nil || found != n {
						t.Errorf("found %d of %d: %v", found, n, err)
					}
				})
			}
			wg.Wait()
			err := d.InTx(t.Context(), func(tx *db.Tx) error {
				_, err := db.Exec(t.Context(), tx, `INSERT INTO secret (name, value) VALUES ($1, $2)`, "x"+d.NewID().String(), []byte{1})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, err := db.One(t.Context(), d.Prepared(), db.Value[int], `SELECT nothing FROM nowhere`); err == nil {
			t.Error("read from a table that is not there")
		}
	})
}
