package account_test

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"vitrine/internal/account"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fault"
	"vitrine/internal/seal"
)

// phone is somebody's account with the authenticator app that belongs to it.
type phone struct {
	*testing.T
	db       *db.DB
	clock    *clock.Fixed
	accounts *account.Service
	me       account.Credentials
	session  account.Session
	secret   string
	recovery []string
	sealer   *seal.Sealer
}

// eachPhone runs fn with an account whose second factor was just turned on.
func eachPhone(t *testing.T, fn func(p *phone)) {
	t.Helper()
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		p := &phone{T: t, clock: clock.At(time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)), me: account.Credentials{Email: "me@example.com", Password: "correct horse"}}
		p.db = dbtest.Open(t, address, p.clock)
		settings := account.DefaultSettings
		settings.Hash = account.HashCost{Memory: 64, Passes: 1, Lanes: 1}
		var err error
		if p.sealer, err = seal.Passing(); err != nil {
			t.Fatal(err)
		}
		settings.Sealer = p.sealer
		if p.accounts, err = account.New(p.db, settings); err != nil {
			t.Fatal(err)
		}
		if p.session, err = p.accounts.Register(t.Context(), p.me, ""); err != nil {
			t.Fatal(err)
		}
		p.turnOn()
		p.clock.Advance(time.Minute)
		fn(p)
	})
}

func (p *phone) turnOn() {
	p.Helper()
	setup, err := p.accounts.NewSetup(p.session.User)
	if err != nil {
		p.Fatal(err)
	}
	p.secret = setup.Key.Secret()
	p.recovery, err = p.accounts.TurnOn(p.Context(), p.session.User, setup.Sealed, p.me.Password, p.code(0), "here", p.session.Secret)
	if err != nil {
		p.Fatal(err)
	}
}

// code is what the app shows after a while.
func (p *phone) code(later time.Duration) string {
	p.Helper()
	code, err := totp.GenerateCode(p.secret, p.db.Now().Add(later))
	if err != nil {
		p.Fatal(err)
	}
	return code
}

func (p *phone) login(code string) error {
	c := p.me
	c.Code = code
	_, err := p.accounts.Login(p.Context(), c, "here")
	return err
}

// want checks how a login with a code ends; "" is well.
func (p *phone) want(code, outcome string) {
	p.Helper()
	if err := p.login(code); fault.Code(err) != outcome || outcome == "" && err != nil {
		p.Errorf("a login with %q: %v, want %q", code, err, outcome)
	}
}

func TestSecondFactor_asksForACodeThatCountsOnceAndForAMoment(t *testing.T) {
	eachPhone(t, func(p *phone) {
		p.want("", "otp_required")
		p.want("000000", "wrong_otp")
		p.want(p.code(-5*time.Minute), "wrong_otp")
		p.want(p.code(0), "")
		p.want(p.code(0), "used_otp")
		p.want(p.code(-30*time.Second), "used_otp")
		p.want(" "+p.code(30 * time.Second)[:3]+" "+p.code(30 * time.Second)[3:], "")
		p.want(p.code(2*time.Minute), "wrong_otp")
	})
}

func TestSecondFactor_aRecoveryCodeCountsOnce(t *testing.T) {
	eachPhone(t, func(p *phone) {
		p.want(strings.ToUpper(p.recovery[3]), "")
		p.want(p.recovery[3], "wrong_otp")
		f, on, err := account.FindSecondFactor(p.Context(), p.db, p.session.User.ID)
		if err != nil || !on || f.Recovery != len(p.recovery)-1 {
			p.Errorf("%+v, %v, %v", f, on, err)
		}
		fresh, err := p.accounts.NewRecovery(p.Context(), p.session.User, p.me.Password, p.recovery[0], "here")
		if err != nil || len(fresh) != len(p.recovery) {
			p.Fatalf("%d new codes, %v", len(fresh), err)
		}
		p.want(p.recovery[1], "wrong_otp")
		p.want(fresh[1], "")
	})
}

func TestSecondFactor_oneCodeLetsOneInOfManyAtOnce(t *testing.T) {
	eachPhone(t, func(p *phone) {
		for _, code := range []string{p.code(0), p.recovery[0]} {
			var in atomic.Int64
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() {
					if p.login(code) == nil {
						in.Add(1)
					}
				})
			}
			all.Wait()
			if in.Load() != 1 {
				p.Errorf("%d came in with one code", in.Load())
			}
		}
	})
}

func TestSecondFactor_wrongCodesAreThrottledAsPasswordsAre(t *testing.T) {
	eachPhone(t, func(p *phone) {
		for range account.DefaultSettings.FailuresPerAccount {
			p.want("000000", "wrong_otp")
		}
		p.want(p.code(0), "too_many_logins")
		p.clock.Advance(account.DefaultSettings.LoginWindow)
		p.want(p.code(0), "")
	})
}

