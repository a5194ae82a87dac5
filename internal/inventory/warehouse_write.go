package inventory

import (
	"context"
	"fmt"

	"vitrine/internal/audit"
	"vitrine/internal/content"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/store"
	"vitrine/internal/text"
)

// NewWarehouse returns a warehouse as it is before the merchant says anything else:
// in use, and not the default.
func NewWarehouse(name string) Warehouse { return Warehouse{Name: name, Active: true} }

func (w *Warehouse) check() error {
	var f fault.Form
	w.Name = text.Name(&f, "name", w.Name)
	w.Address = text.OptionalLong(&f, "address", w.Address, maxAddress)
	w.City = text.OptionalLine(&f, "city", w.City, text.MaxName)
	w.State = text.OptionalLine(&f, "state", w.State, text.MaxName)
	w.Country = text.OptionalLine(&f, "country", w.Country, text.MaxName)
	w.ZipCode = text.OptionalLine(&f, "zip_code", w.ZipCode, maxZipCode)
	return f.Err()
}

const (
	maxAddress = 1000
	maxZipCode = 40
)

// lockWarehouses keeps others from changing which of a store's warehouses is the
// default.
func lockWarehouses(ctx context.Context, tx *db.Tx, st store.ID) error {
	return tx.Lock(ctx, "warehouses of "+st.String())
}

