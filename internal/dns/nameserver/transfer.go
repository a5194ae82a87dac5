package nameserver

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strings"

	wire "github.com/miekg/dns"
)

// Peers are other name servers that answer for the same zones, and fetch them here.
type Peers struct {
	Addresses []string // host:port; they are told when a zone changes
	Key       TSIG     // whoever has it may fetch all zones; without one nobody may
}

// TSIG is a secret that two name servers share (RFC 8945).
type TSIG struct {
	Name      string // in full, in lower case
	Algorithm string // such as hmac-sha256.
	Secret    string // in base64
}

// ParseTSIG reads a key as dig takes it: algorithm:name:secret.
func ParseTSIG(s string) (TSIG, error) {
	parts := strings.Split(s, ":")
	if len(parts) != 3 {
		return TSIG{}, errors.New("it must be algorithm:name:secret")
	}
	k := TSIG{wire.CanonicalName(parts[1]), wire.CanonicalName(parts[0]), parts[2]}
	secret, err := base64.StdEncoding.DecodeString(k.Secret)
	if err != nil || len(secret) < 16 {
		return TSIG{}, errors.New("the secret must be at least 16 bytes in base64")
	}
	switch k.Algorithm {
	case wire.HmacSHA1, wire.HmacSHA224, wire.HmacSHA256, wire.HmacSHA384, wire.HmacSHA512:
		return k, nil
	}
	return TSIG{}, fmt.Errorf("nobody knows the algorithm %s", parts[0])
}

// ParsePeer reads the address of a name server, with or without a port.
func ParsePeer(s string) (string, error) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		host, port = strings.Trim(s, "[]"), "53"
	}
	if net.ParseIP(host) == nil {
		return "", fmt.Errorf("%q is not the address of a name server", s)
	}
	return net.JoinHostPort(host, port), nil
}

// verify checks the TSIG record of a message. mac is what answers are signed on; wrong
// is the error for the TSIG record of a refusal.
func (s *Server) verify(message []byte) (m *wire.Msg, mac string, wrong uint16) {
	m = new(wire.Msg)
	if m.Unpack(message) != nil || m.IsTsig() == nil || m.IsTsig().Algorithm == "" { // with nothing in it
		return m, "", wire.RcodeFormatError
	}
	t := m.IsTsig()
	if k := s.Peers.Key; k.Name == "" || wire.CanonicalName(t.Hdr.Name) != k.Name || wire.CanonicalName(t.Algorithm) != k.Algorithm {
		return m, "", wire.RcodeBadKey
	}
	err := wire.TsigVerify(message, s.Peers.Key.Secret, "", false)
	switch {
	case errors.Is(err, wire.ErrTime):
		return m, t.MAC, wire.RcodeBadTime
	case err != nil:
		return m, "", wire.RcodeBadSig
	}
	return m, t.MAC, 0
}

// sign signs an answer on the MAC of its question, or of the message before it.
func (s *Server) sign(m *wire.Msg, mac string, later bool) (message []byte, next string, err error) {
	m.SetTsig(s.Peers.Key.Name, s.Peers.Key.Algorithm, 300, s.Clock.Now().Unix())
	return wire.TsigGenerate(m, s.Peers.Key.Secret, mac, later)
}

// answerSigned answers a message with a TSIG record: it signs what it would say
// without.
func (k *worker) answerSigned(message []byte, tcp bool) []byte {
	q := k.query
	m, mac, wrong := k.verify(message)
	if wrong != 0 {
		return k.refuseSigned(m, mac, wrong)
	}
	r := &k.reply
	if q.kind == wire.TypeIXFR && !tcp {
		q.kind = wire.TypeSOA // RFC 1995, section 2: whoever wants more comes over TCP
		k.query.kind = wire.TypeSOA
	}
	k.resolve()
	k.writer.begin(nil, &q, maxTCP)
	plain := k.writer.finish(r, &q, nil)
	answer := new(wire.Msg)
	if answer.Unpack(plain) != nil {
		return nil
	}
	signed, _, err := k.sign(answer, mac, false)
	if err == nil && !tcp && len(signed) > max(q.size, minUDP) {
		answer.Truncated, answer.Answer, answer.Ns, answer.Extra = true, nil, nil, nil
		signed, _, err = k.sign(answer, mac, false)
	}
	if err != nil {
		return nil
	}
	return signed
}

