package domain

import (
	"context"
	"errors"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"vitrine/internal/account"
	"vitrine/internal/audit"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/store"
)

// Registration is a name that was bought: at which registrar, by which order, and
// until when it is its owner's.
type Registration struct {
	Owner     account.ID
	Store     *store.ID // that it was bought for
	Name      string
	Registrar string
	OrderID   string
	Expires   time.Time
}

// CheckRegistrable is CheckName for a name that can be bought: one label below a
// suffix under which registries sell (the ICANN part of the public suffix list). It
// returns the label and the suffix too.
func (s *Service) CheckRegistrable(f *fault.Form, path, given string) (name, label, suffix string) {
	var own fault.Form
	name = s.CheckName(&own, path, given)
	if own.Err() != nil {
		_ = f.Include("", own.Err())
		return name, "", ""
	}
	suffix, icann := publicsuffix.PublicSuffix(name)
	label, isOne := strings.CutSuffix(name, "."+suffix)
	if !icann || !isOne || strings.Contains(label, ".") {
		f.Addf(path, short(given), "must be a name that can be bought, such as mystore.com")
	}
	return name, label, suffix
}

// Acquired keeps that a name was bought, and puts the store under it that it was
// bought for, unless that has another one by now. A bought name needs no proof. Doing
// it again changes nothing.
func Acquired(ctx context.Context, tx *db.Tx, r Registration) (Domain, error) {
	if err := tx.Lock(ctx, "domain "+r.Name); err != nil {
		return Domain{}, err
	}
	// Who has attached it without being able to prove it makes room for its owner.
	if _, err := dropOthers(ctx, tx, r); err != nil {
		return Domain{}, err
	}
	st, err := placeFor(ctx, tx, r)
	if err != nil {
		return Domain{}, err
	}
	d, err := db.One(ctx, tx, scan, `
		INSERT INTO custom_domain (id, store_id, account_id, domain, status, verification_token, verified_at, auto_dns_configured, ssl_provisioned,
			is_purchased, purchase_provider, purchase_date, expiry_date, auto_renew, registrar_order_id, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, FALSE, FALSE, TRUE, $8, $7, $9, FALSE, $10, $7, $7)
		ON CONFLICT (domain) DO UPDATE SET status = CASE WHEN custom_domain.ssl_provisioned THEN custom_domain.status ELSE excluded.status END,
			reason = NULL, verified_at = coalesce(custom_domain.verified_at, excluded.verified_at), is_purchased = TRUE,
			purchase_provider = excluded.purchase_provider, purchase_date = coalesce(custom_domain.purchase_date, excluded.purchase_date),
			expiry_date = excluded.expiry_date, registrar_order_id = excluded.registrar_order_id, updated_at = excluded.updated_at
		RETURNING `+columns,
		tx.NewID(), st, r.Owner, r.Name, string(Verified), newToken(), db.Time{Time: tx.Now()}, r.Registrar, db.Time{Time: r.Expires}, r.OrderID)
	renamed(tx, d.ID)
	return d, err
}

// dropOthers takes away what somebody else has under the name of a registration.
func dropOthers(ctx context.Context, tx *db.Tx, r Registration) (int, error) {
	others, err := db.All(ctx, tx, scan, `SELECT `+columns+` FROM custom_domain WHERE domain = $1 AND account_id <> $2 AND NOT is_purchased`, r.Name, r.Owner)
	if err != nil {
		return 0, err
	}
	for _, d := range others {
		all, err := d.records(ctx, tx)
		if err != nil {
			return 0, err
		}
		if err := d.lose(ctx, tx, d.leftover(all, false)); err != nil {
			return 0, err
		}
	}
	return len(others), nil
}

// placeFor returns the store that a bought name is for, or nil where it is gone or
// has another domain.
func placeFor(ctx context.Context, tx *db.Tx, r Registration) (*store.ID, error) {
	if r.Store == nil {
		return nil, nil
	}
	open, err := db.One(ctx, tx, db.Value[bool], `
		SELECT EXISTS (SELECT 1 FROM store WHERE id = $1 AND account_id = $2 AND deleted_at IS NULL)
			AND NOT EXISTS (SELECT 1 FROM custom_domain WHERE store_id = $1 AND domain <> $3)`, *r.Store, r.Owner, r.Name)
	if err != nil || !open {
		return nil, err
	}
	return r.Store, nil
}

