// Package nameserver answers questions over DNS as an authoritative server: from zones
// that it is given and holds in memory, over UDP and TCP. It knows no database.
package nameserver

import (
	"net/netip"
	"sync/atomic"

	wire "github.com/miekg/dns"

	"vitrine/internal/clock"
	"vitrine/internal/observe"
)

// Options are what the operator decides.
type Options struct {
	Secret    Secret // of the cookies
	PerSecond int    // answers alike to one network over UDP; 0: any number
	Peers     Peers  // who may have whole zones
	Clock     clock.Clock
	Observer  *observe.Observer // is told what is answered; may be nil
}

// Server answers for zones. It is safe for concurrent use.
type Server struct {
	Options
	zones    *zones
	limiter  *limiter // nil: any number
	notifier atomic.Pointer[notifier]
	answers  *answers // nil: nobody counts
}

// New returns a Server without zones. Nothing runs yet.
func New(o Options) *Server {
	s := &Server{Options: o, zones: newZones(), answers: countAnswers(o.Observer)}
	if o.PerSecond > 0 {
		s.limiter = newLimiter(o.PerSecond)
	}
	return s
}

// Put has the server answer for a zone from now on, instead of the one that had its
// name.
func (s *Server) Put(z *Zone) {
	if before := s.zones.put(z); before == nil || before.serial != z.serial {
		if n := s.notifier.Load(); n != nil {
			n.changed(z.origin)
		}
	}
}

// Remove has the server not answer for a zone any more.
func (s *Server) Remove(origin string) {
	if n, err := packName(origin); err == nil {
		s.zones.remove(n)
	}
}

// Zone returns the zone with a name, or nil.
func (s *Server) Zone(origin string) *Zone {
	n, err := packName(origin)
	if err != nil {
		return nil
	}
	return s.zones.exact(n)
}

// Zones tells how many zones there are.
func (s *Server) Zones() int { return int(s.zones.count.Load()) }

// worker answers one message after the other.
type worker struct {
	*Server
	query  query
	reply  reply
	writer writer
	text   [maxName]byte
	cookie [wholeCookie]byte
}

// Answer returns the answer to a message over UDP or TCP, or nil where there is none
// to give.
func (s *Server) Answer(message []byte, tcp bool) []byte {
	return (&worker{Server: s}).answer(nil, message, netip.IPv6Unspecified(), tcp)
}

// AnswerTo is Answer over UDP to an address.
func (s *Server) AnswerTo(from netip.Addr, message []byte) []byte {
	return (&worker{Server: s}).answer(nil, message, from, false)
}

// answer writes the answer to a message into out. It is nil where there is none to
// give.
func (k *worker) answer(out, message []byte, from netip.Addr, tcp bool) []byte {
	q, r := &k.query, &k.reply
	rcode, speak := q.parse(message, k.text[:])
	if !speak {
		return nil
	}
	r.reset()
	switch {
	case rcode != 0:
		r.rcode = rcode
	case q.signed > 0:
		return k.answerSigned(message, tcp)
	default:
		k.resolve()
	}
	return k.write(out, from, tcp)
}

// resolve gathers the answer.
func (k *worker) resolve() {
	q, r := &k.query, &k.reply
	r.rcode = wire.RcodeRefused
	if q.class != wire.ClassINET || q.kind == wire.TypeAXFR || q.kind == wire.TypeIXFR {
		return
	}
	z := k.zones.enclosing(q.name)
	if z != nil && q.kind == wire.TypeDS && z.origin == q.name && q.name != root {
		if parent := k.zones.enclosing(q.name.parent()); parent != nil {
			z = parent // RFC 4035, section 3.1.4.1
		}
	}
	if z == nil {
		return
	}
	r.rcode = wire.RcodeSuccess
	z.resolve(r, q.name, q.kind, q.do(), q.extended&flagCO != 0)
	if q.do() && z.key != nil {
		if err := z.signReply(r, k.Clock.Now()); err != nil {
			r.reset()
			r.rcode = wire.RcodeServerFailure
		}
	}
}

// write writes what was gathered, unless the limits hold it back.
func (k *worker) write(out []byte, from netip.Addr, tcp bool) []byte {
	q, r := &k.query, &k.reply
	var cookie []byte
	proven := tcp
	if len(q.cookie) >= clientCookie {
		var heard bool
		cookie, heard = k.Secret.cookie(k.cookie[:], q.cookie, from, k.Clock.Now())
		proven = proven || heard
	}
	limit := maxTCP
	if !tcp {
		limit = q.size
	}
	if k.limiter != nil && !proven {
		switch k.limiter.decide(from, k.kind(), k.about(), k.Clock.Now()) {
		case hold:
			return nil
		case truncate:
			limit = 0
		case pass:
		}
	}
	k.writer.begin(out, q, limit)
	return k.writer.finish(r, q, cookie)
}

// The kinds of answers that limits tell apart.
const (
	positive byte = iota
	negative
	failure
)

func (k *worker) kind() byte {
	switch {
	case k.reply.zone == nil:
		return failure
	case k.reply.negative:
		return negative
	}
	return positive
}

// about is what an answer is like others by: the name; where there is nothing the
// zone, in which anybody can think of names.
func (k *worker) about() name {
	switch k.kind() {
	case positive:
		return k.query.name
	case negative:
		return k.reply.zone.origin
	}
	return ""
}
