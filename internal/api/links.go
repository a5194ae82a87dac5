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
	SupplierID string `path:"supplier_id"`
}

func (in *LinkPath) ids() (product catalog.ProductID, supplier catalog.SupplierID, err error) {
	if product, err = productID(in.ProductID); err != nil {
		return product, supplier, err
	}
	supplier, err = supplierID(in.SupplierID)
	return product, supplier, err
}

func (a *API) linkRoutes() {
	const tag, one = "Products", storePath + "/products/{product_id}/suppliers/{supplier_id}"
	register(a, route{method: http.MethodPut, path: one, id: "link-supplier", tag: tag, summary: "Link a product to a supplier, or change the link", guard: both(a.productThere, a.supplierThere)}, a.linkSupplier)
	register(a, route{method: http.MethodDelete, path: one, id: "unlink-supplier", tag: tag, status: http.StatusNoContent, summary: "Take a supplier from a product", guard: both(a.productThere, a.supplierThere)}, a.unlinkSupplier)
}

func (a *API) linkSupplier(ctx context.Context, in *linkInput) (*answer[SupplierLink], error) {
	product, supplier, err := in.ids()
	if err != nil {
		return nil, err
	}
	var f fault.Form
	l := catalog.SupplierLink{
		Supplier: supplier, SupplierSKU: in.Body.SupplierSKU.Value, Primary: in.Body.IsPrimary.Value,
		Cost: amountOf(&f, "cost", shop(ctx).Currency, in.Body.Cost.Value),
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	l, err = inTx(ctx, a, func(tx *db.Tx) (catalog.SupplierLink, error) { return catalog.Link(ctx, tx, shop(ctx).ID, product, l) })
	if err != nil {
		return nil, err
	}
	return ok(linkWriter(shop(ctx).Currency)(l)), nil
}

func (a *API) unlinkSupplier(ctx context.Context, in *LinkPath) (*nothing, error) {
	product, supplier, err := in.ids()
	if err != nil {
		return nil, err
	}
	return gone(ctx, a, func(tx *db.Tx) error { return catalog.Unlink(ctx, tx, shop(ctx).ID, product, supplier) })
}
