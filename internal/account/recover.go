package account

import (
	"context"
	"crypto/rand"
	"errors"
	"time"
	"unicode/utf8"

	"vitrine/internal/audit"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/mail"
	"vitrine/internal/text"
)

// checkPassword refuses what is no password for an account, at the form's field.
func checkPassword(f *fault.Form, field, password string) {
	if n := utf8.RuneCountInString(password); n < minPassword || n > maxPassword {
		f.Addf(field, nil, "must have %d to %d characters", minPassword, maxPassword)
	}
	checkVisible(f, field, password)
}

// ChangePassword gives a user who proves themselves with their password another one, and
// ends their other sessions: it returns how many. current is the secret of the session
// that asks. API tokens stay.
func (s *Service) ChangePassword(ctx context.Context, u User, password, next, address, current string) (ended int, err error) {
	var f fault.Form
	if checkPassword(&f, "new_password", next); f.Err() != nil {
		return 0, f.Err()
	}
	hash, err := s.hasher.hash(ctx, next)
	if err != nil {
		return 0, err
	}
	err = s.again(ctx, u, password, address, func(tx *db.Tx) error {
		if err := setPassword(ctx, tx, u.ID, hash); err != nil {
			return err
		}
		if ended, err = LogoutElsewhere(ctx, tx, u.ID, current); err != nil {
			return err
		}
		return audit.InAccount(ctx, tx, u.ID.UUID, audit.PasswordChange, audit.Thing{})
	})
	return ended, err
}

// setPassword replaces an account's password; links that would set one are dead.
func setPassword(ctx context.Context, tx *db.Tx, owner ID, hash string) error {
	_, err := db.Exec(ctx, tx, `UPDATE account SET password_hash = $2, updated_at = $3 WHERE id = $1`, owner, hash, db.Time{Time: tx.Now()})
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, tx, `DELETE FROM password_link WHERE account_id = $1`, owner)
	return err
}

const (
	linkLife     = time.Hour // of a link that sets a password
	linksAtOnce  = 3         // mails to one address within the window of logins
	linksFromOne = 20        // asked for from one address within it
)

// ResetPath is the page, below the platform's address, that the links of Forgot lead to.
// What is in them follows as token.
const ResetPath = "/password/new"

// Forgot mails the user with an address a link that sets another password. It tells
// nobody whether there is one. address is where the request came from.
func (s *Service) Forgot(ctx context.Context, email, address string) error {
	var f fault.Form
	email = text.Email(&f, "email", email)
	if err := f.Err(); err != nil {
		return err
	}
	secret := rand.Text() + rand.Text() // 256 bits and more
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		key := EmailKey(email)
		since := tx.Now().Add(-s.settings.LoginWindow)
		if err := s.admitOne(ctx, tx, tx.NewID(), "link for:"+key, linksAtOnce, since); err != nil {
			return err
		}
		if err := s.admitOne(ctx, tx, tx.NewID(), "link from:"+address, linksFromOne, since); err != nil {
			return err
		}
		u, err := Named(ctx, tx, email)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		_, err = db.Exec(ctx, tx, `INSERT INTO password_link (hash, account_id, expires_at) VALUES ($1, $2, $3)`,
			Hash(secret), u.ID, db.Time{Time: tx.Now().Add(linkLife)})
		if err != nil {
			return err
		}
		if err := audit.InAccount(ctx, tx, u.ID.UUID, audit.PasswordForgotten, audit.Thing{}); err != nil {
			return err
		}
		return mail.Queue(ctx, tx, mail.Message{
			To: u.Email, Subject: "Set a new password", Sealed: s.settings.Sealer.Seal([]byte(secret)),
			Text: "Hello,\n\nwith this link you set a new password. It counts once, for an hour:\n\n" + mail.Site + ResetPath + "?token=" + mail.Secret +
				"\n\nIf it was not you who asked for it, ignore this mail: nothing has changed.\n",
		})
	})
}

var errLinkEnded = fault.Refusedf("link_ended", "This link was used already, or it is older than an hour. Ask for a new one.")

const linkOf = ` FROM password_link WHERE hash = $1 AND expires_at > $2`

// Reset sets the password of the user whom a link was mailed to, and ends all of their
// sessions. It signs nobody in: the second factor is asked for as always.
func (s *Service) Reset(ctx context.Context, token, password string) error {
	var f fault.Form
	if checkPassword(&f, "password", password); f.Err() != nil {
		return f.Err()
	}
	if err := s.CheckLink(ctx, token); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		owner, err := db.One(ctx, tx, db.Value[ID], `DELETE`+linkOf+` RETURNING account_id`, Hash(token), db.Time{Time: tx.Now()})
		if errors.Is(err, db.ErrNoRows) {
			return errLinkEnded
		}
		if err != nil {
			return err
		}
		if err := setPassword(ctx, tx, owner, hash); err != nil {
			return err
		}
		return s.readmit(ctx, tx, owner)
	})
}

// readmit lets a user in who reads their mail: the address is theirs, whoever was signed
// in is out, and failed logins are forgotten.
func (s *Service) readmit(ctx context.Context, tx *db.Tx, owner ID) error {
	u, err := Get(ctx, tx, owner)
	if err != nil {
		return err
	}
	if _, err := db.Exec(ctx, tx, `DELETE FROM token WHERE account_id = $1 AND kind = $2`, owner, session); err != nil {
		return err
	}
	if _, err := db.Exec(ctx, tx, `DELETE FROM login_failure WHERE key = $1`, attemptOf(EmailKey(u.Email), "").account); err != nil {
		return err
	}
	if _, err := db.Exec(ctx, tx, `UPDATE account SET unverified_since = NULL WHERE id = $1 AND unverified_since IS NOT NULL`, owner); err != nil {
		return err
	}
	return audit.InAccount(ctx, tx, owner.UUID, audit.PasswordReset, audit.Thing{})
}

// CheckLink tells whether a link still counts.
func (s *Service) CheckLink(ctx context.Context, token string) error {
	_, err := db.One(ctx, s.db, db.Value[int], `SELECT 1`+linkOf, Hash(token), db.Time{Time: s.db.Now()})
	if errors.Is(err, db.ErrNoRows) {
		return errLinkEnded
	}
	return err
}
