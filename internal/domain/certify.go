package domain

import (
	"context"
	"time"

	"vitrine/internal/certificate"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/store"
	"vitrine/internal/webhook"
)

// renewBefore is how long before its end a certificate is replaced.
const renewBefore = 30 * 24 * time.Hour

// Certify gets a certificate for a store's domain and its www, and the store answers
// there. While it has one that is good for long, nothing is asked for.
func (s *Service) Certify(ctx context.Context, st store.ID, then func(context.Context, *db.Tx, Domain) error) (Domain, error) {
	var out Domain
	err := s.hold(ctx, st, func(ctx context.Context, h *held) error {
		if !h.AutoConfigured || h.VerifiedAt == nil {
			return fault.Refusedf("dns_not_configured", "The DNS of %s is not configured yet: configure it first.", h.Name)
		}
		var fresh *certificate.Certificate
		if !h.Certified || h.CertifiedUntil == nil || h.CertifiedUntil.Sub(s.db.Now()) < renewBefore {
			issued, err := s.issuer.Issue(ctx, []string{h.Name, Partner(h.Name)})
			if err != nil {
				return err
			}
			fresh = &issued
		}
		return s.db.InTx(context.WithoutCancel(ctx), func(tx *db.Tx) error {
			if err := h.keep(ctx, tx); err != nil {
				return err
			}
			if out = h.Domain; fresh != nil {
				if err := out.certified(ctx, tx, *fresh); err != nil {
					return err
				}
			}
			return also(ctx, tx, then, out)
		})
	})
	return out, err
}

// certified takes over a certificate. The webhooks hear of a domain that becomes
// active.
func (d *Domain) certified(ctx context.Context, tx *db.Tx, c certificate.Certificate) error {
	fresh := d.Status != Active
	d.Certified, d.CertificateID, d.Issuer, d.CertifiedUntil = true, &c.ID, &c.Provider, &c.NotAfter
	d.Status, d.Reason = Active, nil
	if err := d.save(ctx, tx); err != nil || !fresh {
		return err
	}
	return webhook.Emit(ctx, tx, *d.Store, webhook.DomainActive, webhook.Data{
		"id": d.ID.String(), "store_id": d.Store.String(), "domain": d.Name, "ssl_expires_at": webhook.Time(c.NotAfter),
	})
}
