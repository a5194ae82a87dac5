package domain

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"vitrine/internal/audit"
	"vitrine/internal/certificate"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/store"
	"vitrine/internal/webhook"
)

// Certify gets a certificate for a store's domain and its www, and the store answers
// there. While it has one that is good for long, nothing is asked for. Why there is
// none is kept, and it is tried again by RenewCertificates.
func (s *Service) Certify(ctx context.Context, st store.ID, then func(context.Context, *db.Tx, Domain) error) (Domain, error) {
	d, err := Get(ctx, s.db, st)
	if err != nil {
		return Domain{}, err
	}
	if !d.AutoConfigured || d.VerifiedAt == nil {
		return Domain{}, fault.Refusedf("dns_not_configured", "The DNS of %s is not configured yet: configure it first.", d.Name)
	}
	if err := s.wantCertificate(ctx, d); err != nil {
		return Domain{}, err
	}
	issued, err := s.issuer.Issue(ctx, []string{d.Name, Partner(d.Name)}, d.certificate())
	if err != nil {
		return Domain{}, errors.Join(err, s.keepReason(ctx, d, err))
	}
	var out Domain
	err = s.hold(context.WithoutCancel(ctx), st, func(ctx context.Context, h *held) error {
		if h.ID != d.ID {
			return errBusy
		}
		return s.db.InTx(context.WithoutCancel(ctx), func(tx *db.Tx) error {
			if err := h.keep(ctx, tx); err != nil {
				return err
			}
			out = h.Domain
			if err := out.certified(ctx, tx, issued); err != nil {
				return err
			}
			return also(ctx, tx, then, out)
		})
	})
	return out, err
}

// certificate is what a domain has.
func (d Domain) certificate() certificate.Certificate {
	if !d.Certified || d.CertificateID == nil || d.Issuer == nil || d.CertifiedUntil == nil {
		return certificate.Certificate{}
	}
	return certificate.Certificate{ID: *d.CertificateID, Provider: *d.Issuer, NotAfter: *d.CertifiedUntil}
}

// certified takes over a certificate. The webhooks hear of a domain that becomes
// active.
func (d *Domain) certified(ctx context.Context, tx *db.Tx, c certificate.Certificate) error {
	fresh := d.Status != Active
	d.Certified, d.CertificateID, d.Issuer, d.CertifiedUntil = true, &c.ID, &c.Provider, &c.NotAfter
	d.Status, d.Reason = Active, nil
	if _, err := db.Exec(ctx, tx, `UPDATE custom_domain SET ssl_failures = 0, ssl_retry_at = NULL WHERE id = $1`, d.ID); err != nil {
		return err
	}
	if err := d.save(ctx, tx); err != nil || !fresh {
		return err
	}
	if err := d.log(ctx, tx, audit.DomainCertify); err != nil {
		return err
	}
	return webhook.Emit(ctx, tx, *d.Store, webhook.DomainActive, webhook.Data{
		"id": d.ID.String(), "store_id": d.Store.String(), "domain": d.Name, "ssl_expires_at": webhook.Time(c.NotAfter),
	})
}

// takenFor is how long it takes to get a certificate at most. Who was asked for one and
// has died by then is replaced.
const takenFor = 5 * time.Minute

// wantCertificate keeps that a domain is to get its first certificate.
func (s *Service) wantCertificate(ctx context.Context, d Domain) error {
	if d.Certified {
		return nil
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := db.Exec(ctx, tx, `UPDATE custom_domain SET ssl_retry_at = $2 WHERE id = $1`, d.ID, db.Time{Time: tx.Now().Add(takenFor)})
		return err
	})
}

// retries are after how long a certificate is asked for again that could not be had,
// and the last one how often at most.
var retries = []time.Duration{2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour, 12 * time.Hour, 24 * time.Hour}

// keepReason keeps why a domain has no certificate, or no new one, and when that is
// tried again. A store that answers goes on to.
func (s *Service) keepReason(ctx context.Context, d Domain, why error) error {
	f, told := errors.AsType[*fault.Error](why)
	if !told {
		f = &fault.Error{Kind: fault.Provider, Message: "The certificate could not be had. This is our fault."}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		failures, err := db.One(ctx, tx, db.Value[int64], `UPDATE custom_domain SET ssl_failures = ssl_failures + 1 WHERE id = $1 RETURNING ssl_failures`, d.ID)
		if errors.Is(err, db.ErrNoRows) {
			return nil // the store has left it
		}
		if err != nil {
			return err
		}
		wait := max(retries[min(int(failures), len(retries))-1], f.RetryAfter)
		status := d.Status
		if status != Active && f.Kind == fault.Refused {
			status = Failed
		}
		_, err = db.Exec(ctx, tx, `UPDATE custom_domain SET status = $2, reason = $3, ssl_retry_at = $4 WHERE id = $1`,
			d.ID, string(status), f.Message, db.Time{Time: tx.Now().Add(wait)})
		return err
	})
}

const (
	dueAtOnce = 500 // certificates in one round
	dueSide   = 4   // of them at a time
)

// dueCertificates are the stores whose domains need a certificate: a first one that was
// asked for, or one in the place of theirs; and those that do not know of the one that
// is there, since who got it has died.
const dueCertificates = `
	SELECT d.store_id FROM custom_domain d LEFT JOIN certificate c ON c.domain = d.domain
	WHERE d.store_id IS NOT NULL AND d.verified_at IS NOT NULL AND d.auto_dns_configured AND (
		d.ssl_retry_at <= $1
		OR d.ssl_retry_at IS NULL AND d.ssl_provisioned AND (c.domain IS NULL OR c.renew_at <= $1)
		OR c.created_at >= d.created_at AND c.id <> coalesce(d.ssl_certificate_id, ''))
	ORDER BY c.not_after, d.id LIMIT $2`

// RenewCertificates gets the certificates that are due, also those of names that nobody
// visits. What it does not come to is left for the next time.
func (s *Service) RenewCertificates(ctx context.Context) error {
	due, err := db.All(ctx, s.db, db.Value[store.ID], dueCertificates, db.Time{Time: s.db.Now()}, dueAtOnce)
	if err != nil {
		return err
	}
	var group errgroup.Group
	group.SetLimit(dueSide)
	for _, st := range due {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			if _, err := s.Certify(ctx, st, nil); err != nil && !fault.Is(err, fault.NotFound) {
				slog.WarnContext(ctx, "domains: no certificate", "store", st, "error", err)
			}
			return nil
		})
	}
	return group.Wait()
}
