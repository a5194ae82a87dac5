package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/money"
	"vitrine/internal/pricing"
)

// Discount is what a code takes off an order.
type Discount struct {
	ID            string   `json:"id" format:"uuid"`
	Code          string   `json:"code"`
	Type          string   `json:"type" enum:"percentage,fixed_amount,free_shipping"`
	Value         string   `json:"value" doc:"A percentage, or an amount in the store's currency." example:"10.00"`
	AppliesTo     string   `json:"applies_to" enum:"all,products,categories"`
	ProductIDs    []string `json:"product_ids" doc:"They count when applies_to is products."`
	CategoryIDs   []string `json:"category_ids" doc:"They count when applies_to is categories."`
	MinimumAmount *string  `json:"minimum_amount" example:"50.00"`
	UsageLimit    *int     `json:"usage_limit" doc:"null: no limit."`
	TimesUsed     int      `json:"times_used"`
	StartsAt      *string  `json:"starts_at" format:"date-time"`
	ExpiresAt     *string  `json:"expires_at" format:"date-time"`
	Status        string   `json:"status" enum:"active,disabled,expired" doc:"An active discount reads expired from expires_at on."`
	CreatedAt     string   `json:"created_at" format:"date-time"`
	UpdatedAt     string   `json:"updated_at" format:"date-time"`
}

// discountWriter returns how discounts read in the store of the path, now.
func (a *API) discountWriter(ctx context.Context) func(pricing.Discount) Discount {
	currency, now := shop(ctx).Currency, a.DB.Now()
	return func(d pricing.Discount) Discount {
		out := Discount{
			ID: d.ID.String(), Code: d.Code, Type: string(d.Type), Value: d.Value(currency), AppliesTo: string(d.AppliesTo),
			ProductIDs: idStrings(d.Products), CategoryIDs: idStrings(d.Categories), UsageLimit: d.UsageLimit, TimesUsed: d.TimesUsed,
			StartsAt: utcOrNull(d.StartsAt), ExpiresAt: utcOrNull(d.ExpiresAt), Status: string(d.StatusAt(now)),
			CreatedAt: utc(d.CreatedAt), UpdatedAt: utc(d.UpdatedAt),
		}
		if d.MinimumAmount != nil {
			minimum := currency.Format(*d.MinimumAmount)
			out.MinimumAmount = &minimum
		}
		return out
	}
}

func idStrings(ids []id.UUID) []string {
	out := make([]string, len(ids))
	for i, u := range ids {
		out[i] = u.String()
	}
	return out
}

// DiscountFields are what can be left out of a discount.
type DiscountFields struct {
	Value         OptNull[Decimal]   `json:"value,omitempty" doc:"A percentage above 0 and up to 100, or an amount above 0. With free_shipping it does not count."`
	AppliesTo     Opt[string]        `json:"applies_to,omitempty" doc:"all (the default), products or categories"`
	ProductIDs    Opt[[]string]      `json:"product_ids,omitempty" doc:"Products of this store."`
	CategoryIDs   Opt[[]string]      `json:"category_ids,omitempty" doc:"Categories of this store."`
	MinimumAmount OptNull[Decimal]   `json:"minimum_amount,omitempty"`
	UsageLimit    OptNull[int]       `json:"usage_limit,omitempty" doc:"1 or more; null: no limit."`
	StartsAt      OptNull[time.Time] `json:"starts_at,omitempty"`
	ExpiresAt     OptNull[time.Time] `json:"expires_at,omitempty" doc:"After starts_at. It may have passed."`
	Status        Opt[string]        `json:"status,omitempty" doc:"active (the default), disabled or expired"`
}

// apply sets the fields on a discount whose type is set already: the value is
// read as the type has it. What is wrong with them goes to f.
func (b DiscountFields) apply(f *fault.Form, d *pricing.Discount, c money.Currency) {
	if b.Value.Set {
		d.Percent, d.Amount = 0, 0
		if b.Value.Value != nil {
			d.SetValue(f, string(*b.Value.Value), c)
		}
	}
	if b.AppliesTo.Set {
		d.AppliesTo = pricing.Scope(b.AppliesTo.Value)
	}
	if b.ProductIDs.Set {
		d.Products = bodyIDs(f, "product_ids", b.ProductIDs.Value)
	}
	if b.CategoryIDs.Set {
		d.Categories = bodyIDs(f, "category_ids", b.CategoryIDs.Value)
	}
	if b.MinimumAmount.Set {
		d.MinimumAmount = nil
		if b.MinimumAmount.Value != nil {
			minimum := b.MinimumAmount.Value.amount(f, "minimum_amount", c)
			d.MinimumAmount = &minimum
		}
	}
	b.UsageLimit.to(&d.UsageLimit)
	b.StartsAt.to(&d.StartsAt)
	b.ExpiresAt.to(&d.ExpiresAt)
	if b.Status.Set {
		d.Status = pricing.DiscountStatus(b.Status.Value)
	}
}

