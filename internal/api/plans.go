package api

import (
	"context"
	"net/http"

	"vitrine/internal/account"
)

// Plan is what a merchant can subscribe to.
type Plan struct {
	ID         string `json:"id" example:"growth"`
	Name       string `json:"name"`
	StoreLimit *int   `json:"store_limit" doc:"null: no limit."`
	Price      string `json:"price" example:"49.00"`
	Currency   string `json:"currency" example:"USD"`
	Period     string `json:"period" example:"month"`
}

func toPlan(p account.Plan) Plan {
	return Plan{ID: p.ID, Name: p.Name, StoreLimit: p.StoreLimit, Price: p.Currency.Format(p.Price), Currency: string(p.Currency), Period: p.Period}
}

type changePlanInput struct {
	Body struct {
		Plan string `json:"plan" doc:"The id of a plan."`
	}
}

func (a *API) planRoutes() {
	const tag = "Plans"
	register(a, route{method: http.MethodGet, path: "/plans", id: "list-plans", tag: tag, public: true, summary: "List plans"}, a.listPlans)
	register(a, route{
		method: http.MethodPut, path: "/billing/plan", id: "change-plan", tag: tag, summary: "Change the plan", errors: []int{http.StatusBadGateway},
		detail: "A plan with fewer stores than are in use is refused. One that costs something is charged for its first month, to the card of the account.",
	}, a.changePlan)
}

func (a *API) listPlans(ctx context.Context, _ *struct{}) (*listed[Plan], error) {
	plans, err := account.Plans(ctx, a.DB)
	if err != nil {
		return nil, err
	}
	out := &listed[Plan]{Body: make([]Plan, len(plans))}
	for i, p := range plans {
		out.Body[i] = toPlan(p)
	}
	return out, nil
}

func (a *API) changePlan(ctx context.Context, in *changePlanInput) (*answer[User], error) {
	u, err := a.Till.ChangePlan(ctx, caller(ctx).ID, in.Body.Plan)
	return shown(u, err, toUser)
}
