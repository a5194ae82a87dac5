package registrartest

import (
	"context"
	"math/rand/v2"
	"sync"

	"vitrine/internal/registrar"
)

// Death is what a Faulty panics with when the process of its caller dies.
const Death = death("the process dies")

type death string

// Faulty is a provider that fails now and then as real ones do: it refuses, it was
// asked too often, it cannot be reached, or its answer is lost before it has done what
// it was asked for, or after. Now and then its caller dies, before or after.
type Faulty struct {
	registrar.Provider

	mu     sync.Mutex
	random *rand.Rand
	oneIn  int
	off    bool
	faults int
}

// NewFaulty makes a provider fail in one call of a few, always in the same order for
// the same seed.
func NewFaulty(p registrar.Provider, seed uint64, oneIn int) *Faulty {
	return &Faulty{Provider: p, oneIn: oneIn, random: rand.New(rand.NewPCG(seed, seed))} //nolint:gosec // repeatable
}

// Mend ends the faults.
func (f *Faulty) Mend() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.off = true
}

// Faults are how many have happened.
func (f *Faulty) Faults() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.faults
}

// fault is what happens instead of a good answer, and whether the call has its effect
// all the same.
type fault struct {
	err  error // nil: the caller dies
	late bool  // after the effect
}

var faults = []fault{
	{registrar.Errorf(registrar.Refused, "No."), false},
	{registrar.Errorf(registrar.Limited, "Too many requests."), false},
	{registrar.Errorf(registrar.Unreachable, "It cannot be reached."), false},
	{registrar.Errorf(registrar.Unanswered, "500"), false},
	{registrar.Errorf(registrar.Unanswered, "500"), true},
	{context.DeadlineExceeded, false},
	{context.DeadlineExceeded, true},
	{nil, false},
	{nil, true},
}

func (f *Faulty) draw() (fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	failing := !f.off && f.random.IntN(f.oneIn) == 0
	if failing {
		f.faults++
	}
	return faults[f.random.IntN(len(faults))], failing
}

func (f *Faulty) do(call func() error) error {
	now, failing := f.draw()
	if !failing || now.late {
		if err := call(); err != nil || !failing {
			return err
		}
	}
	if now.err == nil {
		panic(Death)
	}
	return now.err
}

// CheckAvailability implements registrar.Provider.
func (f *Faulty) CheckAvailability(ctx context.Context, domain string) (o registrar.Offer, err error) {
	err = f.do(func() (err error) { o, err = f.Provider.CheckAvailability(ctx, domain); return err })
	return o, err
}

// PurchaseDomain implements registrar.Provider.
func (f *Faulty) PurchaseDomain(ctx context.Context, p registrar.Purchase) (r registrar.Registration, err error) {
	err = f.do(func() (err error) { r, err = f.Provider.PurchaseDomain(ctx, p); return err })
	return r, err
}

// RenewDomain implements registrar.Provider.
func (f *Faulty) RenewDomain(ctx context.Context, p registrar.Renewal) (r registrar.Registration, err error) {
	err = f.do(func() (err error) { r, err = f.Provider.RenewDomain(ctx, p); return err })
	return r, err
}

// SetNameservers implements registrar.Provider.
func (f *Faulty) SetNameservers(ctx context.Context, domain string, servers []string) error {
	return f.do(func() error { return f.Provider.SetNameservers(ctx, domain, servers) })
}

// GetDomainInfo implements registrar.Provider.
func (f *Faulty) GetDomainInfo(ctx context.Context, domain string) (r registrar.Registration, err error) {
	err = f.do(func() (err error) { r, err = f.Provider.GetDomainInfo(ctx, domain); return err })
	return r, err
}