// refuseSigned says what is wrong with a TSIG record (RFC 8945, section 5.2).
func (k *worker) refuseSigned(m *wire.Msg, mac string, wrong uint16) []byte {
	if wrong == wire.RcodeFormatError {
		k.reply.rcode = int(wrong)
		k.writer.begin(nil, &k.query, minUDP)
		return k.writer.finish(&k.reply, &k.query, nil)
	}
	answer := new(wire.Msg)
	answer.SetRcode(m, wire.RcodeNotAuth)
	given := m.IsTsig()
	t := &wire.TSIG{
		Hdr:       wire.RR_Header{Name: given.Hdr.Name, Rrtype: wire.TypeTSIG, Class: wire.ClassANY},
		Algorithm: given.Algorithm, TimeSigned: given.TimeSigned, Fudge: given.Fudge, OrigId: m.Id, Error: wrong,
	}
	if wrong == wire.RcodeBadTime {
		t.OtherLen, t.OtherData = 6, fmt.Sprintf("%012x", k.Clock.Now().Unix())
		answer.Extra = []wire.RR{t}
		message, _, err := wire.TsigGenerate(answer, k.Peers.Key.Secret, mac, false)
		if err != nil {
			return nil
		}
		return message
	}
	answer.Extra = []wire.RR{t}
	message, err := answer.Pack()
	if err != nil {
		return nil
	}
	return message
}

// maxChunk is about how large the messages of a transfer are.
const maxChunk = 16 << 10

// transfer sends a whole zone, when that is what a message asks for. done is false
// when it asks for something else, or may not.
func (s *Server) transfer(ctx context.Context, message []byte, send func([]byte) error) (done bool, err error) {
	var q query
	var text [maxName]byte
	if rcode, speak := q.parse(message, text[:]); rcode != 0 || !speak || q.signed == 0 || q.class != wire.ClassINET || q.kind != wire.TypeAXFR && q.kind != wire.TypeIXFR {
		return false, nil
	}
	m, mac, wrong := s.verify(message)
	z := s.zones.exact(q.name)
	if wrong != 0 || z == nil {
		return false, nil
	}
	records := z.records
	if since, ok := serialIn(m); ok && q.kind == wire.TypeIXFR && int32(z.serial-since) <= 0 { //nolint:gosec // RFC 1982
		records = func(fn func(wire.RR) error) error { return fn(z.unpack(z.origin, z.soa)[0]) }
	}
	out := chunks{server: s, question: m, mac: mac, send: send}
	if err := records(func(rr wire.RR) error { return errors.Join(ctx.Err(), out.add(rr)) }); err != nil {
		return true, err
	}
	return true, out.flush()
}

// serialIn returns the serial that whoever asks for changes has.
func serialIn(m *wire.Msg) (serial uint32, ok bool) {
	if len(m.Ns) != 1 {
		return 0, false
	}
	soa, ok := m.Ns[0].(*wire.SOA)
	if !ok {
		return 0, false
	}
	return soa.Serial, true
}

// records calls fn for all records of a zone, its SOA record first and last.
func (z *Zone) records(fn func(wire.RR) error) error {
	soa := z.unpack(z.origin, z.soa)[0]
	if err := fn(soa); err != nil {
		return err
	}
	for _, n := range z.nodes {
		for _, s := range n.sets {
			if s.kind == wire.TypeSOA {
				continue
			}
			for _, rr := range z.unpack(name(n.key)+z.origin, s) {
				if err := fn(rr); err != nil {
					return err
				}
			}
		}
	}
	return fn(soa)
}

// unpack reads the records of a set.
func (z *Zone) unpack(owner name, s set) []wire.RR {
	var all []wire.RR
	s.records(func(record string) bool {
		if rr, _, err := wire.UnpackRR([]byte(string(owner)+record), 0); err == nil {
			all = append(all, rr)
		}
		return true
	})
	return all
}

// chunks sends records in messages, each signed on the one before.
type chunks struct {
	server   *Server
	question *wire.Msg
	mac      string
	send     func([]byte) error
	records  []wire.RR
	size     int
	later    bool
}

func (c *chunks) add(rr wire.RR) error {
	c.records = append(c.records, rr)
	if c.size += wire.Len(rr); c.size < maxChunk {
		return nil
	}
	return c.flush()
}

func (c *chunks) flush() error {
	if len(c.records) == 0 {
		return nil
	}
	m := new(wire.Msg)
	m.SetReply(c.question)
	m.Authoritative, m.Compress, m.Answer = true, true, c.records
	message, mac, err := c.server.sign(m, c.mac, c.later)
	if err != nil {
		return err
	}
	c.mac, c.later, c.records, c.size = mac, true, nil, 0
	return c.send(message)
}
