package order

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/money"
	"vitrine/internal/store"
)

// Checkout is a request that may come twice, from somebody who was told what it
// costs.
type Checkout struct {
	Request
	Key    string       // the same for the same order; nobody else can guess it
	Agreed money.Amount // what the shopper was told that it comes to
}

const (
	minKey  = 20             // characters, which is more than anybody types
	onceFor = 24 * time.Hour // how long a key is remembered
)

// PlaceOnce is Place for a form that may be sent twice: under a key there is one
// order, and whoever comes again gets it as it is now. Where prices, taxes or
// discounts have changed, so that the total is not what was agreed, there is none.
func (s *Service) PlaceOnce(ctx context.Context, st store.Store, c Checkout) (Order, error) {
	if len(c.Key) < minKey {
		return Order{}, fault.Invalidf("key", "must have at least %d characters", minKey)
	}
	hash := sha256.Sum256([]byte(c.Key))
	if o, found, err := s.placedUnder(ctx, st.ID, hash[:]); err != nil || found {
		return o, err
	}
	o, err := s.placeUnder(ctx, st, c, hash[:])
	if _, refused := errors.AsType[*fault.Error](err); !refused {
		return o, err
	}
	// The same form may have taken the last ones, or the key, while this one was on its way.
	if o, found, failed := s.placedUnder(ctx, st.ID, hash[:]); failed != nil || found {
		return o, failed
	}
	return Order{}, err
}

// placeUnder makes the order of a key.
func (s *Service) placeUnder(ctx context.Context, st store.Store, c Checkout, hash []byte) (Order, error) {
	if err := c.Check(); err != nil {
		return Order{}, err
	}
	b, err := price(ctx, s.db.Prepared(), st, c.Request, db.Time{Time: s.db.Now()})
	if err != nil {
		return Order{}, err
	}
	if b.quote.Total != c.Agreed {
		return Order{}, fault.Conflictf("total_changed", "The order comes to %s %s now.", st.Currency.Format(b.quote.Total), st.Currency)
	}
	return s.sell(ctx, b, func(ctx context.Context, tx *db.Tx, o Order) error { return remember(ctx, tx, st.ID, hash, o.ID) })
}

// errPlaced takes back an order whose key was used meanwhile.
var errPlaced = fault.Conflictf("order_placed", "This order was placed already.")

func remember(ctx context.Context, tx *db.Tx, st store.ID, hash []byte, o ID) error {
	n, err := db.Exec(ctx, tx, `
		INSERT INTO order_once (store_id, key_hash, order_id, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (store_id, key_hash) DO NOTHING`, st, hash, o, db.Time{Time: tx.Now()})
	if err == nil && n == 0 {
		return errPlaced
	}
	return err
}

// placedUnder returns the order of a key, if there is one.
func (s *Service) placedUnder(ctx context.Context, st store.ID, hash []byte) (Order, bool, error) {
	found, err := db.One(ctx, s.db, db.Value[id.UUID], `SELECT order_id FROM order_once WHERE store_id = $1 AND key_hash = $2`, st, hash)
	if errors.Is(err, db.ErrNoRows) {
		return Order{}, false, nil
	}
	if err != nil {
		return Order{}, false, fmt.Errorf("look whether the order was placed: %w", err)
	}
	o, err := Get(ctx, s.db, st, ID{found})
	return o, err == nil, err
}

// Forget deletes the keys under which no form is sent any more.
func (s *Service) Forget(ctx context.Context) error {
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `DELETE FROM order_once WHERE created_at <= $1`, db.Time{Time: tx.Now().Add(-onceFor)})
		return err
	})
}