// bodyIDs reads ids that a body names.
func bodyIDs(f *fault.Form, path string, ids []string) []id.UUID {
	out := make([]id.UUID, len(ids))
	for i, s := range ids {
		u, err := id.Parse(s)
		if err != nil {
			f.Addf(fmt.Sprintf("%s[%d]", path, i), s, "must be a UUID")
		}
		out[i] = u
	}
	return out
}

type createDiscountInput struct {
	StorePath
	Body struct {
		Code string `json:"code" doc:"1 to 200 characters without white space, unique in the store ignoring case."`
		Type string `json:"type" doc:"percentage, fixed_amount or free_shipping"`
		DiscountFields
	}
}

type updateDiscountInput struct {
	DiscountPath
	Body struct {
		Code Opt[string] `json:"code,omitempty"`
		Type Opt[string] `json:"type,omitempty" doc:"A change between percentage and fixed_amount needs a new value."`
		DiscountFields
	}
}

// DiscountPath is the path of one discount.
type DiscountPath struct {
	StorePath
	ID pricing.DiscountID `path:"discount_id" format:"uuid" doc:"The discount's id."`
}

func (a *API) discountRoutes() {
	const tag, path, one = "Discounts", storePath + "/discounts", storePath + "/discounts/{discount_id}"
	there := exists(a, "discount_id", pricing.GetDiscount)
	register(a, route{method: http.MethodPost, path: path, id: "create-discount", tag: tag, status: http.StatusCreated, summary: "Create a discount"}, a.createDiscount)
	register(a, route{method: http.MethodGet, path: path, id: "list-discounts", tag: tag, summary: "List discounts"}, a.listDiscounts)
	register(a, route{method: http.MethodGet, path: one, id: "get-discount", tag: tag, summary: "Get a discount", guard: there}, a.getDiscount)
	register(a, route{method: http.MethodPatch, path: one, id: "update-discount", tag: tag, summary: "Change a discount", guard: there}, a.updateDiscount)
	register(a, route{method: http.MethodDelete, path: one, id: "delete-discount", tag: tag, status: http.StatusNoContent, summary: "Delete a discount", guard: there}, a.deleteDiscount)
}

func (a *API) createDiscount(ctx context.Context, in *createDiscountInput) (*answer[Discount], error) {
	var f fault.Form
	d := pricing.NewDiscount(in.Body.Code, pricing.DiscountType(in.Body.Type))
	in.Body.apply(&f, &d, shop(ctx).Currency)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return once(ctx, a, func(tx *db.Tx) (*answer[Discount], error) {
		d, err := pricing.CreateDiscount(ctx, tx, shop(ctx).ID, d)
		return made(d, err, a.discountWriter(ctx))
	})
}

func (a *API) listDiscounts(ctx context.Context, in *listInput) (*listed[Discount], error) {
	return pageOf(ctx, a, &in.PageQuery, pricing.ListDiscounts, a.discountWriter(ctx), func(d pricing.Discount) id.UUID { return d.ID.UUID })
}

func (a *API) getDiscount(ctx context.Context, in *DiscountPath) (*answer[Discount], error) {
	d, err := pricing.GetDiscount(ctx, a.DB, shop(ctx).ID, in.ID)
	return shown(d, err, a.discountWriter(ctx))
}

func (a *API) updateDiscount(ctx context.Context, in *updateDiscountInput) (*answer[Discount], error) {
	d, err := inTx(ctx, a, func(tx *db.Tx) (pricing.Discount, error) {
		var f fault.Form // the value is read by the type, which may be the stored one
		d, err := pricing.UpdateDiscount(ctx, tx, shop(ctx).ID, in.ID, func(d *pricing.Discount) {
			in.Body.Code.to(&d.Code)
			if in.Body.Type.Set {
				d.Type = pricing.DiscountType(in.Body.Type.Value)
			}
			in.Body.apply(&f, d, shop(ctx).Currency)
		})
		return d, cmp.Or(f.Err(), err)
	})
	return shown(d, err, a.discountWriter(ctx))
}

func (a *API) deleteDiscount(ctx context.Context, in *DiscountPath) (*nothing, error) {
	return gone(ctx, a, func(tx *db.Tx) error { return pricing.DeleteDiscount(ctx, tx, shop(ctx).ID, in.ID) })
}
