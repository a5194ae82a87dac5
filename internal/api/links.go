package api

import (
	"context"
	"net/http"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/money"
)

// SupplierLink says that a product can be had from a supplier.
type SupplierLink struct {
	SupplierID  string  `json:"supplier_id" format:"uuid"`
	SupplierSKU *string `json:"supplier_sku"`
	Cost        *string `json:"cost" example:"4.00"`
	IsPrimary   bool    `json:"is_primary" doc:"At most one supplier of a product is."`
}

// linkWriter returns how links read in a currency.
func linkWriter(c money.Currency) func(catalog.SupplierLink) SupplierLink {
	return func(l catalog.SupplierLink) SupplierLink {
		return SupplierLink{SupplierID: l.Supplier.String(), SupplierSKU: l.SupplierSKU, Cost: amountOrNull(c, l.Cost), IsPrimary: l.Primary}
	}
}

type linkInput struct {
	LinkPath
	Body struct {
		SupplierSKU OptNull[string]  `json:"supplier_sku,omitempty"`
		Cost        OptNull[Decimal] `json:"cost,omitempty"`
		IsPrimary   Opt[bool]        `json:"is_primary,omitempty" doc:"Default false. A new primary supplier takes the place of the old one."`
	}
}

// LinkPath is the path of a supplier of a product.
type LinkPath struct {
	ProductPath
	SupplierID catalog.SupplierID `path:"supplier_id" format:"uuid" doc:"The supplier's id."`
}

func (a *API) linkRoutes() {
	const tag, one = "Products", storePath + "/products/{product_id}/suppliers/{supplier_id}"
	there := both(exists(a, "product_id", catalog.Get), exists(a, "supplier_id", catalog.GetSupplier))
	register(a, route{method: http.MethodPut, path: one, id: "link-supplier", tag: tag, summary: "Link a product to a supplier, or change the link", guard: there}, a.linkSupplier)
	register(a, route{method: http.MethodDelete, path: one, id: "unlink-supplier", tag: tag, status: http.StatusNoContent, summary: "Take a supplier from a product", guard: there}, a.unlinkSupplier)
}

func (a *API) linkSupplier(ctx context.Context, in *linkInput) (*answer[SupplierLink], error) {
	var f fault.Form
	l := catalog.SupplierLink{
		Supplier: in.SupplierID, SupplierSKU: in.Body.SupplierSKU.Value, Primary: in.Body.IsPrimary.Value,
		Cost: amountOf(&f, "cost", shop(ctx).Currency, in.Body.Cost.Value),
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	l, err := inTx(ctx, a, func(tx *db.Tx) (catalog.SupplierLink, error) {
		return catalog.Link(ctx, tx, shop(ctx).ID, in.ProductID, l)
	})
	return shown(l, err, linkWriter(shop(ctx).Currency))
}

func (a *API) unlinkSupplier(ctx context.Context, in *LinkPath) (*nothing, error) {
	return gone(ctx, a, func(tx *db.Tx) error { return catalog.Unlink(ctx, tx, shop(ctx).ID, in.ProductID, in.SupplierID) })
}
