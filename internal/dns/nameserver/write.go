package nameserver

import (
	"encoding/binary"
	"strings"

	wire "github.com/miekg/dns"
)

// maxKnown is how many names of a message are remembered to be pointed at.
const maxKnown = 24

// writer writes an answer.
type writer struct {
	out   []byte
	limit int
	asked name
	known [maxKnown]struct {
		name name
		at   int
	}
	names int
}

// begin writes the header and the question.
func (w *writer) begin(out []byte, q *query, limit int) {
	w.out, w.limit, w.asked, w.names = append(out[:0], q.raw...), limit, q.name, 0
	flags := flagQR | q.flags&(opcodeMask|flagRD|flagCD)
	binary.BigEndian.PutUint16(w.out[2:], flags)
	clear(w.out[4:headerSize])
	if len(q.raw) > headerSize {
		w.out[5] = 1
	}
}

// finish writes what was gathered.
func (w *writer) finish(r *reply, q *query, cookie []byte) []byte {
	if q.edns {
		w.limit -= len(root) + fixed
		if cookie != nil {
			w.limit -= 4 + len(cookie)
		}
	}
	if r.aa {
		w.out[2] |= flagAA >> 8
	}
	w.out[3] |= byte(r.rcode & 0xf)
	if !w.section(6, r.answer) || !w.section(8, r.authority) || !w.section(10, r.additional) {
		w.out[2] |= flagTC >> 8
	}
	if q.edns {
		w.opt(r.rcode, q, cookie)
	}
	return w.out
}

// section writes sets and counts their records at an offset of the header. It is false
// when one does not fit that is not optional.
func (w *writer) section(count int, entries []entry) bool {
	n := 0
	for _, e := range entries {
		start, names := len(w.out), w.names
		added := w.set(e)
		if len(w.out) > w.limit {
			w.out, w.names = w.out[:start], names
			if !e.optional {
				binary.BigEndian.PutUint16(w.out[count:], uint16(n)) //nolint:gosec // a message holds fewer
				return false
			}
			continue
		}
		n += added
	}
	binary.BigEndian.PutUint16(w.out[count:], uint16(n)) //nolint:gosec // a message holds fewer
	return true
}

// set writes the records of a set.
func (w *writer) set(e entry) (records int) {
	for rest := e.set.wire; rest != ""; records++ {
		n := fixed + int(rest[8])<<8 + int(rest[9])
		w.name(e.owner)
		if e.set.kind == wire.TypeCNAME || e.set.kind == wire.TypeNS {
			w.know(name(rest[fixed:n]), len(w.out)+fixed)
		}
		w.out = append(w.out, rest[:n]...)
		rest = rest[n:]
	}
	return records
}

// know remembers where a name stands.
func (w *writer) know(n name, at int) {
	if w.names < maxKnown && at < 0x4000 {
		w.known[w.names].name, w.known[w.names].at = n, at
		w.names++
	}
}

// name writes a name, and as much as it can of it as a pointer (RFC 1035, section
// 4.1.4).
func (w *writer) name(n name) {
	start := len(w.out)
	for rest := n; rest != root; rest = rest.parent() {
		if at := w.find(rest); at >= 0 {
			if rest != n {
				w.know(n, start)
			}
			w.out = append(w.out, 0xc0|byte(at>>8), byte(at)) //nolint:gosec // below 0x4000
			return
		}
		w.out = append(w.out, rest[:int(rest[0])+1]...)
	}
	w.out = append(w.out, 0)
	w.know(n, start)
}

// find returns where a name stands in the message, or -1.
func (w *writer) find(n name) int {
	if off := len(w.asked) - len(n); off >= 0 && strings.HasSuffix(string(w.asked), string(n)) && w.asked.below(n) {
		return headerSize + off
	}
	for _, k := range w.known[:w.names] {
		if k.name == n {
			return k.at
		}
	}
	return -1
}

// opt writes the OPT record of an answer (RFC 6891, section 6.1).
func (w *writer) opt(rcode int, q *query, cookie []byte) {
	w.out = append(w.out, 0, 0, byte(wire.TypeOPT), maxUDP>>8, maxUDP&0xff, byte(rcode>>4), 0) //nolint:gosec // an extended rcode has 12 bits
	w.out = binary.BigEndian.AppendUint16(w.out, q.extended&flagDO)
	if cookie == nil {
		w.out = append(w.out, 0, 0)
	} else {
		w.out = append(w.out, 0, byte(4+len(cookie)), 0, wire.EDNS0COOKIE, 0, byte(len(cookie))) //nolint:gosec // 24
		w.out = append(w.out, cookie...)
	}
	binary.BigEndian.PutUint16(w.out[10:], binary.BigEndian.Uint16(w.out[10:])+1)
}
