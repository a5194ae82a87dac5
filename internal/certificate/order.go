package certificate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/net/publicsuffix"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
)

// order is what is done now to get a certificate.
type order struct {
	id        id.UUID
	domain    string
	renewal   bool
	authority string // that was asked; "" while nothing was ordered
	placed    string // where the authority has it, of one that somebody placed who died
	key       []byte // of that one, sealed
}

// underWay says that somebody else is at it.
type underWay struct{ id id.UUID }

func (*underWay) Error() string { return "an order is under way" }

const (
	orderLease = time.Minute      // after which others take an order from a process that died
	beatEvery  = 15 * time.Second // while one is carried out
	remembered = 8 * 24 * time.Hour
	goneOnWith = time.Hour // how old an order can be that somebody else goes on with
)

// backOff is how long a domain is left in peace after it has failed so many times in a
// row. An authority counts five failures an hour.
func backOff(failures int64) time.Duration {
	waits := []time.Duration{0, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour, 12 * time.Hour}
	return waits[min(int(failures), len(waits)-1)]
}

// begin writes down that a certificate is to be had, unless somebody else is at it or
// it has failed too often of late. What was placed by somebody who has died is gone on
// with.
func (i *Issuer) begin(ctx context.Context, domain string, renewal bool) (*order, error) {
	o := &order{domain: domain, renewal: renewal}
	err := i.db.InTx(ctx, func(tx *db.Tx) error {
		now := db.Time{Time: tx.Now()}
		if found, err := o.inherit(ctx, tx); found || err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `
			UPDATE certificate_order SET state = 'failed', code = 'certificate_lost', settled_at = lease_until, key = NULL
			WHERE domain = $1 AND state = 'open' AND lease_until <= $2`, domain, now); err != nil {
			return err
		}
		if err := i.restrain(ctx, tx, domain); err != nil {
			return err
		}
		o.id = tx.NewID()
		return o.open(ctx, tx)
	})
	if err != nil {
		return nil, err
	}
	return o, nil
}

// inherit takes over the order of somebody who has died, if it was placed.
func (o *order) inherit(ctx context.Context, tx *db.Tx) (bool, error) {
	now := tx.Now()
	_, err := db.One(ctx, tx, func(row db.Row) (struct{}, error) {
		return struct{}{}, row.Scan(&o.id, &o.authority, &o.renewal, &o.placed, &o.key)
	}, `
		UPDATE certificate_order SET lease_until = $3
		WHERE domain = $1 AND state = 'open' AND lease_until <= $2 AND placed IS NOT NULL AND created_at > $4
		RETURNING id, authority, renewal, placed, key`,
		o.domain, db.Time{Time: now}, db.Time{Time: now.Add(orderLease)}, db.Time{Time: now.Add(-goneOnWith)})
	if errors.Is(err, db.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// isAt tells whether the order was placed with an authority.
func (o *order) isAt(a Authority) bool { return o.placed != "" && o.authority == a.Name() }

// keepPlaced writes down where an order was placed, and with which key.
func (i *Issuer) keepPlaced(ctx context.Context, o *order, placed string, key []byte) error {
	return i.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `UPDATE certificate_order SET placed = $2, key = $3 WHERE id = $1 AND state = 'open'`, o.id, placed, key)
		return err
	})
}

// open writes an order, or fails when there is one.
func (o *order) open(ctx context.Context, tx *db.Tx) error {
	n, err := db.Exec(ctx, tx, `
		INSERT INTO certificate_order (id, domain, registered, renewal, state, kind, lease_until, created_at)
		VALUES ($1, $2, $3, $4, 'open', 0, $5, $6) ON CONFLICT (domain) WHERE state = 'open' DO NOTHING`,
		o.id, o.domain, registered(o.domain), o.renewal, db.Time{Time: tx.Now().Add(orderLease)}, db.Time{Time: tx.Now()})
	if err != nil || n == 1 {
		return err
	}
	other, err := db.One(ctx, tx, db.Value[id.UUID], `SELECT id FROM certificate_order WHERE domain = $1 AND state = 'open'`, o.domain)
	if err == nil {
		err = &underWay{other}
	}
	return err
}

// registered is what somebody has registered to have a name.
func registered(name string) string {
	if r, err := publicsuffix.EffectiveTLDPlusOne(name); err == nil {
		return r
	}
	return name
}

// restrain refuses a domain whose orders have failed of late. Those of a process that
// died do not count: nobody knows that they would have.
func (i *Issuer) restrain(ctx context.Context, q db.Q, domain string) error {
	type past struct {
		failures int64
		last     db.NullTime
	}
	p, err := db.One(ctx, q, func(row db.Row) (p past, err error) { return p, row.Scan(&p.failures, &p.last) }, `
		SELECT count(*), max(settled_at) FROM certificate_order
		WHERE domain = $1 AND state = 'failed' AND code = $3 AND created_at > $2
			AND id > coalesce((SELECT id FROM certificate_order WHERE domain = $1 AND state = 'issued' ORDER BY id DESC LIMIT 1), $4)`,
		domain, db.Time{Time: i.db.Now().Add(-24 * time.Hour)}, CodeUnproven, id.UUID{})
	if err != nil || p.last.Time == nil {
		return err
	}
	wait := p.last.Time.Add(backOff(p.failures)).Sub(i.db.Now())
	if wait <= 0 {
		return nil
	}
	return &fault.Error{
		Kind: fault.TooMany, Code: codeBackOff, RetryAfter: wait,
		Message: fmt.Sprintf("The last tries to get a certificate for %s failed. It is rate-limited until %s.", domain, clockTime(i.db.Now().Add(wait))),
	}
}

