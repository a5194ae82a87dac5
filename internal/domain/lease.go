package domain

import (
	"context"
	"errors"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

const (
	leaseLife  = 20 * time.Second      // after which others take a lease from a process that died
	renewEvery = 3 * time.Second       // while it is held
	unsureFor  = 12 * time.Second      // after which a holder gives up who could not renew it: long before others may take it
	workFor    = 45 * time.Second      // what the holder of a lease has at most
	waitFor    = 25 * time.Second      // for somebody else's lease: longer than one lasts that nobody renews
	lookEvery  = 20 * time.Millisecond // while waiting
)

var errBusy = fault.Conflictf("domain_busy", "Another change to this domain's records is still under way. Please try again in a moment.")

// held is a domain whose records nobody else changes.
type held struct {
	Domain
	claim id.UUID
}

// hold takes the lease of a store's domain, waits while somebody else has it, and
// runs fn. What an earlier holder left open is settled before.
func (s *Service) hold(ctx context.Context, st store.ID, fn func(context.Context, *held) error) error {
	h, err := s.take(ctx, st)
	if err != nil {
		return err
	}
	defer s.release(ctx, h)
	ctx, cancel := context.WithTimeout(ctx, workFor)
	defer cancel()
	ctx, stop := s.renewing(ctx, h)
	defer stop()
	if err := s.settleOpen(ctx, h); err != nil {
		return err
	}
	return fn(ctx, h)
}

// renewing renews the lease until stop is called. The context that it returns ends when
// the lease may soon be somebody else's.
func (s *Service) renewing(ctx context.Context, h *held) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	unsure := time.AfterFunc(unsureFor, func() { cancel(errBusy) })
	done := make(chan struct{})
	go func() {
		defer close(done)
		for pause(ctx, renewEvery) == nil {
			switch err := s.db.InTx(ctx, func(tx *db.Tx) error { return h.keep(ctx, tx) }); {
			case err == nil:
				unsure.Reset(unsureFor)
			case errors.Is(err, errBusy):
				cancel(errBusy)
			}
		}
	}()
	return ctx, func() { cancel(nil); <-done; unsure.Stop() }
}

// A lease that lasts for much longer than leases do is of a time before the clock was
// set back.
const takeLease = `
	UPDATE custom_domain SET lease = $2, lease_until = $3
	WHERE store_id = $1 AND (lease IS NULL OR lease_until <= $4 OR lease_until > $5) RETURNING ` + columns

func (s *Service) take(ctx context.Context, st store.ID) (*held, error) {
	h := &held{claim: s.db.NewID()}
	ctx, cancel := context.WithTimeoutCause(ctx, waitFor, errBusy)
	defer cancel()
	for {
		err := s.db.InTx(ctx, func(tx *db.Tx) (err error) {
			now := tx.Now()
			h.Domain, err = db.One(ctx, tx, scan, takeLease, st, h.claim, db.Time{Time: now.Add(leaseLife)}, db.Time{Time: now}, db.Time{Time: now.Add(3 * leaseLife)})
			return err
		})
		if errors.Is(err, db.ErrNoRows) {
			if _, err = Get(ctx, s.db, st); err == nil {
				err = pause(ctx, lookEvery)
			}
			if err == nil {
				continue
			}
		}
		if cause := context.Cause(ctx); err != nil && errors.Is(cause, errBusy) {
			return nil, cause
		}
		return h, err
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}

// release gives a lease back, also when the request has ended. One that cannot be
// given back runs out.
func (s *Service) release(ctx context.Context, h *held) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = s.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `UPDATE custom_domain SET lease = NULL, lease_until = NULL WHERE id = $1 AND lease = $2`, h.ID, h.claim)
		return err
	})
}

// keep fails when the lease has gone to somebody else: then they settle what is open.
func (h *held) keep(ctx context.Context, tx *db.Tx) error {
	err := db.ExecOne(ctx, tx, `UPDATE custom_domain SET lease_until = $3 WHERE id = $1 AND lease = $2`, h.ID, h.claim, db.Time{Time: tx.Now().Add(leaseLife)})
	if errors.Is(err, db.ErrNoRows) {
		return errBusy
	}
	return err
}