func TestSecondFactor_theProofOfAPasswordLetsTryCodesForAWhile(t *testing.T) {
	eachPhone(t, func(p *phone) {
		needed, ok := errors.AsType[*account.CodeNeeded](p.login(""))
		if !ok {
			p.Fatal("no proof")
		}
		if _, err := p.accounts.LoginProven(p.Context(), needed.Proof, "000000", "here"); fault.Code(err) != "wrong_otp" {
			p.Errorf("a wrong code: %v", err)
		}
		if s, err := p.accounts.LoginProven(p.Context(), needed.Proof, p.code(0), "here"); err != nil || s.User.Email != p.me.Email {
			p.Errorf("%+v, %v", s, err)
		}
		p.clock.Advance(11 * time.Minute)
		for _, proof := range []string{needed.Proof, "", "AAAA", needed.Proof[:20]} {
			if _, err := p.accounts.LoginProven(p.Context(), proof, p.code(0), "here"); fault.Code(err) != "proof_expired" {
				p.Errorf("the proof %.9q: %v", proof, err)
			}
		}
	})
}

func TestSecondFactor_isTurnedOffWithPasswordAndCode(t *testing.T) {
	eachPhone(t, func(p *phone) {
		off := func(password, code string) error {
			return p.accounts.TurnOff(p.Context(), p.session.User, password, code, "here")
		}
		for _, err := range []error{off("wrong password", p.code(0)), off(p.me.Password, "000000"), off(p.me.Password, "")} {
			if !fault.Is(err, fault.Invalid) {
				p.Errorf("%v", err)
			}
		}
		p.want("", "otp_required")
		if err := off(p.me.Password, p.code(0)); err != nil {
			p.Error(err)
		}
		p.want("", "")
		if _, err := p.accounts.NewRecovery(p.Context(), p.session.User, p.me.Password, p.code(0), "here"); fault.Code(err) != "second_factor_off" {
			p.Errorf("new codes without a second factor: %v", err)
		}
		p.turnOn()
		p.want("", "otp_required")
	})
}

func TestSecondFactor_isTurnedOnOnceAndEndsOtherSessions(t *testing.T) {
	eachPhone(t, func(p *phone) {
		setup, err := p.accounts.NewSetup(p.session.User)
		if err != nil {
			p.Fatal(err)
		}
		other := &phone{T: p.T, db: p.db, secret: setup.Key.Secret()}
		on := func(sealed, code string) error {
			_, err := p.accounts.TurnOn(p.Context(), p.session.User, sealed, p.me.Password, code, "here", p.session.Secret)
			return err
		}
		if err := on(setup.Sealed, other.code(0)); fault.Code(err) != "second_factor_on" {
			p.Errorf("twice: %v", err)
		}
		second, err := p.accounts.Login(p.Context(), account.Credentials{Email: p.me.Email, Password: p.me.Password, Code: p.recovery[0]}, "there")
		if err != nil {
			p.Fatal(err)
		}
		if err := p.accounts.TurnOff(p.Context(), p.session.User, p.me.Password, p.recovery[1], "here"); err != nil {
			p.Fatal(err)
		}
		if err := on(setup.Sealed, "000000"); !fault.Is(err, fault.Invalid) {
			p.Errorf("with a wrong code: %v", err)
		}
		if err := on(setup.Sealed, other.code(0)); err != nil {
			p.Fatal(err)
		}
		if _, err := account.Authenticate(p.Context(), p.db, second.Secret, p.db.Now()); !fault.Is(err, fault.Unauthorized) {
			p.Errorf("the other session: %v", err)
		}
		if _, err := account.Authenticate(p.Context(), p.db, p.session.Secret, p.db.Now()); err != nil {
			p.Errorf("the session that asked: %v", err)
		}
		p.clock.Advance(2 * time.Hour)
		if err := on(setup.Sealed, other.code(0)); fault.Code(err) != "setup_expired" {
			p.Errorf("hours later: %v", err)
		}
	})
}

func TestSecondFactor_nothingOfItLiesInTheOpen(t *testing.T) {
	eachPhone(t, func(p *phone) {
		stored, err := db.All(p.Context(), p.db, db.Value[[]byte], `SELECT secret FROM second_factor UNION ALL SELECT hash FROM recovery_code`)
		if err != nil || len(stored) != 1+len(p.recovery) {
			p.Fatalf("%d rows, %v", len(stored), err)
		}
		for _, raw := range stored {
			for _, secret := range append(p.recovery, p.secret) {
				if bytes.Contains(raw, []byte(secret)) || bytes.Contains(raw, []byte(strings.ReplaceAll(secret, "-", ""))) {
					p.Errorf("%q is stored", secret)
				}
			}
		}
	})
}
