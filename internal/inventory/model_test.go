package inventory_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/inventory"
)

func TestMain(m *testing.M) {
	flag.Parse()
	checks := "25"
	if os.Getenv("VITRINE_TEST_ACCEPT") != "" {
		checks = "400"
	}
	_ = flag.Set("rapid.checks", checks)
	_ = flag.Set("rapid.nofailfile", "true") // the seed is in the output
	os.Exit(dbtest.Main(m))
}

// shelf is what the model knows of a level.
type shelf struct {
	variant   int
	warehouse int
	quantity  int64
	byHand    int64
	held      int64 // for holders
}

func (s *shelf) reserved() int64  { return s.byHand + s.held }
func (s *shelf) available() int64 { return max(0, s.quantity-s.reserved()) }

// model is a shop as it should be: two variants, the second of which may be ordered
// back, in three warehouses, the first of which is the default.
type model struct {
	shop       *shop
	product    []catalog.Product
	backorder  []bool
	warehouses []inventory.WarehouseID
	levels     []inventory.LevelID // of the shelves
	shelves    []*shelf
	holders    []id.UUID
	holds      map[id.UUID][]inventory.Allocation
}

func newModel(t *testing.T, d *db.DB, quantities []int64) *model {
	m := &model{shop: newShop(t, d), holds: map[id.UUID][]inventory.Allocation{}, backorder: []bool{false, true}}
	m.warehouses = []inventory.WarehouseID{m.shop.main, m.shop.warehouse("B"), m.shop.warehouse("C")}
	for v, backorder := range m.backorder {
		m.product = append(m.product, m.shop.product(fmt.Sprint("Thing ", v), backorder))
		for w, warehouse := range m.warehouses {
			n := quantities[len(m.shelves)]
			m.levels = append(m.levels, m.shop.put(m.variant(v), warehouse, n))
			m.shelves = append(m.shelves, &shelf{variant: v, warehouse: w, quantity: n})
		}
	}
	return m
}

func (m *model) variant(v int) catalog.VariantID { return m.product[v].Variants[0].ID }

func (m *model) shelf(l inventory.LevelID) *shelf { return m.shelves[slices.Index(m.levels, l)] }

// op is one operation with all that was drawn for it.
type op struct {
	kind    string
	level   int
	other   int
	units   int64
	lines   []inventory.Line
	variant []int // of the lines
	holder  int
}

var kinds = []string{"reserve", "release", "fulfill", "adjust", "set", "transfer", "hold", "release holds", "fulfill holds", "return", "backorder"}

func drawOp(rt *rapid.T) op {
	o := op{
		kind: rapid.SampledFrom(kinds).Draw(rt, "kind"), level: rapid.IntRange(0, 5).Draw(rt, "level"), other: rapid.IntRange(0, 2).Draw(rt, "other"),
		units: rapid.Int64Range(1, 12).Draw(rt, "units"), holder: rapid.IntRange(0, 1000).Draw(rt, "holder"),
	}
	for n := range rapid.IntRange(1, 3).Draw(rt, "lines") {
		o.variant = append(o.variant, rapid.IntRange(0, 1).Draw(rt, "variant"))
		o.lines = append(o.lines, inventory.Line{N: int64(n + 1), Quantity: rapid.Int64Range(1, 15).Draw(rt, "quantity")})
	}
	if rapid.Bool().Draw(rt, "less") && (o.kind == "adjust") {
		o.units = -o.units
	}
	return o
}

