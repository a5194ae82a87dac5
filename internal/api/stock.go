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

type adjustInput struct {
	LevelPath
	Body struct {
		QuantityChange int64   `json:"quantity_change" doc:"More than 0 or less."`
		Reason         string  `json:"reason" enum:"received,sold,returned,damaged,correction"`
		ReferenceID    *string `json:"reference_id,omitempty" nullable:"true" doc:"Of an order, a delivery: free text."`
		Notes          *string `json:"notes,omitempty" nullable:"true"`
	}
}

type moveInput struct {
	LevelPath
	Body struct {
		Quantity    int64   `json:"quantity" doc:"1 or more."`
		ReferenceID *string `json:"reference_id,omitempty" nullable:"true" doc:"Of an order, for example: free text."`
	}
}

// InventoryTransfer is a move of units from one warehouse to another.
type InventoryTransfer struct {
	ID        string         `json:"id" format:"uuid" doc:"The reference_id of both adjustments."`
	FromLevel InventoryLevel `json:"from_level"`
	ToLevel   InventoryLevel `json:"to_level"`
}

type transferInput struct {
	StorePath
	Body struct {
		VariantID       id.UUID `json:"variant_id" format:"uuid"`
		FromWarehouseID id.UUID `json:"from_warehouse_id" format:"uuid"`
		ToWarehouseID   id.UUID `json:"to_warehouse_id" format:"uuid"`
		Quantity        int64   `json:"quantity" doc:"1 or more; no more than what is available."`
		Notes           *string `json:"notes,omitempty" nullable:"true"`
	}
}

// maxBulk bounds the body that sets many levels: 10,000 with ids are about 1.5 MiB.
const maxBulk = 4 << 20

type bulkInput struct {
	StorePath
	Body struct {
		Items []BulkItem `json:"items" maxItems:"10000" nullable:"false"`
	}
}

// BulkItem is a level to set.
type BulkItem struct {
	SKU          *string    `json:"sku,omitempty" nullable:"true" doc:"This or variant_id."`
	VariantID    *string    `json:"variant_id,omitempty" nullable:"true"`
	WarehouseID  *string    `json:"warehouse_id,omitempty" nullable:"true" doc:"By default the store's default warehouse."`
	Quantity     int64      `json:"quantity"`
	ReorderPoint Opt[int64] `json:"reorder_point,omitempty" doc:"Left out: as it is, or 0."`
}

// item reads the level. An id that is none names nothing.
func (b BulkItem) item() inventory.Item {
	item := inventory.Item{SKU: b.SKU, Target: inventory.Target{Quantity: b.Quantity, ReorderPoint: b.ReorderPoint.pointer()}}
	if b.VariantID != nil {
		u, _ := id.Parse(*b.VariantID)
		item.Variant = &u
	}
	if b.WarehouseID != nil {
		u, _ := id.Parse(*b.WarehouseID)
		item.Warehouse = &inventory.WarehouseID{UUID: u}
	}
	return item
}

// BulkResult says how many levels were set, and which not.
type BulkResult struct {
	Updated int         `json:"updated"`
	Errors  []BulkError `json:"errors"`
}

// BulkError says why an item was left out.
type BulkError struct {
	Index   int    `json:"index" doc:"Of the item, from 0."`
	Message string `json:"message"`
}

func (a *API) stockRoutes() {
	for _, m := range []struct{ verb, summary, detail string }{
		{"reserve", "Reserve units", "No more than what is available, unless the variant allows backorder."},
		{"release", "Give reserved units back", "Those that were reserved here; an order's are given back with the order."},
		{"fulfill", "Ship reserved units", "They leave the warehouse. Those that were reserved here; an order's are shipped with the order."},
	} {
		register(a, route{
			method: http.MethodPost, path: levelPath + "/" + m.verb, id: m.verb + "-inventory", tag: inventoryTag,
			summary: m.summary, detail: m.detail, guard: a.levelThere,
		}, a.moveBy(m.verb))
	}
	register(a, route{
		method: http.MethodPost, path: levelPath + "/adjust", id: "adjust-inventory", tag: inventoryTag, guard: a.levelThere,
		summary: "Adjust what is on hand", detail: "An increase is always allowed; a decrease not below 0, nor below what is reserved.",
	}, a.adjust)
	register(a, route{
		method: http.MethodPost, path: inventoryPath + "/transfers", id: "transfer-inventory", tag: inventoryTag, status: http.StatusCreated,
		summary: "Move units to another warehouse",
	}, a.transfer)
	register(a, route{
		method: http.MethodPost, path: inventoryPath + "/bulk", id: "bulk-set-inventory", tag: inventoryTag, maxBody: maxBulk,
		summary: "Set many inventory levels", detail: "Up to 10,000. Those that are right are set together; the others are named.",
	}, a.setLevels)
}

