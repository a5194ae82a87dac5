package dnstest

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"

	"vitrine/internal/dns"
)

// Death is what a Faulty panics with when the process of its caller dies.
const Death = death("the process dies")

type death string

// Faulty is a provider that fails now and then as real ones do: it refuses, it was
// asked too often, it breaks before it has done what it was asked for, or after. Now
// and then its caller dies, before or after.
type Faulty struct {
	dns.Provider

	mu     sync.Mutex
	random *rand.Rand
	off    bool
	Faults int // that have happened
}

// NewFaulty makes a provider fail, always in the same order for the same seed.
func NewFaulty(p dns.Provider, seed uint64) *Faulty {
	return &Faulty{Provider: p, random: rand.New(rand.NewPCG(seed, seed))} //nolint:gosec // repeatable
}

// Mend ends the faults.
func (f *Faulty) Mend() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.off = true
}

// faults are what can happen instead of a good answer, and whether the call has its
// effect all the same.
var faults = []struct {
	err  error
	late bool // after the effect
}{
	{dns.Errorf(dns.Refused, "refused"), false},
	{dns.Errorf(dns.Limited, "too many requests"), false},
	{dns.Errorf(dns.Unanswered, "500"), false},
	{dns.Errorf(dns.Unanswered, "500"), true},
	{context.DeadlineExceeded, false},
	{context.DeadlineExceeded, true},
	{errDeath, false},
	{errDeath, true},
}

var errDeath = errors.New(string(Death))

func (f *Faulty) do(call func() error) error {
	f.mu.Lock()
	failing := !f.off && f.random.IntN(3) == 0
	fault := faults[f.random.IntN(len(faults))]
	if failing {
		f.Faults++
	}
	f.mu.Unlock()
	if !failing || fault.late {
		if err := call(); err != nil {
			return err
		}
	}
	switch {
	case !failing:
		return nil
	case errors.Is(fault.err, errDeath):
		panic(Death)
	}
	return fault.err
}

// CreateRecord implements dns.Provider.
func (f *Faulty) CreateRecord(ctx context.Context, zone string, r dns.Record) (made dns.Record, err error) {
	err = f.do(func() (err error) { made, err = f.Provider.CreateRecord(ctx, zone, r); return err })
	return made, err
}

// ListRecords implements dns.Provider.
func (f *Faulty) ListRecords(ctx context.Context, zone string) (all []dns.Record, err error) {
	err = f.do(func() (err error) { all, err = f.Provider.ListRecords(ctx, zone); return err })
	return all, err
}

// UpdateRecord implements dns.Provider.
func (f *Faulty) UpdateRecord(ctx context.Context, zone, id string, r dns.Record) (changed dns.Record, err error) {
	err = f.do(func() (err error) { changed, err = f.Provider.UpdateRecord(ctx, zone, id, r); return err })
	return changed, err
}

// DeleteRecord implements dns.Provider.
func (f *Faulty) DeleteRecord(ctx context.Context, zone, id string) error {
	return f.do(func() error { return f.Provider.DeleteRecord(ctx, zone, id) })
}
