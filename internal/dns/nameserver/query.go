package nameserver

import (
	"encoding/binary"

	wire "github.com/miekg/dns"
)

const (
	headerSize = 12
	minUDP     = 512
	maxUDP     = 1232 // passes without fragments (DNS flag day 2020)
	maxTCP     = 65535
)

// The bits of a header's flags.
const (
	flagQR = 1 << 15
	flagAA = 1 << 10
	flagTC = 1 << 9
	flagRD = 1 << 8
	flagCD = 1 << 4

	opcodeMask = 0xf << 11
)

// Bits of the flags in an OPT record.
const (
	flagDO = 1 << 15
	flagCO = 1 << 14 // RFC 9824, section 5.1: a name that is not there may be called so
)

// query is a message that asks something.
type query struct {
	raw      []byte // header and question, as they came
	id       uint16
	flags    uint16
	asked    []byte // the name in the question, as it came
	name     name   // in lower case
	kind     uint16
	class    uint16
	edns     bool
	version  uint8
	size     int // of the largest answer that can be taken over UDP
	extended uint16
	cookie   []byte // the data of the option; nil: none
	signed   int    // where the TSIG record begins that ends it; 0: there is none
}

// do tells whether signatures are wanted.
func (q *query) do() bool { return q.extended&flagDO != 0 }

// parse reads a message. Where answer is false nothing is to be said; rcode is what is
// wrong with it.
func (q *query) parse(msg []byte, text []byte) (rcode int, answer bool) {
	if len(msg) < headerSize {
		return 0, false
	}
	*q = query{raw: msg[:headerSize], id: binary.BigEndian.Uint16(msg), flags: binary.BigEndian.Uint16(msg[2:]), size: minUDP}
	if q.flags&flagQR != 0 {
		return 0, false
	}
	if q.flags&opcodeMask != 0 {
		return wire.RcodeNotImplemented, true
	}
	if binary.BigEndian.Uint16(msg[4:]) != 1 {
		return wire.RcodeFormatError, true
	}
	end := skipName(msg, headerSize, false)
	if end < 0 || end+4 > len(msg) {
		return wire.RcodeFormatError, true
	}
	q.asked = msg[headerSize:end]
	q.kind, q.class = binary.BigEndian.Uint16(msg[end:]), binary.BigEndian.Uint16(msg[end+2:])
	q.raw = msg[:end+4]
	q.name = name(lower(text[:0], q.asked))
	return q.parseRest(msg, end+4), true
}

// parseRest reads what follows the question: an OPT and a TSIG record at most, and
// whatever else may be there.
func (q *query) parseRest(msg []byte, off int) (rcode int) {
	before := int(binary.BigEndian.Uint16(msg[6:])) + int(binary.BigEndian.Uint16(msg[8:]))
	all := before + int(binary.BigEndian.Uint16(msg[10:]))
	for i := range all {
		start := off
		if off = skipName(msg, off, true); off < 0 || off+fixed > len(msg) {
			return wire.RcodeFormatError
		}
		kind := binary.BigEndian.Uint16(msg[off:])
		end := off + fixed + int(binary.BigEndian.Uint16(msg[off+8:]))
		if end > len(msg) || q.signed > 0 {
			return wire.RcodeFormatError
		}
		switch {
		case kind == wire.TypeOPT && i >= before:
			if q.edns || msg[start] != 0 {
				return wire.RcodeFormatError
			}
			if rcode := q.parseOPT(msg[off:end]); rcode != 0 {
				return rcode
			}
		case kind == wire.TypeTSIG && i >= before:
			q.signed = start
		}
		off = end
	}
	if off != len(msg) {
		return wire.RcodeFormatError
	}
	return 0
}

// parseOPT reads an OPT record (RFC 6891).
func (q *query) parseOPT(record []byte) (rcode int) {
	q.edns = true
	q.size = min(max(int(binary.BigEndian.Uint16(record[2:])), minUDP), maxUDP)
	q.version = record[5]
	q.extended = binary.BigEndian.Uint16(record[6:])
	for data := record[fixed:]; len(data) > 0; {
		if len(data) < 4 {
			return wire.RcodeFormatError
		}
		code, n := binary.BigEndian.Uint16(data), 4+int(binary.BigEndian.Uint16(data[2:]))
		if n > len(data) {
			return wire.RcodeFormatError
		}
		if code == wire.EDNS0COOKIE && q.cookie == nil {
			q.cookie = data[4:n:n]
		}
		data = data[n:]
	}
	if n := len(q.cookie); q.cookie != nil && n != clientCookie && (n < 2*clientCookie || n > 5*clientCookie) {
		return wire.RcodeFormatError
	}
	if q.version > 0 {
		return wire.RcodeBadVers
	}
	return 0
}

// skipName returns where a name in a message ends, or -1.
func skipName(msg []byte, off int, pointers bool) int {
	for start := off; off < len(msg); {
		switch c := msg[off]; {
		case c == 0:
			if off+1-start > maxName {
				return -1
			}
			return off + 1
		case c >= 0xc0 && pointers && off+2 <= len(msg):
			return off + 2
		case c > 63:
			return -1
		default:
			off += int(c) + 1
		}
	}
	return -1
}
