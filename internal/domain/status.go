package domain

import (
	"context"
	"sync"
	"time"

	"vitrine/internal/dns"
	"vitrine/internal/store"
)

// Spread says how far the managed records of a domain are seen.
type Spread string

// The states of the records.
const (
	NotConfigured Spread = "not_configured" // there are none
	NotSeen       Spread = "pending"
	PartlySeen    Spread = "partial"
	Propagated    Spread = "propagated"
)

// Propagation says who sees the managed records of a domain.
type Propagation struct {
	Total    int // managed records
	Verified int // those that everybody sees
	Details  []Sight
}

// Sight is what one server says of one record.
type Sight struct {
	Record     Record
	Everywhere bool // the record is seen by all who count, whatever this one says
	dns.Answer
}

// Spread sums a propagation up.
func (p Propagation) Spread() Spread {
	switch {
	case p.Total == 0:
		return NotConfigured
	case p.Verified == 0:
		return NotSeen
	case p.Verified < p.Total:
		return PartlySeen
	}
	return Propagated
}

// State is the short answer to how a domain stands.
type State struct {
	Domain  Domain
	Records int
	Spread  Spread
	Seen    Propagation
	Next    string // the one thing to do next, in words; "" when there is nothing
	Wait    time.Duration
}

// Status tells how the domain of a store stands.
func (s *Service) Status(ctx context.Context, st store.ID) (State, error) {
	d, err := Get(ctx, s.db, st)
	if err != nil {
		return State{}, err
	}
	all, err := d.records(ctx, s.db)
	if err != nil {
		return State{}, err
	}
	p, err := s.propagation(ctx, d, all)
	if err != nil {
		return State{}, err
	}
	state := State{Domain: d, Records: len(all), Spread: p.Spread(), Seen: p}
	for _, sight := range p.Details {
		if !sight.Everywhere {
			state.Wait = max(state.Wait, sight.Wait)
		}
	}
	state.Next = state.next(p)
	return state, nil
}

// next is the one thing that a merchant should know now.
func (s State) next(p Propagation) string {
	switch d := s.Domain; {
	case d.VerifiedAt == nil:
		return "Make a TXT record " + d.Challenge() + " that says " + d.Token + ", and verify the domain."
	case !d.AutoConfigured:
		return "Have the DNS records made, or make them where the name servers of the domain are."
	case s.Spread != Propagated:
		for _, sight := range p.Details {
			if sight.Cause != "" && !sight.Everywhere {
				return "Wait until the records are seen everywhere. " + sight.Cause
			}
		}
		return "Wait until the records are seen everywhere."
	case !d.Certified && d.Reason == nil:
		return "Get a certificate."
	case d.Reason != nil:
		return *d.Reason
	}
	return ""
}

// Propagation tells who sees the managed records of a store's domain.
func (s *Service) Propagation(ctx context.Context, st store.ID) (Propagation, error) {
	d, err := Get(ctx, s.db, st)
	if err != nil {
		return Propagation{}, err
	}
	all, err := d.records(ctx, s.db)
	if err != nil {
		return Propagation{}, err
	}
	return s.propagation(ctx, d, all)
}

// propagation asks for all managed records at once.
func (s *Service) propagation(ctx context.Context, d Domain, all []Record) (Propagation, error) {
	var managed []Record
	for _, r := range all {
		if r.Managed {
			managed = append(managed, r)
		}
	}
	seen, errs := make([]dns.Propagation, len(managed)), make([]error, len(managed))
	var asking sync.WaitGroup
	for i, r := range managed {
		asking.Go(func() {
			want := d.there(r)
			seen[i], errs[i] = s.provider.VerifyPropagation(ctx, want.Name, want.Type, want.Data())
		})
	}
	asking.Wait()
	p := Propagation{Total: len(managed), Details: []Sight{}}
	for i, r := range managed {
		if errs[i] != nil {
			return Propagation{}, told(ctx, &held{Domain: d}, errs[i])
		}
		if seen[i].Done {
			p.Verified++
		}
		for _, answer := range seen[i].Answers {
			p.Details = append(p.Details, Sight{r, seen[i].Done, answer})
		}
	}
	return p, nil
}
