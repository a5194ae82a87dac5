package api

import (
	"cmp"
	"context"
	"maps"
	"net/http"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/inventory"
	"vitrine/internal/money"
)

// Variant is what is priced, stocked and sold.
type Variant struct {
	ID             string            `json:"id" format:"uuid"`
	ProductID      string            `json:"product_id" format:"uuid"`
	Title          string            `json:"title"`
	SKU            *string           `json:"sku" doc:"Unique in the store."`
	Price          string            `json:"price" example:"12.99"`
	CompareAtPrice *string           `json:"compare_at_price" example:"15.00"`
	Cost           *string           `json:"cost" example:"4.00"`
	Barcode        *string           `json:"barcode"`
	Weight         *float64          `json:"weight" doc:"In weight_unit."`
	WeightUnit     string            `json:"weight_unit" enum:"g,kg,lb,oz"`
	OptionValues   map[string]string `json:"option_values" doc:"What it chooses of the product's options."`
	TrackInventory bool              `json:"track_inventory"`
	AllowBackorder bool              `json:"allow_backorder"`
	Position       int               `json:"position"`
	CreatedAt      string            `json:"created_at" format:"date-time"`
	UpdatedAt      string            `json:"updated_at" format:"date-time"`
}

// variantWriter returns how variants read in a currency.
func variantWriter(c money.Currency) func(catalog.Variant) Variant {
	return func(v catalog.Variant) Variant {
		return Variant{
			ID: v.ID.String(), ProductID: v.Product.String(), Title: v.Title, SKU: v.SKU,
			Price: c.Format(v.Price), CompareAtPrice: amountOrNull(c, v.CompareAtPrice), Cost: amountOrNull(c, v.Cost),
			Barcode: v.Barcode, Weight: v.Weight, WeightUnit: v.WeightUnit, OptionValues: v.OptionValues,
			TrackInventory: v.TrackInventory, AllowBackorder: v.AllowBackorder, Position: v.Position,
			CreatedAt: utc(v.CreatedAt), UpdatedAt: utc(v.UpdatedAt),
		}
	}
}

// amountOrNull writes an amount that may be missing.
func amountOrNull(c money.Currency, a *money.Amount) *string {
	if a == nil {
		return nil
	}
	s := c.Format(*a)
	return &s
}

// amountOf reads an amount that may be missing.
func amountOf(f *fault.Form, path string, c money.Currency, d *Decimal) *money.Amount {
	if d == nil {
		return nil
	}
	a := d.amount(f, path, c)
	return &a
}

// VariantFields are a variant on its way in: all of it can be left out.
type VariantFields struct {
	Title          Opt[string]             `json:"title,omitempty" doc:"By default what it chooses of the options, or Default."`
	SKU            OptNull[string]         `json:"sku,omitempty" doc:"Unique in the store."`
	Price          Opt[Decimal]            `json:"price,omitempty" doc:"Default 0."`
	CompareAtPrice OptNull[Decimal]        `json:"compare_at_price,omitempty"`
	Cost           OptNull[Decimal]        `json:"cost,omitempty"`
	Barcode        OptNull[string]         `json:"barcode,omitempty"`
	Weight         OptNull[float64]        `json:"weight,omitempty" doc:"In weight_unit; 0 or more."`
	WeightUnit     Opt[string]             `json:"weight_unit,omitempty" doc:"g, kg (the default), lb or oz"`
	OptionValues   Opt[map[string]*string] `json:"option_values,omitempty" doc:"Merged with what is there; null removes a member. Options that the product does not list are added to it."`
	TrackInventory Opt[bool]               `json:"track_inventory,omitempty" doc:"Default true."`
	AllowBackorder Opt[bool]               `json:"allow_backorder,omitempty" doc:"Default false."`
	Position       Opt[int]                `json:"position,omitempty" doc:"From 1; by default behind the others."`
}

// apply sets the fields on a variant. What is wrong with them goes to f.
func (b VariantFields) apply(f *fault.Form, v *catalog.Variant, c money.Currency) {
	b.Title.to(&v.Title)
	b.SKU.to(&v.SKU)
	b.Barcode.to(&v.Barcode)
	b.Weight.to(&v.Weight)
	b.WeightUnit.to(&v.WeightUnit)
	b.TrackInventory.to(&v.TrackInventory)
	b.AllowBackorder.to(&v.AllowBackorder)
	if b.Price.Set {
		v.Price = b.Price.Value.amount(f, "price", c)
	}
	if b.CompareAtPrice.Set {
		v.CompareAtPrice = amountOf(f, "compare_at_price", c, b.CompareAtPrice.Value)
	}
	if b.Cost.Set {
		v.Cost = amountOf(f, "cost", c, b.Cost.Value)
	}
	if b.OptionValues.Set {
		merged := maps.Clone(v.OptionValues)
		if merged == nil {
			merged = map[string]string{}
		}
		for name, value := range b.OptionValues.Value {
			if value == nil {
				delete(merged, name)
			} else {
				merged[name] = *value
			}
		}
		v.OptionValues = merged
	}
	if b.Position.Set {
		if v.Position = b.Position.Value; v.Position == 0 {
			f.Addf("position", 0, "must be at least 1") // 0 would mean: behind the others
		}
	}
}

