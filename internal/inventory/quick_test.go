package inventory_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/inventory"
)

// TestWriter_changesThatShareAStatementAreEachAnsweredAndNoted has many callers
// reserve the same goods, so that most changes of a level are made as one, and
// reads from each answer and from the ledger that they came one after the other.
func TestWriter_changesThatShareAStatementAreEachAnsweredAndNoted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const levels, callers = 3, 40
		s := newShop(t, d)
		all := make([]inventory.LevelID, levels)
		for i := range all {
			all[i] = s.put(s.variant(false), s.main, 10_000)
		}
		answers := make([][callers]int64, levels)
		var wg sync.WaitGroup
		for c := range callers {
			for i, l := range all {
				wg.Go(func() {
					note := fmt.Sprintf("%d of %d", c, i)
					f, err := s.writer.Reserve(t.Context(), s.id, l, inventory.Move{Units: 1, Note: inventory.Note{Notes: &note}})
					if err != nil {
						t.Error(err)
					}
					answers[i][c] = f.Reserved
				})
			}
		}
		wg.Wait()
		for i, l := range all {
			s.want(l, 10_000, callers)
			history, _, err := inventory.ListAdjustments(t.Context(), d, s.id, l, db.Page{Limit: callers})
			if err != nil || len(history) != callers {
				t.Fatalf("%d adjustments: %v", len(history), err)
			}
			for n, a := range history { // the newest first
				var c, of int
				if _, err := fmt.Sscanf(*a.Notes, "%d of %d", &c, &of); err != nil || of != i {
					t.Fatalf("a note says %q", *a.Notes)
				}
				if want := int64(callers - n); a.ReservedAfter != want || answers[i][c] != want {
					t.Errorf("level %d, caller %d: answered %d, noted %d, want %d", i, c, answers[i][c], a.ReservedAfter, want)
				}
			}
		}
		s.sound()
	})
}

// TestWriter_whatHasDoneItsPartIsNotFailedByItsNeighbours puts changes that need no
// look, refusals and a request that fails into the same batches.
func TestWriter_whatHasDoneItsPartIsNotFailedByItsNeighbours(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		plenty, none := s.put(s.variant(false), s.main, 1000), s.put(s.variant(false), s.main, 0)
		var wg sync.WaitGroup
		for range 30 {
			wg.Go(func() {
				if _, err := s.writer.Reserve(t.Context(), s.id, plenty, units(1)); err != nil {
					t.Error(err)
				}
			})
			wg.Go(func() {
				if _, err := s.writer.Adjust(t.Context(), s.id, plenty, inventory.Received, units(2)); err != nil {
					t.Error(err)
				}
			})
			wg.Go(func() {
				if _, err := s.writer.Reserve(t.Context(), s.id, none, units(1)); err == nil {
					t.Error("sold what is not there")
				}
			})
			wg.Go(func() {
				failing := units(1)
				failing.Then = func(context.Context, *db.Tx, inventory.Figures) error { return errors.New("no") }
				if _, err := s.writer.Reserve(t.Context(), s.id, plenty, failing); err == nil {
					t.Error("a request that failed was answered as done")
				}
			})
		}
		wg.Wait()
		s.want(plenty, 1060, 30)
		s.want(none, 0, 0)
		s.sound()
	})
}

// TestWriter_aChangeThatTheDatabaseRefusesFailsNobodyElse puts a text that PostgreSQL
// does not take into the same statement as the changes of others.
func TestWriter_aChangeThatTheDatabaseRefusesFailsNobodyElse(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newShop(t, d)
		l := s.put(s.variant(false), s.main, 1000)
		bad := units(1)
		actor := "no\x00body"
		bad.Actor = &actor
		const callers = 60
		taken := int64(callers)
		var wg sync.WaitGroup
		for range callers {
			wg.Go(func() {
				if _, err := s.writer.Reserve(t.Context(), s.id, l, units(1)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Go(func() {
			_, err := s.writer.Reserve(t.Context(), s.id, l, bad)
			if takes := d.Engine() == db.SQLite; takes != (err == nil) {
				t.Errorf("a bad text: %v", err)
			} else if takes {
				taken++
			}
		})
		wg.Wait()
		s.want(l, 1000, taken)
		s.sound()
	})
}
