package inventory

import (
	"context"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/store"
)

// UpdateVariant changes a variant, and with it what its levels know of it.
func UpdateVariant(ctx context.Context, tx *db.Tx, st store.ID, product catalog.ProductID, id catalog.VariantID, edit func(*catalog.Variant)) (catalog.Variant, error) {
	v, err := catalog.UpdateVariant(ctx, tx, st, product, id, edit)
	if err != nil {
		return v, err
	}
	return v, SyncBackorder(ctx, tx, st, v)
}

// SyncBackorder tells a variant's levels whether it may be ordered back. While more
// of it is reserved than on hand, it may.
func SyncBackorder(ctx context.Context, tx *db.Tx, st store.ID, v catalog.Variant) error {
	levels, err := lockLevels(ctx, tx, `l.store_id = $1 AND l.variant_id = $2 AND l.backorder <> $3`, st, v.ID, v.AllowBackorder)
	if err != nil || len(levels) == 0 {
		return err
	}
	for _, f := range levels {
		if !v.AllowBackorder && f.Reserved > f.Quantity {
			return fault.Refusedf("backorder_in_use", "%d are reserved and %d on hand: backorder must stay allowed until they are covered.", f.Reserved, f.Quantity)
		}
	}
	_, err = db.Exec(ctx, tx, `UPDATE inventory_level SET backorder = $3 WHERE store_id = $1 AND variant_id = $2 AND backorder <> $3 AND NOT retired`, st, v.ID, v.AllowBackorder)
	return err
}

// SyncBackorders is SyncBackorder for whoever wrote many variants of a store. Those
// that must go on allowing backorder do, and are returned.
func SyncBackorders(ctx context.Context, tx *db.Tx, st store.ID) ([]catalog.VariantID, error) {
	const stale = `l.backorder <> (SELECT v.allow_backorder FROM variant v WHERE v.store_id = l.store_id AND v.id = l.variant_id)`
	levels, err := lockLevels(ctx, tx, `l.store_id = $1 AND `+stale, st)
	if err != nil || len(levels) == 0 {
		return nil, err
	}
	kept, err := db.All(ctx, tx, func(row db.Row) (catalog.VariantID, error) {
		var v catalog.VariantID
		err := row.Scan(&v)
		return v, err
	}, `UPDATE variant SET allow_backorder = TRUE WHERE store_id = $1 AND NOT allow_backorder AND id IN (
			SELECT l.variant_id FROM inventory_level l WHERE l.store_id = $1 AND NOT l.retired AND l.reserved > l.quantity)
		RETURNING id`, st)
	if err != nil {
		return nil, err
	}
	_, err = db.Exec(ctx, tx, `UPDATE inventory_level AS l SET backorder = NOT backorder WHERE l.store_id = $1 AND NOT l.retired AND `+stale, st)
	return kept, err
}

// DeleteVariant takes a variant out of a product and its levels out of all lists,
// unless some of it is reserved.
func DeleteVariant(ctx context.Context, tx *db.Tx, st store.ID, product catalog.ProductID, id catalog.VariantID) error {
	if err := catalog.DeleteVariant(ctx, tx, st, product, id); err != nil {
		return err
	}
	return retireVariants(ctx, tx, st, `variant_id = $2`, id, "this variant")
}

// ReviseProduct changes a product with all that belongs to it, and with its variants
// what their levels know. A variant of which some is reserved stays.
func ReviseProduct(ctx context.Context, tx *db.Tx, st store.ID, product catalog.ProductID, edit func(*catalog.Product)) (catalog.Edit, error) {
	e, err := catalog.Revise(ctx, tx, st, product, edit)
	if err != nil {
		return catalog.Edit{}, err
	}
	if len(e.Removed()) > 0 {
		const removed = `variant_id IN (SELECT v.id FROM variant v WHERE v.store_id = $1 AND v.product_id = $2 AND v.deleted_at IS NOT NULL)`
		if err := retireVariants(ctx, tx, st, removed, product, "the variants that would go"); err != nil {
			return catalog.Edit{}, err
		}
	}
	for _, v := range e.Altered() {
		if err := SyncBackorder(ctx, tx, st, v); err != nil {
			return catalog.Edit{}, err
		}
	}
	return e, nil
}

// DeleteProduct takes a product with its variants out of a store and their levels
// out of all lists, unless some of them is reserved.
func DeleteProduct(ctx context.Context, tx *db.Tx, st store.ID, product catalog.ProductID) error {
	if err := catalog.Delete(ctx, tx, st, product); err != nil {
		return err
	}
	return retireVariants(ctx, tx, st, `variant_id IN (SELECT v.id FROM variant v WHERE v.store_id = $1 AND v.product_id = $2)`, product, "this product")
}

// retireVariants retires the levels of variants that were deleted just now: whoever
// makes a level of one waits, and then finds it gone.
func retireVariants(ctx context.Context, tx *db.Tx, st store.ID, condition string, id any, what string) error {
	levels, err := lockLevels(ctx, tx, `l.store_id = $1 AND l.`+condition, st, id)
	if err != nil {
		return err
	}
	var reserved int64
	for _, f := range levels {
		reserved += f.Reserved
	}
	if reserved > 0 {
		return fault.Refusedf("reserved", "%d units of %s are reserved: fulfill or cancel the orders first.", reserved, what)
	}
	return retire(ctx, tx, st, condition, id)
}
