package store_test

import (
	"regexp"
	"strings"
	"testing"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fault"
	"vitrine/internal/mail"
	"vitrine/internal/seal"
	"vitrine/internal/store"
)

// An invitation counts for whoever reads the mail of its address, not for whoever
// registers with it first.
func TestInvite_isMailedAndCountsOnceTheAddressIsConfirmed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		settings := account.DefaultSettings
		settings.Verify = account.NewVerifier(seal.Key{1})
		var err error
		if settings.Sealer, err = seal.Passing(); err != nil {
			t.Fatal(err)
		}
		accounts, err := account.New(d, settings)
		if err != nil {
			t.Fatal(err)
		}
		mails := mail.New(d, nil, "https://vitrine.example", settings.Sealer)
		owner := person(t, d)
		var s store.Store
		write(t, d, func(tx *db.Tx) (err error) {
			if s, err = store.Create(t.Context(), tx, owner.ID, store.New("Tea House")); err != nil {
				return err
			}
			_, err = store.Invite(t.Context(), tx, s.ID, owner.ID, "bob@example.com", store.Staff)
			return err
		})
		bob, err := accounts.Register(t.Context(), account.Credentials{Email: "Bob@example.com", Password: "correct horse"}, "")
		if err != nil {
			t.Fatal(err)
		}
		enters := func() error {
			_, err := store.Enter(t.Context(), d, bob.Secret, s.ID, d.Now())
			return err
		}
		if err := enters(); !fault.Is(err, fault.NotFound) {
			t.Errorf("before the address is confirmed: %v", err)
		}
		if all, _, err := store.List(t.Context(), d, bob.User.ID, db.Page{Limit: 10}); err != nil || len(all) != 0 {
			t.Errorf("they see %d stores, %v", len(all), err)
		}
		kept, err := mails.Outbox(t.Context(), 10)
		if err != nil || len(kept) != 2 {
			t.Fatalf("%d mails, %v", len(kept), err)
		}
		var token string
		for _, m := range kept {
			if link := regexp.MustCompile(`https://vitrine\.example/verify/(\S+)`).FindStringSubmatch(m.Text); link != nil {
				token = link[1]
			} else if m.To != "bob@example.com" || m.Subject != "You are invited to Tea House" || !strings.Contains(m.Text, "https://vitrine.example/register") {
				t.Errorf("%+v", m)
			}
		}
		for _, column := range []string{`SELECT body FROM mail`, `SELECT CAST(secret AS TEXT) FROM mail WHERE secret IS NOT NULL`} {
			if all, err := db.All(t.Context(), d, db.Value[string], column); err != nil || len(all) == 0 || token == "" || strings.Contains(strings.Join(all, ""), token) {
				t.Errorf("the link lies in the open: %s, %v", column, err)
			}
		}
		confirm := func(token string) error {
			return d.InTx(t.Context(), func(tx *db.Tx) error { return accounts.Confirm(t.Context(), tx, token) })
		}
		for _, forged := range []string{"", "x", token[:len(token)-1], strings.ToUpper(token)} {
			if err := confirm(forged); !fault.Is(err, fault.NotFound) {
				t.Errorf("%q: %v", forged, err)
			}
		}
		bob.User.Unverified = true
		write(t, d, func(tx *db.Tx) error { return accounts.AskAgain(t.Context(), tx, bob.User) })
		if again, err := mails.Outbox(t.Context(), 10); err != nil || len(again) != 2 {
			t.Errorf("pressing a button makes %d mails of 2, %v", len(again), err)
		}
		for range 2 {
			if err := confirm(token); err != nil {
				t.Error(err)
			}
		}
		if err := enters(); err != nil {
			t.Errorf("after the address is confirmed: %v", err)
		}
	})
}
