package api

import (
	"context"
	"net/http"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/money"
	"vitrine/internal/pricing"
)

// TaxRule says what tax is due where.
type TaxRule struct {
	ID                string  `json:"id" format:"uuid"`
	Name              string  `json:"name"`
	Country           string  `json:"country" example:"US"`
	State             *string `json:"state" doc:"null: everywhere in the country."`
	ZipCode           *string `json:"zip_code" doc:"null: everywhere in the state."`
	Rate              string  `json:"rate" doc:"A percentage." example:"8.25"`
	Priority          int     `json:"priority" doc:"The lowest applies first."`
	IsCompound        bool    `json:"is_compound" doc:"Taken on top of the rules before it."`
	AppliesToShipping bool    `json:"applies_to_shipping"`
	IsActive          bool    `json:"is_active"`
	CreatedAt         string  `json:"created_at" format:"date-time"`
	UpdatedAt         string  `json:"updated_at" format:"date-time"`
}

func toTaxRule(r pricing.TaxRule) TaxRule {
	return TaxRule{
		ID: r.ID.String(), Name: r.Name, Country: r.Country, State: r.State, ZipCode: r.ZipCode, Rate: r.Rate.String(),
		Priority: r.Priority, IsCompound: r.Compound, AppliesToShipping: r.AppliesToShipping, IsActive: r.Active,
		CreatedAt: utc(r.CreatedAt), UpdatedAt: utc(r.UpdatedAt),
	}
}

// TaxRuleFields are what can be left out of a tax rule.
type TaxRuleFields struct {
	State             OptNull[string] `json:"state,omitempty"`
	ZipCode           OptNull[string] `json:"zip_code,omitempty"`
	Priority          Opt[int]        `json:"priority,omitempty" doc:"Default 0."`
	IsCompound        Opt[bool]       `json:"is_compound,omitempty"`
	AppliesToShipping Opt[bool]       `json:"applies_to_shipping,omitempty"`
	IsActive          Opt[bool]       `json:"is_active,omitempty" doc:"Default true."`
}

func (b TaxRuleFields) apply(r *pricing.TaxRule) {
	b.State.to(&r.State)
	b.ZipCode.to(&r.ZipCode)
	b.Priority.to(&r.Priority)
	b.IsCompound.to(&r.Compound)
	b.AppliesToShipping.to(&r.AppliesToShipping)
	b.IsActive.to(&r.Active)
}

type createTaxRuleInput struct {
	StorePath
	Body struct {
		Name    string  `json:"name"`
		Country string  `json:"country" doc:"ISO 3166-1 alpha-2."`
		Rate    Decimal `json:"rate"`
		TaxRuleFields
	}
}

type updateTaxRuleInput struct {
	TaxRulePath
	Body struct {
		Name    Opt[string]  `json:"name,omitempty"`
		Country Opt[string]  `json:"country,omitempty"`
		Rate    Opt[Decimal] `json:"rate,omitempty"`
		TaxRuleFields
	}
}

// TaxRulePath is the path of one tax rule.
type TaxRulePath struct {
	StorePath
	ID pricing.TaxRuleID `path:"tax_rule_id" format:"uuid" doc:"The tax rule's id."`
}

func (a *API) taxRuleRoutes() {
	const tag, path, one = "Tax rules", storePath + "/tax-rules", storePath + "/tax-rules/{tax_rule_id}"
	there := exists(a, "tax_rule_id", pricing.GetTaxRule)
	register(a, route{method: http.MethodPost, path: path, id: "create-tax-rule", tag: tag, status: http.StatusCreated, summary: "Create a tax rule"}, a.createTaxRule)
	register(a, route{method: http.MethodGet, path: path, id: "list-tax-rules", tag: tag, summary: "List tax rules"}, a.listTaxRules)
	register(a, route{method: http.MethodGet, path: one, id: "get-tax-rule", tag: tag, summary: "Get a tax rule", guard: there}, a.getTaxRule)
	register(a, route{method: http.MethodPatch, path: one, id: "update-tax-rule", tag: tag, summary: "Change a tax rule", guard: there}, a.updateTaxRule)
	register(a, route{method: http.MethodDelete, path: one, id: "delete-tax-rule", tag: tag, status: http.StatusNoContent, summary: "Delete a tax rule", guard: there}, a.deleteTaxRule)
}

func (a *API) createTaxRule(ctx context.Context, in *createTaxRuleInput) (*answer[TaxRule], error) {
	var f fault.Form
	r := pricing.NewTaxRule()
	r.Name, r.Country, r.Rate = in.Body.Name, in.Body.Country, in.Body.Rate.rate(&f, "rate")
	in.Body.apply(&r)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return once(ctx, a, func(tx *db.Tx) (*answer[TaxRule], error) {
		r, err := pricing.CreateTaxRule(ctx, tx, shop(ctx).ID, r)
		return made(r, err, toTaxRule)
	})
}

func (a *API) listTaxRules(ctx context.Context, in *listInput) (*listed[TaxRule], error) {
	return pageOf(ctx, a, &in.PageQuery, pricing.ListTaxRules, toTaxRule, func(r pricing.TaxRule) id.UUID { return r.ID.UUID })
}

func (a *API) getTaxRule(ctx context.Context, in *TaxRulePath) (*answer[TaxRule], error) {
	r, err := pricing.GetTaxRule(ctx, a.DB, shop(ctx).ID, in.ID)
	return shown(r, err, toTaxRule)
}

func (a *API) updateTaxRule(ctx context.Context, in *updateTaxRuleInput) (*answer[TaxRule], error) {
	var f fault.Form
	var rate Opt[money.Rate]
	if in.Body.Rate.Set {
		rate = Opt[money.Rate]{Set: true, Value: in.Body.Rate.Value.rate(&f, "rate")}
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	r, err := inTx(ctx, a, func(tx *db.Tx) (pricing.TaxRule, error) {
		return pricing.UpdateTaxRule(ctx, tx, shop(ctx).ID, in.ID, func(r *pricing.TaxRule) {
			in.Body.Name.to(&r.Name)
			in.Body.Country.to(&r.Country)
			rate.to(&r.Rate)
			in.Body.apply(r)
		})
	})
	return shown(r, err, toTaxRule)
}

func (a *API) deleteTaxRule(ctx context.Context, in *TaxRulePath) (*nothing, error) {
	return gone(ctx, a, func(tx *db.Tx) error { return pricing.DeleteTaxRule(ctx, tx, shop(ctx).ID, in.ID) })
}
