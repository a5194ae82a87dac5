package nameserver

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	wire "github.com/miekg/dns"
)

// Zone is what a server answers for one zone. It never changes: a change is another
// Zone.
type Zone struct {
	origin   name
	nodes    []node // in the order of their keys, that of the apex first
	soa      set
	negative set // the SOA record of answers that there is nothing
	serial   uint32

	key  *Key     // nil: it is not signed
	sigs sync.Map // signatures that were made, by owner, type and TTL
}

// node is a name in a zone. One without sets stands between others (RFC 4592, section
// 2.2.2).
type node struct {
	key  string // the name without the origin
	sets []set
	cut  bool // the name servers of another zone stand here
}

// at returns the node with a key, or nil.
func (z *Zone) at(key string) *node {
	from, to := 0, len(z.nodes)
	for from < to {
		switch middle := (from + to) / 2; strings.Compare(z.nodes[middle].key, key) {
		case 0:
			return &z.nodes[middle]
		case -1:
			from = middle + 1
		default:
			to = middle
		}
	}
	return nil
}

// apex is the node of the zone's own name.
func (z *Zone) apex() *node { return &z.nodes[0] }

// set is all records of one name and type, in the form of a message: of each record
// its type, class, TTL, length and data.
type set struct {
	kind uint16
	wire string
}

// fixed is how long a record is without its owner and its data.
const fixed = 10

// find returns the set of a type.
func (n *node) find(kind uint16) (set, bool) {
	for _, s := range n.sets {
		if s.kind == kind {
			return s, true
		}
	}
	return set{}, false
}

// records calls fn for each record of a set.
func (s set) records(fn func(record string) bool) {
	for rest := s.wire; rest != ""; {
		n := fixed + int(rest[8])<<8 + int(rest[9])
		if !fn(rest[:n]) {
			return
		}
		rest = rest[n:]
	}
}

// first returns the data of the first record.
func (s set) first() string {
	return s.wire[fixed : fixed+int(s.wire[8])<<8+int(s.wire[9])]
}

// ttl returns the TTL that all its records have.
func (s set) ttl() uint32 { return binary.BigEndian.Uint32([]byte(s.wire[4:8])) }

// withTTL returns a set with another TTL.
func (s set) withTTL(ttl uint32) set {
	all := make([]byte, 0, len(s.wire))
	s.records(func(r string) bool {
		all = append(all, r[:4]...)
		all = binary.BigEndian.AppendUint32(all, ttl)
		all = append(all, r[8:]...)
		return true
	})
	return set{s.kind, string(all)}
}

