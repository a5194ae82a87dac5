package account_test

import (
	"testing"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fault"
)

func TestClean_removesWhatNoLongerCountsAndNothingElse(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		now := clock.At(time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC))
		d := dbtest.Open(t, address, now)
		settings := account.DefaultSettings
		settings.FailuresPerAccount = 2
		accounts, err := account.New(d, settings)
		if err != nil {
			t.Fatal(err)
		}
		ada := account.Credentials{Email: "ada@example.com", Password: "a long password"}
		session, err := accounts.Register(t.Context(), ada, "Ada")
		if err != nil {
			t.Fatal(err)
		}
		wrong := account.Credentials{Email: ada.Email, Password: "another password"}
		for range 2 {
			if _, err := accounts.Login(t.Context(), wrong, "192.0.2.1"); !fault.Is(err, fault.Unauthorized) {
				t.Fatalf("a wrong password gives %v", err)
			}
		}

		cleaned(t, d, accounts, "a login within its life and failures within the window", 1, 4)
		if _, err := accounts.Login(t.Context(), ada, "192.0.2.1"); !fault.Is(err, fault.TooMany) {
			t.Errorf("after cleaning, the failures of the last minutes are forgotten: %v", err)
		}
		if _, err := account.Authenticate(t.Context(), d, session.Secret, d.Now()); err != nil {
			t.Errorf("after cleaning, a login that is still good gives %v", err)
		}

		now.Advance(settings.LoginWindow)
		cleaned(t, d, accounts, "failures that are too old", 1, 0)
		now.Advance(settings.SessionLife)
		cleaned(t, d, accounts, "a login past its life", 0, 0)
	})
}

// cleaned cleans and says how many tokens and failed logins are left of what there
// was.
func cleaned(t *testing.T, d *db.DB, accounts *account.Service, of string, tokens, failures int) {
	t.Helper()
	if err := accounts.Clean(t.Context()); err != nil {
		t.Fatal(err)
	}
	for table, want := range map[string]int{"token": tokens, "login_failure": failures} {
		got, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM `+table)
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("of %s, cleaning leaves %d rows in %s, want %d", of, got, table, want)
		}
	}
}