// Unreserve takes a name from a store that was to be bought for it and was not.
func (s *Service) Unreserve(ctx context.Context, tx *db.Tx, id ID) error {
	d, err := db.One(ctx, tx, scan, `
		UPDATE custom_domain SET updated_at = updated_at WHERE id = $1 AND NOT is_purchased RETURNING `+columns, id)
	if errors.Is(err, db.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	all, err := d.records(ctx, tx)
	if err != nil {
		return err
	}
	return d.lose(ctx, tx, d.leftover(all, s.OwnZones))
}

// Extended keeps that a name was renewed. Where its end is not what it was before,
// somebody was faster: then nothing changes.
func Extended(ctx context.Context, tx *db.Tx, id ID, before, until time.Time, order string) error {
	_, err := db.Exec(ctx, tx, `
		UPDATE custom_domain SET expiry_date = $3, registrar_order_id = $4, updated_at = $5 WHERE id = $1 AND is_purchased AND expiry_date = $2`,
		id, db.Time{Time: before}, db.Time{Time: until}, order, db.Time{Time: tx.Now()})
	return err
}

// ErrNotBought refuses what only names can have that were bought here.
var ErrNotBought = fault.Refusedf("not_purchased", "This domain was not purchased here: it is renewed where it was registered.")

// SetAutoRenew says whether the name of a store is renewed before it ends.
func SetAutoRenew(ctx context.Context, tx *db.Tx, st store.ID, on bool) (Domain, error) {
	d, err := db.One(ctx, tx, scan, `
		UPDATE custom_domain SET auto_renew = CASE WHEN is_purchased THEN $2 ELSE auto_renew END, updated_at = CASE WHEN is_purchased THEN $3 ELSE updated_at END
		WHERE store_id = $1 RETURNING `+columns, st, on, db.Time{Time: tx.Now()})
	switch {
	case err != nil:
		return Domain{}, db.Missing(err, "custom domain")
	case !d.Purchase.Bought:
		return Domain{}, ErrNotBought
	}
	return d, d.log(ctx, tx, audit.DomainAutoRenew)
}

// Owned are the bought names of an account, newest first. With loose, those are among
// them that no store stands under.
func Owned(ctx context.Context, q db.Q, owner account.ID, loose bool) ([]Owning, error) {
	return db.All(ctx, q, scanOwning, `
		SELECT `+columns+`, (SELECT name FROM store s WHERE s.id = custom_domain.store_id), (SELECT slug FROM store s WHERE s.id = custom_domain.store_id)
		FROM custom_domain WHERE account_id = $1 AND is_purchased AND (store_id IS NOT NULL OR $2) ORDER BY purchase_date DESC, id DESC`, owner, loose)
}

// Owning is a bought name with the store that stands under it, if one does.
type Owning struct {
	Domain
	StoreName *string
	StoreSlug *string
}

func scanOwning(row db.Row) (o Owning, err error) {
	o.Domain, err = scan(db.RowFunc(func(dest ...any) error { return row.Scan(append(dest, &o.StoreName, &o.StoreSlug)...) }))
	return o, err
}

// InUse returns those of the names that stores of the platform stand under.
func InUse(ctx context.Context, q db.Q, names []string) ([]string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	return db.All(ctx, q, db.Value[string], `SELECT domain FROM custom_domain WHERE domain IN `+db.List(1, len(names)), db.Args(names)...)
}

// Named returns the domain of an account under a name.
func Named(ctx context.Context, q db.Q, owner account.ID, name string) (Domain, error) {
	d, err := db.One(ctx, q, scan, `SELECT `+columns+` FROM custom_domain WHERE domain = $1 AND account_id = $2`, name, owner)
	return d, db.Missing(err, "domain")
}

// ByID returns a domain, whosever it is.
func ByID(ctx context.Context, q db.Q, id ID) (Domain, error) {
	d, err := db.One(ctx, q, scan, `SELECT `+columns+` FROM custom_domain WHERE id = $1`, id)
	return d, db.Missing(err, "domain")
}
