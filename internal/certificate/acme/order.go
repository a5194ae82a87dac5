package acme

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/mholt/acmez/v3"
	"github.com/mholt/acmez/v3/acme"

	"vitrine/internal/certificate"
)

// order carries one order out: it is placed, unless that was done before, each name
// proven in its way, and the certificate fetched.
func (a *Authority) order(ctx context.Context, account acme.Account, r certificate.Request) ([]byte, error) {
	csr, parameters, err := a.parameters(account, r)
	if err != nil {
		return nil, err
	}
	order, placed := a.placed(ctx, account, r)
	if !placed {
		if order, err = a.place(ctx, account, parameters, r.Replaces); err != nil {
			return nil, err
		}
		if err := r.Keep(ctx, order.Location); err != nil {
			return nil, err
		}
	}
	if order.Status != acme.StatusValid {
		if err := a.prove(ctx, account, order, r.Names); err != nil {
			return nil, err
		}
		if order, err = a.client.FinalizeOrder(ctx, account, order, csr.Raw); err != nil {
			return nil, err
		}
	}
	chains, err := a.client.GetCertificateChain(ctx, account, order.Certificate)
	if err == nil && len(chains) == 0 {
		err = errors.New("it has issued nothing")
	}
	if err != nil {
		return nil, err
	}
	return chains[0].ChainPEM, nil
}

func (a *Authority) parameters(account acme.Account, r certificate.Request) (*x509.CertificateRequest, acmez.OrderParameters, error) {
	names := []string{}
	for _, p := range r.Names {
		names = append(names, p.Name)
	}
	csr, err := acmez.NewCSR(r.Key, names)
	if err != nil {
		return nil, acmez.OrderParameters{}, err
	}
	parameters, err := acmez.OrderParametersFromCSR(account, csr)
	return csr, parameters, err
}

// placed returns the order that was placed before, if it can be gone on with: it is for
// the same names, and nothing of it has failed.
func (a *Authority) placed(ctx context.Context, account acme.Account, r certificate.Request) (acme.Order, bool) {
	if r.Placed == "" {
		return acme.Order{}, false
	}
	order, err := a.client.GetOrder(ctx, account, acme.Order{Location: r.Placed})
	patience, cancel := context.WithTimeout(ctx, a.client.PollTimeout)
	defer cancel()
	for err == nil && order.Status == acme.StatusProcessing {
		select {
		case <-patience.Done():
			err = patience.Err()
		case <-time.After(time.Second):
			order, err = a.client.GetOrder(ctx, account, order)
		}
	}
	names := map[string]bool{}
	for _, p := range r.Names {
		names[p.Name] = true
	}
	for _, identifier := range order.Identifiers {
		delete(names, identifier.Value)
	}
	good := order.Status == acme.StatusPending || order.Status == acme.StatusReady || order.Status == acme.StatusValid
	if err != nil || !good || len(names) > 0 || len(order.Identifiers) != len(r.Names) {
		slog.WarnContext(ctx, "certificates: an order cannot be gone on with", "order", r.Placed, "status", order.Status, "error", err)
		return order, false
	}
	return order, true
}

// place places an order. One that says what it replaces does not count against the
// authority's limits.
func (a *Authority) place(ctx context.Context, account acme.Account, p acmez.OrderParameters, replaces *x509.Certificate) (acme.Order, error) {
	wanted := acme.Order{Identifiers: p.Identifiers}
	if replaces != nil {
		wanted.Replaces, _ = acme.ARIUniqueIdentifier(replaces) // without it, it is a new order
	}
	order, err := a.client.NewOrder(ctx, account, wanted)
	if problem, ok := errors.AsType[acme.Problem](err); ok && wanted.Replaces != "" && problem.Type == acme.ProblemTypeAlreadyReplaced {
		wanted.Replaces = "" // the answer to an earlier order was lost
		order, err = a.client.NewOrder(ctx, account, wanted)
	}
	return order, err
}

// pending is a name that has to be proven.
type pending struct {
	acme.Authorization
	solver
	challenge acme.Challenge
}

// prove proves the names of an order that are not proven yet, all at once.
func (a *Authority) prove(ctx context.Context, account acme.Account, order acme.Order, names []certificate.Proven) (err error) {
	var all []*pending
	defer func() { a.tidy(ctx, account, all, err) }()
	for _, address := range order.Authorizations {
		authorization, err := a.client.GetAuthorization(ctx, account, address)
		if err != nil {
			return err
		}
		if authorization.Status == acme.StatusValid {
			continue
		}
		p, err := a.choose(authorization, names)
		if err != nil {
			return err
		}
		all = append(all, p)
		if err := p.present(ctx, p.challenge); err != nil {
			return err
		}
	}
	for _, p := range all {
		if err := p.wait(ctx, p.challenge); err != nil {
			return err
		}
		if p.challenge.Status != acme.StatusPending {
			continue // it was initiated before, and the authority is at it
		}
		if _, err := a.client.InitiateChallenge(ctx, account, p.challenge); err != nil {
			return err
		}
	}
	for _, p := range all {
		if p.Authorization, err = a.client.PollAuthorization(ctx, account, p.Authorization); err != nil {
			return err
		}
	}
	return nil
}

// choose takes the challenge by which a name is to be proven.
func (a *Authority) choose(of acme.Authorization, names []certificate.Proven) (*pending, error) {
	i := slices.IndexFunc(names, func(p certificate.Proven) bool { return p.Name == of.IdentifierValue() })
	if i < 0 {
		return nil, certificate.Errorf(certificate.Denied, "it wants %s to be proven, which was not asked for", of.IdentifierValue())
	}
	for _, c := range of.Challenges {
		if c.Type == string(names[i].Way) {
			return &pending{of, a.responder.solver(names[i].Way), c}, nil
		}
	}
	return nil, certificate.Errorf(certificate.Denied, "it does not let %s be proven by %s", names[i].Name, names[i].Way)
}

// tidy takes away what was made for an order. Of one that has failed, it gives back
// what is proven or waits: a pending one would count.
func (a *Authority) tidy(ctx context.Context, account acme.Account, all []*pending, failed error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	for _, p := range all {
		err := p.cleanUp(ctx, p.challenge)
		if failed != nil && p.Status == acme.StatusPending {
			_, gone := a.client.DeactivateAuthorization(ctx, account, p.Location)
			err = errors.Join(err, gone)
		}
		if err != nil {
			slog.WarnContext(ctx, "certificates: something is left of an order", "name", p.IdentifierValue(), "error", err)
		}
	}
}
