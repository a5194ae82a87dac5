package db_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/dbtest"
)

var failures = db.NewColumns("id uuid, key text, failed_at timestamptz")

func TestSet_isATableInAnyStatement(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		at := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
		for round := range 3 { // the second round has its statements ready
			err := d.InTx(t.Context(), func(tx *db.Tx) error {
				const rows = 77
				set := failures.Set()
				for i := range rows {
					set.Add(tx.NewID(), fmt.Sprintf("key %d of %d", i, round), db.Time{Time: at.Add(time.Duration(i) * time.Microsecond)})
				}
				n, err := set.Exec(t.Context(), tx, `WITH @given INSERT INTO login_failure (id, key, failed_at) SELECT id, key, failed_at FROM given`)
				if err != nil || n != rows {
					return fmt.Errorf("inserted %d rows: %w", n, err)
				}
				n, err = set.Exec(t.Context(), tx, `
					WITH @given UPDATE login_failure SET key = given.key || $1 FROM given WHERE login_failure.id = given.id`, "!")
				if err != nil || n != rows {
					return fmt.Errorf("updated %d rows: %w", n, err)
				}
				keys, err := db.QuerySet(t.Context(), tx, set, db.Value[string], `
					WITH @given SELECT f.key FROM given CROSS JOIN login_failure f WHERE f.id = given.id AND f.failed_at = given.failed_at`)
				if err != nil || len(keys) != rows || !slices.Contains(keys, fmt.Sprintf("key 76 of %d!", round)) {
					return fmt.Errorf("found %d rows: %w", len(keys), err)
				}
				n, err = failures.Set().Exec(t.Context(), tx, "nonsense")
				if n != 0 || err != nil {
					return fmt.Errorf("an empty set ran: %w", err)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestSet_holdsWhatIsMissing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		columns := db.NewColumns("a text, b bigint, c boolean")
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			set := columns.Set()
			text := "x"
			set.Add(&text, 1, true)
			set.Add((*string)(nil), nil, false)
			found, err := db.QuerySet(t.Context(), tx, set, func(row db.Row) (string, error) {
				var a *string
				var b *int
				var c bool
				err := row.Scan(&a, &b, &c)
				return fmt.Sprint(a != nil && *a == "x", b != nil && *b == 1, c), err
			}, `WITH @given SELECT a, b, c FROM given`)
			slices.Sort(found)
			if want := []string{"false false false", "true true true"}; err == nil && !slices.Equal(found, want) {
				t.Errorf("found %v", found)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestPrepared_aStatementThatCannotRunSaysWhyEachTime(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for range 3 {
			err := d.InTx(t.Context(), func(tx *db.Tx) error {
				_, err := db.Exec(t.Context(), tx.Prepared(), `DELETE FROM nowhere`)
				return err
			})
			if err == nil {
				t.Fatal("it ran")
			}
		}
	})
}
