package inventory

import (
	"context"
	"fmt"
	"reflect"
	"runtime/debug"
	"time"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// Request is what one caller wants of a store's stock, in words that can be put
// together with those of others: first everybody says what they need to see, then
// it is read and locked as a whole, then everybody decides in the order of their
// arrival, and what they decided is written as a whole.
//
// A transaction may run again, so the functions set what they found and add to
// nothing outside.
type Request struct {
	// Prepare names what Decide will look at. It may be nil.
	Prepare func(*Stock)

	// Decide moves stock, or refuses with an error; what it moved before an error
	// is taken back. It must not touch the database.
	Decide func(*Stock) error

	// Then, if there is one, runs with the transaction after everything was
	// written. Its error takes back the request alone.
	Then func(context.Context, *db.Tx) error

	// quick, if there is one, is the same change for a faster way.
	quick *quick

	// Size is about how many bytes the request writes, beside its stock.
	Size int
}

// A Part is what requests of one kind share beside stock: what they read and lock
// together and write as sets. It lives as long as one batch. See Join.
type Part interface {
	// Open reads and locks what the requests named, in the order of its keys.
	Open(ctx context.Context, tx *db.Tx) error
	// Write writes what the requests decided. The stock is written.
	Write(ctx context.Context, tx *db.Tx) error
}

// Batch is requests that share a transaction.
type Batch struct {
	tx   *db.Tx
	now  time.Time
	part int64 // of the totals, to count in

	byID      *db.Set // levels
	byVariant *db.Set
	places    *db.Set
	holders   *db.Set
	levels    map[levelKey]*level
	variants  map[variantKey][]*level // by their ids
	known     map[place]offer
	holds     map[holderKey][]*hold

	parts     map[reflect.Type]Part
	partsList []Part // in the order of their joining

	touched []*level // written at the end, each once
	entries []entry
	held    []*hold // new ones
	dropped []*hold

	undo []before // what the running request changed
}

type (
	levelKey   struct{ store, level id.UUID }
	variantKey struct{ store, variant id.UUID }
	holderKey  struct{ store, holder id.UUID }
	place      struct{ store, variant, warehouse id.UUID }
)

func newBatch(tx *db.Tx, part int64) *Batch {
	return &Batch{
		tx: tx, now: tx.Now(), part: part,
		byID: idColumns.Set(), byVariant: variantColumns.Set(), places: placeColumns.Set(), holders: holderColumns.Set(),
		levels: map[levelKey]*level{}, variants: map[variantKey][]*level{}, known: map[place]offer{}, holds: map[holderKey][]*hold{},
		parts: map[reflect.Type]Part{},
	}
}

// level is a level as the batch has it: locked, and changed by what was decided.
type level struct {
	Figures
	store     store.ID
	id        LevelID
	variant   catalog.VariantID
	warehouse WarehouseID
	byHand    int64
	backorder bool
	retired   bool
	entries   int64
	last      *id.UUID // the newest entry
	before    *id.UUID // the one before
	main      bool     // the warehouse is the store's default
	active    bool     // the warehouse is in use

	fresh   bool    // it is not in the database yet
	absent  bool    // nobody made it, but somebody may
	touched bool    // it is in Batch.touched
	was     Figures // before the batch
}

// before is a level as it was before the running request.
type before struct {
	level *level
	was   level
}

// Stock is a store's stock in the hands of one request.
type Stock struct {
	batch *Batch
	store store.ID
}

// Join returns the batch's part of the type P, which the first request of its kind
// makes.
func Join[P Part](s *Stock, make func() P) P {
	kind := reflect.TypeFor[P]()
	if found, ok := s.batch.parts[kind]; ok {
		return found.(P)
	}
	made := make()
	s.batch.parts[kind] = made
	s.batch.partsList = append(s.batch.partsList, made)
	return made
}

// Now is the time of the transaction.
func (s *Stock) Now() time.Time { return s.batch.now }

// NewID returns a fresh id.
func (s *Stock) NewID() id.UUID { return s.batch.tx.NewID() }

// work is a request on its way through a batch.
type work struct {
	Request
	ctx   context.Context //nolint:containedctx // the caller's, who waits for the work
	store store.ID
	err   error // why it was refused
	done  bool  // it was written quickly
}

// stock returns the store's stock for a request.
func (b *Batch) stock(w *work) *Stock { return &Stock{batch: b, store: w.store} }

// run takes requests through all steps but the commit. changed is false when there
// is nothing to commit.
func (b *Batch) run(ctx context.Context, works []*work) (changed bool, err error) {
	for _, w := range works {
		if w.Prepare != nil {
			w.Prepare(b.stock(w))
		}
	}
	if err := b.open(ctx); err != nil {
		return false, err
	}
	accepted := 0
	for _, w := range works {
		if w.err = b.decide(w); w.err == nil {
			accepted++
		}
	}
	if accepted == 0 {
		return false, nil
	}
	return true, b.write(ctx)
}

// decide runs one request's decision and takes back what it did when it refuses.
func (b *Batch) decide(w *work) (err error) {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	entries, held, dropped, touched := len(b.entries), len(b.held), len(b.dropped), len(b.touched)
	b.undo = b.undo[:0]
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("decide: %v\n%s", r, debug.Stack())
		}
		if err != nil {
			b.takeBack(entries, held, dropped, touched)
		}
	}()
	return w.Decide(b.stock(w))
}

func (b *Batch) takeBack(entries, held, dropped, touched int) {
	for i := len(b.undo) - 1; i >= 0; i-- {
		*b.undo[i].level = b.undo[i].was
	}
	for _, h := range b.dropped[dropped:] {
		h.dropped = false
	}
	for _, h := range b.held[held:] {
		h.dropped = true
	}
	b.entries, b.held, b.dropped, b.touched = b.entries[:entries], b.held[:held], b.dropped[:dropped], b.touched[:touched]
}
