package dns

import (
	"context"
	"slices"
	"strings"
	"sync"
)

// Set is all records of one name and type: most providers know nothing smaller.
type Set struct {
	Name  string
	Type  Type
	TTL   int
	RData []string // as RData writes it
	Own   []string // as the provider writes it, where it wants to be told just so again
}

// Backend is a provider that keeps sets.
type Backend interface {
	// Sets returns all sets of a zone. One that is malformed is left out.
	Sets(ctx context.Context, zone string) ([]Set, error)

	// Set returns the set of a name and type, which is empty where there is none.
	Set(ctx context.Context, zone, name string, t Type) (Set, error)

	// Replace puts one set in the place of another in one step; an empty one is none.
	// When the provider has another set than before, it is refused.
	Replace(ctx context.Context, zone string, before, after Set) error

	// ZoneID is as that of a Provider.
	ZoneID(ctx context.Context, domain string) (string, error)

	Verifier
}

// OfSets is a Provider on a Backend. The id of a record is its Identity, so that it
// changes with what the record says. Changes of one process to one set happen one
// after the other.
type OfSets struct {
	Backend

	mu   sync.Mutex
	busy map[setKey]*lockedSet
}

type setKey struct {
	zone, name string
	t          Type
}

type lockedSet struct {
	sync.Mutex
	waiting int
}

// NewOfSets returns a Provider on a Backend.
func NewOfSets(b Backend) *OfSets { return &OfSets{Backend: b, busy: map[setKey]*lockedSet{}} }

// lock keeps a set from other changes until the function that it returns is called.
func (p *OfSets) lock(zone, name string, t Type) (unlock func()) {
	key := setKey{zone, name, t}
	p.mu.Lock()
	s := p.busy[key]
	if s == nil {
		s = &lockedSet{}
		p.busy[key] = s
	}
	s.waiting++
	p.mu.Unlock()
	s.Lock()
	return func() {
		s.Unlock()
		p.mu.Lock()
		defer p.mu.Unlock()
		if s.waiting--; s.waiting == 0 {
			delete(p.busy, key)
		}
	}
}

// Records returns the records of a set, those that are malformed left out.
func (s Set) Records() []Record {
	var all []Record
	for _, rdata := range s.RData {
		if r, ok := ParseRData(s.Name, s.Type, s.TTL, rdata); ok {
			r.ID = r.Identity()
			all = append(all, r)
		}
	}
	return all
}

// index returns where the record with an id stands in the set, or -1.
func (s Set) index(id string) int {
	return slices.IndexFunc(s.RData, func(rdata string) bool {
		r, ok := ParseRData(s.Name, s.Type, s.TTL, rdata)
		return ok && r.Identity() == id
	})
}

// with returns the set with a record more, whose TTL counts.
func (s Set) with(r Record) Set {
	return Set{Name: r.Name, Type: r.Type, TTL: r.TTL, RData: append(slices.Clone(s.RData), r.RData())}
}

// without returns the set without the record at an index.
func (s Set) without(i int) Set {
	s.RData, s.Own = slices.Delete(slices.Clone(s.RData), i, i+1), nil
	return s
}

// ListRecords implements Provider.
func (p *OfSets) ListRecords(ctx context.Context, zone string) ([]Record, error) {
	sets, err := p.Sets(ctx, zone)
	if err != nil {
		return nil, err
	}
	all := []Record{}
	for _, s := range sets {
		all = append(all, s.Records()...)
	}
	return all, nil
}

// CreateRecord implements Provider.
func (p *OfSets) CreateRecord(ctx context.Context, zone string, r Record) (Record, error) {
	defer p.lock(zone, r.Name, r.Type)()
	r.ID = r.Identity()
	s, err := p.Set(ctx, zone, r.Name, r.Type)
	if err != nil {
		return Record{}, err
	}
	if s.index(r.ID) >= 0 {
		return Record{}, Errorf(Refused, "an identical record already exists")
	}
	return r, p.Replace(ctx, zone, s, s.with(r))
}

// find returns the set that has the record with an id.
func (p *OfSets) find(ctx context.Context, zone, id string) (Record, error) {
	all, err := p.ListRecords(ctx, zone)
	if err != nil {
		return Record{}, err
	}
	i := slices.IndexFunc(all, func(r Record) bool { return r.ID == id })
	if i < 0 {
		return Record{}, errNoRecord
	}
	return all[i], nil
}

var errNoRecord = Errorf(NoRecord, "there is no such record")

// UpdateRecord implements Provider. A record that gets another name is made there
// before it is taken away here.
func (p *OfSets) UpdateRecord(ctx context.Context, zone, id string, r Record) (Record, error) {
	is, err := p.find(ctx, zone, id)
	if err != nil {
		return Record{}, err
	}
	if is.Name != r.Name {
		made, err := p.CreateRecord(ctx, zone, r)
		if err != nil {
			return Record{}, err
		}
		if err := p.deleteFrom(ctx, zone, is); err != nil && !Is(err, NoRecord) {
			return Record{}, Errorf(Unanswered, "the record was made under its new name and is still under the old one: %w", err)
		}
		return made, nil
	}
	defer p.lock(zone, is.Name, is.Type)()
	s, err := p.Set(ctx, zone, is.Name, is.Type)
	if err != nil {
		return Record{}, err
	}
	i := s.index(id)
	if i < 0 {
		return Record{}, errNoRecord
	}
	r.ID = r.Identity()
	if r.ID != id && s.index(r.ID) >= 0 {
		return Record{}, Errorf(Refused, "an identical record already exists")
	}
	after := s.without(i).with(r)
	if after.Same(s) {
		return r, nil
	}
	return r, p.Replace(ctx, zone, s, after)
}

// Same tells whether two sets say the same.
func (s Set) Same(other Set) bool {
	a, b := slices.Sorted(slices.Values(s.RData)), slices.Sorted(slices.Values(other.RData))
	return s.TTL == other.TTL && strings.EqualFold(s.Name, other.Name) && slices.Equal(a, b)
}

// DeleteRecord implements Provider.
func (p *OfSets) DeleteRecord(ctx context.Context, zone, id string) error {
	is, err := p.find(ctx, zone, id)
	if err != nil {
		return err
	}
	return p.deleteFrom(ctx, zone, is)
}

func (p *OfSets) deleteFrom(ctx context.Context, zone string, r Record) error {
	defer p.lock(zone, r.Name, r.Type)()
	s, err := p.Set(ctx, zone, r.Name, r.Type)
	if err != nil {
		return err
	}
	i := s.index(r.ID)
	if i < 0 {
		return errNoRecord
	}
	return p.Replace(ctx, zone, s, s.without(i))
}
