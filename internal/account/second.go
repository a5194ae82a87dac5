package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"vitrine/internal/audit"
	"vitrine/internal/db"
	"vitrine/internal/fault"
)

// SecondFactor is how an account is proven besides its password: by the codes of an
// authenticator app (RFC 6238), and by recovery codes.
type SecondFactor struct {
	Since    time.Time
	Recovery int // codes that are left
}

// FindSecondFactor returns a user's second factor, if it is on.
func FindSecondFactor(ctx context.Context, q db.Q, owner ID) (f SecondFactor, on bool, err error) {
	f, err = db.One(ctx, q, func(row db.Row) (SecondFactor, error) {
		var f SecondFactor
		var since db.Time
		err := row.Scan(&since, &f.Recovery)
		f.Since = since.Time
		return f, err
	}, `SELECT s.created_at, (SELECT count(*) FROM recovery_code r WHERE r.account_id = s.account_id) FROM second_factor s WHERE s.account_id = $1`, owner)
	if errors.Is(err, db.ErrNoRows) {
		return SecondFactor{}, false, nil
	}
	return f, err == nil, err
}

// Setup is a second factor that waits for its first code. Nothing is stored of it:
// Sealed comes back with the code.
type Setup struct {
	Key    *otp.Key
	Sealed string
}

// setupLife is how long a Setup can be confirmed.
const setupLife = time.Hour

// issuer is what authenticator apps call us.
const issuer = "Vitrine"

// NewSetup makes a secret for a user's authenticator app.
func (s *Service) NewSetup(u User) (Setup, error) {
	secret := make([]byte, 20) // as long as the hash, RFC 4226, section 4
	if _, err := rand.Read(secret); err != nil {
		return Setup{}, err
	}
	return s.setup(u, secret)
}

func (s *Service) setup(u User, secret []byte) (Setup, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: u.Email, Secret: secret})
	return Setup{Key: key, Sealed: s.ticket(ticketSetup, u.ID, secret, setupLife)}, err
}

// Resume returns a Setup that was made before, while it can be confirmed.
func (s *Service) Resume(u User, sealed string) (Setup, error) {
	secret, err := s.readTicket(ticketSetup, u.ID, sealed)
	if err != nil {
		return Setup{}, errSetupExpired
	}
	return s.setup(u, secret)
}

var errSetupExpired = fault.Refusedf("setup_expired", "This took too long. Scan the new code and try again.")

