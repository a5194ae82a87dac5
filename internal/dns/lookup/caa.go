package lookup

import (
	"context"
	"errors"
	"net/netip"
	"strings"

	wire "github.com/miekg/dns"
)

// CAA is one property of what a domain says about who may issue certificates for it.
type CAA struct {
	Critical   bool
	Tag, Value string
}

// Restrictions returns the CAA properties that count for a name: those of the first
// name on the way up that has any (RFC 8659, section 3). of is that name. An error
// means that nobody could be asked.
func (c *Client) Restrictions(ctx context.Context, name string) (of string, all []CAA, err error) {
	for of = name; of != ""; _, of, _ = strings.Cut(of, ".") {
		m, err := c.recurse(ctx, of, wire.TypeCAA)
		if err != nil {
			return "", nil, err
		}
		for _, rr := range m.Answer {
			if caa, ok := rr.(*wire.CAA); ok {
				all = append(all, CAA{caa.Flag&128 != 0, strings.ToLower(caa.Tag), caa.Value})
			}
		}
		if len(all) > 0 {
			return of, all, nil
		}
	}
	return "", nil, nil
}

// Addresses returns the addresses of a name, those of IPv4 first. An error means that
// nobody could be asked.
func (c *Client) Addresses(ctx context.Context, name string) ([]netip.Addr, error) {
	var all []netip.Addr
	for _, kind := range []uint16{wire.TypeA, wire.TypeAAAA} {
		m, err := c.recurse(ctx, name, kind)
		if err != nil {
			return nil, err
		}
		for _, rr := range m.Answer {
			var raw []byte
			switch r := rr.(type) {
			case *wire.A:
				raw = r.A.To4()
			case *wire.AAAA:
				raw = r.AAAA
			}
			if a, ok := netip.AddrFromSlice(raw); ok {
				all = append(all, a)
			}
		}
	}
	return all, nil
}

// recurse returns the answer of the first resolver that has one.
func (c *Client) recurse(ctx context.Context, name string, kind uint16) (*wire.Msg, error) {
	var errs []error
	for _, server := range c.resolvers {
		m, err := c.ask(ctx, server, name, kind, true)
		if err == nil {
			err = failed(m)
		}
		if err == nil {
			return m, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// AtPort returns a Client for a world whose name servers listen at another port than
// 53.
func (c *Client) AtPort(port string) *Client {
	other := *c
	other.port = port
	return &other
}
