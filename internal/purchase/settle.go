package purchase

import (
	"context"
	"errors"

	"vitrine/internal/db"
	"vitrine/internal/fault"
)

// Verdict is what the operator says of an attempt that nobody else can settle.
type Verdict string

// The verdicts.
const (
	AskAgain     Verdict = "ask"      // ask the registrar, or for the money, once more
	CameToNought Verdict = "released" // the registrar did not do it: the sum is let go of
	Waived       Verdict = "waived"   // the name is the merchant's, and the sum is not asked for
)

// Unsettled are the attempts that wait for the operator, the oldest first.
func Unsettled(ctx context.Context, q db.Q) ([]Purchase, error) {
	all, err := db.All(ctx, q, scan, `SELECT `+columns+` FROM purchase WHERE state = 'needs_operator' ORDER BY id`)
	found := make([]Purchase, len(all))
	for i, p := range all {
		found[i] = *p
	}
	return found, err
}

// Settle takes the operator's word for an attempt that waits for it. It goes on by
// itself from there, and its name can be renewed again once it has ended.
func (s *Service) Settle(ctx context.Context, id ID, v Verdict) (Purchase, error) {
	h := &held{claim: ID{s.db.NewID()}}
	err := s.db.InTx(ctx, func(tx *db.Tx) error {
		p, err := db.One(ctx, tx, scan, `
			UPDATE purchase SET lease = $2, lease_until = $3 WHERE id = $1 AND state = 'needs_operator' RETURNING `+columns,
			id, h.claim, db.Time{Time: tx.Now().Add(leaseLife)})
		if errors.Is(err, db.ErrNoRows) {
			return fault.Refusedf("not_unsettled", "No purchase %s waits for the operator.", id)
		}
		if err != nil {
			return err
		}
		h.Purchase = *p
		step, err := h.settle(tx, v)
		if err != nil {
			return err
		}
		if h.State == Released && h.Kind == Register {
			if err := s.domains.Unreserve(ctx, tx, h.Domain); err != nil {
				return err
			}
		}
		return h.save(ctx, tx, step)
	})
	if err == nil {
		s.release(ctx, h)
	}
	return h.Purchase, err
}

// settle is what becomes of an attempt by a verdict. What is live is not known to have
// happened; what is not has, and could not be charged.
func (h *held) settle(tx *db.Tx, v Verdict) (step string, err error) {
	now := tx.Now()
	h.tries, h.next = 0, &now
	switch {
	case v == AskAgain && h.live:
		h.State, h.asked = Unknown, &now
		return "The operator has the registrar asked again.", nil
	case v == AskAgain:
		h.State = Registered
		return "The operator has the sum asked for again.", nil
	case v == CameToNought && h.live:
		h.State, h.live, h.Code, h.Reason = Released, false, codeRefused, "The registrar did not take the order."
		return "The operator has found that the registrar did not take the order.", nil
	case v == Waived && !h.live:
		h.State, h.Code, h.next = Done, codeWaived, nil
		return "The operator does not ask for the sum.", nil
	case v == CameToNought:
		return "", fault.Refusedf("happened", "%s was registered or renewed: ask for the sum again, or waive it.", h.Name)
	case v == Waived:
		return "", fault.Refusedf("not_known", "Nobody knows whether %s was registered or renewed: ask again, or say that it was not.", h.Name)
	}
	return "", fault.Refusedf("verdict", "The verdict must be ask, released or waived.")
}

// codeWaived marks an attempt whose sum the operator does not ask for.
const codeWaived = "waived"
