package api

import (
	"context"
	"net/http"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/inventory"
	"vitrine/internal/store"
)

// InventoryLevel is what lies of a variant in a warehouse.
type InventoryLevel struct {
	ID                string  `json:"id" format:"uuid"`
	StoreID           string  `json:"store_id" format:"uuid"`
	VariantID         string  `json:"variant_id" format:"uuid"`
	WarehouseID       string  `json:"warehouse_id" format:"uuid"`
	Quantity          int64   `json:"quantity" doc:"On hand."`
	ReservedQuantity  int64   `json:"reserved_quantity" doc:"Held for orders; more than what is on hand where the variant allows backorder."`
	AvailableQuantity int64   `json:"available_quantity" doc:"Can be sold: what is on hand without what is reserved, never below 0."`
	ReorderPoint      int64   `json:"reorder_point" doc:"The level is low when no more than this is available."`
	ReorderQuantity   int64   `json:"reorder_quantity" doc:"How many to order then."`
	IsLowStock        bool    `json:"is_low_stock"`
	SKU               *string `json:"sku"`
	ProductTitle      string  `json:"product_title"`
	VariantTitle      string  `json:"variant_title"`
	WarehouseName     string  `json:"warehouse_name"`
	CreatedAt         string  `json:"created_at" format:"date-time"`
	UpdatedAt         string  `json:"updated_at" format:"date-time"`
}

// levelOf returns how levels of a store read.
func levelOf(st store.ID) func(inventory.Level) InventoryLevel {
	return func(l inventory.Level) InventoryLevel {
		return InventoryLevel{
			ID: l.ID.String(), StoreID: st.String(), VariantID: l.Variant.String(), WarehouseID: l.Warehouse.String(),
			Quantity: l.Quantity, ReservedQuantity: l.Reserved, AvailableQuantity: l.Available(),
			ReorderPoint: l.ReorderPoint, ReorderQuantity: l.ReorderQuantity, IsLowStock: l.Low(),
			SKU: l.SKU, ProductTitle: l.ProductTitle, VariantTitle: l.VariantTitle, WarehouseName: l.WarehouseName,
			CreatedAt: utc(l.CreatedAt), UpdatedAt: utc(l.UpdatedAt),
		}
	}
}

// LevelPath is the path of one level.
type LevelPath struct {
	StorePath
	ID inventory.LevelID `path:"inventory_level_id" format:"uuid" doc:"The inventory level's id."`
}

type setLevelInput struct {
	StorePath
	Body struct {
		VariantID       id.UUID    `json:"variant_id" format:"uuid"`
		WarehouseID     *id.UUID   `json:"warehouse_id,omitempty" format:"uuid" nullable:"true" doc:"By default the store's default warehouse."`
		Quantity        int64      `json:"quantity" doc:"What is on hand; not less than what is reserved."`
		ReorderPoint    Opt[int64] `json:"reorder_point,omitempty" doc:"Left out: as it is, or 0."`
		ReorderQuantity Opt[int64] `json:"reorder_quantity,omitempty" doc:"Left out: as it is, or 0."`
	}
}

func (in *setLevelInput) target() inventory.Target {
	return inventory.Target{Quantity: in.Body.Quantity, ReorderPoint: in.Body.ReorderPoint.pointer(), ReorderQuantity: in.Body.ReorderQuantity.pointer()}
}

// warehouseOrDefault returns the warehouse that a body names, or nil.
func warehouseOrDefault(u *id.UUID) *inventory.WarehouseID {
	if u == nil {
		return nil
	}
	return &inventory.WarehouseID{UUID: *u}
}

type listLevelsInput struct {
	StorePath
	PageQuery
	WarehouseID string `query:"warehouse_id" format:"uuid" doc:"Those in this warehouse."`
	VariantID   string `query:"variant_id" format:"uuid" doc:"Those of this variant."`
	ProductID   string `query:"product_id" format:"uuid" doc:"Those of this product's variants."`
	Query       Search `query:"q" maxLength:"200" doc:"A part of a title, the vendor or the SKU, in any case."`
	LowStock    bool   `query:"low_stock" doc:"Those that are at or below their reorder point."`
}

func (in *listLevelsInput) filter() inventory.Filter {
	f := inventory.Filter{Query: in.Query.String(), Low: in.LowStock}
	if u, err := id.Parse(in.WarehouseID); err == nil {
		f.Warehouse = &inventory.WarehouseID{UUID: u}
	}
	if u, err := id.Parse(in.VariantID); err == nil {
		f.Variant = &catalog.VariantID{UUID: u}
	}
	if u, err := id.Parse(in.ProductID); err == nil {
		f.Product = &catalog.ProductID{UUID: u}
	}
	return f
}

