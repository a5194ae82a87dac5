package nameserver

import (
	"slices"

	wire "github.com/miekg/dns"
)

// maxChase bounds how many aliases are followed.
const maxChase = 16

// outcome is how finding a name in a zone ended.
type outcome int

const (
	exact     outcome = iota // the node has the name
	wildcard                 // the node is the * that stands for it
	nothing                  // there is no such name
	delegated                // the node, at the name or above it, is where another zone begins
	renamed                  // the node, above the name, has a DNAME record
)

// place is where a name was found.
type place struct {
	outcome
	node  *node
	owner name // of the node; with wildcard, the name that was looked for
}

// find walks from the apex of the zone to a name in it (RFC 1034, section 4.3.2).
func (z *Zone) find(n name) place {
	relative := n[:len(n)-len(z.origin)]
	var starts [maxLabels]uint8
	count := 0
	for i := 0; i < len(relative); i += int(relative[i]) + 1 {
		starts[count] = uint8(i) //nolint:gosec // a name has 255 bytes at most
		count++
	}
	at, owner := z.apex(), z.origin
	for i := count - 1; ; i-- {
		if _, has := at.find(wire.TypeDNAME); has && i >= 0 && !at.cut {
			return place{renamed, at, owner}
		}
		if at.cut {
			return place{delegated, at, owner}
		}
		if i < 0 {
			return place{exact, at, n}
		}
		next := z.at(string(relative[starts[i]:]))
		if next == nil {
			return z.star(n, owner)
		}
		at, owner = next, n[starts[i]:]
	}
}

// star looks for a * directly below the closest name there is.
func (z *Zone) star(n, closest name) place {
	var key [maxName + len(star)]byte
	k := append(append(key[:0], star...), closest[:len(closest)-len(z.origin)]...)
	if at := z.at(string(k)); at != nil {
		return place{wildcard, at, n}
	}
	return place{nothing, nil, n}
}

// entry is a set in an answer.
type entry struct {
	owner    name
	set      set
	optional bool // without it the answer is whole
	made     bool // of a DNAME record
}

// reply is an answer as it is gathered.
type reply struct {
	zone       *Zone
	rcode      int
	aa         bool
	negative   bool // nothing was found, or only where to ask
	answer     []entry
	authority  []entry
	additional []entry
}

func (r *reply) reset() {
	*r = reply{answer: r.answer[:0], authority: r.authority[:0], additional: r.additional[:0]}
}

// resolve gathers the answer of a zone to a question. Aliases are followed within the
// zone: what other zones say a resolver must ask for anyway, and they are other
// people's.
func (z *Zone) resolve(r *reply, n name, kind uint16, do, denyName bool) {
	r.zone, r.aa = z, true
	for chased := 0; ; chased++ {
		at := z.find(n)
		if at.outcome == delegated && kind == wire.TypeDS && at.owner == n {
			at.outcome = exact // the parent answers for it (RFC 4035, section 3.1.4.1)
		}
		var alias name
		switch at.outcome {
		case delegated:
			z.refer(r, at, do)
			return
		case nothing:
			z.deny(r, n, nil, do, denyName)
			return
		case renamed:
			var ok bool
			if alias, ok = z.rename(r, at, n); !ok {
				return
			}
		default:
			if alias = z.take(r, at, n, kind, do); alias == "" {
				return
			}
		}
		if kind == wire.TypeCNAME || kind == wire.TypeANY || chased == maxChase || !alias.below(z.origin) || r.visited(alias) ||
			at.outcome == renamed && alias.below(at.owner) && len(alias) >= len(n) {
			return // a DNAME record that leads back below itself would do so for ever
		}
		n = alias
	}
}

// visited tells whether an alias leads back to a name that was answered for.
func (r *reply) visited(alias name) bool {
	return slices.ContainsFunc(r.answer, func(e entry) bool { return e.set.kind == wire.TypeCNAME && e.owner == alias })
}

// take answers from a node, and returns the alias that it is, or "".
func (z *Zone) take(r *reply, at place, n name, kind uint16, do bool) (alias name) {
	if s, ok := at.node.find(wire.TypeCNAME); ok {
		r.answer = append(r.answer, entry{owner: n, set: s})
		if kind == wire.TypeCNAME {
			z.addServers(r)
		}
		return name(s.first())
	}
	s, ok := at.node.find(kind)
	if kind == wire.TypeNSEC && z.key != nil {
		s, ok = z.nsec(n, at.node), true
	}
	if kind == wire.TypeANY && len(at.node.sets) > 0 {
		s, ok = at.node.sets[0], true // RFC 8482, section 4.1
	}
	if !ok {
		z.deny(r, n, at.node, do, false)
		return ""
	}
	r.answer = append(r.answer, entry{owner: n, set: s})
	z.addHosts(r, s, z.origin)
	z.addServers(r)
	return ""
}