type createVariantInput struct {
	ProductPath
	Body VariantFields
}

type updateVariantInput struct {
	VariantPath
	Body VariantFields
}

type listVariantsInput struct {
	ProductPath
	PageQuery
}

// VariantPath is the path of one variant.
type VariantPath struct {
	ProductPath
	VariantID catalog.VariantID `path:"variant_id" format:"uuid" doc:"The variant's id."`
}

func (a *API) variantRoutes() {
	const tag, path = "Products", storePath + "/products/{product_id}/variants"
	const one = path + "/{variant_id}"
	ofProduct, there := exists(a, "product_id", catalog.Get), guard(a.variantThere)
	register(a, route{method: http.MethodPost, path: path, id: "create-variant", tag: tag, status: http.StatusCreated, summary: "Add a variant to a product", guard: ofProduct}, a.createVariant)
	register(a, route{method: http.MethodGet, path: path, id: "list-variants", tag: tag, summary: "List a product's variants", guard: ofProduct}, a.listVariants)
	register(a, route{method: http.MethodGet, path: one, id: "get-variant", tag: tag, summary: "Get a variant", guard: there}, a.getVariant)
	register(a, route{method: http.MethodPatch, path: one, id: "update-variant", tag: tag, summary: "Change a variant", guard: there}, a.updateVariant)
	register(a, route{method: http.MethodDelete, path: one, id: "delete-variant", tag: tag, status: http.StatusNoContent, summary: "Delete a variant", detail: "Not the last one, nor while units of it are reserved. Its SKU is free at once.", guard: there}, a.deleteVariant)
}

func (a *API) variantThere(ctx context.Context) error {
	product, err := pathID[catalog.ProductID](ctx, "product_id")
	if err != nil {
		return err
	}
	variant, err := pathID[catalog.VariantID](ctx, "variant_id")
	if err != nil {
		return err
	}
	_, err = catalog.GetVariant(ctx, a.DB, shop(ctx).ID, product, variant)
	return err
}

func (a *API) createVariant(ctx context.Context, in *createVariantInput) (*answer[Variant], error) {
	var f fault.Form
	v := catalog.NewVariant()
	in.Body.apply(&f, &v, shop(ctx).Currency)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return once(ctx, a, func(tx *db.Tx) (*answer[Variant], error) {
		v, err := catalog.CreateVariant(ctx, tx, shop(ctx).ID, in.ProductID, v)
		return made(v, err, variantWriter(shop(ctx).Currency))
	})
}

func (a *API) listVariants(ctx context.Context, in *listVariantsInput) (*listed[Variant], error) {
	variants, more, err := catalog.Variants(ctx, a.DB, shop(ctx).ID, in.ProductID, in.page())
	if err != nil {
		return nil, err
	}
	return list(&in.PageQuery, variants, more, variantWriter(shop(ctx).Currency), func(v catalog.Variant) id.UUID { return v.ID.UUID }), nil
}

func (a *API) getVariant(ctx context.Context, in *VariantPath) (*answer[Variant], error) {
	v, err := catalog.GetVariant(ctx, a.DB, shop(ctx).ID, in.ProductID, in.VariantID)
	return shown(v, err, variantWriter(shop(ctx).Currency))
}

func (a *API) updateVariant(ctx context.Context, in *updateVariantInput) (*answer[Variant], error) {
	v, err := inTx(ctx, a, func(tx *db.Tx) (catalog.Variant, error) {
		var f fault.Form
		v, err := inventory.UpdateVariant(ctx, tx, shop(ctx).ID, in.ProductID, in.VariantID, func(v *catalog.Variant) {
			in.Body.apply(&f, v, shop(ctx).Currency)
		})
		return v, cmp.Or(f.Err(), err)
	})
	return shown(v, err, variantWriter(shop(ctx).Currency))
}

func (a *API) deleteVariant(ctx context.Context, in *VariantPath) (*nothing, error) {
	return gone(ctx, a, func(tx *db.Tx) error {
		return inventory.DeleteVariant(ctx, tx, shop(ctx).ID, in.ProductID, in.VariantID)
	})
}
