package api

import (
	"context"
	"net/http"

	"vitrine/internal/id"
	"vitrine/internal/inventory"
	"vitrine/internal/store"
)

// Warehouse is a place where a store keeps goods.
type Warehouse struct {
	ID        string  `json:"id" format:"uuid"`
	StoreID   string  `json:"store_id" format:"uuid"`
	Name      string  `json:"name"`
	Address   *string `json:"address"`
	City      *string `json:"city"`
	State     *string `json:"state"`
	Country   *string `json:"country" example:"US"`
	ZipCode   *string `json:"zip_code"`
	IsDefault bool    `json:"is_default" doc:"One of a store's warehouses is."`
	IsActive  bool    `json:"is_active"`
	CreatedAt string  `json:"created_at" format:"date-time"`
	UpdatedAt string  `json:"updated_at" format:"date-time"`
}

// warehouseOf returns how warehouses of a store read.
func warehouseOf(st store.ID) func(inventory.Warehouse) Warehouse {
	return func(w inventory.Warehouse) Warehouse {
		return Warehouse{
			ID: w.ID.String(), StoreID: st.String(), Name: w.Name, Address: w.Address, City: w.City, State: w.State, Country: w.Country,
			ZipCode: w.ZipCode, IsDefault: w.Default, IsActive: w.Active, CreatedAt: utc(w.CreatedAt), UpdatedAt: utc(w.UpdatedAt),
		}
	}
}

// WarehousePath is the path of one warehouse.
type WarehousePath struct {
	StorePath
	ID inventory.WarehouseID `path:"warehouse_id" format:"uuid" doc:"The warehouse's id."`
}

func (a *API) warehouseRoutes() {
	const tag, path, one = "Warehouses", storePath + "/warehouses", storePath + "/warehouses/{warehouse_id}"
	register(a, route{
		method: http.MethodGet, path: path, id: "list-warehouses", tag: tag,
		summary: "List warehouses", detail: "The default one first, then by name. A dropshipping store has none.",
	}, a.listWarehouses)
	register(a, route{method: http.MethodGet, path: one, id: "get-warehouse", tag: tag, summary: "Get a warehouse", guard: exists(a, "warehouse_id", inventory.GetWarehouse)}, a.getWarehouse)
}

func (a *API) listWarehouses(ctx context.Context, in *listInput) (*listed[Warehouse], error) {
	warehouses, more, err := inventory.ListWarehouses(ctx, a.DB, shop(ctx).ID, in.page())
	if err != nil {
		return nil, err
	}
	return list(&in.PageQuery, warehouses, more, warehouseOf(shop(ctx).ID), func(w inventory.Warehouse) id.UUID { return w.ID.UUID }), nil
}

func (a *API) getWarehouse(ctx context.Context, in *WarehousePath) (*answer[Warehouse], error) {
	w, err := inventory.GetWarehouse(ctx, a.DB, shop(ctx).ID, in.ID)
	return shown(w, err, warehouseOf(shop(ctx).ID))
}
