package nameserver

import (
	"hash/maphash"
	"maps"
	"sync"
	"sync/atomic"
)

// shards is in how many parts the zones lie: a change copies one of them.
const shards = 1024

// zones are all zones by their names. They are read without waiting.
type zones struct {
	seed   maphash.Seed
	mu     sync.Mutex // of those who write
	shards [shards]atomic.Pointer[map[string]*Zone]
	count  atomic.Int64
}

func newZones() *zones {
	z := &zones{seed: maphash.MakeSeed()}
	for i := range z.shards {
		z.shards[i].Store(&map[string]*Zone{})
	}
	return z
}

func (z *zones) shard(origin name) *atomic.Pointer[map[string]*Zone] {
	return &z.shards[maphash.String(z.seed, string(origin))%shards]
}

// exact returns the zone of a name, or nil.
func (z *zones) exact(origin name) *Zone { return (*z.shard(origin).Load())[string(origin)] }

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
func (z *zones) put(zone *Zone) (before *Zone) {
	return z.change(zone.origin, func(all map[string]*Zone) { all[string(zone.origin)] = zone })
}

func (z *zones) remove(origin name) (before *Zone) {
	return z.change(origin, func(all map[string]*Zone) { delete(all, string(origin)) })
}

func (z *zones) change(origin name, do func(map[string]*Zone)) (before *Zone) {
	z.mu.Lock()
	defer z.mu.Unlock()
	shard := z.shard(origin)
	all := maps.Clone(*shard.Load())
	before = all[string(origin)]
	n := len(all)
	do(all)
	z.count.Add(int64(len(all) - n))
	shard.Store(&all)
	return before
}
