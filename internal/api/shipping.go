package api

import (
	"cmp"
	"context"
	"net/http"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/setup"
	"vitrine/internal/store"
)

// Shipping is what a store asks for sending an order.
type Shipping struct {
	Rate     string  `json:"rate" example:"4.90" doc:"Of an order; taxed by the rules that apply to shipping."`
	FreeOver *string `json:"free_over" example:"50.00" doc:"What the goods must come to, after the discount, to be sent for nothing; null: never."`
	Currency string  `json:"currency" example:"USD"`
}

func toShipping(s store.Store) Shipping {
	return Shipping{Rate: s.Currency.Format(s.Shipping), FreeOver: amountOrNull(s.Currency, s.FreeOver), Currency: string(s.Currency)}
}

type updateShippingInput struct {
	StorePath
	Body struct {
		Rate     Opt[Decimal]     `json:"rate,omitempty" doc:"0 or more."`
		FreeOver OptNull[Decimal] `json:"free_over,omitempty" doc:"0 or more; null: never."`
	}
}

// apply sets the members on a store. What is wrong with them goes to f.
func (in *updateShippingInput) apply(f *fault.Form, s *store.Store) {
	if in.Body.Rate.Set {
		s.Shipping = in.Body.Rate.Value.amount(f, "rate", s.Currency)
	}
	if in.Body.FreeOver.Set {
		s.FreeOver = nil
		if in.Body.FreeOver.Value != nil {
			over := in.Body.FreeOver.Value.amount(f, "free_over", s.Currency)
			s.FreeOver = &over
		}
	}
}

func (a *API) shippingRoutes() {
	const tag, path = "Stores", storePath + "/shipping"
	register(a, route{method: http.MethodGet, path: path, id: "get-shipping", tag: tag, summary: "Show what shipping costs"}, a.getShipping)
	register(a, route{
		method: http.MethodPatch, path: path, id: "update-shipping", tag: tag, role: store.Admin, summary: "Change what shipping costs",
		detail: "One rate for every order, nothing at first. Orders that were placed keep what they cost.",
	}, a.updateShipping)
}

func (a *API) getShipping(ctx context.Context, _ *StorePath) (*answer[Shipping], error) {
	return ok(toShipping(shop(ctx))), nil
}

func (a *API) updateShipping(ctx context.Context, in *updateShippingInput) (*answer[Shipping], error) {
	s, err := inTx(ctx, a, func(tx *db.Tx) (store.Store, error) {
		var f fault.Form // amounts are read in the store's currency
		s, err := setup.Change(ctx, tx, shop(ctx).ID, func(s *store.Store) { in.apply(&f, s) })
		return s, cmp.Or(f.Err(), err)
	})
	return shown(s, err, toShipping)
}
