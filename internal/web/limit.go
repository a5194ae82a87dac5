package web

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limiter bounds how many requests an address may make in a second, in this
// process. The zero limit lets all pass. It is safe for concurrent use.
type Limiter struct {
	perSecond int

	mu       sync.Mutex
	turned   time.Time
	now, old map[netip.Prefix]*rate.Limiter // those seen since it was turned, and before
}

// NewLimiter returns a limiter. An address that was quiet for a second may make all
// of its requests at once.
func NewLimiter(perSecond int) *Limiter {
	return &Limiter{perSecond: perSecond, now: map[netip.Prefix]*rate.Limiter{}}
}

// forgotten is after how long an address is as good as new: a second would do.
const forgotten = 2 * time.Second

// Allow tells whether a request from an address may pass at a time.
func (l *Limiter) Allow(address string, at time.Time) bool {
	if l == nil || l.perSecond <= 0 {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if at.Sub(l.turned).Abs() > forgotten {
		l.turned, l.now, l.old = at, map[netip.Prefix]*rate.Limiter{}, l.now
	}
	who := network(address)
	bucket := l.now[who]
	if bucket == nil {
		if bucket = l.old[who]; bucket == nil {
			bucket = rate.NewLimiter(rate.Limit(l.perSecond), l.perSecond)
		}
		l.now[who] = bucket
	}
	return bucket.AllowN(at, 1)
}

// network is who an address is: itself, or the /64 that one customer has of IPv6.
func network(address string) netip.Prefix {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{}
	}
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits)
	return p
}
