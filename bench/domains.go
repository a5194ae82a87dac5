package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"time"

	"vitrine/internal/certificate"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dns/mock"
	"vitrine/internal/domain"
	"vitrine/internal/edge"
	"vitrine/internal/fixture"
	"vitrine/internal/seal"
	"vitrine/internal/setup"
	"vitrine/internal/store"
)

const (
	certifiedDomains = 1_000
	domainsAtMost    = 60 // MiB
)

var aboutDomains = fmt.Sprintf(`
What %d domains with certificates of two names cost that are all in use: how much more memory of its own (RssAnon) this process has once each was shown in a handshake, beside a moment before the names
were read, both after a garbage collection. Then the time of a handshake with a certificate that is in memory, server and client in this process. Mark: at most %d MiB.

| database | domains | memory grows by | a domain takes | a first handshake | a further one |
| --- | --- | --- | --- | --- | --- |`, certifiedDomains, domainsAtMost)

func measureDomains(ctx context.Context, d *db.DB, out *report) error {
	sealer, err := seal.New(seal.Key{})
	if err != nil {
		return err
	}
	office, err := fixture.NewOffice()
	if err != nil {
		return err
	}
	issuer := certificate.NewIssuer(d, sealer, office, certificate.Limits{}, office)
	service := domain.New(d, mock.New(d, 0), nil, issuer, fixture.DomainSettings)
	for i := range certifiedDomains {
		if err := certify(ctx, d, service, certifiedName(i)); err != nil {
			return err
		}
	}
	again, err := open(ctx, d.URL())
	if err != nil {
		return err
	}
	defer again.Close()
	names, err := domain.OpenNames(ctx, again)
	if err != nil {
		return err
	}
	from := edge.Certificates{Names: names, Clock: clock.System{}, Load: certificate.NewIssuer(again, sealer, office, certificate.Limits{}).Load}
	if _, err := shake(ctx, edge.NewSecure(from), certifiedName(0), 100); err != nil { // so that what is once is there before
		return err
	}
	names, from.Names = nil, nil
	debug.FreeOSMemory()
	before := memory()
	if names, err = domain.OpenNames(ctx, again); err != nil {
		return err
	}
	from.Names = names
	secure := edge.NewSecure(from)
	var first, further time.Duration
	for _, took := range []*time.Duration{&first, &further} {
		for i := range certifiedDomains {
			one, err := shake(ctx, secure, certifiedName(i), 1)
			if err != nil {
				return err
			}
			*took += one / certifiedDomains
		}
	}
	debug.FreeOSMemory()
	grown := memory() - min(before, memory())
	if _, err := shake(ctx, secure, certifiedName(0), 1); err != nil { // it is in use until here
		return err
	}
	out.row(d.Engine(), certifiedDomains, out.atMost(domainsAtMost, mebi(grown), "MiB"), fmt.Sprintf("%.1f KiB", float64(grown)/1024/certifiedDomains),
		fmt.Sprintf("%.2f ms", float64(first.Microseconds())/1000), fmt.Sprintf("%.2f ms", float64(further.Microseconds())/1000))
	return nil
}

func certifiedName(i int) string { return fmt.Sprintf("shop-%d.com", i) }

// certify puts a new store on a name, with a certificate.
func certify(ctx context.Context, d *db.DB, s *domain.Service, name string) error {
	owner, err := fixture.Account(ctx, d)
	if err != nil {
		return err
	}
	var made store.Store
	err = d.InTx(ctx, func(tx *db.Tx) (err error) {
		if made, err = setup.Open(ctx, tx, owner, store.New(name)); err != nil {
			return err
		}
		_, err = s.Attach(ctx, tx, made, name)
		return err
	})
	for _, step := range []func() error{
		func() error { _, err := s.Verify(ctx, made.ID, nil); return err },
		func() error { _, err := s.Configure(ctx, made.ID, owner, false, nil); return err },
		func() error { _, err := s.Certify(ctx, made.ID, nil); return err },
	} {
		if err == nil {
			err = step()
		}
	}
	return err
}

// shake makes n handshakes for a name and returns what one takes.
func shake(ctx context.Context, s *edge.Secure, name string, n int) (time.Duration, error) {
	began := time.Now()
	for range n {
		here, there := net.Pipe()
		server, client := tls.Server(here, s.Config()), tls.Client(there, &tls.Config{ServerName: name, InsecureSkipVerify: true}) //nolint:gosec // its authority is one of our own
		answered := make(chan struct{})
		go func() {
			defer close(answered)
			_ = server.HandshakeContext(ctx) // what is wrong the client hears
		}()
		err := client.HandshakeContext(ctx)
		shown := client.ConnectionState().PeerCertificates
		_ = there.Close() // TLS 1.3: the server may still write a ticket
		<-answered
		_ = here.Close()
		if err == nil && (len(shown) == 0 || shown[0].VerifyHostname(name) != nil) {
			err = errors.New(name + " is shown a certificate for another name")
		}
		if err != nil {
			return 0, err
		}
	}
	return time.Since(began) / time.Duration(n), nil
}
