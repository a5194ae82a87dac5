package domain

import (
	"context"

	"vitrine/internal/db"
	"vitrine/internal/store"
)

const columns = `id, store_id, account_id, domain, status, reason, verification_token, verified_at, dns_provider, dns_zone_id,
	auto_dns_configured, ssl_provisioned, ssl_provider, ssl_certificate_id, ssl_expires_at, is_purchased, purchase_provider,
	purchase_date, expiry_date, auto_renew, registrar_order_id, lease, created_at, updated_at`

func scan(row db.Row) (Domain, error) {
	var d Domain
	var verified, certified, bought, expires db.NullTime
	var created, updated db.Time
	p := &d.Purchase
	err := row.Scan(&d.ID, &d.Store, &d.Owner, &d.Name, &d.Status, &d.Reason, &d.Token, &verified, &d.Provider, &d.Zone,
		&d.AutoConfigured, &d.Certified, &d.Issuer, &d.CertificateID, &certified, &p.Bought, &p.Registrar,
		&bought, &expires, &p.AutoRenew, &p.OrderID, &d.leased, &created, &updated)
	d.VerifiedAt, d.CertifiedUntil, p.At, p.Expires = verified.Time, certified.Time, bought.Time, expires.Time
	d.CreatedAt, d.UpdatedAt = created.Time, updated.Time
	return d, err
}

// Get returns the domain of a store.
func Get(ctx context.Context, q db.Q, st store.ID) (Domain, error) {
	d, err := db.One(ctx, q, scan, `SELECT `+columns+` FROM custom_domain WHERE store_id = $1`, st)
	return d, db.Missing(err, "custom domain")
}

// Of returns the domains of those of the stores that have one.
func Of(ctx context.Context, q db.Q, stores []store.ID) (map[store.ID]Domain, error) {
	all := make(map[store.ID]Domain, len(stores))
	if len(stores) == 0 {
		return all, nil
	}
	err := db.Each(ctx, q, func(row db.Row) error {
		d, err := scan(row)
		if err == nil {
			all[*d.Store] = d
		}
		return err
	}, `SELECT `+columns+` FROM custom_domain WHERE store_id IN `+db.List(1, len(stores)), db.Args(stores)...)
	return all, err
}

// save writes the parts of a domain that change. The lease stays.
func (d *Domain) save(ctx context.Context, tx *db.Tx) error {
	d.UpdatedAt = tx.Now()
	renamed(tx, d.ID)
	_, err := db.Exec(ctx, tx, `
		UPDATE custom_domain SET status = $2, reason = $3, verified_at = $4, dns_provider = $5, dns_zone_id = $6,
			auto_dns_configured = $7, ssl_provisioned = $8, ssl_provider = $9, ssl_certificate_id = $10, ssl_expires_at = $11, updated_at = $12
		WHERE id = $1`,
		d.ID, string(d.Status), d.Reason, db.NullTime{Time: d.VerifiedAt}, d.Provider, d.Zone,
		d.AutoConfigured, d.Certified, d.Issuer, d.CertificateID, db.NullTime{Time: d.CertifiedUntil}, db.Time{Time: d.UpdatedAt})
	return err
}
