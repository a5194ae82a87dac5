package nameserver

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	wire "github.com/miekg/dns"
)

const (
	sigAhead   = 3 * time.Hour // for clocks that are behind
	sigLife    = 14 * 24 * time.Hour
	sigRenewal = 7 * 24 * time.Hour // after which a signature is made anew

	typeNXNAME = 128 // RFC 9824: there is no such name
)

// Key signs zones while they are answered for (ECDSA P-256 and SHA-256, RFC 6605). It
// is both their key signing key and their zone signing key.
type Key struct {
	private *ecdsa.PrivateKey
	public  string // as DNSKEY records have it
	tag     uint16
}

// NewKey returns the key of a secret number of 32 bytes.
func NewKey(secret []byte) (*Key, error) {
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), secret)
	if err != nil {
		return nil, fmt.Errorf("read the key that signs zones: %w", err)
	}
	point, err := private.PublicKey.Bytes()
	if err != nil {
		return nil, err
	}
	k := &Key{private: private, public: base64.StdEncoding.EncodeToString(point[1:])}
	k.tag = k.dnskey(".", 0).KeyTag()
	return k, nil
}

func (k *Key) dnskey(origin string, ttl uint32) *wire.DNSKEY {
	return &wire.DNSKEY{
		Hdr:   wire.RR_Header{Name: origin, Rrtype: wire.TypeDNSKEY, Class: wire.ClassINET, Ttl: ttl},
		Flags: wire.ZONE | wire.SEP, Protocol: 3, Algorithm: wire.ECDSAP256SHA256, PublicKey: k.public,
	}
}

// DS returns the record by which a zone's parent vouches for it.
func (k *Key) DS(origin string) *wire.DS {
	return k.dnskey(wire.CanonicalName(origin), 3600).ToDS(wire.SHA256)
}

// records are those of a zone that tell of its key, CDS and CDNSKEY for the parent
// among them (RFC 7344).
func (k *Key) records(origin string, ttl uint32) []wire.RR {
	key := k.dnskey(origin, ttl)
	ds, forParent := key.ToDS(wire.SHA256).ToCDS(), key.ToCDNSKEY()
	ds.Hdr.Ttl, forParent.Hdr.Ttl = ttl, ttl
	return []wire.RR{key, ds, forParent}
}

// signReply adds the signatures to an answer. What a DNAME record makes of a name is
// not signed, nor where another zone begins.
func (z *Zone) signReply(r *reply, now time.Time) error {
	var err error
	for _, part := range []*[]entry{&r.answer, &r.authority} {
		all := *part
		for i := 0; i < len(all) && err == nil; i++ {
			e := all[i]
			if e.made || e.set.kind == wire.TypeNS && e.owner != z.origin {
				continue
			}
			var sig set
			if sig, err = z.signature(e.owner, e.set, now); err == nil {
				all = slices.Insert(all, i+1, entry{owner: e.owner, set: sig, optional: e.optional})
				i++
			}
		}
		*part = all
	}
	return err
}

// signed is a signature that was made before.
type signed struct {
	set   set
	until time.Time
}

// signature signs a set, or returns what was made for it lately. Those of names that
// are not in the zone are not kept: anybody can think of them.
func (z *Zone) signature(owner name, s set, now time.Time) (set, error) {
	key := string(owner) + s.wire[:8]
	if kept, ok := z.sigs.Load(key); ok && now.Before(kept.(signed).until) {
		return kept.(signed).set, nil
	}
	sig := &wire.RRSIG{
		Hdr:       wire.RR_Header{Name: owner.String(), Rrtype: wire.TypeRRSIG, Class: wire.ClassINET, Ttl: s.ttl()},
		Algorithm: wire.ECDSAP256SHA256, KeyTag: z.key.tag, SignerName: z.origin.String(), OrigTtl: s.ttl(),
		Inception: uint32(now.Add(-sigAhead).Unix()), Expiration: uint32(now.Add(sigLife).Unix()), //nolint:gosec // serial number arithmetic
	}
	if err := sig.Sign(z.key.private, z.unpack(owner, s)); err != nil {
		return set{}, fmt.Errorf("sign %s: %w", owner, err)
	}
	made, err := packSet(sig)
	if err != nil {
		return set{}, err
	}
	if z.at(string(owner[:len(owner)-len(z.origin)])) != nil {
		z.sigs.Store(key, signed{made, now.Add(sigRenewal)})
	}
	return made, nil
}

// nsec says which types a name has, and that there is none up to the very next one: at
// is nil where there is no such name (RFC 9824).
func (z *Zone) nsec(n name, at *node) set {
	types := []uint16{wire.TypeRRSIG, wire.TypeNSEC}
	if at == nil {
		types = append(types, typeNXNAME)
	} else {
		for _, s := range at.sets {
			if !at.cut || s.kind == wire.TypeNS || s.kind == wire.TypeDS {
				types = append(types, s.kind)
			}
		}
	}
	slices.Sort(types)
	ttl := z.negative.ttl()
	data := append([]byte(n.next()), bitmap(types)...)
	record := []byte{0, byte(wire.TypeNSEC), 0, wire.ClassINET}
	record = binary.BigEndian.AppendUint32(record, ttl)
	record = binary.BigEndian.AppendUint16(record, uint16(len(data))) //nolint:gosec // some 300
	return set{wire.TypeNSEC, string(append(record, data...))}
}

// next returns the name that comes right after another (RFC 4471, section 3.1.1).
func (n name) next() name {
	switch {
	case len(n)+2 <= maxName:
		return "\x01\x00" + n
	case len(n) < maxName && n[0] < 63:
		end := int(n[0]) + 1
		return name([]byte{n[0] + 1}) + n[1:end] + "\x00" + n[end:]
	}
	return n // too long to be said: whoever checks will not believe it
}

// bitmap writes types, which are sorted (RFC 4034, section 4.1.2).
func bitmap(types []uint16) []byte {
	var out []byte
	for len(types) > 0 {
		window := types[0] >> 8
		var bits [32]byte
		n := 0
		for len(types) > 0 && types[0]>>8 == window {
			low := types[0] & 0xff
			bits[low/8] |= 0x80 >> (low % 8)
			n = int(low/8) + 1
			types = types[1:]
		}
		out = append(append(out, byte(window), byte(n)), bits[:n]...)
	}
	return out
}

// packSet writes a record as a set.
func packSet(rr wire.RR) (set, error) {
	buf := make([]byte, wire.Len(rr)+maxName)
	end, err := wire.PackRR(rr, buf, 0, nil, false)
	if err != nil {
		return set{}, err
	}
	_, off, err := wire.UnpackDomainName(buf, 0)
	return set{rr.Header().Rrtype, string(buf[off:end])}, err
}