// do runs an operation and returns what it answered. holder is whom a hold is for.
func (m *model) do(t *testing.T, o op, holder id.UUID) (figures inventory.Figures, allocations []inventory.Allocation, err error) {
	s, w, l := m.shop, m.shop.writer, m.levels[o.level]
	switch o.kind {
	case "reserve":
		figures, err = w.Reserve(t.Context(), s.id, l, units(o.units))
	case "release":
		figures, err = w.Release(t.Context(), s.id, l, units(o.units))
	case "fulfill":
		figures, err = w.Fulfill(t.Context(), s.id, l, units(o.units))
	case "adjust":
		figures, err = w.Adjust(t.Context(), s.id, l, inventory.Correction, units(o.units))
	case "set":
		err = s.db.InTx(t.Context(), func(tx *db.Tx) error {
			at := m.shelves[o.level]
			level, err := w.Set(t.Context(), tx, s.id, m.variant(at.variant), &m.warehouses[at.warehouse], inventory.Target{Quantity: o.units}, inventory.Note{})
			figures = level.Figures
			return err
		})
	case "transfer":
		err = s.db.InTx(t.Context(), func(tx *db.Tx) error {
			at := m.shelves[o.level]
			_, err := w.Transfer(t.Context(), tx, s.id, m.variant(at.variant), m.warehouses[at.warehouse], m.warehouses[o.other], o.units, inventory.Note{})
			return err
		})
	case "backorder":
		err = s.db.InTx(t.Context(), func(tx *db.Tx) error {
			p := m.product[o.level/3]
			_, err := inventory.UpdateVariant(t.Context(), tx, s.id, p.ID, p.Variants[0].ID, func(v *catalog.Variant) { v.AllowBackorder = o.units%2 == 0 })
			return err
		})
	default:
		allocations, err = m.held(t, o, holder)
	}
	return figures, allocations, err
}

// held runs an operation of a holder.
func (m *model) held(t *testing.T, o op, holder id.UUID) (allocations []inventory.Allocation, err error) {
	lines := slices.Clone(o.lines)
	for i := range lines {
		lines[i].Variant = m.variant(o.variant[i])
	}
	err = m.shop.writer.Do(t.Context(), m.shop.id, inventory.Request{
		Prepare: func(s *inventory.Stock) {
			switch o.kind {
			case "hold":
				for _, line := range lines {
					s.NeedVariant(line.Variant)
				}
			case "return":
				s.NeedLevel(m.levels[o.level])
			default:
				s.NeedHolder(holder)
			}
		},
		Decide: func(s *inventory.Stock) (err error) {
			switch o.kind {
			case "hold":
				allocations, err = s.Hold(holder, lines, inventory.Note{})
			case "release holds":
				err = s.ReleaseHolds(holder, inventory.Note{})
			case "fulfill holds":
				err = s.FulfillHolds(holder, inventory.Note{})
			case "return":
				err = s.Return(m.variant(m.shelves[o.level].variant), m.levels[o.level], o.units, inventory.Note{})
			}
			return err
		},
	})
	return allocations, err
}

// expect says what an operation on the model answers: "" or the code of a refusal.
// When it is accepted, the model has changed.
func (m *model) expect(o op, holder id.UUID) string {
	s := m.shelves[o.level]
	backorder := m.backorder[s.variant]
	switch o.kind {
	case "reserve":
		if o.units > s.available() && !backorder {
			return "sold_out"
		}
		s.byHand += o.units
	case "release", "fulfill":
		switch {
		case o.units > s.reserved():
			return "more_than_reserved"
		case o.units > s.byHand:
			return "held_by_orders"
		case o.kind == "fulfill" && o.units > s.quantity:
			return "more_than_on_hand"
		}
		s.byHand -= o.units
		if o.kind == "fulfill" {
			s.quantity -= o.units
		}
	case "adjust":
		switch after := s.quantity + o.units; {
		case after < 0:
			return "below_zero"
		case o.units < 0 && after < s.reserved() && !backorder:
			return "below_reserved"
		}
		s.quantity += o.units
	case "set":
		if o.units < s.reserved() && !backorder {
			return "below_reserved"
		}
		s.quantity = o.units
	case "transfer":
		to := m.shelves[s.variant*3+o.other]
		if to == s {
			return "invalid"
		}
		if o.units > s.available() {
			return "sold_out"
		}
		s.quantity -= o.units
		to.quantity += o.units
	case "return":
		s.quantity += o.units
	case "backorder":
		return m.expectBackorder(s.variant, o.units%2 == 0)
	default:
		return m.expectHolder(o, holder)
	}
	return ""
}

