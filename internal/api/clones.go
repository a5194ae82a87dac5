package api

import (
	"context"
	"net/http"

	"vitrine/internal/clone"
	"vitrine/internal/db"
)

// Clone is the answer to a clone: the new store and where it came from.
type Clone struct {
	Store         *Store         `json:"store,omitempty"`
	SourceStoreID string         `json:"source_store_id,omitempty" format:"uuid"`
	WouldClone    map[string]int `json:"would_clone,omitempty" doc:"With dry_run: the rows that would be copied."`
	Skipped       map[string]int `json:"skipped,omitempty" doc:"With dry_run: the rows that would be left out."`
}

type cloneInput struct {
	StorePath
	DryRun bool `query:"dry_run" doc:"Count what would be copied and write nothing."`
	Body   *struct {
		NewName   *string `json:"new_name,omitempty" nullable:"true" doc:"Blank: the source's name and (Copy)."`
		Inventory string  `json:"inventory,omitempty" enum:"none,zero,copy" default:"none" doc:"What is taken of the inventory."`
	} `required:"false"`
}

func (in *cloneInput) request(ctx context.Context) clone.Request {
	req := clone.Request{Source: shop(ctx).ID, Stock: clone.NoStock}
	if in.Body != nil {
		req.Name = orEmpty(in.Body.NewName)
		if in.Body.Inventory != "" {
			req.Stock = clone.Stock(in.Body.Inventory)
		}
	}
	return req
}

func (a *API) cloneRoutes() {
	register(a, route{
		method: http.MethodPost, path: storePath + "/clone", id: "clone-store", tag: "Stores", status: http.StatusCreated, guard: storeLimit,
		also: also{http.StatusOK: "With dry_run: what would be cloned."}, summary: "Clone a store", detail: "Copies the whole store in one transaction. Takes a place in your plan.",
	}, a.cloneStore)
}

func (a *API) cloneStore(ctx context.Context, in *cloneInput) (*answer[Clone], error) {
	req := in.request(ctx)
	if in.DryRun {
		return a.dryRun(ctx, req)
	}
	return once(ctx, a, func(tx *db.Tx) (*answer[Clone], error) {
		s, err := clone.Run(ctx, tx, caller(ctx).ID, req, nil)
		if err != nil {
			return nil, err
		}
		copied := toStore(s)
		return created(Clone{Store: &copied, SourceStoreID: req.Source.String()}), nil
	}, clone.Options()...)
}

func (a *API) dryRun(ctx context.Context, req clone.Request) (*answer[Clone], error) {
	if err := clone.CheckName(req.Name); err != nil {
		return nil, err
	}
	plan, err := clone.DryRun(ctx, a.DB, shop(ctx), req.Stock)
	if err != nil {
		return nil, err
	}
	return ok(Clone{WouldClone: plan.Copied, Skipped: plan.Skipped}), nil
}
