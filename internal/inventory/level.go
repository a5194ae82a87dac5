package inventory

import (
	"context"
	"time"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// LevelID names a level.
type LevelID struct{ id.UUID }

// Level is what lies of a variant in a warehouse, and what the two are called.
type Level struct {
	ID            LevelID
	Product       catalog.ProductID
	Variant       catalog.VariantID
	Warehouse     WarehouseID
	SKU           *string
	ProductTitle  string
	VariantTitle  string
	WarehouseName string
	CreatedAt     time.Time
	Figures
}

// Figures are the numbers of a level.
type Figures struct {
	Quantity        int64 // on hand
	Reserved        int64 // held of it; more than it where the variant allows backorder
	ReorderPoint    int64
	ReorderQuantity int64
	UpdatedAt       time.Time
}

// MaxQuantity bounds every number of a level.
const MaxQuantity = 1_000_000_000

// Available is what can be sold.
func (f Figures) Available() int64 { return max(0, f.Quantity-f.Reserved) }

// Low tells whether it is time to order more.
func (f Figures) Low() bool { return f.Available() <= f.ReorderPoint }

const levelColumns = `l.id, v.product_id, l.variant_id, l.warehouse_id, v.sku, p.title, v.title, w.name, l.created_at,
	l.quantity, l.reserved, l.reorder_point, l.reorder_quantity, l.updated_at`

// levelFrom are the tables of levelColumns, the levels first. CROSS JOIN tells
// SQLite to begin with them, which are in the order of the list.
const levelFrom = ` FROM inventory_level l CROSS JOIN variant v CROSS JOIN product p CROSS JOIN warehouse w `

// named joins the tables of levelFrom.
func named(w *db.Where) {
	w.Add("v.store_id = l.store_id AND v.id = l.variant_id")
	w.Add("p.store_id = l.store_id AND p.id = v.product_id")
	w.Add("w.store_id = l.store_id AND w.id = l.warehouse_id")
}

func scanLevel(row db.Row) (Level, error) {
	var l Level
	var created, updated db.Time
	err := row.Scan(&l.ID, &l.Product, &l.Variant, &l.Warehouse, &l.SKU, &l.ProductTitle, &l.VariantTitle, &l.WarehouseName, &created,
		&l.Quantity, &l.Reserved, &l.ReorderPoint, &l.ReorderQuantity, &updated)
	l.CreatedAt, l.UpdatedAt = created.Time, updated.Time
	return l, err
}

// GetLevel returns a level of a store.
func GetLevel(ctx context.Context, q db.Q, st store.ID, l LevelID) (Level, error) {
	var w db.Where
	w.Add("l.store_id = ? AND l.id = ?", st, l)
	w.Add("NOT l.retired")
	named(&w)
	found, err := db.One(ctx, q, scanLevel, `SELECT `+levelColumns+levelFrom+w.String(), w.Args...)
	return found, db.Missing(err, "inventory level")
}

// GetLevels returns those of the levels that a store has, newest first.
func GetLevels(ctx context.Context, q db.Q, st store.ID, ids []LevelID) ([]Level, error) {
	if len(ids) == 0 {
		return []Level{}, nil
	}
	var w db.Where
	w.Add("l.store_id = ?", st)
	w.Add("l.id IN " + db.List(2, len(ids)))
	w.Args = append(w.Args, db.Args(ids)...)
	w.Add("NOT l.retired")
	named(&w)
	return db.All(ctx, q, scanLevel, `SELECT `+levelColumns+levelFrom+w.String()+` ORDER BY l.id DESC`, w.Args...)
}
