package store_test

import (
	"testing"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fault"
	"vitrine/internal/fixture"
	"vitrine/internal/store"
)

// A request is let in with the role that its caller had then. What it does to the
// members counts with the role that they have when it does it.
func TestMembers_whoIsNoAdminAnyMoreManagesNobody(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		owner, admin := person(t, d), person(t, d)
		var s store.Store
		var m store.Member
		write(t, d, func(tx *db.Tx) (err error) {
			if s, err = store.Create(t.Context(), tx, owner.ID, store.New("Shop")); err != nil {
				return err
			}
			m, err = store.Invite(t.Context(), tx, s.ID, owner.ID, admin.Email, store.Admin)
			return err
		})
		to := func(r store.Role) func(*store.Role) { return func(was *store.Role) { *was = r } }
		write(t, d, func(tx *db.Tx) error {
			_, err := store.ChangeRole(t.Context(), tx, s.ID, owner.ID, m.ID, to(store.Viewer))
			return err
		})
		for name, try := range map[string]func(*db.Tx) error{
			"raise": func(tx *db.Tx) error {
				_, err := store.ChangeRole(t.Context(), tx, s.ID, admin.ID, m.ID, to(store.Admin))
				return err
			},
			"invite": func(tx *db.Tx) error {
				_, err := store.Invite(t.Context(), tx, s.ID, admin.ID, "friend@example.com", store.Admin)
				return err
			},
			"remove": func(tx *db.Tx) error { return store.Remove(t.Context(), tx, s.ID, admin.ID, m.ID) },
		} {
			if err := d.InTx(t.Context(), try); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v", name, err)
			}
		}
		write(t, d, func(tx *db.Tx) error { return store.Remove(t.Context(), tx, s.ID, owner.ID, m.ID) })
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := store.Invite(t.Context(), tx, s.ID, admin.ID, "friend@example.com", store.Viewer)
			return err
		})
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("a stranger invites: %v", err)
		}
	})
}

func TestRole_includesThoseBeforeIt(t *testing.T) {
	t.Parallel()
	order := []store.Role{"", store.Viewer, store.Staff, store.Admin, store.Owner}
	for i, r := range order {
		for j, least := range order[1:] {
			if r.Includes(least) != (i >= j+1) {
				t.Errorf("%q includes %q: %v", r, least, r.Includes(least))
			}
		}
	}
}

func person(t *testing.T, d *db.DB) account.User {
	t.Helper()
	one, err := fixture.Account(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	u, err := account.Get(t.Context(), d, one)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func write(t *testing.T, d *db.DB, fn func(*db.Tx) error) {
	t.Helper()
	if err := d.InTx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}
