package nameserver

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// shards is in how many parts the zones lie: a change copies one of them.
const shards = 1024

// zones are all zones by their names. They are read without waiting.
type zones struct {
	seed   maphash.Seed
	mu     sync.Mutex // of those who write
	shards [shards]atomic.Pointer[shard]
	count  atomic.Int64
}

// shard is a hash table with open addressing, whose length is a power of two and of
// which half is free at least. It is not a map because looking in vain, as for most
// names, reads one place of memory instead of several.
type shard []seat

type seat struct {
	hash uint64
	zone *Zone // nil: it is free
}

func newZones() *zones {
	z := &zones{seed: maphash.MakeSeed()}
	for i := range z.shards {
		z.shards[i].Store(&shard{{}})
	}
	return z
}

// at returns the shard of a name, and its hash.
func (z *zones) at(origin name) (*atomic.Pointer[shard], uint64) {
	hash := maphash.String(z.seed, string(origin))
	return &z.shards[hash%shards], hash
}

// find returns where a name stands in the shard, or where it could.
func (s shard) find(hash uint64, origin name) *seat {
	for i := hash / shards; ; i++ {
		at := &s[i&uint64(len(s)-1)] //nolint:gosec // a power of two
		if at.zone == nil || at.hash == hash && at.zone.origin == origin {
			return at
		}
	}
}

// exact returns the zone of a name, or nil.
func (z *zones) exact(origin name) *Zone {
	in, hash := z.at(origin)
	return in.Load().find(hash, origin).zone
}

// enclosing returns the longest zone that a name lies in, or nil.
func (z *zones) enclosing(n name) *Zone {
	for ; ; n = n.parent() {
		if found := z.exact(n); found != nil {
			return found
		}
		if n == root {
			return nil
		}
	}
}

// put puts a zone in the place of the one with its name.
func (z *zones) put(zone *Zone) (before *Zone) { return z.change(zone.origin, zone) }

func (z *zones) remove(origin name) (before *Zone) { return z.change(origin, nil) }

// change puts a zone, or none, in the place of the one with a name.
func (z *zones) change(origin name, zone *Zone) (before *Zone) {
	z.mu.Lock()
	defer z.mu.Unlock()
	in, hash := z.at(origin)
	old := *in.Load()
	before = old.find(hash, origin).zone
	var all []seat
	for _, s := range old {
		if s.zone != nil && s.zone != before {
			all = append(all, s)
		}
	}
	if zone != nil {
		all = append(all, seat{hash, zone})
	}
	size := 1
	for size < 2*len(all)+1 {
		size *= 2
	}
	fresh := make(shard, size)
	for _, s := range all {
		*fresh.find(s.hash, s.zone.origin) = s
	}
	in.Store(&fresh)
	z.count.Add(int64(len(all)) - old.len())
	return before
}

// len is how many zones there are.
func (s shard) len() (n int64) {
	for _, one := range s {
		if one.zone != nil {
			n++
		}
	}
	return n
}
