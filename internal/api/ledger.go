package api

import (
	"context"
	"net/http"

	"vitrine/internal/id"
	"vitrine/internal/inventory"
)

// InventoryAdjustment is a change of a level, as the ledger has it for ever.
type InventoryAdjustment struct {
	ID               string  `json:"id" format:"uuid"`
	InventoryLevelID string  `json:"inventory_level_id" format:"uuid"`
	QuantityChange   int64   `json:"quantity_change" doc:"Of the units on hand."`
	ReservedChange   int64   `json:"reserved_change" doc:"Of the units held."`
	QuantityAfter    int64   `json:"quantity_after"`
	ReservedAfter    int64   `json:"reserved_after"`
	Reason           string  `json:"reason" enum:"received,sold,returned,damaged,correction,reserved,unreserved,transfer"`
	ReferenceID      *string `json:"reference_id"`
	Notes            *string `json:"notes"`
	Actor            *string `json:"actor" doc:"The user who did it; null for the shop itself."`
	CreatedAt        string  `json:"created_at" format:"date-time"`
}

func toAdjustment(a inventory.Adjustment) InventoryAdjustment {
	return InventoryAdjustment{
		ID: a.ID.String(), InventoryLevelID: a.Level.String(), QuantityChange: a.QuantityChange, ReservedChange: a.ReservedChange,
		QuantityAfter: a.QuantityAfter, ReservedAfter: a.ReservedAfter, Reason: string(a.Reason),
		ReferenceID: a.Reference, Notes: a.Notes, Actor: a.Actor, CreatedAt: utc(a.CreatedAt),
	}
}

type listAdjustmentsInput struct {
	LevelPath
	PageQuery
}

func (a *API) ledgerRoutes() {
	register(a, route{
		method: http.MethodGet, path: levelPath + "/adjustments", id: "list-adjustments", tag: inventoryTag, errors: unmanaged, guard: a.levelThere,
		summary: "List the changes of a level", detail: "The newest first. Replaying them from 0 gives the level. Those of a level that is gone stay readable.",
	}, a.listAdjustments)
}

func (a *API) listAdjustments(ctx context.Context, in *listAdjustmentsInput) (*listed[InventoryAdjustment], error) {
	if err := inventory.Require(shop(ctx)); err != nil {
		return nil, err
	}
	found, more, err := inventory.ListAdjustments(ctx, a.DB, shop(ctx).ID, in.ID, in.page())
	if err != nil {
		return nil, err
	}
	return list(&in.PageQuery, found, more, toAdjustment, func(a inventory.Adjustment) id.UUID { return a.ID }), nil
}