func (m *model) expectBackorder(v int, allow bool) string {
	for _, s := range m.shelves[v*3 : v*3+3] {
		if !allow && m.backorder[v] && s.reserved() > s.quantity {
			return "backorder_in_use"
		}
	}
	m.backorder[v] = allow
	return ""
}

// expectHolder is expect for what holders do; where a hold lies is not its matter.
func (m *model) expectHolder(o op, holder id.UUID) string {
	if o.kind == "hold" {
		wanted := map[int]int64{}
		for i, line := range o.lines {
			wanted[o.variant[i]] += line.Quantity
		}
		for v, n := range wanted {
			var available int64
			for _, s := range m.shelves[v*3 : v*3+3] {
				available += s.available()
			}
			if n > available && !m.backorder[v] {
				return "short"
			}
		}
		return ""
	}
	for _, a := range m.holds[holder] {
		if s := m.shelf(a.Level); o.kind == "fulfill holds" && a.Quantity > s.quantity {
			return "more_than_on_hand"
		}
	}
	shipped := map[*shelf]int64{}
	for _, a := range m.holds[holder] {
		s := m.shelf(a.Level)
		if shipped[s] += a.Quantity; o.kind == "fulfill holds" && shipped[s] > s.quantity {
			return "more_than_on_hand"
		}
	}
	for _, a := range m.holds[holder] {
		s := m.shelf(a.Level)
		s.held -= a.Quantity
		if o.kind == "fulfill holds" {
			s.quantity -= a.Quantity
		}
	}
	delete(m.holds, holder)
	return ""
}

// allocate checks where a hold was put and puts it there in the model.
func (m *model) allocate(rt *rapid.T, o op, holder id.UUID, all []inventory.Allocation) {
	for i, line := range o.lines {
		var parts []inventory.Allocation
		var sum int64
		for _, a := range all {
			if a.Line == line.N {
				parts = append(parts, a)
				sum += a.Quantity
			}
		}
		if sum != line.Quantity {
			rt.Fatalf("line %d of %d units has %d", line.N, line.Quantity, sum)
		}
		m.checkParts(rt, m.shelves[o.variant[i]*3:o.variant[i]*3+3], line.Quantity, parts)
		for _, a := range parts {
			m.shelf(a.Level).held += a.Quantity
		}
	}
	m.holds[holder] = all
}

// checkParts holds the rule of the allocation: the default warehouse if it has all
// of a line, else one that has, else as few as can be.
func (m *model) checkParts(rt *rapid.T, shelves []*shelf, n int64, parts []inventory.Allocation) {
	var each []int64
	var sum int64
	for _, s := range shelves {
		each = append(each, s.available())
		sum += s.available()
	}
	fewest := 1 // of what is not there at all, everything is held of the default one
	if biggest := slices.SortedFunc(slices.Values(each), func(a, b int64) int { return int(b - a) }); sum >= n {
		for left := n - biggest[0]; left > 0; fewest++ {
			left -= biggest[fewest]
		}
	}
	first := m.shelf(parts[0].Level)
	if (each[0] >= n || sum < n) && (len(parts) != 1 || first.warehouse != 0) {
		rt.Fatalf("%d of %v, the default first, are taken as %+v", n, each, parts)
	}
	if len(parts) != fewest {
		rt.Fatalf("%d of %v are taken from %d warehouses, %d would do", n, each, len(parts), fewest)
	}
	for _, a := range parts {
		if s := m.shelf(a.Level); sum >= n && a.Quantity > s.available() {
			rt.Fatalf("%d of %d available are held", a.Quantity, s.available())
		}
	}
}

// settle compares the shop with the model.
func (m *model) settle(rt *rapid.T, t *testing.T) {
	for i, l := range m.levels {
		f, s := m.shop.level(l).Figures, m.shelves[i]
		if f.Quantity != s.quantity || f.Reserved != s.reserved() {
			rt.Fatalf("level %d has %d on hand and %d reserved, the model %d and %d", i, f.Quantity, f.Reserved, s.quantity, s.reserved())
		}
	}
	for d, err := range inventory.Verify(t.Context(), m.shop.db) {
		if err != nil {
			rt.Fatal(err)
		}
		if d.Store == m.shop.id {
			rt.Fatal(d)
		}
	}
}

