package db_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/id"
)

func TestLast_runsOnceForAKeyInTheOrderOfKeysBeforeTheCommit(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var ran []string
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			ran = nil
			for _, key := range []string{"b", "a", "b"} {
				tx.Last(key, func(context.Context) error {
					ran = append(ran, key)
					return nil
				})
			}
			if len(ran) > 0 {
				t.Error("it ran at once")
			}
			return nil
		})
		if err != nil || !slices.Equal(ran, []string{"a", "b"}) {
			t.Errorf("%v, %v", ran, err)
		}
	})
}

func TestAnnounce_isHeardAfterTheCommitAndNotWithoutOne(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var heard []id.UUID
		d.Listen("mugs", func(about id.UUID) { heard = append(heard, about) })
		d.Listen("cups", func(id.UUID) { t.Error("another topic is heard") })
		kept, lost := d.NewID(), d.NewID()
		refused := errors.New("refused")
		announce := func(about id.UUID, then error) error {
			return d.InTx(t.Context(), func(tx *db.Tx) error {
				tx.Announce("mugs", about)
				if len(heard) > 0 {
					t.Error("it is heard before the commit")
				}
				return then
			})
		}
		if err := announce(lost, refused); !errors.Is(err, refused) {
			t.Fatal(err)
		}
		if err := announce(kept, nil); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(heard, []id.UUID{kept}) {
			t.Errorf("heard of %v, want %v", heard, kept)
		}
	})
}