// CreateWarehouse adds a warehouse. A default one takes that over from the one
// before.
func CreateWarehouse(ctx context.Context, tx *db.Tx, st store.ID, w Warehouse) (Warehouse, error) {
	w.ID, w.CreatedAt, w.UpdatedAt = WarehouseID{tx.NewID()}, tx.Now(), tx.Now()
	if err := w.check(); err != nil {
		return Warehouse{}, err
	}
	if err := lockWarehouses(ctx, tx, st); err != nil {
		return Warehouse{}, err
	}
	if w.Default {
		if err := unsetDefault(ctx, tx, st); err != nil {
			return Warehouse{}, err
		}
	}
	_, err := db.Exec(ctx, tx, `
		INSERT INTO warehouse (store_id, `+warehouseColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)`,
		st, w.ID, w.Name, w.Address, w.City, w.State, w.Country, w.ZipCode, w.Default, w.Active, db.Time{Time: w.CreatedAt})
	if err != nil {
		return Warehouse{}, err
	}
	return w, audit.InStore(ctx, tx, st.UUID, audit.WarehouseCreate, w.thing())
}

// thing is the warehouse as logs name it.
func (w Warehouse) thing() audit.Thing {
	return audit.Thing{Kind: "warehouse", ID: w.ID.String(), Name: w.Name}
}

func unsetDefault(ctx context.Context, tx *db.Tx, st store.ID) error {
	_, err := db.Exec(ctx, tx, `
		UPDATE warehouse SET is_default = FALSE, updated_at = $2 WHERE store_id = $1 AND is_default AND deleted_at IS NULL`,
		st, db.Time{Time: tx.Now()})
	return err
}

// UpdateWarehouse changes a warehouse. One that becomes the default takes that over
// from the one before; the default itself stays it until another does.
func UpdateWarehouse(ctx context.Context, tx *db.Tx, st store.ID, id WarehouseID, edit func(*Warehouse)) (Warehouse, error) {
	if err := lockWarehouses(ctx, tx, st); err != nil {
		return Warehouse{}, err
	}
	w, err := GetWarehouse(ctx, tx, st, id)
	if err != nil {
		return Warehouse{}, err
	}
	was := w
	edit(&w)
	w.UpdatedAt = tx.Now()
	if err := w.check(); err != nil {
		return Warehouse{}, err
	}
	if was.Default && !w.Default {
		return Warehouse{}, fault.Refusedf("default_warehouse", "A store keeps a default warehouse: set another one as default instead.")
	}
	if w.Default && !was.Default {
		if err := unsetDefault(ctx, tx, st); err != nil {
			return Warehouse{}, err
		}
	}
	if w.Active != was.Active { // what lies there is for sale, or not any more
		content.Changed(tx, st.UUID)
	}
	_, err = db.Exec(ctx, tx, `
		UPDATE warehouse SET name = $3, address = $4, city = $5, state = $6, country = $7, zip_code = $8, is_default = $9, is_active = $10, updated_at = $11
		WHERE store_id = $1 AND id = $2`,
		st, id, w.Name, w.Address, w.City, w.State, w.Country, w.ZipCode, w.Default, w.Active, db.Time{Time: w.UpdatedAt})
	if err != nil {
		return Warehouse{}, err
	}
	return w, audit.Changed(ctx, tx, st.UUID, audit.WarehouseChange, w.thing(), was, w)
}

// DeleteWarehouse takes an empty warehouse that is not the default out of a store.
// Its adjustments stay readable.
func DeleteWarehouse(ctx context.Context, tx *db.Tx, st store.ID, id WarehouseID) error {
	if err := lockWarehouses(ctx, tx, st); err != nil {
		return err
	}
	w, err := GetWarehouse(ctx, tx, st, id)
	if err != nil {
		return err
	}
	if w.Default {
		return fault.Refusedf("default_warehouse", "The default warehouse cannot be deleted: set another one as default first.")
	}
	now := db.Time{Time: tx.Now()}
	// The warehouse first: whoever makes a level in it waits, and then finds it gone.
	if _, err := db.Exec(ctx, tx, `UPDATE warehouse SET deleted_at = $3, updated_at = $3 WHERE store_id = $1 AND id = $2`, st, id, now); err != nil {
		return err
	}
	if err := lockVariants(ctx, tx, st, id); err != nil {
		return err
	}
	levels, err := lockLevels(ctx, tx, `l.store_id = $1 AND l.warehouse_id = $2`, st, id)
	if err != nil {
		return err
	}
	var quantity, reserved int64
	for _, l := range levels {
		quantity += l.Quantity
		reserved += l.Reserved
	}
	if quantity > 0 || reserved > 0 {
		return fault.Refusedf("warehouse_in_use", "The warehouse still holds %d units, and %d are reserved: move them first.", quantity, reserved)
	}
	if err := retire(ctx, tx, st, `warehouse_id = $2`, id); err != nil {
		return err
	}
	return audit.InStore(ctx, tx, st.UUID, audit.WarehouseDelete, w.thing())
}

// lockVariants keeps others from making levels of the variants in a warehouse, so
// that it is known which are nowhere else.
func lockVariants(ctx context.Context, tx *db.Tx, st store.ID, in WarehouseID) error {
	if tx.Engine() == db.SQLite { // one writes at a time
		return nil
	}
	_, err := db.Exec(ctx, tx, `
		SELECT 1 FROM variant v WHERE v.store_id = $1 AND v.id IN (
			SELECT l.variant_id FROM inventory_level l WHERE l.store_id = $1 AND l.warehouse_id = $2 AND NOT l.retired)`+
		tx.Engine().ForUpdate("v", "v.store_id, v.id"), st, in)
	return err
}

// lockLevels returns the levels that are not retired, as l, and keeps others from
// changing them.
func lockLevels(ctx context.Context, tx *db.Tx, condition string, args ...any) ([]Figures, error) {
	return db.All(ctx, tx, func(row db.Row) (Figures, error) {
		var f Figures
		err := row.Scan(&f.Quantity, &f.Reserved)
		return f, err
	}, `SELECT l.quantity, l.reserved FROM inventory_level l WHERE NOT l.retired AND `+condition+tx.Engine().ForUpdate("l", "l.store_id, l.id"), args...)
}

// retire takes levels, which are locked, out of all lists. $2 in the condition is
// arg.
func retire(ctx context.Context, tx *db.Tx, st store.ID, condition string, arg any) error {
	if err := uncount(ctx, tx, st, condition, arg); err != nil {
		return fmt.Errorf("count the stock: %w", err)
	}
	_, err := db.Exec(ctx, tx, `
		UPDATE inventory_level SET retired = TRUE, updated_at = $3 WHERE store_id = $1 AND NOT retired AND `+condition,
		st, arg, db.Time{Time: tx.Now()})
	if err != nil {
		return fmt.Errorf("retire levels: %w", err)
	}
	return nil
}
