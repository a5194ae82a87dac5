// Package acme gets certificates from authorities over ACME (RFC 8555), and answers
// them when they look whether a name is ours.
package acme

import (
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mholt/acmez/v3/acme"

	"vitrine/internal/certificate"
	"vitrine/internal/db"
	"vitrine/internal/seal"
)

// Settings are what the operator knows of an authority.
type Settings struct {
	Directory string         // its address
	Email     string         // where it writes to, or ""
	KeyID     string         // of an account that it has outside of ACME, or ""
	HMAC      string         // the key to that, in base64url
	Roots     *x509.CertPool // that its own certificate is below; nil: those of the system
}

// Authority implements certificate.Authority over ACME.
type Authority struct {
	Settings
	db        *db.DB
	sealer    *seal.Sealer
	responder *Responder
	client    *acme.Client
	limited   atomic.Pointer[time.Time] // until when it said to leave it alone
}

// New returns an Authority, which is proven names to by the responder.
func New(d *db.DB, sealer *seal.Sealer, responder *Responder, s Settings) *Authority {
	a := &Authority{Settings: s, db: d, sealer: sealer, responder: responder}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if s.Roots != nil {
		transport.TLSClientConfig.RootCAs = s.Roots
	}
	a.client = &acme.Client{
		Directory: s.Directory, UserAgent: "Vitrine", PollTimeout: 2 * time.Minute,
		HTTPClient: &http.Client{Transport: &heeding{transport, a}, Timeout: 30 * time.Second},
	}
	return a
}

// heeding remembers until when an authority does not want to be asked.
type heeding struct {
	http.RoundTripper
	of *Authority
}

// RoundTrip implements http.RoundTripper.
func (h *heeding) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := h.RoundTripper.RoundTrip(r)
	if err == nil && res.StatusCode == http.StatusTooManyRequests {
		if wait, err := time.ParseDuration(res.Header.Get("Retry-After") + "s"); err == nil {
			until := h.of.db.Now().Add(wait)
			h.of.limited.Store(&until)
		}
	}
	return res, err
}

// wellKnown are authorities that people call by a name.
var wellKnown = map[string]string{
	"acme-v02.api.letsencrypt.org": "letsencrypt", "acme-staging-v02.api.letsencrypt.org": "letsencrypt-staging",
	"acme.zerossl.com": "zerossl", "dv.acme-v02.api.pki.goog": "google",
}

// Name implements certificate.Authority.
func (a *Authority) Name() string {
	u, err := url.Parse(a.Directory)
	if err != nil {
		return a.Directory
	}
	if name := wellKnown[u.Hostname()]; name != "" {
		return name
	}
	return u.Host
}

// Identities implements certificate.Authority.
func (a *Authority) Identities(ctx context.Context) ([]string, error) {
	directory, err := a.client.GetDirectory(ctx)
	if err != nil {
		return nil, a.told(err)
	}
	if directory.Meta == nil {
		return nil, nil
	}
	return directory.Meta.CAAIdentities, nil
}

// Obtain implements certificate.Authority.
func (a *Authority) Obtain(ctx context.Context, r certificate.Request) ([]byte, error) {
	account, err := a.account(ctx)
	if err != nil {
		return nil, a.told(err)
	}
	chain, err := a.order(ctx, account, r)
	if problem, ok := errors.AsType[acme.Problem](err); ok && problem.Type == acme.ProblemTypeAccountDoesNotExist {
		if account, err = a.renewAccount(ctx, account); err == nil {
			chain, err = a.order(ctx, account, r)
		}
	}
	if err != nil {
		return nil, a.told(err)
	}
	return chain, nil
}

// Renewal implements certificate.Authority.
func (a *Authority) Renewal(ctx context.Context, leaf *x509.Certificate) (certificate.Renewal, bool, error) {
	info, err := a.client.GetRenewalInfo(ctx, leaf)
	if errors.Is(err, acme.ErrUnsupported) {
		return certificate.Renewal{}, false, nil
	}
	if err != nil {
		return certificate.Renewal{}, false, a.told(err)
	}
	r := certificate.Renewal{At: info.SelectedTime, Again: a.db.Now().Add(usually)}
	if info.RetryAfter != nil {
		r.Again = *info.RetryAfter
	}
	return r, info.HasWindow(), nil
}

// usually is when to ask again for a renewal where the authority does not say.
const usually = 6 * time.Hour

// kinds are the problems that an authority names (RFC 8555, section 6.7).
var kinds = map[string]certificate.Kind{
	acme.ProblemTypeRateLimited: certificate.Limited,
	acme.ProblemTypeConnection:  certificate.Unproven, acme.ProblemTypeDNS: certificate.Unproven, acme.ProblemTypeTLS: certificate.Unproven,
	acme.ProblemTypeUnauthorized: certificate.Unproven, acme.ProblemTypeIncorrectResponse: certificate.Unproven,
	acme.ProblemTypeCAA: certificate.Denied, acme.ProblemTypeRejectedIdentifier: certificate.Denied,
	acme.ProblemTypeUnsupportedIdentifier: certificate.Denied, acme.ProblemTypeExternalAccountRequired: certificate.Denied,
	acme.ProblemTypeUserActionRequired: certificate.Denied, acme.ProblemTypeMalformed: certificate.Denied,
}

// told makes an error of the library one of ours.
func (a *Authority) told(err error) error {
	if _, is := errors.AsType[*certificate.Error](err); is {
		return err
	}
	problem, ok := errors.AsType[acme.Problem](err)
	if !ok {
		return certificate.Errorf(certificate.Unanswered, "%w", err)
	}
	text := problem.Detail
	for _, sub := range problem.Subproblems {
		text += " (" + sub.Identifier.Value + ": " + sub.Detail + ")"
	}
	kind, known := kinds[problem.Type]
	if !known && problem.Status >= 400 && problem.Status < 500 {
		kind = certificate.Denied
	}
	told := certificate.Errorf(kind, "%s", strings.TrimSpace(text))
	if until := a.limited.Load(); kind == certificate.Limited && until != nil {
		told.RetryAfter = max(until.Sub(a.db.Now()), 0)
	}
	return told
}
