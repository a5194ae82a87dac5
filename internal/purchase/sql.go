package purchase

import (
	"context"
	"errors"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/domain"
	"vitrine/internal/money"
	"vitrine/internal/registrar"
	"vitrine/internal/store"
)

const columns = `id, kind, account_id, store_id, domain_id, domain, years, price, renewal_price, currency, contact, registrar, payment_provider,
	charge_id, automatic, state, live, order_id, expires_before, expires_at, captured, delegated, configured, certified, code, reason, tries,
	asked_at, next_at, created_at, updated_at`

func scan(row db.Row) (*Purchase, error) {
	var p Purchase
	var contact *db.JSON[registrar.Contact]
	var before, expires, asked, next db.NullTime
	var created, updated db.Time
	var code, reason *string
	var currency string
	err := row.Scan(&p.ID, &p.Kind, &p.Account, &p.Store, &p.Domain, &p.Name, &p.Years, &p.Offer.Price, &p.Offer.Renewal, &currency, &contact,
		&p.Registrar, &p.Payer, &p.Charge, &p.Automatic, &p.State, &p.live, &p.OrderID, &before, &expires, &p.captured, &p.delegated,
		&p.configured, &p.certified, &code, &reason, &p.tries, &asked, &next, &created, &updated)
	p.Offer.Domain, p.Offer.Currency = p.Name, money.Currency(currency)
	if contact != nil {
		p.Contact = &contact.V
	}
	p.Before, p.Expires, p.asked, p.next = before.Time, expires.Time, asked.Time, next.Time
	p.CreatedAt, p.UpdatedAt = created.Time, updated.Time
	if code != nil {
		p.Code = *code
	}
	if reason != nil {
		p.Reason = *reason
	}
	return &p, err
}

// insert writes an attempt before anything is asked for. It violates purchase_live
// where the name is being bought or renewed already. Until it is quoted, the price is
// the one that the merchant agreed to, or 0.
func insert(ctx context.Context, tx *db.Tx, p *Purchase, claim ID) error {
	now := tx.Now()
	p.ID, p.State, p.live, p.CreatedAt, p.UpdatedAt = ID{tx.NewID()}, Quoted, true, now, now
	p.next = &now
	_, err := db.Exec(ctx, tx, `
		INSERT INTO purchase (id, kind, account_id, store_id, domain_id, domain, years, price, renewal_price, currency, contact, registrar, payment_provider,
			automatic, state, live, expires_before, captured, delegated, configured, certified, tries, next_at, lease, lease_until, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $17, 0, '', $8, $9, $10, $11, $12, TRUE, $13, FALSE, FALSE, FALSE, FALSE, 0, $14, $15, $16, $14, $14)`,
		p.ID, string(p.Kind), p.Account, p.Store, p.Domain, p.Name, p.Years, jsonOrNull(p.Contact), p.Registrar, p.Payer,
		p.Automatic, string(p.State), db.NullTime{Time: p.Before}, db.Time{Time: now}, claim, db.Time{Time: now.Add(leaseLife)}, p.Offer.Price)
	return err
}

func jsonOrNull(c *registrar.Contact) any {
	if c == nil {
		return nil
	}
	return db.JSON[registrar.Contact]{V: *c}
}

// save writes what is known of an attempt by now, and the step for the merchant to
// read, if there is one. It fails when the lease has gone to somebody else.
func (h *held) save(ctx context.Context, tx *db.Tx, step string) error {
	p := &h.Purchase
	p.UpdatedAt = tx.Now()
	err := db.ExecOne(ctx, tx, `
		UPDATE purchase SET domain_id = $3, price = $4, renewal_price = $5, currency = $6, contact = $7, charge_id = $8, state = $9, live = $10, order_id = $11,
			expires_at = $12, captured = $13, delegated = $14, configured = $15, certified = $16, code = $17, reason = $18, tries = $19, asked_at = $20,
			next_at = $21, lease_until = $22, updated_at = $23
		WHERE id = $1 AND lease = $2`,
		p.ID, h.claim, p.Domain, p.Offer.Price, p.Offer.Renewal, string(p.Offer.Currency), jsonOrNull(p.Contact), p.Charge, string(p.State), p.live, p.OrderID,
		db.NullTime{Time: p.Expires}, p.captured, p.delegated, p.configured, p.certified, orNull(p.Code), orNull(p.Reason), p.tries, db.NullTime{Time: p.asked},
		db.NullTime{Time: p.next}, db.Time{Time: tx.Now().Add(leaseLife)}, db.Time{Time: p.UpdatedAt})
	if errors.Is(err, db.ErrNoRows) {
		return errLost
	}
	if err != nil || step == "" {
		return err
	}
	return note(ctx, tx, p.ID, p.State, step)
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func note(ctx context.Context, tx *db.Tx, id ID, s State, step string) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO purchase_event (purchase_id, id, state, detail, created_at) VALUES ($1, $2, $3, $4, $5)`,
		id, tx.NewID(), string(s), step, db.Time{Time: tx.Now()})
	return err
}

// latest returns the youngest attempt of a kind at a name of an account's.
func latest(ctx context.Context, q db.Q, owner account.ID, name string, k Kind) (*Purchase, error) {
	return db.One(ctx, q, scan, `
		SELECT `+columns+` FROM purchase WHERE domain = $1 AND account_id = $2 AND kind = $3 ORDER BY id DESC LIMIT 1`, name, owner, string(k))
}

// Get returns an attempt.
func Get(ctx context.Context, q db.Q, id ID) (Purchase, error) {
	p, err := db.One(ctx, q, scan, `SELECT `+columns+` FROM purchase WHERE id = $1`, id)
	if err != nil {
		return Purchase{}, db.Missing(err, "purchase")
	}
	return *p, nil
}

// OfStore returns the youngest attempt for a store, if there was one.
func OfStore(ctx context.Context, q db.Q, st store.ID) (p Purchase, found bool, err error) {
	all, err := db.All(ctx, q, scan, `SELECT `+columns+` FROM purchase WHERE store_id = $1 ORDER BY id DESC LIMIT 1`, st)
	if err != nil || len(all) == 0 {
		return Purchase{}, false, err
	}
	return *all[0], true, nil
}

// Events are the steps of all attempts at a domain, the first one first.
func Events(ctx context.Context, q db.Q, d domain.ID) ([]Event, error) {
	return db.All(ctx, q, func(row db.Row) (e Event, err error) {
		var at db.Time
		err = row.Scan(&e.State, &e.Detail, &at)
		e.At = at.Time
		return e, err
	}, `SELECT e.state, e.detail, e.created_at FROM purchase_event e JOIN purchase p ON p.id = e.purchase_id WHERE p.domain_id = $1 ORDER BY e.id`, d)
}

// LastContact is whom an account has last registered a name for; empty where it never
// has.
func LastContact(ctx context.Context, q db.Q, owner account.ID) (registrar.Contact, error) {
	all, err := db.All(ctx, q, scan, `
		SELECT `+columns+` FROM purchase WHERE account_id = $1 AND contact IS NOT NULL ORDER BY id DESC LIMIT 1`, owner)
	if err != nil || len(all) == 0 {
		return registrar.Contact{}, err
	}
	return *all[0].Contact, nil
}