// mover is a method of the writer that changes a level.
type mover func(context.Context, store.ID, inventory.LevelID, inventory.Move) (inventory.Figures, error)

// moveBy returns the handler of a verb.
func (a *API) moveBy(verb string) func(context.Context, *moveInput) (*answer[InventoryLevel], error) {
	return func(ctx context.Context, in *moveInput) (*answer[InventoryLevel], error) {
		do := map[string]mover{"reserve": a.Stock.Reserve, "release": a.Stock.Release, "fulfill": a.Stock.Fulfill}[verb]
		note := by(ctx)
		note.Reference = in.Body.ReferenceID
		return a.move(ctx, in.ID, inventory.Move{Units: in.Body.Quantity, Note: note}, do)
	}
}

func (a *API) adjust(ctx context.Context, in *adjustInput) (*answer[InventoryLevel], error) {
	note := by(ctx)
	note.Reference, note.Notes = in.Body.ReferenceID, in.Body.Notes
	return a.move(ctx, in.ID, inventory.Move{Units: in.Body.QuantityChange, Note: note}, func(ctx context.Context, st store.ID, l inventory.LevelID, m inventory.Move) (inventory.Figures, error) {
		return a.Stock.Adjust(ctx, st, l, inventory.Reason(in.Body.Reason), m)
	})
}

// move changes a level together with what others change at the same time. The
// answer to a request with an Idempotency-Key is kept in the same transaction.
func (a *API) move(ctx context.Context, l inventory.LevelID, m inventory.Move, do mover) (*answer[InventoryLevel], error) {
	if err := inventory.Require(shop(ctx)); err != nil {
		return nil, err
	}
	level, err := inventory.GetLevel(ctx, a.DB, shop(ctx).ID, l)
	if err != nil {
		return nil, err
	}
	return onceWith(ctx, a, func(then func(context.Context, *db.Tx, inventory.Figures) error) (inventory.Figures, error) {
		m.Then = then
		return do(ctx, shop(ctx).ID, l, m)
	}, func(f inventory.Figures) *answer[InventoryLevel] {
		level.Figures = f
		return ok(levelOf(shop(ctx).ID)(level))
	})
}

func (a *API) transfer(ctx context.Context, in *transferInput) (*answer[InventoryTransfer], error) {
	if err := inventory.Require(shop(ctx)); err != nil {
		return nil, err
	}
	note := by(ctx)
	note.Notes = in.Body.Notes
	return once(ctx, a, func(tx *db.Tx) (*answer[InventoryTransfer], error) {
		t, err := a.Stock.Transfer(ctx, tx, shop(ctx).ID, catalog.VariantID{UUID: in.Body.VariantID},
			inventory.WarehouseID{UUID: in.Body.FromWarehouseID}, inventory.WarehouseID{UUID: in.Body.ToWarehouseID}, in.Body.Quantity, note)
		return made(t, err, func(t inventory.Transferred) InventoryTransfer {
			write := levelOf(shop(ctx).ID)
			return InventoryTransfer{ID: t.ID.String(), FromLevel: write(t.From), ToLevel: write(t.To)}
		})
	})
}

func (a *API) setLevels(ctx context.Context, in *bulkInput) (*answer[BulkResult], error) {
	if err := inventory.Require(shop(ctx)); err != nil {
		return nil, err
	}
	items := each(in.Body.Items, BulkItem.item)
	return once(ctx, a, func(tx *db.Tx) (*answer[BulkResult], error) {
		updated, faults, err := a.Stock.SetAll(ctx, tx, shop(ctx).ID, items, by(ctx))
		return shown(BulkResult{Updated: updated, Errors: each(faults, func(f inventory.Fault) BulkError { return BulkError(f) })}, err,
			func(r BulkResult) BulkResult { return r })
	})
}