// clockTime is a time as a sentence has it.
func clockTime(t time.Time) string { return t.UTC().Format("15:04 UTC on January 2") }

// spend writes down that an authority is asked now, if that is within its limits.
func (i *Issuer) spend(ctx context.Context, o *order, authority string, renewal bool) error {
	return i.db.InTx(ctx, func(tx *db.Tx) error {
		if err := tx.Lock(ctx, "certificates of "+authority); err != nil {
			return err
		}
		if !renewal { // authorities do not count those of which they say when (RFC 9773)
			if err := i.within(ctx, tx, o, authority); err != nil {
				return err
			}
		}
		err := db.ExecOne(ctx, tx, `UPDATE certificate_order SET authority = $2, renewal = $3 WHERE id = $1 AND state = 'open'`, o.id, authority, renewal)
		if errors.Is(err, db.ErrNoRows) {
			return fault.Conflictf("certificate_taken_over", "Another process gets this certificate now. Please try again in a moment.")
		}
		if err == nil {
			o.authority = authority
		}
		return err
	})
}

// within refuses an order that is over a limit, and says when it is not any more.
func (i *Issuer) within(ctx context.Context, tx *db.Tx, o *order, authority string) error {
	for _, limit := range []struct {
		most   int
		within time.Duration
		where  string
		of     string
	}{
		{i.limits.Orders, 3 * time.Hour, `$3 <> ''`, "this platform"},
		{i.limits.Domain, 7 * 24 * time.Hour, `registered = $3 AND state <> 'failed'`, registered(o.domain)},
	} {
		if limit.most <= 0 {
			continue
		}
		spent, err := db.All(ctx, tx, db.Value[db.Time], `
			SELECT created_at FROM certificate_order WHERE authority = $1 AND NOT renewal AND created_at > $2 AND `+limit.where+` ORDER BY created_at DESC LIMIT $4`,
			authority, db.Time{Time: tx.Now().Add(-limit.within)}, registered(o.domain), limit.most)
		if err != nil {
			return err
		}
		if len(spent) < limit.most {
			continue
		}
		free := spent[len(spent)-1].Add(limit.within)
		return &fault.Error{
			Kind: fault.TooMany, Code: CodeLimited, RetryAfter: free.Sub(tx.Now()),
			Message: fmt.Sprintf("%s has got as many certificates of %s as it gives. It is rate-limited until %s.", limit.of, authority, clockTime(free)),
		}
	}
	return nil
}

// settle writes down why an order came to nothing.
func (i *Issuer) settle(ctx context.Context, o *order, why error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return i.db.InTx(ctx, func(tx *db.Tx) error { return o.close(ctx, tx, why) })
}

func (o *order) close(ctx context.Context, tx *db.Tx, why error) error {
	f, told := errors.AsType[*fault.Error](why)
	if !told {
		f = &fault.Error{}
	}
	_, err := db.Exec(ctx, tx, `
		UPDATE certificate_order SET state = 'failed', kind = $2, code = $3, reason = $4, settled_at = $5, key = NULL WHERE id = $1 AND state = 'open'`,
		o.id, int64(f.Kind), f.Code, f.Message, db.Time{Time: tx.Now()})
	return err
}

// again settles an order and opens the next one, for another authority.
func (i *Issuer) again(ctx context.Context, o *order, why error) error {
	return i.db.InTx(ctx, func(tx *db.Tx) error {
		if err := o.close(ctx, tx, why); err != nil {
			return err
		}
		o.id, o.authority, o.placed, o.key = tx.NewID(), "", "", nil
		return o.open(ctx, tx)
	})
}

// beat keeps the order from others until stop is called.
func (i *Issuer) beat(ctx context.Context, o *order) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for tick := time.NewTicker(beatEvery); ; {
			select {
			case <-ctx.Done():
				tick.Stop()
				return
			case <-tick.C:
			}
			err := i.db.InTx(ctx, func(tx *db.Tx) error {
				_, err := db.Exec(ctx, tx, `UPDATE certificate_order SET lease_until = $2 WHERE domain = $1 AND state = 'open'`, o.domain, db.Time{Time: tx.Now().Add(orderLease)})
				return err
			})
			if err != nil && ctx.Err() == nil {
				slog.WarnContext(ctx, "certificates: an order may be taken over", "domain", o.domain, "error", err)
			}
		}
	}()
	return ctx, func() { cancel(); <-done }
}

// await waits for the order of somebody else, and returns why it came to nothing.
func (i *Issuer) await(ctx context.Context, other id.UUID) error {
	for {
		type outcome struct {
			state        string
			kind         int64
			code, reason *string
			lease        db.Time
		}
		o, err := db.One(ctx, i.db, func(row db.Row) (o outcome, err error) {
			return o, row.Scan(&o.state, &o.kind, &o.code, &o.reason, &o.lease)
		}, `SELECT state, kind, code, reason, lease_until FROM certificate_order WHERE id = $1`, other)
		switch {
		case errors.Is(err, db.ErrNoRows):
			return nil
		case err != nil:
			return err
		case o.state == "failed" && o.reason != nil && *o.reason != "":
			return &fault.Error{Kind: fault.Kind(o.kind), Code: *o.code, Message: *o.reason}
		case o.state != "open" || !i.db.Now().Before(o.lease.Time):
			return nil // there is a certificate now, or it is our turn
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(waitEvery):
		}
	}
}
