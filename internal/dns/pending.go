package dns

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Pending is a Verifier of a provider that says of a change whether all of its name
// servers have been told. Where a record is not seen meanwhile, it says that first.
type Pending struct {
	Verifier
	Provider string // what people call it
	Ask      func(ctx context.Context, change string) (pending bool, err error)

	mu     sync.Mutex
	latest map[setName]string // the last change of a set that may not be everywhere yet
}

type setName struct {
	name string
	t    Type
}

// maxPending bounds how many changes are remembered; usual is how long providers
// take to tell all of their name servers of one.
const (
	maxPending = 1000
	usual      = time.Minute
)

// Remember keeps the change of a set that is not everywhere yet; "" is one that is.
func (p *Pending) Remember(s Set, change string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.latest == nil {
		p.latest = map[setName]string{}
	}
	delete(p.latest, setName{s.Name, s.Type})
	if change != "" && len(p.latest) < maxPending {
		p.latest[setName{s.Name, s.Type}] = change
	}
}

// pending tells whether the last change to a set is still on its way.
func (p *Pending) pending(ctx context.Context, set setName) bool {
	p.mu.Lock()
	change, known := p.latest[set]
	p.mu.Unlock()
	if !known {
		return false
	}
	if is, err := p.Ask(ctx, change); err != nil || is {
		return err == nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.latest[set] == change {
		delete(p.latest, set)
	}
	return false
}

// VerifyPropagation implements Verifier.
func (p *Pending) VerifyPropagation(ctx context.Context, name string, t Type, value string) (Propagation, error) {
	seen, err := p.Verifier.VerifyPropagation(ctx, name, t, value)
	if err != nil || seen.Done || !p.pending(ctx, setName{name, t}) {
		return seen, err
	}
	seen.Answers = slices.Insert(seen.Answers, 0, Answer{
		Resolver: p.Provider, Observed: []string{}, Cause: p.Provider + " is still telling its name servers of the change.", Wait: usual,
	})
	return seen, nil
}