// InventorySummary is a store's stock in numbers.
type InventorySummary struct {
	TotalWarehouses      int64 `json:"total_warehouses"`
	TotalVariantsTracked int64 `json:"total_variants_tracked" doc:"Variants that have a level."`
	TotalInStock         int64 `json:"total_in_stock" doc:"On hand, in all warehouses."`
	TotalReserved        int64 `json:"total_reserved"`
	LowStockCount        int64 `json:"low_stock_count" doc:"Levels that are at or below their reorder point."`
}

// inventoryPath is where the levels of a store are.
const (
	inventoryPath = storePath + "/inventory"
	levelPath     = inventoryPath + "/{inventory_level_id}"
)

const inventoryTag = "Inventory"

// unmanaged is how a store that manages no inventory answers also a GET.
var unmanaged = []int{http.StatusBadRequest}

func (a *API) inventoryRoutes() {
	register(a, route{
		method: http.MethodPost, path: inventoryPath, id: "set-inventory", tag: inventoryTag, status: http.StatusCreated,
		summary: "Set an inventory level", detail: "Makes the level of a variant in a warehouse, or sets the one that is there.",
	}, a.setLevel)
	register(a, route{method: http.MethodGet, path: inventoryPath, id: "list-inventory", tag: inventoryTag, errors: unmanaged, summary: "List inventory levels"}, a.listLevels)
	register(a, route{method: http.MethodGet, path: inventoryPath + "/low-stock", id: "list-low-stock", tag: inventoryTag, errors: unmanaged, summary: "List levels at or below their reorder point"}, a.listLow)
	register(a, route{method: http.MethodGet, path: inventoryPath + "/summary", id: "get-inventory-summary", tag: inventoryTag, errors: unmanaged, summary: "Add up the inventory"}, a.summarize)
	register(a, route{method: http.MethodGet, path: levelPath, id: "get-inventory", tag: inventoryTag, errors: unmanaged, summary: "Get an inventory level", guard: a.levelThere}, a.getLevel)
}

// levelThere is the guard of an operation on a level. Where no stock is managed, it
// is not about the level.
func (a *API) levelThere(ctx context.Context) error {
	if inventory.Require(shop(ctx)) != nil {
		return nil
	}
	return exists(a, "inventory_level_id", inventory.GetLevel)(ctx)
}

func (a *API) setLevel(ctx context.Context, in *setLevelInput) (*answer[InventoryLevel], error) {
	if err := inventory.Require(shop(ctx)); err != nil {
		return nil, err
	}
	return once(ctx, a, func(tx *db.Tx) (*answer[InventoryLevel], error) {
		l, err := a.Stock.Set(ctx, tx, shop(ctx).ID, catalog.VariantID{UUID: in.Body.VariantID}, warehouseOrDefault(in.Body.WarehouseID), in.target(), by(ctx))
		return made(l, err, levelOf(shop(ctx).ID))
	})
}

// by notes who does something to the stock.
func by(ctx context.Context) inventory.Note {
	user := caller(ctx).ID.String()
	return inventory.Note{Actor: &user}
}

func (a *API) listLevels(ctx context.Context, in *listLevelsInput) (*listed[InventoryLevel], error) {
	return a.pageOfLevels(ctx, &in.PageQuery, in.filter())
}

func (a *API) listLow(ctx context.Context, in *listInput) (*listed[InventoryLevel], error) {
	return a.pageOfLevels(ctx, &in.PageQuery, inventory.Filter{Low: true})
}

func (a *API) pageOfLevels(ctx context.Context, p *PageQuery, f inventory.Filter) (*listed[InventoryLevel], error) {
	if err := inventory.Require(shop(ctx)); err != nil {
		return nil, err
	}
	levels, more, err := inventory.List(ctx, a.DB, shop(ctx).ID, f, p.page())
	if err != nil {
		return nil, err
	}
	return list(p, levels, more, levelOf(shop(ctx).ID), func(l inventory.Level) id.UUID { return l.ID.UUID }), nil
}

func (a *API) getLevel(ctx context.Context, in *LevelPath) (*answer[InventoryLevel], error) {
	if err := inventory.Require(shop(ctx)); err != nil {
		return nil, err
	}
	l, err := inventory.GetLevel(ctx, a.DB, shop(ctx).ID, in.ID)
	return shown(l, err, levelOf(shop(ctx).ID))
}

func (a *API) summarize(ctx context.Context, _ *StorePath) (*answer[InventorySummary], error) {
	if err := inventory.Require(shop(ctx)); err != nil {
		return nil, err
	}
	s, err := inventory.Summarize(ctx, a.DB, shop(ctx).ID)
	return shown(s, err, func(s inventory.Summary) InventorySummary {
		return InventorySummary{TotalWarehouses: s.Warehouses, TotalVariantsTracked: s.Variants, TotalInStock: s.InStock, TotalReserved: s.Reserved, LowStockCount: s.Low}
	})
}
