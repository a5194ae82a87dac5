package account_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fault"
	"vitrine/internal/mail"
	"vitrine/internal/seal"
)

const next = "another long password"

// desk is where somebody forgets their password.
type desk struct {
	*testing.T
	db       *db.DB
	clock    *clock.Fixed
	accounts *account.Service
	mails    *mail.Service
	me       account.Credentials
	session  account.Session
}

func eachDesk(t *testing.T, fn func(d *desk)) {
	t.Helper()
	t.Parallel()
	dbtest.EachFrom(t, time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC), func(t *testing.T, d *db.DB, c *clock.Fixed) {
		k := &desk{T: t, db: d, clock: c, me: account.Credentials{Email: "me@example.com", Password: "correct horse"}}
		sealer, err := seal.Passing()
		if err != nil {
			t.Fatal(err)
		}
		settings := account.DefaultSettings
		settings.Hash, settings.Sealer = account.HashCost{Memory: 64, Passes: 1, Lanes: 1}, sealer
		if k.accounts, err = account.New(d, settings); err != nil {
			t.Fatal(err)
		}
		k.mails = mail.New(d, nil, "https://vitrine.example", sealer)
		if k.session, err = k.accounts.Register(t.Context(), k.me, ""); err != nil {
			t.Fatal(err)
		}
		fn(k)
	})
}

func (d *desk) lives(s account.Session) bool {
	_, err := account.Authenticate(d.Context(), d.db, s.Secret, d.clock.Now())
	return err == nil
}

func (d *desk) login(password string) (account.Session, error) {
	return d.accounts.Login(d.Context(), account.Credentials{Email: d.me.Email, Password: password}, "here")
}

// link asks for a link and returns what is in it.
func (d *desk) link() string {
	d.Helper()
	if err := d.accounts.Forgot(d.Context(), strings.ToUpper(d.me.Email), "here"); err != nil {
		d.Fatal(err)
	}
	kept, err := d.mails.Outbox(d.Context(), 1)
	if err != nil || len(kept) != 1 || kept[0].To != d.me.Email {
		d.Fatal(kept, err)
	}
	found := regexp.MustCompile(`https://vitrine\.example/password/new\?token=([A-Z2-7]{40,})\n`).FindStringSubmatch(kept[0].Text)
	if found == nil {
		d.Fatalf("no link in %q", kept[0].Text)
	}
	return found[1]
}

func TestChangePassword_takesThePresentOneAndEndsOtherSessions(t *testing.T) {
	eachDesk(t, func(d *desk) {
		other, err := d.login(d.me.Password)
		if err != nil {
			d.Fatal(err)
		}
		change := func(present, wanted string) (int, error) {
			return d.accounts.ChangePassword(d.Context(), d.session.User, present, wanted, "here", d.session.Secret)
		}
		if _, err := change("not the password", next); !fault.Is(err, fault.Invalid) || !d.lives(other) {
			d.Errorf("with a wrong password: %v", err)
		}
		if _, err := change(d.me.Password, "short"); !fault.Is(err, fault.Invalid) {
			d.Errorf("to a short one: %v", err)
		}
		if n, err := change(d.me.Password, next); err != nil || n != 1 {
			d.Errorf("ended %d, %v", n, err)
		}
		if d.lives(other) || !d.lives(d.session) {
			d.Error("the other session lives, or this one does not")
		}
		if _, err := d.login(d.me.Password); !fault.Is(err, fault.Unauthorized) {
			d.Errorf("the old password: %v", err)
		}
		if _, err := d.login(next); err != nil {
			d.Errorf("the new password: %v", err)
		}
	})
}

func TestForgot_mailsALinkThatCountsOnceAndForAnHour(t *testing.T) {
	eachDesk(t, func(d *desk) {
		old, token := d.link(), d.link()
		if err := d.accounts.Reset(d.Context(), token, "short"); !fault.Is(err, fault.Invalid) {
			d.Errorf("a short password: %v", err)
		}
		if err := d.accounts.Reset(d.Context(), token, next); err != nil {
			d.Fatal(err)
		}
		if d.lives(d.session) {
			d.Error("a session lives on")
		}
		for _, dead := range []string{token, old, "", "nonsense"} {
			if err := d.accounts.Reset(d.Context(), dead, "yet another password"); fault.Code(err) != "link_ended" {
				d.Errorf("%q again: %v", dead, err)
			}
		}
		if _, err := d.login(next); err != nil {
			d.Errorf("the new password: %v", err)
		}
		late := d.link()
		d.clock.Advance(time.Hour + time.Second)
		if err := d.accounts.Reset(d.Context(), late, "yet another password"); fault.Code(err) != "link_ended" {
			d.Errorf("after an hour: %v", err)
		}
	})
}

func TestForgot_saysTheSameOfAnAddressThatNobodyHasAndIsThrottled(t *testing.T) {
	eachDesk(t, func(d *desk) {
		for _, email := range []string{d.me.Email, "nobody@example.com"} {
			for range 3 {
				if err := d.accounts.Forgot(d.Context(), email, "here"); err != nil {
					d.Fatal(email, err)
				}
			}
			if err := d.accounts.Forgot(d.Context(), email, "elsewhere"); !fault.Is(err, fault.TooMany) {
				d.Errorf("%s, a fourth time: %v", email, err)
			}
		}
		kept, err := d.mails.Outbox(d.Context(), 10)
		if err != nil || len(kept) != 3 {
			d.Errorf("%d mails, %v", len(kept), err)
		}
		d.clock.Advance(16 * time.Minute)
		d.link()
	})
}

// Neither the table of links nor the mail has what is in a link.
func TestForgot_keepsNoLinkInTheOpen(t *testing.T) {
	eachDesk(t, func(d *desk) {
		token := d.link()
		for _, column := range []string{`SELECT body FROM mail`, `SELECT CAST(secret AS TEXT) FROM mail`, `SELECT CAST(hash AS TEXT) FROM password_link`} {
			all, err := db.All(d.Context(), d.db, db.Value[string], column)
			if err != nil || len(all) == 0 || strings.Contains(strings.Join(all, ""), token) {
				d.Errorf("%s: %v", column, err)
			}
		}
	})
}

func TestReset_asksForTheSecondFactorAllTheSame(t *testing.T) {
	eachPhone(t, func(p *phone) {
		mails := mail.New(p.db, nil, "https://vitrine.example", p.sealer)
		if err := p.accounts.Forgot(p.Context(), p.me.Email, "here"); err != nil {
			p.Fatal(err)
		}
		kept, err := mails.Outbox(p.Context(), 1)
		if err != nil || len(kept) != 1 {
			p.Fatal(kept, err)
		}
		_, rest, _ := strings.Cut(kept[0].Text, "token=")
		token, _, _ := strings.Cut(rest, "\n")
		if err := p.accounts.Reset(p.Context(), token, next); err != nil {
			p.Fatal(err)
		}
		if _, err := p.accounts.Login(p.Context(), account.Credentials{Email: p.me.Email, Password: next}, "here"); fault.Code(err) != "otp_required" {
			p.Errorf("the password alone: %v", err)
		}
	})
}