// codeOf returns what an operation was refused with.
func codeOf(err error) string {
	if _, ok := errors.AsType[*inventory.ErrSoldOut](err); ok {
		return "short"
	}
	return fault.Code(err)
}

func drawQuantities(rt *rapid.T) []int64 {
	return rapid.SliceOfN(rapid.Int64Range(0, 20), 6, 6).Draw(rt, "quantities")
}

// TestModel_oneAfterTheOther has every answer foretold by the model.
func TestModel_oneAfterTheOther(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		rapid.Check(t, func(rt *rapid.T) {
			m := newModel(t, d, drawQuantities(rt))
			for range rapid.IntRange(1, 40).Draw(rt, "operations") {
				o := drawOp(rt)
				holder := m.pick(o)
				want := m.expect(o, holder)
				figures, allocations, err := m.do(t, o, holder)
				if got := codeOf(err); err != nil && got == "" || got != want {
					rt.Fatalf("%+v: %v (%q), want %q", o, err, got, want)
				}
				if err != nil {
					continue
				}
				if o.kind == "hold" {
					m.allocate(rt, o, holder, allocations)
				}
				if s := m.shelves[o.level]; figures != (inventory.Figures{}) && (figures.Quantity != s.quantity || figures.Reserved != s.reserved()) {
					rt.Fatalf("%+v answers %+v, want %+v", o, figures, s)
				}
			}
			m.settle(rt, t)
		})
	})
}

// pick returns a new holder for a hold, and one of those that hold for the rest.
func (m *model) pick(o op) id.UUID {
	if o.kind == "hold" || len(m.holders) == 0 {
		m.holders = append(m.holders, m.shop.db.NewID())
		return m.holders[len(m.holders)-1]
	}
	return m.holders[o.holder%len(m.holders)]
}

// TestModel_allAtOnce has many goroutines do what they like. Whatever order it
// happened in, what was accepted adds up to what is there.
func TestModel_allAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		rapid.Check(t, func(rt *rapid.T) {
			m := newModel(t, d, drawQuantities(rt))
			ops := rapid.SliceOfN(rapid.Custom(drawOp), 20, 80).Draw(rt, "operations")
			var mu sync.Mutex
			var wg sync.WaitGroup
			for part := range slices.Chunk(ops, len(ops)/8+1) {
				wg.Go(func() {
					var mine []id.UUID
					for _, o := range part {
						if o.kind == "set" {
							continue // it overwrites: nobody can add that up
						}
						holder := d.NewID()
						if o.kind != "hold" && len(mine) > 0 {
							holder = mine[rand.IntN(len(mine))] //nolint:gosec // a test
						}
						_, allocations, err := m.do(t, o, holder)
						if err != nil && codeOf(err) == "" {
							t.Errorf("%+v: %v", o, err)
						}
						if err == nil {
							mu.Lock()
							m.accepted(o, holder, allocations)
							mu.Unlock()
							mine = append(mine, holder)
						}
					}
				})
			}
			wg.Wait()
			m.settle(rt, t)
		})
	})
}

// accepted adds what an operation did to the model.
func (m *model) accepted(o op, holder id.UUID, allocations []inventory.Allocation) {
	s := m.shelves[o.level]
	switch o.kind {
	case "reserve":
		s.byHand += o.units
	case "release":
		s.byHand -= o.units
	case "fulfill":
		s.byHand -= o.units
		s.quantity -= o.units
	case "adjust", "return":
		s.quantity += o.units
	case "transfer":
		s.quantity -= o.units
		m.shelves[s.variant*3+o.other].quantity += o.units
	case "hold":
		for _, a := range allocations {
			m.shelf(a.Level).held += a.Quantity
		}
		m.holds[holder] = allocations
	case "release holds", "fulfill holds":
		for _, a := range m.holds[holder] {
			m.shelf(a.Level).held -= a.Quantity
			if o.kind == "fulfill holds" {
				m.shelf(a.Level).quantity -= a.Quantity
			}
		}
		delete(m.holds, holder)
	}
}
