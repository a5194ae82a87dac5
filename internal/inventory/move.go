package inventory

import (
	"vitrine/internal/catalog"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/store"
	"vitrine/internal/text"
)

// Reason says why a level changed.
type Reason string

// The reasons. Adjust takes the first five; the others come with what else is done.
const (
	Received   Reason = "received"
	Sold       Reason = "sold"
	Returned   Reason = "returned"
	Damaged    Reason = "damaged"
	Correction Reason = "correction"
	Reserved   Reason = "reserved"
	Unreserved Reason = "unreserved"
	Transfer   Reason = "transfer"
)

// Note is what is written into the ledger beside the numbers.
type Note struct {
	Reference *string // of something outside: an order, a delivery
	Notes     *string
	Actor     *string // the user; nil for the shop itself
}

const maxNotes = 2000

func (n *Note) check(f *fault.Form) {
	n.Reference = text.OptionalLine(f, "reference_id", n.Reference, text.MaxName)
	n.Notes = text.OptionalLong(f, "notes", n.Notes, maxNotes)
}

// entry is a row of the ledger.
type entry struct {
	store                          store.ID
	level                          LevelID
	id                             id.UUID
	n                              int64
	before                         *id.UUID
	quantityChange, reservedChange int64
	quantityAfter, reservedAfter   int64
	reason                         Reason
	note                           Note
}

// change is what a move does to a level.
type change struct {
	quantity, reserved, byHand int64
}

// level returns a level that is there.
func (s *Stock) level(l LevelID) (*level, error) {
	found := s.batch.levels[levelKey{s.store.UUID, l.UUID}]
	if found == nil || found.retired || found.absent {
		return nil, fault.Missing("inventory level")
	}
	return found, nil
}

// Figures returns the numbers of a level.
func (s *Stock) Figures(l LevelID) (Figures, error) {
	found, err := s.level(l)
	if err != nil {
		return Figures{}, err
	}
	return found.Figures, nil
}

// touch lets a request change a level.
func (b *Batch) touch(l *level) {
	b.undo = append(b.undo, before{l, *l})
	if !l.touched {
		l.touched = true
		b.touched = append(b.touched, l)
	}
	l.UpdatedAt = b.now
}

// move changes a level, which the caller has found to allow it, and writes it into
// the ledger.
func (s *Stock) move(l *level, c change, why Reason, note Note) {
	b := s.batch
	b.touch(l)
	l.Quantity += c.quantity
	l.Reserved += c.reserved
	l.byHand += c.byHand
	l.entries++
	fresh := b.tx.NewID()
	l.last, l.before = &fresh, l.last
	b.entries = append(b.entries, entry{
		store: s.store, level: l.id, id: fresh, n: l.entries, before: l.before,
		quantityChange: c.quantity, reservedChange: c.reserved, quantityAfter: l.Quantity, reservedAfter: l.Reserved,
		reason: why, note: note,
	})
}

// Reserve holds units of a level by hand.
func (s *Stock) Reserve(l LevelID, n int64, note Note) (Figures, error) {
	found, err := s.level(l)
	if err != nil {
		return Figures{}, err
	}
	if n > found.Available() && !found.backorder {
		return Figures{}, fault.Refusedf("sold_out", "Only %d are available, not %d.", found.Available(), n)
	}
	if found.Reserved+n > MaxQuantity {
		return Figures{}, tooMany()
	}
	s.move(found, change{reserved: n, byHand: n}, Reserved, note)
	return found.Figures, nil
}

// Release gives back units that are held by hand.
func (s *Stock) Release(l LevelID, n int64, note Note) (Figures, error) {
	found, err := s.handHeld(l, n)
	if err != nil {
		return Figures{}, err
	}
	s.move(found, change{reserved: -n, byHand: -n}, Unreserved, note)
	return found.Figures, nil
}

// Fulfill takes units that are held by hand out of the warehouse.
func (s *Stock) Fulfill(l LevelID, n int64, note Note) (Figures, error) {
	found, err := s.handHeld(l, n)
	if err != nil {
		return Figures{}, err
	}
	if n > found.Quantity {
		return Figures{}, fault.Refusedf("more_than_on_hand", "Only %d are on hand, not %d.", found.Quantity, n)
	}
	s.move(found, change{quantity: -n, reserved: -n, byHand: -n}, Sold, note)
	return found.Figures, nil
}

// handHeld returns a level of which n units are held by hand.
func (s *Stock) handHeld(l LevelID, n int64) (*level, error) {
	found, err := s.level(l)
	switch {
	case err != nil:
		return nil, err
	case n > found.Reserved:
		return nil, fault.Refusedf("more_than_reserved", "Only %d are reserved, not %d.", found.Reserved, n)
	case n > found.byHand:
		return nil, fault.Refusedf("held_by_orders", "Of the %d that are reserved, %d belong to orders: cancel or fulfill those instead.", found.Reserved, found.Reserved-found.byHand)
	}
	return found, nil
}

