package store_test

import (
	"testing"

	"vitrine/internal/content"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fault"
	"vitrine/internal/store"
)

func TestFront_isTheSameOnACluster(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		owner := person(t, d)
		var s store.Store
		for range 2 { // the second makes a second version
			write(t, d, func(tx *db.Tx) (err error) {
				if s.Slug == "" {
					s, err = store.Create(t.Context(), tx, owner.ID, store.New("Tea House"))
				}
				content.Changed(tx, s.ID.UUID)
				return err
			})
		}
		look := func() {
			t.Helper()
			version, err := content.Version(t.Context(), d, s.ID.UUID)
			if err != nil || version == 0 {
				t.Fatalf("version %d, %v", version, err)
			}
			found, of, err := store.Front(t.Context(), d, s.Slug)
			if err != nil || found.ID != s.ID || found.Name != s.Name || of != version {
				t.Errorf("%+v of version %d, %v; want %s of %d", found, of, err, s.Name, version)
			}
			if _, _, err := store.Front(t.Context(), d, "nobody"); !fault.Is(err, fault.NotFound) {
				t.Errorf("a name that no store has: %v", err)
			}
		}
		look()
		if d.Engine() == db.Postgres {
			dbtest.AsCluster(t, d)
			look()
		}
	})
}