// NewZone makes a zone of its records, the SOA record among them, signed with a key
// unless that is nil. It refuses records outside of it, those that cannot stand beside
// each other, and a CNAME at its apex.
func NewZone(origin string, records []wire.RR, key *Key) (*Zone, error) {
	apex, err := packName(origin)
	if err != nil {
		return nil, fmt.Errorf("the zone %q: %w", origin, err)
	}
	d := draft{apex, map[string]*node{"": {}}}
	buf := make([]byte, wire.MaxMsgSize)
	for _, rr := range records {
		if err := d.add(rr, buf); err != nil {
			return nil, fmt.Errorf("the zone %s: %w", origin, err)
		}
	}
	soa, ok := d.nodes[""].find(wire.TypeSOA)
	if !ok {
		return nil, fmt.Errorf("the zone %s has no SOA record", origin)
	}
	if key != nil {
		for _, rr := range key.records(apex.String(), soa.ttl()) {
			if err := d.add(rr, buf); err != nil {
				return nil, err
			}
		}
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	data := soa.first()
	minimum := binary.BigEndian.Uint32([]byte(data[len(data)-4:]))
	z := d.pack(soa, soa.withTTL(min(soa.ttl(), minimum))) // RFC 2308, section 3
	z.serial, z.key = binary.BigEndian.Uint32([]byte(data[len(data)-20:])), key
	return z, nil
}

// draft is a zone that is made.
type draft struct {
	origin name
	nodes  map[string]*node
}

// pack lays a zone down in a few pieces of memory, in the order in which they are read:
// where there are many, what an answer takes is waiting for them.
func (d draft) pack(soa, negative set) *Zone {
	z := &Zone{nodes: make([]node, 0, len(d.nodes))}
	size, count := len(d.origin)+len(soa.wire)+len(negative.wire), 0
	for _, key := range slices.Sorted(maps.Keys(d.nodes)) {
		n := d.nodes[key]
		z.nodes = append(z.nodes, node{key, n.sets, n.cut})
		size, count = size+len(key), count+len(n.sets)
		for _, s := range n.sets {
			size += len(s.wire)
		}
	}
	var text strings.Builder
	text.Grow(size) // so that what is cut from it stays
	put := func(s string) string {
		text.WriteString(s)
		return text.String()[text.Len()-len(s):]
	}
	z.origin = name(put(string(d.origin)))
	for i := range z.nodes {
		z.nodes[i].key = put(z.nodes[i].key)
	}
	sets := make([]set, 0, count)
	for i := range z.nodes {
		from := len(sets)
		for _, s := range z.nodes[i].sets {
			sets = append(sets, set{s.kind, put(s.wire)})
		}
		z.nodes[i].sets = sets[from:len(sets):len(sets)]
	}
	z.soa, z.negative = set{soa.kind, put(soa.wire)}, set{negative.kind, put(negative.wire)}
	return z
}

// Origin is the zone's name.
func (z *Zone) Origin() string { return z.origin.String() }

// Serial is that of its SOA record.
func (z *Zone) Serial() uint32 { return z.serial }

// add puts a record into the zone.
func (d draft) add(rr wire.RR, buf []byte) error {
	owner, err := packName(rr.Header().Name)
	if err != nil {
		return fmt.Errorf("%q: %w", rr.Header().Name, err)
	}
	if !owner.below(d.origin) {
		return fmt.Errorf("%s is outside of it", owner)
	}
	lowerData(rr)
	end, err := wire.PackRR(rr, buf, 0, nil, false)
	if err != nil {
		return fmt.Errorf("%s: %w", rr, err)
	}
	_, off, err := wire.UnpackDomainName(buf, 0)
	if err != nil {
		return err
	}
	d.node(owner).put(rr.Header().Rrtype, string(buf[off:end]))
	return nil
}

// lowerData writes names in the data of a record that are looked up in lower case.
func lowerData(rr wire.RR) {
	switch rr := rr.(type) {
	case *wire.NS:
		rr.Ns = wire.CanonicalName(rr.Ns)
	case *wire.CNAME:
		rr.Target = wire.CanonicalName(rr.Target)
	case *wire.DNAME:
		rr.Target = wire.CanonicalName(rr.Target)
	case *wire.MX:
		rr.Mx = wire.CanonicalName(rr.Mx)
	case *wire.SRV:
		rr.Target = wire.CanonicalName(rr.Target)
	}
}

// node returns the node of a name in the zone, which it makes with those above it.
func (d draft) node(owner name) *node {
	key := string(owner[:len(owner)-len(d.origin)])
	n := d.nodes[key]
	if n == nil {
		n = &node{}
		d.nodes[key] = n
		d.node(owner.parent())
	}
	return n
}

// put adds a record, once. All of a set get the TTL of its first.
func (n *node) put(kind uint16, record string) {
	for i, s := range n.sets {
		if s.kind != kind {
			continue
		}
		record = record[:4] + s.wire[4:8] + record[8:]
		there := false
		s.records(func(r string) bool { there = r == record; return !there })
		if !there {
			n.sets[i].wire += record
		}
		return
	}
	n.sets = append(n.sets, set{kind, record})
}

// check finds what cannot be, and marks where other zones begin.
func (d draft) check() error {
	for key, n := range d.nodes {
		owner := name(key) + d.origin
		_, n.cut = n.find(wire.TypeNS)
		n.cut = n.cut && key != ""
		single := []uint16{wire.TypeCNAME, wire.TypeDNAME, wire.TypeSOA}
		for _, s := range n.sets {
			count := 0
			s.records(func(string) bool { count++; return true })
			switch {
			case s.kind == wire.TypeCNAME && len(n.sets) > 1:
				return fmt.Errorf("the zone %s: a CNAME stands beside other records at %s", d.origin, owner)
			case s.kind == wire.TypeSOA && key != "":
				return fmt.Errorf("the zone %s: a SOA record at %s", d.origin, owner)
			case count > 1 && slices.Contains(single, s.kind):
				return fmt.Errorf("the zone %s: %d %s records at %s", d.origin, count, wire.TypeToString[s.kind], owner)
			}
		}
	}
	return nil
}