// Adjust changes what is on hand.
func (s *Stock) Adjust(l LevelID, n int64, why Reason, note Note) (Figures, error) {
	found, err := s.level(l)
	if err != nil {
		return Figures{}, err
	}
	if found.Quantity+n > MaxQuantity {
		return Figures{}, tooMany()
	}
	if -n > found.removable() {
		return Figures{}, found.keeps(-n)
	}
	s.move(found, change{quantity: n}, why, note)
	return found.Figures, nil
}

// removable is how many units can be taken off by hand. What orders hold stays,
// unless it may be ordered back.
func (l *level) removable() int64 {
	if l.backorder {
		return l.Quantity
	}
	return l.Available()
}

// keeps tells why n units cannot be taken off.
func (l *level) keeps(n int64) error {
	code := "below_reserved"
	if n > l.Quantity {
		code = "below_zero"
	}
	if l.removable() == l.Quantity {
		return fault.Refusedf(code, "Only %d on hand; you can remove at most %d.", l.Quantity, l.Quantity)
	}
	return fault.Refusedf(code, "Of %d on hand %d are reserved; you can remove at most %d.", l.Quantity, l.Reserved, l.removable())
}

func tooMany() error {
	return fault.Refusedf("too_many", "A level can have at most %d units.", MaxQuantity)
}

// Target is what a level is set to. What is nil stays, or is 0 on a new level.
type Target struct {
	Quantity        int64
	ReorderPoint    *int64
	ReorderQuantity *int64
}

// Set makes a level of a variant in a warehouse, or sets the one that is there.
func (s *Stock) Set(v catalog.VariantID, w WarehouseID, to Target, note Note) (LevelID, Figures, error) {
	l, err := s.at(v, w)
	if err != nil {
		return LevelID{}, Figures{}, err
	}
	if to.Quantity < l.Reserved && !l.backorder {
		return LevelID{}, Figures{}, fault.Refusedf("below_reserved", "Of %d on hand %d are reserved; the quantity cannot be set to %d.", l.Quantity, l.Reserved, to.Quantity)
	}
	if n := to.Quantity - l.Quantity; s.open(l) {
		s.move(l, change{quantity: n}, Received, note)
	} else if n != 0 {
		s.move(l, change{quantity: n}, Correction, note)
	}
	if p := to.ReorderPoint; p != nil && *p != l.ReorderPoint {
		s.batch.touch(l)
		l.ReorderPoint = *p
	}
	if p := to.ReorderQuantity; p != nil && *p != l.ReorderQuantity {
		s.batch.touch(l)
		l.ReorderQuantity = *p
	}
	return l.id, l.Figures, nil
}

// Transfer moves units of a variant that are not reserved from one warehouse to
// another.
func (s *Stock) Transfer(v catalog.VariantID, from, to WarehouseID, n int64, note Note) (source, target LevelID, err error) {
	a, err := s.at(v, from)
	if err != nil {
		return source, target, err
	}
	b, err := s.at(v, to)
	if err != nil {
		return source, target, err
	}
	if n > a.Available() {
		return source, target, fault.Refusedf("sold_out", "Only %d are available there, not %d.", a.Available(), n)
	}
	if b.Quantity+n > MaxQuantity {
		return source, target, tooMany()
	}
	s.open(b)
	s.move(a, change{quantity: -n}, Transfer, note)
	s.move(b, change{quantity: n}, Transfer, note)
	return a.id, b.id, nil
}

// at returns the level of a variant in a warehouse, which may be absent.
func (s *Stock) at(v catalog.VariantID, w WarehouseID) (*level, error) {
	known := s.batch.known[place{s.store.UUID, v.UUID, w.UUID}]
	if !known.there {
		return nil, fault.Missing("variant or warehouse")
	}
	for _, l := range s.batch.variants[variantKey{s.store.UUID, v.UUID}] {
		if l.warehouse == w {
			return l, nil
		}
	}
	l := &level{
		store: s.store, id: LevelID{s.batch.tx.NewID()}, variant: v, warehouse: w,
		backorder: known.backorder, main: known.main, active: known.active, fresh: true, absent: true,
	}
	s.batch.add(l)
	return l, nil
}

// open makes an absent level one that is there, and tells whether it did.
func (s *Stock) open(l *level) bool {
	if !l.absent {
		return false
	}
	s.batch.touch(l)
	l.absent = false
	return true
}
