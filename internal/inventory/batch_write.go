package inventory

import (
	"context"
	"fmt"

	"vitrine/internal/db"
)

var (
	changedColumns = db.NewColumns("store_id uuid, id uuid, quantity bigint, reserved bigint, by_hand bigint, reorder_point bigint, reorder_quantity bigint, entries bigint, last_entry uuid, entry_before uuid")
	freshColumns   = db.NewColumns("store_id uuid, id uuid, variant_id uuid, warehouse_id uuid, quantity bigint, reserved bigint, by_hand bigint, reorder_point bigint, reorder_quantity bigint, backorder boolean, entries bigint, last_entry uuid, entry_before uuid")
	entryColumns   = db.NewColumns("store_id uuid, id uuid, level_id uuid, n bigint, before_id uuid, quantity_change bigint, reserved_change bigint, quantity_after bigint, reserved_after bigint, reason text, reference_id text, notes text, actor text")
	heldColumns    = db.NewColumns("store_id uuid, holder_id uuid, line bigint, level_id uuid, quantity bigint")
	droppedColumns = db.NewColumns("store_id uuid, holder_id uuid, line bigint, level_id uuid")
)

const (
	updateLevels = `
		WITH @given UPDATE inventory_level AS l
		SET quantity = given.quantity, reserved = given.reserved, by_hand = given.by_hand, reorder_point = given.reorder_point,
			reorder_quantity = given.reorder_quantity, entries = given.entries,
			last_entry = given.last_entry, entry_before = given.entry_before, updated_at = $1
		FROM given WHERE l.store_id = given.store_id AND l.id = given.id`

	insertLevels = `
		WITH @given INSERT INTO inventory_level (store_id, id, variant_id, warehouse_id, quantity, reserved, by_hand,
			reorder_point, reorder_quantity, backorder, retired, entries, last_entry, entry_before, created_at, updated_at)
		SELECT store_id, id, variant_id, warehouse_id, quantity, reserved, by_hand,
			reorder_point, reorder_quantity, backorder, FALSE, entries, last_entry, entry_before, $1, $1 FROM given`

	insertEntries = `
		WITH @given INSERT INTO inventory_adjustment (store_id, id, level_id, n, before_id, quantity_change, reserved_change,
			quantity_after, reserved_after, reason, reference_id, notes, actor, created_at)
		SELECT store_id, id, level_id, n, before_id, quantity_change, reserved_change,
			quantity_after, reserved_after, reason, reference_id, notes, actor, $1 FROM given`

	insertHolds = `
		WITH @given INSERT INTO inventory_hold (store_id, holder_id, line, level_id, quantity, created_at)
		SELECT store_id, holder_id, line, level_id, quantity, $1 FROM given`

	deleteHolds = `
		WITH @given DELETE FROM inventory_hold
		WHERE (store_id, holder_id, line, level_id) IN (SELECT store_id, holder_id, line, level_id FROM given)`
)

// write writes what the requests decided: the stock, then what their parts share.
func (b *Batch) write(ctx context.Context) error {
	changed, fresh := b.touchedLevels()
	for _, step := range []struct {
		what, statement string
		rows            *db.Set
	}{
		{"make levels", insertLevels, fresh},
		{"change levels", updateLevels, changed},
		{"write the ledger", insertEntries, b.entryRows()},
		{"hold", insertHolds, b.heldRows()},
	} {
		n, err := step.rows.Exec(ctx, b.tx, step.statement, db.Time{Time: b.now})
		if err == nil && int(n) != step.rows.Len() {
			err = fmt.Errorf("%d of %d rows", n, step.rows.Len())
		}
		if err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	if err := b.drop(ctx); err != nil {
		return fmt.Errorf("drop holds: %w", err)
	}
	b.count()
	for _, p := range b.partsList {
		if err := p.Write(ctx, b.tx); err != nil {
			return err
		}
	}
	return nil
}

func (b *Batch) touchedLevels() (changed, fresh *db.Set) {
	changed, fresh = changedColumns.Set(), freshColumns.Set()
	for _, l := range b.touched {
		if l.fresh {
			fresh.Add(l.store, l.id, l.variant, l.warehouse, l.Quantity, l.Reserved, l.byHand, l.ReorderPoint, l.ReorderQuantity, l.backorder, l.entries, l.last, l.before)
		} else {
			changed.Add(l.store, l.id, l.Quantity, l.Reserved, l.byHand, l.ReorderPoint, l.ReorderQuantity, l.entries, l.last, l.before)
		}
	}
	return changed, fresh
}

func (b *Batch) entryRows() *db.Set {
	rows := entryColumns.Set()
	for _, e := range b.entries {
		rows.Add(e.store, e.id, e.level, e.n, e.before, e.quantityChange, e.reservedChange, e.quantityAfter, e.reservedAfter,
			string(e.reason), e.note.Reference, e.note.Notes, e.note.Actor)
	}
	return rows
}

func (b *Batch) heldRows() *db.Set {
	rows := heldColumns.Set()
	for _, h := range b.held {
		if !h.dropped {
			rows.Add(h.store, h.holder, h.line, h.level, h.quantity)
		}
	}
	return rows
}

// drop deletes the holds that ended, all of which must still be there.
func (b *Batch) drop(ctx context.Context) error {
	rows := droppedColumns.Set()
	for _, h := range b.dropped {
		if !h.fresh {
			rows.Add(h.store, h.holder, h.line, h.level)
		}
	}
	n, err := rows.Exec(ctx, b.tx, deleteHolds)
	if err == nil && int(n) != rows.Len() {
		return fmt.Errorf("%d of %d holds are there", n, rows.Len())
	}
	return err
}
