package account_test

import (
	"testing"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fault"
)

func TestLogoutElsewhere_leavesTheSessionThatAsksAndTheTokens(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		accounts, err := account.New(d, account.DefaultSettings)
		if err != nil {
			t.Fatal(err)
		}
		me := account.Credentials{Email: "me@example.com", Password: "correct horse"}
		first, err := accounts.Register(t.Context(), me, "")
		if err != nil {
			t.Fatal(err)
		}
		second, err := accounts.Login(t.Context(), me, "here")
		if err != nil {
			t.Fatal(err)
		}
		other, err := accounts.Register(t.Context(), account.Credentials{Email: "other@example.com", Password: "correct horse"}, "")
		if err != nil {
			t.Fatal(err)
		}
		var token account.Token
		var n int
		err = d.InTx(t.Context(), func(tx *db.Tx) (err error) {
			token, err = account.CreateToken(t.Context(), tx, first.User.ID, "Program", nil)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		logins, more, err := account.ListLogins(t.Context(), d, first.User.ID, second.Secret, d.Now(), db.Page{Limit: 10})
		if err != nil || more || len(logins) != 2 || !logins[0].Current || logins[1].Current {
			t.Errorf("logins %+v, more %v, %v", logins, more, err)
		}
		if none, _, err := account.ListLogins(t.Context(), d, first.User.ID, second.Secret, d.Now().Add(365*24*time.Hour), db.Page{Limit: 10}); err != nil || len(none) != 0 {
			t.Errorf("expired logins %+v, %v", none, err)
		}
		err = d.InTx(t.Context(), func(tx *db.Tx) (err error) {
			n, err = account.LogoutElsewhere(t.Context(), tx, first.User.ID, second.Secret)
			return err
		})
		if err != nil || n != 1 {
			t.Errorf("%d signed out, %v", n, err)
		}
		for secret, in := range map[string]bool{first.Secret: false, second.Secret: true, other.Secret: true, token.Secret: true} {
			if _, err := account.Authenticate(t.Context(), d, secret, d.Now()); fault.Is(err, fault.Unauthorized) == in {
				t.Errorf("signed in: %v, want %v", err, in)
			}
		}
	})
}

func TestEnsure_makesAUserOnceAndLogsNobodyIn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		accounts, err := account.New(d, account.DefaultSettings)
		if err != nil {
			t.Fatal(err)
		}
		me := account.Credentials{Email: "me@example.com", Password: "correct horse"}
		first, err := accounts.Ensure(t.Context(), me, "Me")
		if err != nil || first.Name != "Me" {
			t.Fatalf("%+v, %v", first, err)
		}
		if again, err := accounts.Ensure(t.Context(), me, "Other"); err != nil || again.ID != first.ID || again.Name != "Me" {
			t.Errorf("%+v, %v; the first time %+v", again, err, first)
		}
		wrong := account.Credentials{Email: "ME@example.com", Password: "battery staple"}
		if _, err := accounts.Ensure(t.Context(), wrong, ""); fault.Code(err) != "wrong_credentials" {
			t.Errorf("with another password: %v", err)
		}
		tokens, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM token`)
		if err != nil || tokens != 0 {
			t.Errorf("%d are logged in (%v)", tokens, err)
		}
	})
}
