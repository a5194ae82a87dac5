package api

import (
	"context"
	"net/http"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/money"
	"vitrine/internal/setup"
	"vitrine/internal/store"
)

// Store is a merchant's store.
type Store struct {
	ID          string  `json:"id" format:"uuid"`
	UserID      string  `json:"user_id" format:"uuid"`
	Name        string  `json:"name"`
	Slug        string  `json:"slug" doc:"Unique over the platform."`
	Niche       *string `json:"niche"`
	Description *string `json:"description"`
	StoreType   string  `json:"store_type" enum:"dropshipping,ecommerce,hybrid"`
	Status      string  `json:"status" enum:"active,paused,deleted"`
	Currency    string  `json:"currency" example:"USD"`
	LogoURL     *string `json:"logo_url"`
	FaviconURL  *string `json:"favicon_url"`
	CustomCSS   *string `json:"custom_css"`
	Source      *string `json:"source_store_id" format:"uuid" doc:"The store that this one was cloned from."`
	CreatedAt   string  `json:"created_at" format:"date-time"`
	UpdatedAt   string  `json:"updated_at" format:"date-time"`
}

func toStore(s store.Store) Store {
	out := Store{
		ID: s.ID.String(), UserID: s.Owner.String(), Name: s.Name, Slug: s.Slug, Niche: s.Niche, Description: s.Description,
		StoreType: string(s.Type), Status: string(s.Status), Currency: string(s.Currency),
		LogoURL: s.LogoURL, FaviconURL: s.FaviconURL, CustomCSS: s.CustomCSS,
		CreatedAt: utc(s.CreatedAt), UpdatedAt: utc(s.UpdatedAt),
	}
	if s.Source != nil {
		source := s.Source.String()
		out.Source = &source
	}
	return out
}

// StoreFields are what a merchant can set on a store, but for its name.
type StoreFields struct {
	Niche       OptNull[string] `json:"niche,omitempty"`
	Description OptNull[string] `json:"description,omitempty"`
	StoreType   Opt[string]     `json:"store_type,omitempty" doc:"dropshipping, ecommerce or hybrid"`
	Status      Opt[string]     `json:"status,omitempty" doc:"active or paused"`
	Currency    Opt[string]     `json:"currency,omitempty" doc:"An ISO 4217 code." example:"USD"`
	LogoURL     OptNull[string] `json:"logo_url,omitempty"`
	FaviconURL  OptNull[string] `json:"favicon_url,omitempty"`
	CustomCSS   OptNull[string] `json:"custom_css,omitempty"`
}

func (f StoreFields) apply(s *store.Store) {
	f.Niche.to(&s.Niche)
	f.Description.to(&s.Description)
	f.LogoURL.to(&s.LogoURL)
	f.FaviconURL.to(&s.FaviconURL)
	f.CustomCSS.to(&s.CustomCSS)
	if f.StoreType.Set {
		s.Type = store.Type(f.StoreType.Value)
	}
	if f.Status.Set {
		s.Status = store.Status(f.Status.Value)
	}
	if f.Currency.Set {
		s.Currency = money.Currency(f.Currency.Value)
	}
}

type createStoreInput struct {
	Body struct {
		Name string `json:"name" doc:"1 to 200 characters."`
		StoreFields
	}
}

type updateStoreInput struct {
	StorePath
	Body struct {
		Name Opt[string] `json:"name,omitempty"`
		StoreFields
	}
}

// StorePath is the path of everything that belongs to one store.
type StorePath struct {
	StoreID string `path:"store_id" format:"uuid" doc:"The store's id."`
}

func (a *API) storeRoutes() {
	const tag = "Stores"
	register(a, route{
		method: http.MethodPost, path: "/stores", id: "create-store", tag: tag, status: http.StatusCreated, guard: storeLimit,
		summary: "Create a store", detail: "Takes a place in your plan. `ecommerce` and `hybrid` stores start with a default warehouse.",
	}, a.createStore)
	register(a, route{method: http.MethodGet, path: "/stores", id: "list-stores", tag: tag, summary: "List stores", detail: "Your own, and those that you are a member of; only your own take places in your plan."}, a.listStores)
	register(a, route{method: http.MethodGet, path: storePath, id: "get-store", tag: tag, summary: "Get a store"}, a.getStore)
	register(a, route{method: http.MethodPatch, path: storePath, id: "update-store", tag: tag, role: store.Admin, summary: "Change a store"}, a.updateStore)
	register(a, route{
		method: http.MethodDelete, path: storePath, id: "delete-store", tag: tag, role: store.Owner, status: http.StatusNoContent,
		summary: "Delete a store", detail: "Its slug, its place in your plan and its domain are free at once. A domain that was bought stays yours.",
	}, a.deleteStore)
}

// storeLimit refuses a malformed request for another store when there is no place
// for one anyway.
func storeLimit(ctx context.Context) error { return caller(ctx).StoreLimitError() }

func (a *API) createStore(ctx context.Context, in *createStoreInput) (*answer[Store], error) {
	return once(ctx, a, func(tx *db.Tx) (*answer[Store], error) {
		s := store.New(in.Body.Name)
		in.Body.apply(&s)
		s, err := setup.Open(ctx, tx, caller(ctx).ID, s)
		return made(s, err, toStore)
	})
}

func (a *API) listStores(ctx context.Context, in *PageQuery) (*listed[Store], error) {
	stores, more, err := store.List(ctx, a.DB, caller(ctx).ID, in.page())
	if err != nil {
		return nil, err
	}
	return list(in, stores, more, toStore, func(s store.Store) id.UUID { return s.ID.UUID }), nil
}

func (a *API) getStore(ctx context.Context, _ *StorePath) (*answer[Store], error) {
	return ok(toStore(shop(ctx))), nil
}

func (a *API) updateStore(ctx context.Context, in *updateStoreInput) (*answer[Store], error) {
	s, err := inTx(ctx, a, func(tx *db.Tx) (store.Store, error) {
		return setup.Change(ctx, tx, shop(ctx).ID, func(s *store.Store) {
			in.Body.Name.to(&s.Name)
			in.Body.apply(s)
		})
	})
	return shown(s, err, toStore)
}

func (a *API) deleteStore(ctx context.Context, _ *StorePath) (*nothing, error) {
	return gone(ctx, a, func(tx *db.Tx) error { return a.Domains.DeleteStore(ctx, tx, caller(ctx).ID, shop(ctx).ID) })
}
