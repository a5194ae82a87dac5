package purchase

import (
	"context"
	"log/slog"

	"vitrine/internal/domain"
)

// finish does what is left once the name is the merchant's: the sum is captured, the
// name servers are set, the records made and the certificate issued. Each is tried on
// its own, and again later where it fails.
func (s *Service) finish(ctx context.Context, h *held) error {
	if err := s.capture(ctx, h); err != nil {
		return err
	}
	if h.Kind == Register {
		d, err := domain.ByID(ctx, s.db, h.Domain)
		if err != nil {
			return err
		}
		for _, do := range []func(context.Context, *held, domain.Domain) error{s.delegate, s.configure, s.certify} {
			if err := do(ctx, h, d); err != nil {
				return err
			}
		}
	}
	return s.finished(ctx, h)
}

// finished says what is left to do, and when to do it.
func (s *Service) finished(ctx context.Context, h *held) error {
	switch {
	case !h.captured && s.db.Now().Sub(h.CreatedAt) > finishWithin:
		h.State, h.next = NeedsOperator, nil
		return s.change(ctx, h, "The sum could not be charged: the operator has to settle it.", nil)
	case !h.captured:
		h.State = Registered
	case h.Kind == Renew || h.delegated && h.configured && h.certified:
		h.State, h.next = Done, nil
		return s.change(ctx, h, "All is done.", nil)
	case s.db.Now().Sub(h.CreatedAt) > finishWithin:
		h.State, h.next = Done, nil
		return s.change(ctx, h, "What is still left is tried no more: it can be done from the domain's page.", nil)
	case !h.delegated:
		h.State = Nameservers
	case !h.configured:
		h.State = DNS
	default:
		h.State = SSL
	}
	s.later(h)
	return s.change(ctx, h, "", nil)
}

func (s *Service) capture(ctx context.Context, h *held) error {
	if h.captured {
		return nil
	}
	call, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	err := s.payments.Capture(call, *h.Charge)
	if err == nil {
		h.captured = true
		return s.change(ctx, h, h.Offer.Currency.Format(h.total())+" "+string(h.Offer.Currency)+" were charged.", nil)
	}
	slog.WarnContext(ctx, "purchases: what was authorised could not be captured", "purchase", h.ID, "error", err)
	return s.failedFirst(ctx, h, "The sum could not be charged yet.")
}

func (s *Service) delegate(ctx context.Context, h *held, _ domain.Domain) error {
	if h.delegated {
		return nil
	}
	call, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	if err := s.registrar.SetNameservers(call, h.Name, s.Settings.Nameservers); err != nil {
		slog.WarnContext(ctx, "purchases: the name servers could not be set", "purchase", h.ID, "domain", h.Name, "error", err)
		return s.failedFirst(ctx, h, "The name servers could not be set yet.")
	}
	h.delegated = true
	return s.change(ctx, h, "The name servers are set.", nil)
}

// configure makes the records. A name that no store stands under has none.
func (s *Service) configure(ctx context.Context, h *held, d domain.Domain) error {
	if h.configured {
		return nil
	}
	step := "No store stands under the name."
	if d.Store != nil {
		if _, err := s.domains.Configure(ctx, *d.Store, h.Account, false, nil); err != nil {
			slog.WarnContext(ctx, "purchases: the records could not be made", "purchase", h.ID, "domain", h.Name, "error", err)
			return s.failedFirst(ctx, h, "The DNS records could not be made yet.")
		}
		step = "The DNS records are made."
	}
	h.configured = true
	return s.change(ctx, h, step, nil)
}

func (s *Service) certify(ctx context.Context, h *held, d domain.Domain) error {
	if h.certified || !h.configured {
		return nil
	}
	step := ""
	if d.Store != nil {
		if _, err := s.domains.Certify(ctx, *d.Store, nil); err != nil {
			slog.WarnContext(ctx, "purchases: the certificate could not be issued", "purchase", h.ID, "domain", h.Name, "error", err)
			return s.failedFirst(ctx, h, "The certificate could not be issued yet.")
		}
		step = "The certificate is issued."
	}
	h.certified = true
	return s.change(ctx, h, step, nil)
}

// failedFirst notes the first failure of a step for the merchant to read; the others
// only in the log.
func (s *Service) failedFirst(ctx context.Context, h *held, step string) error {
	if h.tries > 0 {
		return nil
	}
	return s.change(ctx, h, step, nil)
}
