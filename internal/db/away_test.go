package db_test

import (
	"testing"

	"vitrine/internal/db"
)

// Whatever a transaction goes on to ask of a connection that PostgreSQL has ended, it
// hears that the database is away, which is no fault of ours.
func TestUnavailable_isEveryErrorOfAConnectionThatHasEnded(t *testing.T) {
	t.Parallel()
	d := postgres(t)
	for _, goesOn := range []bool{false, true} {
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			own, err := db.One(t.Context(), tx, db.Value[int], `SELECT pg_backend_pid()`)
			if err != nil {
				return err
			}
			if _, err := d.ExecContext(t.Context(), `SELECT pg_terminate_backend($1, 5000)`, own); err != nil {
				return err
			}
			for _, try := range []string{"first", "second", "third"} {
				if _, err = db.Exec(t.Context(), tx, `UPDATE plan SET price = price`); !db.Unavailable(err) {
					t.Errorf("the %s statement after its end: %v", try, err)
				}
			}
			if goesOn {
				return nil
			}
			return err
		})
		if !db.Unavailable(err) {
			t.Errorf("the transaction: %v", err)
		}
	}
}
