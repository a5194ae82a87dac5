package api

import (
	"context"
	"net/http"

	"vitrine/internal/id"
	"vitrine/internal/money"
	"vitrine/internal/order"
)

// Customer is who has bought in a store.
type Customer struct {
	ID          string  `json:"id" format:"uuid"`
	Email       string  `json:"email"`
	Name        *string `json:"name"`
	OrdersCount int     `json:"orders_count" doc:"Orders placed, cancelled ones too."`
	TotalSpent  string  `json:"total_spent" example:"25.98" doc:"What was paid, less what was paid back."`
	CreatedAt   string  `json:"created_at" format:"date-time"`
}

func customerWriter(c money.Currency) func(order.Customer) Customer {
	return func(o order.Customer) Customer {
		return Customer{ID: o.ID.String(), Email: o.Email, Name: o.Name, OrdersCount: o.Orders, TotalSpent: c.Format(o.Spent), CreatedAt: utc(o.CreatedAt)}
	}
}

// CustomerPath is the path of one customer.
type CustomerPath struct {
	StorePath
	ID order.CustomerID `path:"customer_id" format:"uuid" doc:"The customer's id."`
}

type listCustomersInput struct {
	StorePath
	PageQuery
	Query Search `query:"q" maxLength:"200" doc:"A part of the address or the name."`
}

func (a *API) customerRoutes() {
	const tag, path, one = "Customers", storePath + "/customers", storePath + "/customers/{customer_id}"
	register(a, route{method: http.MethodGet, path: path, id: "list-customers", tag: tag, summary: "List customers"}, a.listCustomers)
	register(a, route{method: http.MethodGet, path: one, id: "get-customer", tag: tag, summary: "Get a customer", guard: exists(a, "customer_id", order.GetCustomer)}, a.getCustomer)
}

func (a *API) listCustomers(ctx context.Context, in *listCustomersInput) (*listed[Customer], error) {
	customers, more, err := order.ListCustomers(ctx, a.DB, shop(ctx).ID, in.Query.String(), in.page())
	if err != nil {
		return nil, err
	}
	return list(&in.PageQuery, customers, more, customerWriter(shop(ctx).Currency), func(c order.Customer) id.UUID { return c.ID.UUID }), nil
}

func (a *API) getCustomer(ctx context.Context, in *CustomerPath) (*answer[Customer], error) {
	c, err := order.GetCustomer(ctx, a.DB, shop(ctx).ID, in.ID)
	return shown(c, err, customerWriter(shop(ctx).Currency))
}
