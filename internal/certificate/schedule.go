package certificate

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"vitrine/internal/db"
)

const (
	askAtOnce  = 200              // certificates in one round
	askSide    = 4                // of them at a time
	askAgain   = time.Hour        // after a question that was not answered
	askSeldom  = 24 * time.Hour   // where the authority does not tell
	askSooner  = 10 * time.Minute // at the earliest, whatever the authority says
	expiredFor = 30 * 24 * time.Hour
)

// AskAuthorities asks the authorities when the certificates are to be renewed that
// they have not been asked about for long.
func (i *Issuer) AskAuthorities(ctx context.Context) error {
	all, err := i.due(ctx, askAtOnce)
	if err != nil {
		return err
	}
	var group errgroup.Group
	group.SetLimit(askSide)
	for _, k := range all {
		group.Go(func() error { return i.schedule(ctx, k) })
	}
	return group.Wait()
}

// schedule asks for one certificate.
func (i *Issuer) schedule(ctx context.Context, k kept) error {
	at, again := k.renewAt, i.db.Now().Add(askSeldom)
	for _, a := range i.authorities {
		if a.Name() != k.Provider {
			continue
		}
		c, err := k.parsed()
		if err != nil {
			return err
		}
		r, ok, err := a.Renewal(ctx, c)
		switch {
		case err != nil:
			slog.WarnContext(ctx, "certificates: the authority was not heard", "domain", k.domain, "authority", k.Provider, "error", err)
			again = i.db.Now().Add(askAgain)
		case ok:
			at, again = r.At, latest(r.Again, i.db.Now().Add(askSooner))
		}
	}
	if k.NotAfter.Before(at) {
		at = k.renewAt
	}
	return i.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `UPDATE certificate SET renew_at = $3, ask_at = $4 WHERE domain = $1 AND id = $2`, k.domain, k.ID, db.Time{Time: at}, db.Time{Time: again})
		return err
	})
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Clean forgets certificates that have long run out, orders that count no more, and
// what authorities were to be answered.
func (i *Issuer) Clean(ctx context.Context) error {
	var errs []error
	for _, c := range []struct {
		statement string
		before    time.Duration
	}{
		{`DELETE FROM certificate WHERE not_after < $1`, expiredFor},
		{`DELETE FROM certificate_order WHERE created_at < $1 AND state <> 'open'`, remembered},
		{`DELETE FROM acme_challenge WHERE expires_at < $1`, 0},
	} {
		errs = append(errs, i.db.InTx(ctx, func(tx *db.Tx) error {
			_, err := db.Exec(ctx, tx, c.statement, db.Time{Time: tx.Now().Add(-c.before)})
			return err
		}))
	}
	return errors.Join(errs...)
}