// addServers names the zone's own servers beside an answer.
func (z *Zone) addServers(r *reply) {
	servers, ok := z.apex().find(wire.TypeNS)
	if ok && !r.tells(z.origin, wire.TypeNS) {
		r.authority = append(r.authority, entry{owner: z.origin, set: servers, optional: true})
		z.addHosts(r, servers, z.origin)
	}
}

// deny says that there is nothing; at is nil where there is no such name.
func (z *Zone) deny(r *reply, n name, at *node, do, denyName bool) {
	r.negative = true
	r.authority = append(r.authority, entry{owner: z.origin, set: z.negative})
	signed := do && z.key != nil
	if signed {
		r.authority = append(r.authority, entry{owner: n, set: z.nsec(n, at)})
	}
	if at == nil && (!signed || denyName) {
		r.rcode = wire.RcodeNameError
	}
}

// refer names the servers of the zone that begins at a place.
func (z *Zone) refer(r *reply, at place, do bool) {
	r.aa, r.negative = len(r.answer) > 0, true
	servers, _ := at.node.find(wire.TypeNS)
	r.authority = append(r.authority, entry{owner: at.owner, set: servers})
	if do && z.key != nil {
		if ds, ok := at.node.find(wire.TypeDS); ok {
			r.authority = append(r.authority, entry{owner: at.owner, set: ds})
		} else {
			r.authority = append(r.authority, entry{owner: at.owner, set: z.nsec(at.owner, at.node)})
		}
	}
	z.addHosts(r, servers, at.owner)
}

// rename follows a DNAME record (RFC 6672). ok is false when the name gets too long.
func (z *Zone) rename(r *reply, at place, n name) (alias name, ok bool) {
	s, _ := at.node.find(wire.TypeDNAME)
	if !r.tells(at.owner, wire.TypeDNAME) {
		r.answer = append(r.answer, entry{owner: at.owner, set: s})
	}
	alias = n[:len(n)-len(at.owner)] + name(s.first())
	if len(alias) > maxName {
		r.rcode = wire.RcodeYXDomain
		return "", false
	}
	r.answer = append(r.answer, entry{owner: n, set: cname(alias, s.wire[2:8]), made: true})
	return alias, true
}

// cname makes a set of one CNAME record, with a class and a TTL in their wire form.
func cname(target name, classAndTTL string) set {
	return set{wire.TypeCNAME, "\x00\x05" + classAndTTL + string([]byte{0, byte(len(target))}) + string(target)} //nolint:gosec // at most 255
}

// addHosts adds the addresses of the hosts that a set names, as far as the zone knows
// them. Those below cut must be told.
func (z *Zone) addHosts(r *reply, s set, cut name) {
	skip := 0
	switch s.kind {
	case wire.TypeNS:
	case wire.TypeMX:
		skip = 2
	case wire.TypeSRV:
		skip = 6
	default:
		return
	}
	s.records(func(record string) bool {
		host := name(record[fixed+skip:])
		if !host.below(z.origin) {
			return true
		}
		at := z.find(host)
		if at.outcome == delegated { // the addresses in the zone are those of hosts beyond it
			if at.node = z.at(string(host[:len(host)-len(z.origin)])); at.node == nil {
				return true
			}
		} else if at.outcome != exact && at.outcome != wildcard {
			return true
		}
		for _, kind := range []uint16{wire.TypeA, wire.TypeAAAA} {
			if addresses, ok := at.node.find(kind); ok && !r.tells(host, kind) {
				// Glue is not optional (RFC 9471).
				r.additional = append(r.additional, entry{owner: host, set: addresses, optional: cut == z.origin || !host.below(cut)})
			}
		}
		return true
	})
}

// tells tells whether an answer has a set already.
func (r *reply) tells(owner name, kind uint16) bool {
	same := func(e entry) bool { return e.set.kind == kind && e.owner == owner }
	return slices.ContainsFunc(r.answer, same) || slices.ContainsFunc(r.additional, same)
}
