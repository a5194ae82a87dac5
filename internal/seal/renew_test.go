package seal_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/id"
	"vitrine/internal/seal"
)

// letters writes mails whose secrets are sealed, and returns what is in them by their
// ids.
func letters(t *testing.T, d *db.DB, s *seal.Sealer, n int) map[id.UUID]string {
	t.Helper()
	all := map[id.UUID]string{}
	set := db.NewColumns("id uuid, secret bytea").Set()
	for i := range n {
		key, text := d.NewID(), fmt.Sprint("secret ", i)
		all[key] = text
		set.Add(key, s.Seal([]byte(text)))
	}
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := set.Exec(t.Context(), tx, `WITH @given INSERT INTO mail (id, recipient, subject, body, tries, created_at, secret)
			SELECT id, 'ann@example.com', 'x', 'x', 0, CAST($1 AS `+map[db.Engine]string{db.SQLite: "TEXT", db.Postgres: "timestamptz"}[d.Engine()]+`), secret FROM given`, db.Time{Time: tx.Now()})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// opens fails the test unless all letters are there and the Sealer opens each.
func opens(t *testing.T, d *db.DB, s *seal.Sealer, want map[id.UUID]string) {
	t.Helper()
	n := 0
	err := db.Each(t.Context(), d, func(row db.Row) error {
		var key id.UUID
		var sealed []byte
		if err := row.Scan(&key, &sealed); err != nil {
			return err
		}
		plain, err := s.Open(sealed)
		if string(plain) != want[key] {
			t.Errorf("%s is %q, %v", key, plain, err)
		}
		n++
		return nil
	}, `SELECT id, secret FROM mail`)
	if err != nil || n != len(want) {
		t.Errorf("%d of %d rows, %v", n, len(want), err)
	}
}

func sealer(t *testing.T, key seal.Key, older ...seal.Key) *seal.Sealer {
	t.Helper()
	s, err := seal.New(key, older...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// After it is cut short it goes on, and after it is done the former key opens nothing
// that is needed.
func TestRenew_goesOnWhereItWasCutShort(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		former, lost, now := seal.Key{1}, seal.Key{2}, seal.Key{3}
		want := letters(t, d, sealer(t, former), 450)
		both := sealer(t, now, former)
		ctx, cut := context.WithCancel(t.Context())
		go func() { // somewhere in the middle, or before it begins
			for {
				if all, err := both.Verify(t.Context(), d); err != nil || len(all) == 0 || all[0].Former < 450 {
					cut()
					return
				}
			}
		}()
		_, cutShort := both.Renew(ctx, d)
		cut()
		t.Log("cut short:", cutShort)
		opens(t, d, both, want)
		before, err := both.Verify(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		if after, err := both.Renew(t.Context(), d); err != nil || !reflect.DeepEqual(before, after) {
			t.Errorf("%v were left, and %v were sealed anew, %v", before, after, err)
		}
		opens(t, d, sealer(t, now), want)
		if again, err := both.Renew(t.Context(), d); err != nil || len(again) != 0 {
			t.Errorf("once more: %v, %v", again, err)
		}

		letters(t, d, sealer(t, lost), 3)
		all, err := both.Renew(t.Context(), d)
		if column := (seal.Column{Table: "mail", Name: "secret", Key: "id uuid"}); err != nil || !slices.Equal(all, []seal.Count{{Column: column, Unopened: 3}}) {
			t.Errorf("what a lost key has sealed: %v, %v", all, err)
		}
	})
}

func TestRenew_isRunByTwoAtOnceWhileOthersWrite(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		former, now := seal.Key{1}, seal.Key{3}
		want := letters(t, d, sealer(t, former), 300)
		both := sealer(t, now, former)
		sent := slices.Collect(func(yield func(id.UUID) bool) {
			for key := range want {
				if !yield(key) {
					return
				}
			}
		})[:20]
		var wait sync.WaitGroup
		sums := make([]int, 2)
		failed := make([]error, 3)
		for i := range sums {
			wait.Go(func() {
				all, err := both.Renew(t.Context(), d)
				for _, n := range all {
					sums[i] += n.Former
				}
				failed[i] = err
			})
		}
		wait.Go(func() {
			for _, key := range sent { // what was sent has no secret any more
				failed[2] = errors.Join(failed[2], d.InTx(t.Context(), func(tx *db.Tx) error {
					_, err := db.Exec(t.Context(), tx, `UPDATE mail SET secret = NULL WHERE id = $1`, key)
					return err
				}))
			}
		})
		wait.Wait()
		if err := errors.Join(failed...); err != nil {
			t.Fatal(err)
		}
		if n := sums[0] + sums[1]; n < 280 || n > 300 {
			t.Errorf("%d of 300 were sealed anew, each once", n)
		}
		for _, key := range sent {
			want[key] = ""
		}
		opens(t, d, sealer(t, now), want)
	})
}
