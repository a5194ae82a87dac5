package inventory

import (
	"cmp"
	"fmt"
	"slices"

	"vitrine/internal/catalog"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// hold is units of a level that a holder has for one of its lines.
type hold struct {
	store    store.ID
	holder   id.UUID
	line     int64
	level    LevelID
	quantity int64

	fresh   bool // it is not in the database yet
	dropped bool
}

// Line is units of a variant that a holder wants: a line of an order.
type Line struct {
	N        int64 // its number, which the hold keeps
	Variant  catalog.VariantID
	Quantity int64
	Spare    WarehouseID // where a variant that may be ordered back gets a level when it has none; zero: nowhere
}

// Allocation is where units of a line lie.
type Allocation struct {
	Line      int64
	Level     LevelID
	Warehouse WarehouseID
	Quantity  int64
}

// Short is a line of which too little is available.
type Short struct {
	Line
	Available int64
}

// ErrSoldOut says which lines cannot be held. The caller knows what they are called.
type ErrSoldOut struct{ Lines []Short }

func (e *ErrSoldOut) Error() string { return fmt.Sprintf("%d lines are short of stock", len(e.Lines)) }

// Hold holds the units of all lines for a holder, or of none: then the error is an
// ErrSoldOut. A line is taken from the default warehouse when that has all of it,
// else from one that has, else from as few as can be. What may be ordered back and
// is nowhere is held of the default warehouse; for one without any level the place
// must have been needed.
func (s *Stock) Hold(holder id.UUID, lines []Line, note Note) ([]Allocation, error) {
	var all []Allocation
	var short []Short
	for _, line := range lines {
		parts, available := s.allocate(line)
		if parts == nil {
			short = append(short, Short{line, available})
			continue
		}
		for _, p := range parts {
			s.hold(holder, line.N, p.level, p.quantity, note)
			all = append(all, Allocation{line.N, p.level.id, p.level.warehouse, p.quantity})
		}
	}
	if short != nil {
		return nil, &ErrSoldOut{short}
	}
	return all, nil
}

// portion is units of a level.
type portion struct {
	level    *level
	quantity int64
}

// allocate finds where a line's units are taken from. Without portions there are
// not enough.
func (s *Stock) allocate(line Line) (portions []portion, available int64) {
	levels := s.selling(line.Variant)
	if len(levels) == 0 && !line.Spare.IsZero() {
		if l, err := s.at(line.Variant, line.Spare); err == nil && l.active && !l.retired {
			levels = []*level{l}
		}
	}
	for _, l := range levels {
		available += l.Available()
	}
	if available < line.Quantity {
		if len(levels) == 0 || !levels[0].backorder || levels[0].Reserved+line.Quantity > MaxQuantity {
			return nil, available
		}
		return []portion{{levels[0], line.Quantity}}, available
	}
	if levels[0].Available() < line.Quantity {
		slices.SortStableFunc(levels, func(a, b *level) int { return cmp.Compare(b.Available(), a.Available()) })
	}
	for left, i := line.Quantity, 0; left > 0; i++ {
		n := min(left, levels[i].Available())
		portions = append(portions, portion{levels[i], n})
		left -= n
	}
	return portions, available
}

// selling returns a variant's levels in warehouses that are in use, the default one
// first.
func (s *Stock) selling(v catalog.VariantID) []*level {
	var levels []*level
	for _, l := range s.batch.variants[variantKey{s.store.UUID, v.UUID}] {
		if l.active && !l.retired && !l.absent {
			levels = append(levels, l)
		}
	}
	slices.SortFunc(levels, func(a, b *level) int {
		if a.main != b.main {
			return cmp.Compare(btoi(b.main), btoi(a.main))
		}
		return slices.Compare(a.id.UUID[:], b.id.UUID[:])
	})
	return levels
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (s *Stock) hold(holder id.UUID, line int64, l *level, n int64, note Note) {
	s.open(l)
	s.move(l, change{reserved: n}, Reserved, note)
	h := &hold{store: s.store, holder: holder, line: line, level: l.id, quantity: n, fresh: true}
	s.batch.held = append(s.batch.held, h)
	key := holderKey{s.store.UUID, holder}
	s.batch.holds[key] = append(s.batch.holds[key], h)
}

// ReleaseHolds gives back all that a holder has. Doing it again changes nothing.
func (s *Stock) ReleaseHolds(holder id.UUID, note Note) error {
	return s.endHolds(holder, func(l *level, n int64) error {
		s.move(l, change{reserved: -n}, Unreserved, note)
		return nil
	})
}

// FulfillHolds takes all that a holder has out of the warehouses. Doing it again
// changes nothing. What is not on hand cannot be taken.
func (s *Stock) FulfillHolds(holder id.UUID, note Note) error {
	return s.endHolds(holder, func(l *level, n int64) error {
		if n > l.Quantity {
			return fault.Refusedf("more_than_on_hand", "Only %d are on hand, not %d.", l.Quantity, n)
		}
		s.move(l, change{quantity: -n, reserved: -n}, Sold, note)
		return nil
	})
}

func (s *Stock) endHolds(holder id.UUID, end func(l *level, n int64) error) error {
	b := s.batch
	for _, h := range b.holds[holderKey{s.store.UUID, holder}] {
		if h.dropped {
			continue
		}
		l, err := s.level(h.level)
		if err != nil {
			return err
		}
		if err := end(l, h.quantity); err != nil {
			return err
		}
		h.dropped = true
		b.dropped = append(b.dropped, h)
	}
	return nil
}

// Return puts units back to where they were taken from. Where that is gone, they go
// to another warehouse of the variant, or nowhere when it is in none.
func (s *Stock) Return(v catalog.VariantID, from LevelID, n int64, note Note) error {
	l, err := s.level(from)
	if err != nil {
		others := s.selling(v)
		if len(others) == 0 {
			return nil
		}
		l = others[0]
	}
	if l.Quantity+n > MaxQuantity {
		return tooMany()
	}
	s.move(l, change{quantity: n}, Returned, note)
	return nil
}
