package mock_test

import (
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/registrar"
	"vitrine/internal/registrar/mock"
	"vitrine/internal/registrar/registrartest"
)

func TestMock_conforms(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		registrartest.Run(t, func(t *testing.T) registrartest.Subject {
			c := clock.At(time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC))
			d := dbtest.Open(t, address, c)
			empty(t, d)
			p := mock.New(d)
			return registrartest.Subject{
				Provider: p, Clock: c, TLD: "com", Taken: "mystore.io",
				Raise: func() { p.Raise(100) },
				Lose: func(late bool) {
					p.Fail(mock.Fault{Err: registrar.Errorf(registrar.Unanswered, "cut off"), Late: late})
				},
				Hold:   func() { p.Fail(mock.Fault{Open: time.Minute}) },
				Settle: func() { c.Advance(time.Minute) },
			}
		})
	})
}

func empty(t *testing.T, d *db.DB) {
	t.Helper()
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := db.Exec(t.Context(), tx, `DELETE FROM mock_registration`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
