package api

import (
	"context"
	"net/http"

	"vitrine/internal/clone"
	"vitrine/internal/db"
	"vitrine/internal/store"
)

// Clone is the answer to a clone: the new store and where it came from.
type Clone struct {
	Store         Store  `json:"store"`
	SourceStoreID string `json:"source_store_id" format:"uuid"`
}

// CloneResult is what a job that clones shows of the new store: what the answer
// would have been.
func CloneResult(s store.Store) any {
	out := Clone{Store: toStore(s)}
	if s.Source != nil {
		out.SourceStoreID = s.Source.String()
	}
	return out
}

// ClonePlan says what a clone would do.
type ClonePlan struct {
	WouldClone map[string]int `json:"would_clone" doc:"The rows that would be copied."`
	Skipped    map[string]int `json:"skipped" doc:"The rows that would be left out."`
}

type cloneInput struct {
	StorePath
	Preference
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
		method: http.MethodPost, path: storePath + "/clone", id: "clone-store", tag: "Stores", role: store.Owner, status: http.StatusCreated, guard: storeLimit, long: true,
		summary: "Clone a store", detail: "Copies the whole store in one transaction. Takes a place in your plan.",
		good: []good{
			{http.StatusCreated, "The clone.", Clone{}},
			{http.StatusOK, "With dry_run: what would be cloned.", ClonePlan{}},
			{http.StatusAccepted, "With Prefer: respond-async: the job that clones. What has succeeded has the clone as its result.", Accepted{}},
		},
	}, a.cloneStore)
}

func (a *API) cloneStore(ctx context.Context, in *cloneInput) (*answer[any], error) {
	req := in.request(ctx)
	switch {
	case in.DryRun:
		return a.dryRun(ctx, req)
	case in.async:
		return a.cloneLater(ctx, req)
	}
	return once(ctx, a, func(tx *db.Tx) (*answer[any], error) {
		s, err := clone.Run(ctx, tx, caller(ctx).ID, req, nil)
		return made(s, err, CloneResult)
	}, clone.Options()...)
}

// cloneLater has a job do the clone. What can be refused is refused at once; the
// place in the plan is taken when the job runs.
func (a *API) cloneLater(ctx context.Context, req clone.Request) (*answer[any], error) {
	if err := storeLimit(ctx); err != nil {
		return nil, err
	}
	if err := clone.CheckName(req.Name); err != nil {
		return nil, err
	}
	return once(ctx, a, func(tx *db.Tx) (*answer[any], error) {
		j, err := clone.Later(ctx, tx, caller(ctx).ID, req)
		if err != nil {
			return nil, err
		}
		out := accepted(j)
		out.Applied = "respond-async"
		return out, nil
	})
}

func (a *API) dryRun(ctx context.Context, req clone.Request) (*answer[any], error) {
	if err := clone.CheckName(req.Name); err != nil {
		return nil, err
	}
	plan, err := clone.DryRun(ctx, a.DB, shop(ctx), req.Stock)
	return shown(plan, err, func(p clone.Plan) any { return ClonePlan{WouldClone: p.Copied, Skipped: p.Skipped} })
}