// TurnOn makes a Setup the user's second factor, once it is shown that the app has it,
// and ends the user's other sessions. It returns recovery codes, which nobody sees
// again. current is the secret of the session that asks.
func (s *Service) TurnOn(ctx context.Context, u User, sealed, password, code, address, current string) (recovery []string, err error) {
	secret, err := s.readTicket(ticketSetup, u.ID, sealed)
	if err != nil {
		return nil, errSetupExpired
	}
	err = s.again(ctx, u, password, address, func(tx *db.Tx) error {
		step, ok := stepOf(b32(secret), code, tx.Now())
		if !ok {
			return fault.Invalidf("code", "is wrong: enter what the app shows now")
		}
		n, err := db.Exec(ctx, tx, `INSERT INTO second_factor (account_id, secret, last_step, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
			u.ID, s.settings.Sealer.Seal(secret), step, db.Time{Time: tx.Now()})
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.Refusedf("second_factor_on", "Two-factor sign-in is on already.")
		}
		if _, err := LogoutElsewhere(ctx, tx, u.ID, current); err != nil {
			return err
		}
		if recovery, err = insertRecovery(ctx, tx, u.ID); err != nil {
			return err
		}
		return audit.InAccount(ctx, tx, u.ID.UUID, audit.TwoFactorOn, audit.Thing{})
	})
	return recovery, err
}

// TurnOff takes a user's second factor away, with the password and a code.
func (s *Service) TurnOff(ctx context.Context, u User, password, code, address string) error {
	return s.again(ctx, u, password, address, func(tx *db.Tx) error {
		if err := s.checkCode(ctx, tx, u.ID, code); err != nil {
			return atCode(err)
		}
		for _, table := range []string{"recovery_code", "second_factor"} {
			if _, err := db.Exec(ctx, tx, `DELETE FROM `+table+` WHERE account_id = $1`, u.ID); err != nil {
				return err
			}
		}
		return audit.InAccount(ctx, tx, u.ID.UUID, audit.TwoFactorOff, audit.Thing{})
	})
}

// NewRecovery replaces a user's recovery codes, with the password and a code.
func (s *Service) NewRecovery(ctx context.Context, u User, password, code, address string) (recovery []string, err error) {
	err = s.again(ctx, u, password, address, func(tx *db.Tx) error {
		if _, on, err := FindSecondFactor(ctx, tx, u.ID); err != nil || !on {
			return errors.Join(err, fault.Refusedf("second_factor_off", "Two-factor sign-in is off."))
		}
		if err := s.checkCode(ctx, tx, u.ID, code); err != nil {
			return atCode(err)
		}
		if recovery, err = insertRecovery(ctx, tx, u.ID); err != nil {
			return err
		}
		return audit.InAccount(ctx, tx, u.ID.UUID, audit.NewRecoveryCodes, audit.Thing{})
	})
	return recovery, err
}

// atCode says at the form's field what is wrong with a code.
func atCode(err error) error {
	switch fault.Code(err) {
	case errUsedCode.Code:
		return fault.Invalidf("code", "was used already: wait for the next one")
	case errWrongCode.Code, errCodeNeeded.Code:
		return fault.Invalidf("code", "is wrong: enter what the app shows now, or a recovery code")
	}
	return err
}

// again has a user who is signed in prove themselves with their password, before fn
// changes how they do. It counts as a login that fails until fn is done.
func (s *Service) again(ctx context.Context, u User, password, address string, fn func(*db.Tx) error) error {
	attempt, err := s.admit(ctx, EmailKey(u.Email), address)
	if err != nil {
		return err
	}
	hash, err := db.One(ctx, s.db, db.Value[string], `SELECT password_hash FROM account WHERE id = $1`, u.ID)
	if err != nil {
		return err
	}
	ok, err := s.hasher.matches(ctx, password, hash)
	if err != nil {
		return err
	}
	if !ok {
		return fault.Invalidf("password", "is wrong")
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		if err := attempt.succeeded(ctx, tx); err != nil {
			return err
		}
		return fn(tx)
	})
}

const (
	recoveryCodes  = 10
	recoveryLength = 10 // bytes: as many as nobody guesses, so that a plain hash keeps them
)

// insertRecovery replaces an account's recovery codes.
func insertRecovery(ctx context.Context, tx *db.Tx, owner ID) ([]string, error) {
	if _, err := db.Exec(ctx, tx, `DELETE FROM recovery_code WHERE account_id = $1`, owner); err != nil {
		return nil, err
	}
	codes := make([]string, recoveryCodes)
	for i := range codes {
		random := make([]byte, recoveryLength)
		if _, err := rand.Read(random); err != nil {
			return nil, err
		}
		c := strings.ToLower(base32.StdEncoding.EncodeToString(random))
		codes[i] = c[:4] + "-" + c[4:8] + "-" + c[8:12] + "-" + c[12:]
		if _, err := db.Exec(ctx, tx, `INSERT INTO recovery_code (account_id, hash) VALUES ($1, $2)`, owner, hashRecovery(codes[i])); err != nil {
			return nil, err
		}
	}
	return codes, nil
}

func hashRecovery(code string) []byte {
	sum := sha256.Sum256([]byte("recovery code " + strings.ToLower(bare(code))))
	return sum[:]
}

// bare is a code without what only makes it easier to read.
func bare(code string) string {
	return strings.NewReplacer(" ", "", "-", "", "\t", "", "\u00a0", "").Replace(code)
}

var (
	errWrongCode = &fault.Error{Kind: fault.Unauthorized, Code: "wrong_otp", Message: "The code is wrong: enter what the app shows now, or a recovery code."}
	errUsedCode  = &fault.Error{Kind: fault.Unauthorized, Code: "used_otp", Message: "The code was used already: wait for the next one."}
)

// errCodeNeeded is what a login is told that has the password alone.
var errCodeNeeded = &fault.Error{Kind: fault.Unauthorized, Code: "otp_required", Message: "This account asks for a code, too: send what its authenticator app shows, or a recovery code, as otp."}

// checkCode takes a code of an account's second factor: one of the app not twice, and
// none before it; a recovery code once. An account without a second factor needs none.
func (s *Service) checkCode(ctx context.Context, tx *db.Tx, owner ID, code string) error {
	sealed, err := db.One(ctx, tx, db.Value[[]byte], `SELECT secret FROM second_factor WHERE account_id = $1`, owner)
	if errors.Is(err, db.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if bare(code) == "" {
		return errCodeNeeded
	}
	secret, err := s.settings.Sealer.Open(sealed)
	if err != nil {
		return err
	}
	if step, ok := stepOf(b32(secret), code, tx.Now()); ok {
		return takeOnce(ctx, tx, errUsedCode, `UPDATE second_factor SET last_step = $2 WHERE account_id = $1 AND last_step < $2`, owner, step)
	}
	return takeOnce(ctx, tx, errWrongCode, `DELETE FROM recovery_code WHERE account_id = $1 AND hash = $2`, owner, hashRecovery(code))
}

func takeOnce(ctx context.Context, tx *db.Tx, refused error, statement string, args ...any) error {
	if n, err := db.Exec(ctx, tx, statement, args...); err != nil || n == 1 {
		return err
	}
	return refused
}

func b32(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

const (
	period   = 30 // seconds that a code counts
	skew     = 1  // steps that a clock may be off, RFC 6238, section 5.2
	otpDigit = 6
)

// stepOf returns the time step that a code is of, if it is of one of now.
func stepOf(secret, code string, now time.Time) (int64, bool) {
	code = bare(code)
	if len(code) != otpDigit {
		return 0, false
	}
	current := now.Unix() / period
	for step := current - skew; step <= current+skew; step++ {
		want, err := hotp.GenerateCode(secret, uint64(step)) //nolint:gosec // after 1970
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return step, true
		}
	}
	return 0, false
}
