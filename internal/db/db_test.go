package db_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/id"
	"vitrine/internal/lineage"
)

func scanID(row db.Row) (id.UUID, error) { return db.Value[id.UUID](row) }

func TestLineageID_isTheSameInGoAndInBothDatabases(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for range 50 {
			store, old := d.NewID(), d.NewID()
			err := d.InTx(t.Context(), func(tx *db.Tx) error {
				if _, err := db.Exec(t.Context(), tx, `DELETE FROM token`); err != nil {
					return err
				}
				got, err := db.One(t.Context(), tx, scanID, `SELECT lineage_id($1, x.id) FROM (SELECT lineage_id(0, `+literal(d, old)+`) AS id) x`, lineage.Mask(store))
				if want := lineage.ID(store, old); got != want {
					t.Errorf("lineage_id(%s, %s) = %s, Go says %s", store, old, got, want)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func literal(d *db.DB, u id.UUID) string {
	if d.Engine() == db.Postgres {
		return "'" + u.String() + "'::uuid"
	}
	hex := u.String()
	return "x'" + hex[:8] + hex[9:13] + hex[14:18] + hex[19:23] + hex[24:] + "'"
}

func insertAccount(t *testing.T, d *db.DB, email string) error {
	return d.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := db.Exec(t.Context(), tx, `
			INSERT INTO account (id, email, email_key, name, password_hash, plan_id, store_count, created_at, updated_at)
			VALUES ($1, $2, $2, '', '', 'free', 0, $3, $3)`, tx.NewID(), email, db.Time{Time: tx.Now()})
		return err
	})
}

func TestViolates_namesTheIndexOnBothDatabases(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := insertAccount(t, d, "a@example.com"); err != nil {
			t.Fatal(err)
		}
		err := insertAccount(t, d, "a@example.com")
		if !d.Violates(err, "account_email") || d.Violates(err, "store_slug") {
			t.Errorf("%v is not seen as a violation of account_email", err)
		}
		err = d.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := db.Exec(t.Context(), tx, `UPDATE account SET store_count = -1`)
			return err
		})
		if !d.Violates(err, "account_store_count") {
			t.Errorf("%v is not seen as a violation of the check", err)
		}
		err = d.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := db.Exec(t.Context(), tx, `UPDATE account SET plan_id = 'gold'`)
			return err
		})
		if !db.ViolatesForeignKey(err) || db.Unavailable(err) {
			t.Errorf("%v is not seen as a violation of a foreign key", err)
		}
	})
}

func TestInTx_rollsBackOnErrorAndOnPanic(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		boom := errors.New("boom")
		for _, fail := range []func() error{func() error { return boom }, func() error { panic(boom) }} {
			func() {
				defer func() { _ = recover() }()
				_ = d.InTx(t.Context(), func(tx *db.Tx) error {
					if _, err := db.Exec(t.Context(), tx, `INSERT INTO secret (name, value) VALUES ('x', $1)`, []byte("y")); err != nil {
						t.Error(err)
					}
					return fail()
				})
			}()
		}
		n, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM secret`)
		if err != nil || n != 0 {
			t.Errorf("%d rows stayed (%v)", n, err)
		}
	})
}

func TestInTx_runsAgainAfterSerializationFailure(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := insertAccount(t, d, "a@example.com"); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				err := d.InTx(t.Context(), func(tx *db.Tx) error {
					_, err := db.Exec(t.Context(), tx, `UPDATE account SET store_count = store_count + 1`)
					return err
				}, db.Snapshot())
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		n, err := db.One(t.Context(), d, db.Value[int], `SELECT store_count FROM account`)
		if err != nil || n != 16 {
			t.Errorf("counted %d of 16 (%v)", n, err)
		}
	})
}

func TestDB_writesOnlyInTransactions(t *testing.T) {
	d := dbtest.Open(t, dbtest.NewURL(t, db.SQLite), clock.System{})
	if _, err := d.ExecContext(t.Context(), `DELETE FROM plan`); err == nil {
		t.Error("a reader could write")
	}
}

func TestTime_keepsMicrosecondsAndSorts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		at := time.Date(2026, 1, 15, 12, 0, 0, 120_000, time.FixedZone("", 3600))
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			for i, when := range []time.Time{at, at.Add(-time.Microsecond), at.Add(time.Second)} {
				_, err := db.Exec(t.Context(), tx, `INSERT INTO login_failure (id, key, failed_at) VALUES ($1, $2, $3)`, tx.NewID(), string(rune('a'+i)), db.Time{Time: when})
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		times, err := db.All(t.Context(), d, db.Value[db.Time], `SELECT failed_at FROM login_failure WHERE failed_at >= $1 ORDER BY failed_at`, db.Time{Time: at})
		if err != nil || len(times) != 2 || !times[0].Equal(at) {
			t.Errorf("got %v, %v", times, err)
		}
	})
}

func TestMigrate_twoProcessesAtOnce(t *testing.T) {
	address := "sqlite://" + t.TempDir() + "/fresh.db"
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			d, err := db.Open(t.Context(), db.Options{URL: address})
			if err != nil {
				t.Error(err)
				return
			}
			defer d.Close()
			if _, err := d.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestRows_takeTheirValuesInOrder(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, q := range []db.Q{d, db.Afresh(d)} {
			got, err := db.All(t.Context(), q, db.Value[string], `WITH v (a, b) AS (VALUES `+q.Engine().Rows(3, 2)+`) SELECT a || b FROM v ORDER BY 1`, "a", "b", "c", "d", "e", "f")
			if err != nil || !slices.Equal(got, []string{"ab", "cd", "ef"}) {
				t.Errorf("%v, %v", got, err)
			}
		}
	})
}

func TestMigrate_takesWhatCameBetweenOthersLater(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, statement := range []string{"DROP TABLE content_version", "DELETE FROM goose_db_version WHERE version_id = 33"} {
			if _, err := d.Writer().ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		applied, err := d.Migrate(t.Context())
		if err != nil || len(applied) != 1 {
			t.Fatalf("applied %q, %v", applied, err)
		}
		if _, err := db.All(t.Context(), d, db.Value[int64], "SELECT version FROM content_version"); err != nil {
			t.Error(err)
		}
	})
}

func TestMigrate_refusesWhatANewerVersionHasMade(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, statement := range []string{"DROP TABLE content_version", "DELETE FROM goose_db_version WHERE version_id = 33", "INSERT INTO goose_db_version (version_id, is_applied, tstamp) VALUES (9999, TRUE, CURRENT_TIMESTAMP)"} {
			if _, err := d.Writer().ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		if applied, err := d.Migrate(t.Context()); !errors.Is(err, db.ErrNewer) || len(applied) != 0 {
			t.Errorf("applied %q, %v", applied, err)
		}
		if missing, _, err := d.SchemaGap(t.Context()); err != nil || !slices.Equal(missing, []int64{33}) {
			t.Errorf("it was changed all the same: %v, %v", missing, err)
		}
	})
}
