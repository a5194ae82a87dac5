package inventory

import (
	"context"
	"fmt"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// What requests need, as they name it.
var (
	idColumns      = db.NewColumns("store_id uuid, id uuid")
	variantColumns = db.NewColumns("store_id uuid, variant_id uuid")
	placeColumns   = db.NewColumns("store_id uuid, variant_id uuid, warehouse_id uuid")
	holderColumns  = db.NewColumns("store_id uuid, holder_id uuid")
)

// NeedLevel says that the decision looks at a level.
func (s *Stock) NeedLevel(l LevelID) {
	key := levelKey{s.store.UUID, l.UUID}
	if _, asked := s.batch.levels[key]; asked {
		return
	}
	s.batch.levels[key] = nil
	s.batch.byID.Add(s.store, l)
}

// NeedVariant says that the decision looks at a variant in all warehouses.
func (s *Stock) NeedVariant(v catalog.VariantID) {
	key := variantKey{s.store.UUID, v.UUID}
	if _, asked := s.batch.variants[key]; asked {
		return
	}
	s.batch.variants[key] = nil
	s.batch.byVariant.Add(s.store, v)
}

// NeedPlace says that the decision may make a level of a variant in a warehouse.
func (s *Stock) NeedPlace(v catalog.VariantID, w WarehouseID) {
	s.NeedVariant(v)
	key := place{s.store.UUID, v.UUID, w.UUID}
	if _, asked := s.batch.known[key]; asked {
		return
	}
	s.batch.known[key] = offer{}
	s.batch.places.Add(s.store, v, w)
}

// NeedHolder says that the decision looks at what somebody holds. Nobody else may
// change that meanwhile: the caller has locked what stands for the holder.
func (s *Stock) NeedHolder(holder id.UUID) {
	key := holderKey{s.store.UUID, holder}
	if _, asked := s.batch.holds[key]; asked {
		return
	}
	s.batch.holds[key] = nil
	s.batch.holders.Add(s.store, holder)
}

// open reads and locks what the requests need: their parts, then what stands above
// the levels, then the levels in the order of their keys.
func (b *Batch) open(ctx context.Context) error {
	for _, p := range b.partsList {
		if err := p.Open(ctx, b.tx); err != nil {
			return err
		}
	}
	if err := b.openPlaces(ctx); err != nil {
		return fmt.Errorf("look at the variants: %w", err)
	}
	if err := b.openHolds(ctx); err != nil {
		return fmt.Errorf("read the holds: %w", err)
	}
	if err := b.openLevels(ctx); err != nil {
		return fmt.Errorf("lock the levels: %w", err)
	}
	return nil
}

// offer is what a store says of a variant and a warehouse that are both there.
type offer struct {
	there     bool
	backorder bool
	main      bool
	active    bool
}

// openPlaces looks whether the variants and warehouses that may get a level are
// there, and keeps them there. Whoever would make the same level waits.
func (b *Batch) openPlaces(ctx context.Context) error {
	type found struct {
		place
		offer
	}
	places, err := db.QuerySet(ctx, b.tx, b.places, func(row db.Row) (found, error) {
		f := found{offer: offer{there: true}}
		err := row.Scan(&f.store, &f.variant, &f.warehouse, &f.backorder, &f.main, &f.active)
		return f, err
	}, `WITH @given SELECT given.store_id, v.id, w.id, v.allow_backorder, w.is_default, w.is_active
		FROM given CROSS JOIN variant v CROSS JOIN warehouse w
		WHERE v.store_id = given.store_id AND v.id = given.variant_id AND v.deleted_at IS NULL
			AND w.store_id = given.store_id AND w.id = given.warehouse_id AND w.deleted_at IS NULL`+b.tx.Engine().ForUpdate("v", "v.store_id, v.id")+b.tx.Engine().ForShare("w"))
	for _, f := range places {
		b.known[f.place] = f.offer
	}
	return err
}

// openHolds reads what the holders hold, and needs the levels that they hold it of.
func (b *Batch) openHolds(ctx context.Context) error {
	found, err := db.QuerySet(ctx, b.tx, b.holders, func(row db.Row) (*hold, error) {
		var h hold
		err := row.Scan(&h.store, &h.holder, &h.line, &h.level, &h.quantity)
		return &h, err
	}, `WITH @given SELECT h.store_id, h.holder_id, h.line, h.level_id, h.quantity
		FROM given CROSS JOIN inventory_hold h
		WHERE h.store_id = given.store_id AND h.holder_id = given.holder_id`)
	for _, h := range found {
		key := holderKey{h.store.UUID, h.holder}
		b.holds[key] = append(b.holds[key], h)
		(&Stock{batch: b, store: h.store}).NeedLevel(h.level)
	}
	return err
}

const (
	lockedColumns = `l.store_id, l.id, l.variant_id, l.warehouse_id, l.quantity, l.reserved, l.by_hand, l.reorder_point, l.reorder_quantity,
		l.backorder, l.retired, l.entries, l.last_entry, l.updated_at, w.is_default, w.is_active`

	levelsByID = `
		WITH @given SELECT ` + lockedColumns + `
		FROM given CROSS JOIN inventory_level l CROSS JOIN warehouse w
		WHERE l.store_id = given.store_id AND l.id = given.id AND w.store_id = l.store_id AND w.id = l.warehouse_id`

	levelsByVariant = `
		WITH @given SELECT ` + lockedColumns + `
		FROM given CROSS JOIN inventory_level l CROSS JOIN warehouse w
		WHERE l.store_id = given.store_id AND l.variant_id = given.variant_id AND w.store_id = l.store_id AND w.id = l.warehouse_id`

	idsByVariant = `
		WITH @given SELECT l.store_id, l.id FROM given CROSS JOIN inventory_level l
		WHERE l.store_id = given.store_id AND l.variant_id = given.variant_id`
)

func scanLocked(row db.Row) (*level, error) {
	var l level
	var updated db.Time
	err := row.Scan(&l.store, &l.id, &l.variant, &l.warehouse, &l.Quantity, &l.Reserved, &l.byHand, &l.ReorderPoint, &l.ReorderQuantity,
		&l.backorder, &l.retired, &l.entries, &l.last, &updated, &l.main, &l.active)
	l.UpdatedAt = updated.Time
	l.was = l.Figures
	return &l, err
}

// openLevels locks the levels in the order of their keys, so that two batches
// cannot deadlock: those that are named by their variants too, in one statement.
func (b *Batch) openLevels(ctx context.Context) error {
	set, statement := b.byVariant, levelsByVariant
	if b.byID.Len() > 0 {
		if err := b.nameLevels(ctx); err != nil {
			return err
		}
		set, statement = b.byID, levelsByID
	}
	found, err := db.QuerySet(ctx, b.tx, set, scanLocked, statement+b.tx.Engine().ForUpdate("l", "l.store_id, l.id"))
	for _, l := range found {
		b.add(l)
	}
	return err
}

// nameLevels finds the ids of the levels that are named by their variants.
func (b *Batch) nameLevels(ctx context.Context) error {
	found, err := db.QuerySet(ctx, b.tx, b.byVariant, func(row db.Row) (levelKey, error) {
		var key levelKey
		err := row.Scan(&key.store, &key.level)
		return key, err
	}, idsByVariant)
	for _, key := range found {
		(&Stock{batch: b, store: store.ID{UUID: key.store}}).NeedLevel(LevelID{key.level})
	}
	return err
}

// add makes a level known to the batch.
func (b *Batch) add(l *level) {
	b.levels[levelKey{l.store.UUID, l.id.UUID}] = l
	key := variantKey{l.store.UUID, l.variant.UUID}
	b.variants[key] = append(b.variants[key], l)
}
