package purchase

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/job"
)

const (
	leaseLife = 5 * time.Minute  // after which others take an attempt from a process that died
	callLimit = 20 * time.Second // for one call to a registrar or a payment provider
)

// errLost says that an attempt was taken over by somebody else.
var errLost = errors.New("the purchase was taken over by another worker")

// held is an attempt that nobody else carries on.
type held struct {
	Purchase
	claim ID
}

// take gets the lease of an attempt that is not finished; nil where somebody has it.
func (s *Service) take(ctx context.Context, id ID) (*held, error) {
	h := &held{claim: ID{s.db.NewID()}}
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		p, err := db.One(ctx, tx, scan, `
			UPDATE purchase SET lease = $2, lease_until = $3
			WHERE id = $1 AND next_at IS NOT NULL AND (lease IS NULL OR lease_until <= $4) RETURNING `+columns,
			id, h.claim, db.Time{Time: tx.Now().Add(leaseLife)}, db.Time{Time: tx.Now()})
		if err == nil {
			h.Purchase = *p
		}
		return err
	})
	if errors.Is(err, db.ErrNoRows) {
		return nil, nil
	}
	return h, err
}

// release gives a lease back. One that cannot be given back runs out.
func (s *Service) release(ctx context.Context, h *held) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = s.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `UPDATE purchase SET lease = NULL, lease_until = NULL WHERE id = $1 AND lease = $2`, h.ID, h.claim)
		return err
	})
}

// carryOn takes an attempt as far as it goes for now.
func (s *Service) carryOn(ctx context.Context, h *held) error {
	defer s.release(ctx, h)
	for h.next != nil && !h.next.After(s.db.Now()) {
		if err := s.step(ctx, h); err != nil {
			return err
		}
	}
	return nil
}

// Due carries on with the attempts whose time has come.
func (s *Service) Due(ctx context.Context) error {
	due, err := s.due(ctx)
	if err != nil {
		return err
	}
	return job.Several(ctx, due, s.resume)
}

func (s *Service) due(ctx context.Context) ([]ID, error) {
	return db.All(ctx, s.db, db.Value[ID], `
		SELECT id FROM purchase WHERE next_at <= $1 AND (lease IS NULL OR lease_until <= $1) ORDER BY next_at LIMIT 100`, db.Time{Time: s.db.Now()})
}

// Noticed has the attempt under a key looked at, as when the payment provider says
// something of its charge.
func Noticed(ctx context.Context, tx *db.Tx, key id.UUID) error {
	_, err := db.Exec(ctx, tx, `UPDATE purchase SET next_at = $2 WHERE id = $1 AND next_at > $2`, key, db.Time{Time: tx.Now()})
	return err
}

// resume carries on with an attempt, unless somebody else does.
func (s *Service) resume(ctx context.Context, id ID) {
	h, err := s.take(ctx, id)
	if err == nil && h != nil {
		err = s.carryOn(ctx, h)
	}
	if err != nil {
		slog.WarnContext(ctx, "purchases: an attempt could not be carried on", "purchase", id, "error", err)
	}
}

// change writes down what an attempt has come to.
func (s *Service) change(ctx context.Context, h *held, step string, also func(ctx context.Context, tx *db.Tx) error) error {
	return s.db.InTx(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		if also != nil {
			if err := also(ctx, tx); err != nil {
				return err
			}
		}
		return h.save(ctx, tx, step)
	})
}
