package account

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"strings"
	"time"
	"unicode"

	"vitrine/internal/audit"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/seal"
	"vitrine/internal/text"
)

// Settings of a Service.
type Settings struct {
	SessionLife        time.Duration // how long a login lasts
	LoginWindow        time.Duration // how long a failed login counts
	FailuresPerAccount int           // failed logins of one account within the window
	FailuresPerAddress int           // and from one address
	Hash               HashCost      // of new passwords; stored ones keep theirs
	Verify             *Verifier     // has new addresses confirmed by mail; nil: they count at once
	Sealer             *seal.Sealer  // of second factors; nil: with a key that ends with the process
}

// DefaultSettings are those of the contract. A hash takes what OWASP asks for at
// least: 19 MiB, two passes, one lane.
var DefaultSettings = Settings{
	SessionLife: 30 * 24 * time.Hour, LoginWindow: 15 * time.Minute,
	FailuresPerAccount: 10, FailuresPerAddress: 100,
	Hash: HashCost{Memory: 19 * 1024, Passes: 2, Lanes: 1},
}

// Service registers users and tells who they are. It is safe for concurrent use.
type Service struct {
	db       *db.DB
	settings Settings
	hasher   *hasher
}

// New returns a Service.
func New(d *db.DB, s Settings) (*Service, error) {
	h, err := newHasher(s.Hash, max(2, runtime.GOMAXPROCS(0)))
	if err != nil {
		return nil, err
	}
	if s.Sealer == nil {
		s.Sealer, err = seal.Passing()
	}
	return &Service{db: d, settings: s, hasher: h}, err
}

// Credentials are what a user proves their identity with.
type Credentials struct {
	Email, Password string
	Code            string // of the second factor, where it is on
}

// Session is a fresh login. Secret is shown once.
type Session struct {
	User      User
	Secret    string
	ExpiresAt time.Time
}

const (
	minPassword = 10
	maxPassword = 200
)

// Register makes a user on the free plan and logs them in.
func (s *Service) Register(ctx context.Context, c Credentials, name string) (session Session, err error) {
	err = s.add(ctx, c, name, func(tx *db.Tx, id ID) error {
		if session, err = s.open(ctx, tx, id); err != nil {
			return err
		}
		return audit.InAccount(session.User.Acts(ctx), tx, id.UUID, audit.Register, audit.Thing{})
	})
	return session, err
}

// Ensure makes a user on the free plan whom nobody logs in, or finds them: then the
// password must be theirs.
func (s *Service) Ensure(ctx context.Context, c Credentials, name string) (user User, err error) {
	err = s.add(ctx, c, name, func(tx *db.Tx, id ID) error {
		if user, err = Get(ctx, tx, id); err != nil {
			return err
		}
		return audit.InAccount(ctx, tx, id.UUID, audit.Register, audit.Thing{})
	})
	if fault.Code(err) != "email_taken" {
		return user, err
	}
	owner, attempt, err := s.prove(ctx, c, "")
	if err != nil {
		return User{}, err
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		if err := attempt.succeeded(ctx, tx); err != nil {
			return err
		}
		user, err = Get(ctx, tx, owner)
		return err
	})
	return user, err
}

// add makes a user on the free plan, and does what then says with them.
func (s *Service) add(ctx context.Context, c Credentials, name string, then func(*db.Tx, ID) error) error {
	var f fault.Form
	email := text.Email(&f, "email", c.Email)
	name = text.Line(&f, "name", name, text.MaxName)
	checkPassword(&f, "password", c.Password)
	if err := f.Err(); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, c.Password)
	if err != nil {
		return err
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		id := ID{tx.NewID()}
		var waits db.NullTime
		if now := tx.Now(); s.settings.Verify != nil {
			waits.Time = &now
		}
		_, err := db.Exec(ctx, tx, `
			INSERT INTO account (id, email, email_key, name, password_hash, plan_id, store_count, unverified_since, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, 'free', 0, $7, $6, $6)`,
			id, email, EmailKey(email), name, hash, db.Time{Time: tx.Now()}, waits)
		if err != nil {
			return err
		}
		if err := s.settings.Verify.ask(ctx, tx, s.settings.Sealer, id, email); err != nil {
			return err
		}
		return then(tx, id)
	})
	if s.db.Violates(err, "account_email") {
		return fault.Refusedf("email_taken", "This email is already registered.")
	}
	return err
}

// checkVisible refuses what nobody types: control characters in a password.
func checkVisible(f *fault.Form, field, password string) {
	if strings.ContainsFunc(password, unicode.IsControl) {
		f.Addf(field, nil, "must not contain control characters")
	}
}

// EmailKey is the same for two addresses that mean one account.
func EmailKey(email string) string { return text.Fold(strings.TrimSpace(email)) }

