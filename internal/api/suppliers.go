package api

import (
	"context"
	"net/http"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/id"
)

// Supplier is who a store gets its goods from.
type Supplier struct {
	ID           string  `json:"id" format:"uuid"`
	Name         string  `json:"name"`
	Email        *string `json:"email"`
	Phone        *string `json:"phone"`
	Website      *string `json:"website"`
	Country      *string `json:"country" example:"DE"`
	LeadTimeDays *int    `json:"lead_time_days"`
	Notes        *string `json:"notes"`
	IsActive     bool    `json:"is_active"`
	CreatedAt    string  `json:"created_at" format:"date-time"`
	UpdatedAt    string  `json:"updated_at" format:"date-time"`
}

func toSupplier(s catalog.Supplier) Supplier {
	return Supplier{
		ID: s.ID.String(), Name: s.Name, Email: s.Email, Phone: s.Phone, Website: s.Website, Country: s.Country,
		LeadTimeDays: s.LeadTimeDays, Notes: s.Notes, IsActive: s.Active, CreatedAt: utc(s.CreatedAt), UpdatedAt: utc(s.UpdatedAt),
	}
}

// SupplierFields are what can be left out of a supplier.
type SupplierFields struct {
	Email        OptNull[string] `json:"email,omitempty"`
	Phone        OptNull[string] `json:"phone,omitempty"`
	Website      OptNull[string] `json:"website,omitempty"`
	Country      OptNull[string] `json:"country,omitempty" doc:"ISO 3166-1 alpha-2."`
	LeadTimeDays OptNull[int]    `json:"lead_time_days,omitempty"`
	Notes        OptNull[string] `json:"notes,omitempty"`
	IsActive     Opt[bool]       `json:"is_active,omitempty" doc:"Default true."`
}

func (b SupplierFields) apply(s *catalog.Supplier) {
	b.Email.to(&s.Email)
	b.Phone.to(&s.Phone)
	b.Website.to(&s.Website)
	b.Country.to(&s.Country)
	b.LeadTimeDays.to(&s.LeadTimeDays)
	b.Notes.to(&s.Notes)
	b.IsActive.to(&s.Active)
}

type createSupplierInput struct {
	StorePath
	Body struct {
		Name string `json:"name"`
		SupplierFields
	}
}

type updateSupplierInput struct {
	SupplierPath
	Body struct {
		Name Opt[string] `json:"name,omitempty"`
		SupplierFields
	}
}

// SupplierPath is the path of one supplier.
type SupplierPath struct {
	StorePath
	ID catalog.SupplierID `path:"supplier_id" format:"uuid" doc:"The supplier's id."`
}

func (a *API) supplierRoutes() {
	const tag, path, one = "Suppliers", storePath + "/suppliers", storePath + "/suppliers/{supplier_id}"
	there := exists(a, "supplier_id", catalog.GetSupplier)
	register(a, route{method: http.MethodPost, path: path, id: "create-supplier", tag: tag, status: http.StatusCreated, summary: "Create a supplier"}, a.createSupplier)
	register(a, route{method: http.MethodGet, path: path, id: "list-suppliers", tag: tag, summary: "List suppliers"}, a.listSuppliers)
	register(a, route{method: http.MethodGet, path: one, id: "get-supplier", tag: tag, summary: "Get a supplier", guard: there}, a.getSupplier)
	register(a, route{method: http.MethodPatch, path: one, id: "update-supplier", tag: tag, summary: "Change a supplier", guard: there}, a.updateSupplier)
	register(a, route{method: http.MethodDelete, path: one, id: "delete-supplier", tag: tag, status: http.StatusNoContent, summary: "Delete a supplier", detail: "Its links to products go with it.", guard: there}, a.deleteSupplier)
}

func (a *API) createSupplier(ctx context.Context, in *createSupplierInput) (*answer[Supplier], error) {
	return once(ctx, a, func(tx *db.Tx) (*answer[Supplier], error) {
		s := catalog.NewSupplier(in.Body.Name)
		in.Body.apply(&s)
		s, err := catalog.CreateSupplier(ctx, tx, shop(ctx).ID, s)
		return made(s, err, toSupplier)
	})
}

func (a *API) listSuppliers(ctx context.Context, in *listInput) (*listed[Supplier], error) {
	return pageOf(ctx, a, &in.PageQuery, catalog.ListSuppliers, toSupplier, func(s catalog.Supplier) id.UUID { return s.ID.UUID })
}

func (a *API) getSupplier(ctx context.Context, in *SupplierPath) (*answer[Supplier], error) {
	s, err := catalog.GetSupplier(ctx, a.DB, shop(ctx).ID, in.ID)
	return shown(s, err, toSupplier)
}

func (a *API) updateSupplier(ctx context.Context, in *updateSupplierInput) (*answer[Supplier], error) {
	s, err := inTx(ctx, a, func(tx *db.Tx) (catalog.Supplier, error) {
		return catalog.UpdateSupplier(ctx, tx, shop(ctx).ID, in.ID, func(s *catalog.Supplier) {
			in.Body.Name.to(&s.Name)
			in.Body.apply(s)
		})
	})
	return shown(s, err, toSupplier)
}

func (a *API) deleteSupplier(ctx context.Context, in *SupplierPath) (*nothing, error) {
	return gone(ctx, a, func(tx *db.Tx) error { return catalog.DeleteSupplier(ctx, tx, shop(ctx).ID, in.ID) })
}
