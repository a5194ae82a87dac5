package nameserver

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

const (
	limiterShards = 64
	limiterSlots  = 1024 // of each shard
	slip          = 2    // of so many answers that are held back one asks the client to come over TCP
)

// limiter bounds how often answers alike go to one network, so that nobody is flooded
// with them under a forged address. Where two that are told apart share a slot, the
// one that asks takes it over.
type limiter struct {
	perSecond float64
	seed      maphash.Seed
	shards    [limiterShards]struct {
		sync.Mutex
		slots [limiterSlots]slot
	}
}

type slot struct {
	key    uint64
	tokens float64
	at     time.Time
	held   uint
}

func newLimiter(perSecond int) *limiter {
	return &limiter{perSecond: float64(perSecond), seed: maphash.MakeSeed()}
}

// verdict is what becomes of an answer.
type verdict int

const (
	pass verdict = iota
	hold
	truncate
)

// network is what addresses are taken together by.
func network(a netip.Addr) netip.Prefix {
	bits := 56
	if a = a.Unmap(); a.Is4() {
		bits = 24
	}
	p, _ := a.Prefix(bits)
	return p
}

// decide judges an answer to an address. about is what it is like others by.
func (l *limiter) decide(from netip.Addr, kind byte, about name, now time.Time) verdict {
	var h maphash.Hash
	h.SetSeed(l.seed)
	raw := network(from).Addr().As16()
	_, _ = h.Write(raw[:])
	_ = h.WriteByte(kind)
	_, _ = h.WriteString(string(about))
	key := h.Sum64()
	shard := &l.shards[key%limiterShards]
	shard.Lock()
	defer shard.Unlock()
	s := &shard.slots[key/limiterShards%limiterSlots]
	if s.key != key {
		*s = slot{key: key, tokens: l.perSecond, at: now}
	}
	s.tokens = min(l.perSecond, s.tokens+now.Sub(s.at).Seconds()*l.perSecond)
	s.at = now
	if s.tokens >= 1 {
		s.tokens--
		return pass
	}
	if s.held++; s.held%slip == 0 {
		return truncate
	}
	return hold
}
