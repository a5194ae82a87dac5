package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"vitrine/internal/clock"
	"vitrine/internal/config"
	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/dns/builtin"
	"vitrine/internal/dns/nameserver"
	"vitrine/internal/seal"
)

// builtinMode is the mode in which records are in our own database and the name
// server runs.
const builtinMode = "builtin"

// cookieKey is the name of the secret that all processes make DNS cookies with.
const cookieKey = "dns cookies"

// nameServer is the built-in name server.
type nameServer struct {
	server    *nameserver.Server
	follower  *builtin.Follower
	addresses []string
}

// newNameServer returns the name server, or nil in modes in which there is none.
func newNameServer(ctx context.Context, c *config.Config, d *db.DB) (*nameServer, error) {
	if c.DNSProviderMode != builtinMode {
		return nil, needNone(c)
	}
	servers := words(c.PlatformNameservers)
	for _, s := range servers {
		if _, ok := dns.Host(s); !ok {
			return nil, fmt.Errorf("the setting platform_nameservers must be host names, and %q is none", s)
		}
	}
	n := &nameServer{addresses: words(c.NameserverListen)}
	if err := errors.Join(needed("platform_nameservers", strings.Join(servers, "")), needed("nameserver_listen", strings.Join(n.addresses, ""))); err != nil {
		return nil, err
	}
	key, err := seal.StoredKey(ctx, d, cookieKey)
	if err != nil {
		return nil, err
	}
	o := nameserver.Options{PerSecond: c.NameserverRateLimit, Clock: clock.System{}, Observer: d.Observer()}
	if o.Peers, err = peers(c); err != nil {
		return nil, err
	}
	copy(o.Secret[:], key[:])
	n.server = nameserver.New(o)
	signer, err := newSigner(ctx, c, d)
	if err != nil {
		return nil, err
	}
	n.follower = builtin.NewFollower(d, n.server, servers, signer)
	return n, nil
}

// signKey is the name of the secret that zones are signed with.
const signKey = "dnssec"

// newSigner returns the key that zones are signed with, or nil where they are not.
func newSigner(ctx context.Context, c *config.Config, d *db.DB) (*nameserver.Key, error) {
	if !c.NameserverDNSSEC {
		return nil, nil
	}
	if c.NameserverTSIGKey != "" {
		return nil, errors.New("nameserver_dnssec and nameserver_tsig_key exclude each other: whoever fetches a zone could not sign it")
	}
	key, err := seal.StoredKey(ctx, d, signKey)
	if err != nil {
		return nil, err
	}
	return nameserver.NewKey(key[:])
}

// peers returns the name servers that fetch zones here.
func peers(c *config.Config) (p nameserver.Peers, err error) {
	if c.NameserverTSIGKey != "" {
		if p.Key, err = nameserver.ParseTSIG(c.NameserverTSIGKey); err != nil {
			return p, fmt.Errorf("the setting nameserver_tsig_key: %w", err)
		}
	}
	for _, s := range words(c.NameserverSecondaries) {
		address, err := nameserver.ParsePeer(s)
		if err != nil {
			return p, fmt.Errorf("the setting nameserver_secondaries: %w", err)
		}
		p.Addresses = append(p.Addresses, address)
	}
	if len(p.Addresses) > 0 && p.Key.Name == "" {
		return p, errors.New("the setting nameserver_tsig_key is needed with nameserver_secondaries")
	}
	return p, nil
}

// words reads a list with commas or spaces between.
func words(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// Run loads the zones, and answers for them until ctx ends or a part fails.
func (n *nameServer) Run(ctx context.Context) error {
	if err := n.follower.Load(ctx); err != nil {
		return err
	}
	running, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var parts sync.WaitGroup
	start := func(run func(context.Context) error) {
		parts.Go(func() {
			if err := run(running); err != nil {
				fail(err)
			}
		})
	}
	for _, address := range n.addresses {
		l, err := n.server.Listen(ctx, address)
		if err != nil {
			fail(fmt.Errorf("the setting nameserver_listen (VITRINE_NAMESERVER_LISTEN) names where to listen: %w", err))
			break
		}
		slog.InfoContext(ctx, "answering for zones", "address", l.Addr(), "zones", n.server.Zones())
		start(l.Run)
	}
	start(n.follower.Run)
	start(n.server.Notify)
	parts.Wait()
	if ctx.Err() != nil {
		return nil
	}
	return context.Cause(running)
}
