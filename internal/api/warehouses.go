package api

import (
	"context"
	"net/http"

	"vitrine/internal/db"
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

// WarehouseFields are what can be left out of a warehouse.
type WarehouseFields struct {
	Address   OptNull[string] `json:"address,omitempty"`
	City      OptNull[string] `json:"city,omitempty"`
	State     OptNull[string] `json:"state,omitempty"`
	Country   OptNull[string] `json:"country,omitempty"`
	ZipCode   OptNull[string] `json:"zip_code,omitempty"`
	IsDefault Opt[bool]       `json:"is_default,omitempty" doc:"Takes this over from the default before. Default false."`
	IsActive  Opt[bool]       `json:"is_active,omitempty" doc:"Orders are taken from warehouses that are. Default true."`
}

func (b WarehouseFields) apply(w *inventory.Warehouse) {
	b.Address.to(&w.Address)
	b.City.to(&w.City)
	b.State.to(&w.State)
	b.Country.to(&w.Country)
	b.ZipCode.to(&w.ZipCode)
	b.IsDefault.to(&w.Default)
	b.IsActive.to(&w.Active)
}

type createWarehouseInput struct {
	StorePath
	Body struct {
		Name string `json:"name"`
		WarehouseFields
	}
}

type updateWarehouseInput struct {
	WarehousePath
	Body struct {
		Name Opt[string] `json:"name,omitempty"`
		WarehouseFields
	}
}

func (a *API) warehouseRoutes() {
	const tag, path, one = "Warehouses", storePath + "/warehouses", storePath + "/warehouses/{warehouse_id}"
	register(a, route{
		method: http.MethodGet, path: path, id: "list-warehouses", tag: tag,
		summary: "List warehouses", detail: "The default one first, then by name. A dropshipping store has none.",
	}, a.listWarehouses)
	there := exists(a, "warehouse_id", inventory.GetWarehouse)
	register(a, route{method: http.MethodPost, path: path, id: "create-warehouse", tag: tag, status: http.StatusCreated, summary: "Create a warehouse"}, a.createWarehouse)
	register(a, route{method: http.MethodGet, path: one, id: "get-warehouse", tag: tag, summary: "Get a warehouse", guard: there}, a.getWarehouse)
	register(a, route{method: http.MethodPatch, path: one, id: "update-warehouse", tag: tag, summary: "Change a warehouse", guard: there}, a.updateWarehouse)
	register(a, route{
		method: http.MethodDelete, path: one, id: "delete-warehouse", tag: tag, status: http.StatusNoContent, guard: there,
		summary: "Delete a warehouse", detail: "Not the default one, nor one that holds stock. Its adjustments stay readable.",
	}, a.deleteWarehouse)
}

func (a *API) listWarehouses(ctx context.Context, in *listInput) (*listed[Warehouse], error) {
	return pageOf(ctx, a, &in.PageQuery, inventory.ListWarehouses, warehouseOf(shop(ctx).ID), func(w inventory.Warehouse) id.UUID { return w.ID.UUID })
}

func (a *API) getWarehouse(ctx context.Context, in *WarehousePath) (*answer[Warehouse], error) {
	w, err := inventory.GetWarehouse(ctx, a.DB, shop(ctx).ID, in.ID)
	return shown(w, err, warehouseOf(shop(ctx).ID))
}

func (a *API) createWarehouse(ctx context.Context, in *createWarehouseInput) (*answer[Warehouse], error) {
	if err := inventory.Require(shop(ctx)); err != nil {
		return nil, err
	}
	return once(ctx, a, func(tx *db.Tx) (*answer[Warehouse], error) {
		w := inventory.NewWarehouse(in.Body.Name)
		in.Body.apply(&w)
		w, err := inventory.CreateWarehouse(ctx, tx, shop(ctx).ID, w)
		return made(w, err, warehouseOf(shop(ctx).ID))
	})
}

func (a *API) updateWarehouse(ctx context.Context, in *updateWarehouseInput) (*answer[Warehouse], error) {
	if err := inventory.Require(shop(ctx)); err != nil {
		return nil, err
	}
	w, err := inTx(ctx, a, func(tx *db.Tx) (inventory.Warehouse, error) {
		return inventory.UpdateWarehouse(ctx, tx, shop(ctx).ID, in.ID, func(w *inventory.Warehouse) {
			in.Body.Name.to(&w.Name)
			in.Body.apply(w)
		})
	})
	return shown(w, err, warehouseOf(shop(ctx).ID))
}

func (a *API) deleteWarehouse(ctx context.Context, in *WarehousePath) (*nothing, error) {
	if err := inventory.Require(shop(ctx)); err != nil {
		return nil, err
	}
	return gone(ctx, a, func(tx *db.Tx) error { return inventory.DeleteWarehouse(ctx, tx, shop(ctx).ID, in.ID) })
}
