package audit_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/audit"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fixture"
	"vitrine/internal/store"
)

var begin = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// shop makes a store.
func shop(t *testing.T, d *db.DB) (account.ID, store.Store) {
	t.Helper()
	owner, err := fixture.Account(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	var s store.Store
	err = d.InTx(t.Context(), func(tx *db.Tx) error {
		s, err = store.Create(t.Context(), tx, owner, store.New("Tea"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return owner, s
}

func lines(t *testing.T, d *db.DB, s store.Store) []audit.Line {
	t.Helper()
	all, _, err := audit.ListStore(t.Context(), d, s.ID.UUID, audit.Filter{}, db.Page{Limit: 10000})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAudit_anActionAndItsLineAreBothThereOrNeither(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		_, s := shop(t, d)
		before := len(lines(t, d, s))
		change := func(fail bool) error {
			return d.InTx(t.Context(), func(tx *db.Tx) error {
				_, err := store.Update(t.Context(), tx, s.ID, func(s *store.Store) { s.Name += "!" })
				if err == nil && fail {
					err = errors.New("no")
				}
				return err
			})
		}
		if err := change(true); err == nil || len(lines(t, d, s)) != before {
			t.Errorf("a change that was not made is told of (%v)", err)
		}
		// Without a place for the line there is no change.
		mustExec(t, d, `ALTER TABLE store_action RENAME TO elsewhere`)
		if err := change(false); err == nil {
			t.Error("a change was made without its line")
		}
		mustExec(t, d, `ALTER TABLE elsewhere RENAME TO store_action`)
		now, err := store.Named(t.Context(), d, s.ID.String())
		if err != nil || now.Name != "Tea" {
			t.Errorf("the store is called %q, %v", now.Name, err)
		}
	})
}

func mustExec(t *testing.T, d *db.DB, statement string, args ...any) {
	t.Helper()
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := db.Exec(t.Context(), tx, statement, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAudit_nobodyChangesALine(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		shop(t, d)
		for _, table := range []string{"store_action", "account_action"} {
			err := d.InTx(t.Context(), func(tx *db.Tx) error {
				_, err := db.Exec(t.Context(), tx, `UPDATE `+table+` SET email = 'somebody else'`)
				return err
			})
			if err == nil {
				t.Errorf("a line of %s was changed", table)
			}
		}
	})
}

func TestClean_deletesWhatIsOlderThanItIsKept(t *testing.T) {
	t.Parallel()
	dbtest.EachFrom(t, begin, func(t *testing.T, d *db.DB, c *clock.Fixed) {
		owner, s := shop(t, d)
		const old = 2500 // more than one transaction takes
		write := func(n int) {
			err := d.InTx(t.Context(), func(tx *db.Tx) error {
				for i := range n {
					thing := audit.Thing{Kind: "theme", ID: fmt.Sprint(i)}
					if err := errors.Join(audit.InStore(t.Context(), tx, s.ID.UUID, audit.ThemeChange, thing), audit.InAccount(t.Context(), tx, owner.UUID, audit.PlanChange, thing)); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		write(old)
		c.Advance(399 * 24 * time.Hour)
		write(3)
		c.Advance(2 * 24 * time.Hour)
		if err := audit.Clean(t.Context(), d, 400*24*time.Hour); err != nil {
			t.Fatal(err)
		}
		if left := lines(t, d, s); len(left) != 3 {
			t.Errorf("%d lines of the store are left, want 3", len(left))
		}
		of, _, err := audit.ListAccount(t.Context(), d, owner.UUID, audit.Filter{}, db.Page{Limit: 10000})
		if err != nil || len(of) != 3 {
			t.Errorf("%d lines of the account are left, want 3, %v", len(of), err)
		}
	})
}

func TestChanged_namesFieldsAndNothingWhenNoneDiffers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		_, s := shop(t, d)
		type thing struct {
			LogoURL  *string
			FreeOver int
			CSS      string
			hidden   int
		}
		same, other := "x", "x"
		for want, after := range map[string]thing{
			"[]":                   {LogoURL: &other, hidden: 1},
			"[logo_url free_over]": {FreeOver: 1},
			"[css]":                {LogoURL: &other, CSS: "a"},
		} {
			before := len(lines(t, d, s))
			err := d.InTx(t.Context(), func(tx *db.Tx) error {
				return audit.Changed(t.Context(), tx, s.ID.UUID, audit.SettingsChange, audit.Thing{}, thing{LogoURL: &same}, after)
			})
			if err != nil {
				t.Fatal(err)
			}
			now := lines(t, d, s)
			if want == "[]" {
				if len(now) != before {
					t.Errorf("nothing changed, and it is told: %v", now[0])
				}
				continue
			}
			if got := fmt.Sprint(now[0].Fields); got != want {
				t.Errorf("changed: %s, want %s", got, want)
			}
		}
	})
}