// CodeNeeded says that the password was right, and that the account asks for a code,
// too. Proof stands for the password in LoginProven.
type CodeNeeded struct {
	Proof string
	cause error
}

func (e *CodeNeeded) Error() string { return e.cause.Error() }
func (e *CodeNeeded) Unwrap() error { return e.cause }

// proofLife is how long somebody may look for the code.
const proofLife = 10 * time.Minute

// LoginProven is Login for somebody whose password was right a moment ago.
func (s *Service) LoginProven(ctx context.Context, proof, code, address string) (Session, error) {
	owner, _, err := s.openTicket(ticketProven, proof)
	if err != nil {
		return Session{}, fault.Refusedf("proof_expired", "This took too long. Sign in again.")
	}
	user, err := Get(ctx, s.db, owner)
	if err != nil {
		return Session{}, err
	}
	attempt, err := s.admit(ctx, EmailKey(user.Email), address)
	if err != nil {
		return Session{}, err
	}
	return s.enter(ctx, owner, code, attempt)
}

// Login checks a password, and a code where the account asks for one: a CodeNeeded says
// so. It answers an unknown email and a wrong password with the same words in the same
// time. address is where the request came from.
func (s *Service) Login(ctx context.Context, c Credentials, address string) (Session, error) {
	owner, attempt, err := s.prove(ctx, c, address)
	if err != nil {
		return Session{}, err
	}
	return s.enter(ctx, owner, c.Code, attempt)
}

// prove tells whose the email and the password are. The attempt counts as one that
// failed until it is said to have succeeded.
func (s *Service) prove(ctx context.Context, c Credentials, address string) (ID, attempt, error) {
	var f fault.Form
	key := EmailKey(text.Line(&f, "email", c.Email, text.MaxEmail))
	checkVisible(&f, "password", c.Password)
	if err := f.Err(); err != nil { // no user has these, and no database could look for them
		return ID{}, attempt{}, err
	}
	a, err := s.admit(ctx, key, address)
	if err != nil {
		return ID{}, attempt{}, err
	}
	user, err := db.One(ctx, s.db, func(row db.Row) (stored, error) {
		var u stored
		return u, row.Scan(&u.id, &u.hash)
	}, `SELECT id, password_hash FROM account WHERE email_key = $1`, key)
	if err != nil && !errors.Is(err, db.ErrNoRows) {
		return ID{}, attempt{}, err
	}
	ok, err := s.hasher.matches(ctx, c.Password, user.hash)
	if err != nil {
		return ID{}, attempt{}, err
	}
	if !ok {
		wrong := &fault.Error{Kind: fault.Unauthorized, Code: "wrong_credentials", Message: "The email or the password is wrong."}
		return ID{}, attempt{}, cmp.Or(s.failed(ctx, user.id, a, "password"), error(wrong))
	}
	return user.id, a, nil
}

// enter makes a session for somebody whose password is right.
func (s *Service) enter(ctx context.Context, owner ID, code string, a attempt) (session Session, err error) {
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		if err := s.checkCode(ctx, tx, owner, code); err != nil {
			return err
		}
		if err := a.succeeded(ctx, tx); err != nil {
			return err
		}
		if session, err = s.open(ctx, tx, owner); err != nil {
			return err
		}
		return audit.InAccount(session.User.Acts(ctx), tx, owner.UUID, audit.SignIn, audit.Thing{})
	})
	switch {
	case errors.Is(err, errCodeNeeded):
		return Session{}, &CodeNeeded{Proof: s.ticket(ticketProven, owner, nil, proofLife), cause: err}
	case errors.Is(err, errWrongCode), errors.Is(err, errUsedCode):
		return Session{}, cmp.Or(s.failed(ctx, owner, a, "code"), err)
	}
	return session, err
}

// failed notes in the log of an account that somebody could not sign in, and by what. It
// takes as long where there is no such account.
func (s *Service) failed(ctx context.Context, owner ID, a attempt, what string) error {
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		if err := a.failed(ctx, tx); err != nil || owner.IsZero() {
			return err
		}
		return audit.InAccount(ctx, tx, owner.UUID, audit.SignInFailed, audit.Thing{}, what)
	})
}

type stored struct {
	id   ID
	hash string
}

// open makes a session token for a user.
func (s *Service) open(ctx context.Context, tx *db.Tx, id ID) (Session, error) {
	expires := tx.Now().Add(s.settings.SessionLife)
	token, err := insertToken(ctx, tx, id, session, "", &expires)
	if err != nil {
		return Session{}, err
	}
	user, err := Get(ctx, tx, id)
	return Session{User: user, Secret: token.Secret, ExpiresAt: expires}, err
}
