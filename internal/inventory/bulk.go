package inventory

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// MaxItems is how many levels one call can set.
const MaxItems = 10_000

// Item is a level to set, of a variant that is named by its SKU or its id. Without
// a warehouse it is the default one.
type Item struct {
	SKU       *string
	Variant   *id.UUID
	Warehouse *WarehouseID
	Seen      *int64 // what the quantity was when the item was written; nil where that does not matter
	Target
}

// Fault says why an item was not set.
type Fault struct {
	Index   int
	Message string
}

// SetAll sets many levels. Items that are wrong are left out and told; the others
// are set together. The number of statements does not depend on that of the items.
func (w *Writer) SetAll(ctx context.Context, tx *db.Tx, st store.ID, items []Item, note Note) (updated int, faults []Fault, err error) {
	r := bulk{items: items, note: note, faults: []Fault{}}
	if err := r.resolve(ctx, tx, st); err != nil {
		return 0, nil, err
	}
	err = w.In(ctx, tx, st, Request{Prepare: r.prepare, Decide: r.decide})
	return r.updated, r.faults, err
}

// bulk is a call of SetAll.
type bulk struct {
	items    []Item
	note     Note
	places   []placed // by item; zero where there is none
	faults   []Fault
	updated  int
	changed  int // of those that were updated: what was not so before
	standard WarehouseID
}

// placed is a level that an item is about.
type placed struct {
	variant   catalog.VariantID
	warehouse WarehouseID
}

var nameColumns = db.NewColumns("store_id uuid, sku text, variant_id uuid")

// resolve finds the variants that the items name, and the default warehouse.
func (b *bulk) resolve(ctx context.Context, tx *db.Tx, st store.ID) error {
	var err error
	if b.standard, err = defaultWarehouse(ctx, tx, st); err != nil {
		return err
	}
	skus, ids, err := b.named(ctx, tx, st)
	if err != nil {
		return fmt.Errorf("find the variants: %w", err)
	}
	seen := map[placed]int{}
	b.places = make([]placed, len(b.items))
	for i, item := range b.items {
		p, err := item.place(skus, ids, b.standard)
		if first, again := seen[p]; err == nil && again {
			err = fault.Refusedf("repeated", "Item %d sets the same level.", first)
		}
		if err != nil {
			b.fault(i, err)
			continue
		}
		seen[p], b.places[i] = i, p
	}
	return nil
}

// named looks up all SKUs and ids at once.
func (b *bulk) named(ctx context.Context, tx *db.Tx, st store.ID) (skus map[string]catalog.VariantID, ids map[id.UUID]bool, err error) {
	names := nameColumns.Set()
	for _, item := range b.items {
		if (item.SKU == nil) != (item.Variant == nil) {
			names.Add(st, item.SKU, item.Variant)
		}
	}
	type found struct {
		id  catalog.VariantID
		sku *string
	}
	variants, err := db.QuerySet(ctx, tx, names, func(row db.Row) (found, error) {
		var f found
		err := row.Scan(&f.id, &f.sku)
		return f, err
	}, `WITH @given SELECT v.id, v.sku FROM given CROSS JOIN variant v WHERE v.store_id = given.store_id AND v.id = given.variant_id AND v.deleted_at IS NULL
		UNION ALL
		SELECT v.id, v.sku FROM given CROSS JOIN variant v WHERE v.store_id = given.store_id AND v.sku = given.sku AND v.deleted_at IS NULL`)
	skus, ids = make(map[string]catalog.VariantID, len(variants)), make(map[id.UUID]bool, len(variants))
	for _, v := range variants {
		ids[v.id.UUID] = true
		if v.sku != nil {
			skus[*v.sku] = v.id
		}
	}
	return skus, ids, err
}

// place returns the level that an item is about, or what is wrong with the item.
func (i Item) place(skus map[string]catalog.VariantID, ids map[id.UUID]bool, standard WarehouseID) (placed, error) {
	p := placed{warehouse: standard}
	if i.Warehouse != nil {
		p.warehouse = *i.Warehouse
	}
	switch {
	case (i.SKU == nil) == (i.Variant == nil):
		return p, fault.Invalidf("sku", "or variant_id must be given, one of them")
	case i.SKU != nil:
		v, known := skus[*i.SKU]
		if !known {
			return p, fault.Refusedf("sku_unknown", "There is no variant with the SKU %q.", *i.SKU)
		}
		p.variant = v
	case !ids[*i.Variant]:
		return p, fault.Missing("variant")
	default:
		p.variant = catalog.VariantID{UUID: *i.Variant}
	}
	return p, i.Target.Check()
}

func (b *bulk) fault(i int, err error) {
	b.places[i] = placed{}
	b.faults = append(b.faults, Fault{i, err.Error()})
}

func (b *bulk) prepare(s *Stock) {
	for _, p := range b.places {
		if p != (placed{}) {
			s.NeedPlace(p.variant, p.warehouse)
		}
	}
}

func (b *bulk) decide(s *Stock) error {
	for i, p := range b.places {
		if p == (placed{}) {
			continue
		}
		entries := len(s.batch.entries)
		to, err := b.items[i].meant(s, p)
		if err == nil {
			_, _, err = s.Set(p.variant, p.warehouse, to, b.note)
		}
		if err != nil {
			b.fault(i, err)
			continue
		}
		if b.updated++; len(s.batch.entries) > entries {
			b.changed++
		}
	}
	slices.SortFunc(b.faults, func(x, y Fault) int { return cmp.Compare(x.Index, y.Index) })
	return nil
}

// meant is what an item sets now. A quantity that it only repeats stays as others
// left it meanwhile; one that it changes must be the one that it was written for.
func (i Item) meant(s *Stock, p placed) (Target, error) {
	to := i.Target
	if i.Seen == nil {
		return to, nil
	}
	now, err := s.at(p.variant, p.warehouse)
	switch {
	case err != nil:
		return to, err
	case to.Quantity == *i.Seen:
		to.Quantity = now.Quantity
	case now.Quantity != *i.Seen:
		return to, fault.Conflictf("stock_moved", "The quantity was %d and is %d by now: somebody has moved stock. Count again.", *i.Seen, now.Quantity)
	}
	return to, nil
}
