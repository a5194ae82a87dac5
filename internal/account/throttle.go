package account

import (
	"context"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
)

// attempt is a login that counts as failed until it succeeds. Counting it before
// the password is checked keeps many at once within the limit too.
type attempt struct {
	account, address string // keys of login_failure
	ids              [2]id.UUID
}

func attemptOf(email, address string) attempt {
	return attempt{account: "account:" + email, address: "address:" + address}
}

// admit notes a login, or refuses it when too many failed before it.
func (s *Service) admit(ctx context.Context, email, address string) (attempt, error) {
	a := attemptOf(email, address)
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		a.ids = [2]id.UUID{tx.NewID(), tx.NewID()}
		since := tx.Now().Add(-s.settings.LoginWindow)
		limits := []struct {
			key   string
			limit int
		}{{a.account, s.settings.FailuresPerAccount}, {a.address, s.settings.FailuresPerAddress}}
		for i, l := range limits {
			if err := s.admitOne(ctx, tx, a.ids[i], l.key, l.limit, since); err != nil {
				return err
			}
		}
		return nil
	})
	return a, err
}

func (s *Service) admitOne(ctx context.Context, tx *db.Tx, row id.UUID, key string, limit int, since time.Time) error {
	if err := tx.Lock(ctx, key); err != nil {
		return err
	}
	n, err := db.One(ctx, tx, db.Value[int], `SELECT count(*) FROM login_failure WHERE key = $1 AND failed_at > $2`, key, db.Time{Time: since})
	if err != nil {
		return err
	}
	if n >= limit {
		return &fault.Error{
			Kind: fault.TooMany, Code: "too_many_logins", RetryAfter: s.settings.LoginWindow,
			Message: "Too many failed logins. Wait a few minutes and try again.",
		}
	}
	_, err = db.Exec(ctx, tx, `INSERT INTO login_failure (id, key, failed_at) VALUES ($1, $2, $3)`, row, key, db.Time{Time: tx.Now()})
	return err
}

// succeeded takes the attempt back, and with it the earlier failures of the
// account. Failures from the address stay: they may be of other accounts.
func (a attempt) succeeded(ctx context.Context, tx *db.Tx) error {
	_, err := db.Exec(ctx, tx, `DELETE FROM login_failure WHERE key = $1 OR id = $2`, a.account, a.ids[1])
	return err
}

// failed notes when the attempt did. It is a write like that of a line in a log, so
// that their absence does not tell which accounts there are.
func (a attempt) failed(ctx context.Context, tx *db.Tx) error {
	_, err := db.Exec(ctx, tx, `UPDATE login_failure SET failed_at = $3 WHERE id IN ($1, $2)`, a.ids[0], a.ids[1], db.Time{Time: tx.Now()})
	return err
}

// Clean removes what no longer counts: old failed logins, expired tokens and links.
func (s *Service) Clean(ctx context.Context) error {
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		now := tx.Now()
		if _, err := db.Exec(ctx, tx, `DELETE FROM login_failure WHERE failed_at <= $1`, db.Time{Time: now.Add(-s.settings.LoginWindow)}); err != nil {
			return err
		}
		for _, table := range []string{"token", "password_link"} {
			if _, err := db.Exec(ctx, tx, `DELETE FROM `+table+` WHERE expires_at <= $1`, db.Time{Time: now}); err != nil {
				return err
			}
		}
		return nil
	})
}
