package till

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/payment"
)

// noticesKept is how long a webhook is known that was taken. Older ones are refused for
// the age of their signature.
const noticesKept = 30 * 24 * time.Hour

// Receive takes a webhook of the payment provider. It says no more than that a charge is
// to be looked at, so that one that comes late, twice or out of order does no harm. What
// it leads to is done when it is noted.
func (s *Service) Receive(ctx context.Context, body []byte, signature string) error {
	n, err := s.provider.Read(body, signature)
	if errors.Is(err, payment.ErrForged) {
		return fault.Refusedf("signature", "This webhook is not signed by the payment provider, or was long ago.")
	}
	if err != nil {
		return err
	}
	key, keyErr := id.Parse(n.Key)
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		fresh, err := db.Exec(ctx, tx, `INSERT INTO payment_notice (provider, id, created_at) VALUES ($1, $2, $3) ON CONFLICT (provider, id) DO NOTHING`,
			s.provider.Name(), n.ID, db.Time{Time: tx.Now()})
		if err != nil || fresh == 0 || keyErr != nil {
			return err
		}
		for _, tell := range append([]Listener{wake}, s.heard...) {
			if err := tell(ctx, tx, key); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || keyErr != nil {
		return err
	}
	if _, err := s.resume(ctx, ID{key}); err != nil && !fault.Is(err, fault.NotFound) {
		slog.WarnContext(ctx, "payments: what a webhook tells is seen to later", "charge", key, "error", err)
	}
	return nil
}

// wake has a charge looked at that waits for its payer.
func wake(ctx context.Context, tx *db.Tx, key id.UUID) error {
	_, err := db.Exec(ctx, tx, `UPDATE charge SET next_at = $2, version = version + 1 WHERE id = $1 AND next_at IS NOT NULL`, key, db.Time{Time: tx.Now()})
	return err
}

func (s *Service) forget(ctx context.Context) error {
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `DELETE FROM payment_notice WHERE created_at <= $1`, db.Time{Time: tx.Now().Add(-noticesKept)})
		return err
	})
}
