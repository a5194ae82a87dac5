package edge

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"vitrine/internal/certificate/acme"
	"vitrine/internal/clock"
	"vitrine/internal/domain"
	"vitrine/internal/store"
)

// Certificates are where the certificates of names come from.
type Certificates struct {
	Names *domain.Names
	Clock clock.Clock

	// Load returns the certificate of a domain, or nil while there is none.
	Load func(ctx context.Context, domain string) (*tls.Certificate, error)

	// Issue gets the certificate of a store whose domain leads here and has none.
	Issue func(ctx context.Context, st store.ID) error

	// Challenge returns what to show to an authority that looks whether a name is ours,
	// or nil.
	Challenge func(ctx context.Context, name string) (*tls.Certificate, error)

	PlatformDomain string
	Own            *tls.Certificate // for the names that it covers; nil: all come from Load
	PublicPort     string           // under which the world reaches us over TLS
}

// Secure finds the certificate of each connection over TLS in memory. Who asks for a
// name that is not ours is refused without a look anywhere else. It is safe for
// concurrent use.
type Secure struct {
	Certificates
	flights singleflight.Group

	mu       sync.Mutex
	now, old map[string]*shown // those asked for since it was turned, and before
}

// shown is what is known of the certificate of a domain.
type shown struct {
	*tls.Certificate           // nil: there is none
	of               string    // the id that the domain's certificate had then
	until            time.Time // when it is looked at anew
	tried            bool      // to get one, in vain
}

// NewSecure returns a Secure.
func NewSecure(c Certificates) *Secure {
	c.PlatformDomain = strings.ToLower(c.PlatformDomain)
	return &Secure{Certificates: c, now: map[string]*shown{}}
}

const (
	maxShown   = 20_000           // certificates in memory at most, of some 6 KB each
	shownFor   = time.Hour        // until a certificate is read anew of which nobody says that it has changed
	missingFor = time.Minute      // until it is looked again for one that was not there
	issueFor   = 8 * time.Second  // how long a handshake waits for a certificate that is on its way
	loadFor    = 10 * time.Second // how long the database may take
)

// Config returns how to speak TLS.
func (s *Secure) Config() *tls.Config {
	c := &tls.Config{
		MinVersion: tls.VersionTLS12,
		// Of TLS 1.2 only what keeps what was said secret when a key leaks, and has no CBC.
		CipherSuites: []uint16{
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
		NextProtos:     []string{"h2", "http/1.1"},
		GetCertificate: s.certificate,
	}
	challenge := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{acme.TLSProtocol}, GetCertificate: s.challenge}
	c.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if len(hello.SupportedProtos) == 1 && hello.SupportedProtos[0] == acme.TLSProtocol {
			return challenge, nil
		}
		return nil, nil //nolint:nilnil // the usual one
	}
	return c
}

var (
	errUnknownName = errors.New("a name that is not ours")
	errNone        = errors.New("there is no certificate")
)

// place tells which domain's certificate a name is answered with.
func (s *Secure) place(name string) (host, domainName string, p domain.Place, err error) {
	host = strings.ToLower(strings.TrimSuffix(name, "."))
	if p, known := s.Names.Find(host); known {
		return host, p.Primary, p, nil
	}
	if label, below := strings.CutSuffix(host, "."+s.PlatformDomain); host == s.PlatformDomain || below && !strings.Contains(label, ".") {
		return host, s.PlatformDomain, domain.Place{}, nil
	}
	return host, "", domain.Place{}, errUnknownName
}

// certificate finds the certificate of a handshake.
func (s *Secure) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	name := hello.ServerName
	if name == "" { // by address: only the platform itself can be meant
		name = s.PlatformDomain
	}
	c, err := s.find(hello.Context(), name)
	if errors.Is(err, errNone) {
		_, _, p, _ := s.place(name)
		if known := s.recall(p.Primary, p.CertificateID); p.Configured && s.Issue != nil && (known == nil || !known.tried) {
			return s.issue(hello.Context(), name, p)
		}
	}
	return c, err
}

// Has tells whether there is a certificate for a name. Nothing is asked for.
func (s *Secure) Has(ctx context.Context, name string) bool {
	if s == nil {
		return false
	}
	_, err := s.find(ctx, name)
	return err == nil
}

// find returns the certificate of a name, from memory or from where they are kept.
func (s *Secure) find(ctx context.Context, name string) (*tls.Certificate, error) {
	host, domainName, p, err := s.place(name)
	if err != nil {
		return nil, err
	}
	if s.Own != nil && s.Own.Leaf.VerifyHostname(host) == nil {
		return s.Own, nil
	}
	known := s.recall(domainName, p.CertificateID)
	if known == nil {
		loaded, err, _ := s.flights.Do("load "+domainName, func() (any, error) { return s.load(ctx, domainName, p.CertificateID) })
		if err != nil {
			return nil, err
		}
		known, _ = loaded.(*shown)
	}
	if known.Certificate == nil {
		return nil, errNone
	}
	return known.Certificate, known.Leaf.VerifyHostname(host)
}

// recall returns what is remembered of a domain whose certificate has an id, or nil
// where it has to be read.
func (s *Secure) recall(domainName, id string) *shown {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.now[domainName]
	if known == nil {
		if known = s.old[domainName]; known != nil {
			s.put(domainName, known)
		}
	}
	if known == nil || known.of != id || !s.Clock.Now().Before(known.until) {
		return nil
	}
	return known
}

func (s *Secure) put(domainName string, k *shown) {
	s.now[domainName] = k
	if len(s.now) > maxShown/2 {
		s.now, s.old = map[string]*shown{}, s.now
	}
}

func (s *Secure) remember(domainName string, k *shown) *shown {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(domainName, k)
	return k
}

// load reads the certificate of a domain, and remembers it, or that there is none.
func (s *Secure) load(ctx context.Context, domainName, id string) (*shown, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadFor) // others wait for it
	defer cancel()
	c, err := s.Load(ctx, domainName)
	if err != nil {
		return nil, err
	}
	keep := missingFor
	if c != nil && id != "" {
		keep = min(shownFor, c.Leaf.NotAfter.Sub(s.Clock.Now()))
	}
	return s.remember(domainName, &shown{Certificate: c, of: id, until: s.Clock.Now().Add(keep)}), nil
}

// issue has the certificate of a name got that leads here. Handshakes do not wait for
// long: it goes on without them.
func (s *Secure) issue(ctx context.Context, name string, p domain.Place) (*tls.Certificate, error) {
	done := s.flights.DoChan("issue "+p.Primary, func() (any, error) {
		err := s.Issue(context.WithoutCancel(ctx), p.Store)
		if err != nil {
			slog.InfoContext(ctx, "edge: no certificate for a handshake", "domain", p.Primary, "error", err)
			s.remember(p.Primary, &shown{of: p.CertificateID, until: s.Clock.Now().Add(missingFor), tried: true})
		}
		return nil, err
	})
	select {
	case r := <-done:
		if r.Err != nil {
			return nil, r.Err
		}
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(issueFor):
		return nil, errNone
	}
	return s.find(ctx, name)
}

// challenge finds what to show to an authority.
func (s *Secure) challenge(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	host, _, _, err := s.place(hello.ServerName)
	if err != nil {
		return nil, err
	}
	if s.Challenge == nil {
		return nil, errNone
	}
	c, err := s.Challenge(hello.Context(), host)
	if err == nil && c == nil {
		err = errNone
	}
	return c, err
}
