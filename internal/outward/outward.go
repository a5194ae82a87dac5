// Package outward knows which addresses may be dialled on somebody else's word.
package outward

import "net/netip"

// special are the blocks that are not the public internet and that netip does not
// know by name (IANA's special-purpose registries). Blocks for documentation are
// left out: nobody is there.
var special = prefixes(
	"0.0.0.0/8",     // this network
	"100.64.0.0/10", // shared by carriers
	"192.0.0.0/24",  // IETF protocols
	"198.18.0.0/15", // benchmarks
	"240.0.0.0/4",   // reserved, and broadcast
	"fec0::/10",     // site-local, as it was
)

func prefixes(all ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(all))
	for i, s := range all {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// Public tells whether an address is one of the public internet: not of this machine or
// its network, nor of a block that is for something else. Who lets somebody else say
// where a connection goes asks it of the address that is dialled, and not of a name.
func Public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if inner, ok := embedded(a); ok && !Public(inner) {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return a.IsGlobalUnicast() && !a.IsPrivate()
}

// embedded returns the IPv4 address that an IPv6 address stands for: NAT64, 6to4,
// and the old compatible form.
func embedded(a netip.Addr) (netip.Addr, bool) {
	if !a.Is6() {
		return netip.Addr{}, false
	}
	b := a.As16()
	switch {
	case netip.MustParsePrefix("64:ff9b::/96").Contains(a), netip.MustParsePrefix("64:ff9b:1::/48").Contains(a), netip.MustParsePrefix("::/96").Contains(a):
		return netip.AddrFrom4([4]byte(b[12:])), true
	case netip.MustParsePrefix("2002::/16").Contains(a):
		return netip.AddrFrom4([4]byte(b[2:6])), true
	}
	return netip.Addr{}, false
}
