package api

import (
	"context"
	"fmt"
	"net/http"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/money"
	"vitrine/internal/order"
	"vitrine/internal/store"
)

// Order is what a customer bought.
type Order struct {
	ID              string            `json:"id" format:"uuid"`
	Number          int64             `json:"number" example:"1001" doc:"Counts up within the store."`
	StoreID         string            `json:"store_id" format:"uuid"`
	Status          string            `json:"status" enum:"pending,paid,fulfilled,cancelled,returned"`
	PaymentStatus   string            `json:"payment_status" enum:"unpaid,paid,refunded"`
	Customer        OrderCustomer     `json:"customer"`
	Items           []OrderItem       `json:"items"`
	ShippingAddress nullable[Address] `json:"shipping_address"`
	DiscountCode    *string           `json:"discount_code"`
	Notes           *string           `json:"notes"`
	Subtotal        string            `json:"subtotal" example:"25.98" doc:"What the items come to before discount and tax."`
	DiscountTotal   string            `json:"discount_total" example:"0.00"`
	TaxTotal        string            `json:"tax_total" example:"0.00"`
	ShippingTotal   string            `json:"shipping_total" example:"0.00"`
	ShippingTax     string            `json:"shipping_tax" example:"0.00" doc:"The part of tax_total that is due on the shipping."`
	Total           string            `json:"total" example:"25.98"`
	RefundedTotal   string            `json:"refunded_total" example:"0.00"`
	Currency        string            `json:"currency" example:"USD"`
	ReservedUntil   *string           `json:"reserved_until" format:"date-time" doc:"When the order is cancelled unless it is paid; null when it keeps its stock or holds none."`
	CreatedAt       string            `json:"created_at" format:"date-time"`
	UpdatedAt       string            `json:"updated_at" format:"date-time"`
	PaidAt          *string           `json:"paid_at" format:"date-time"`
	FulfilledAt     *string           `json:"fulfilled_at" format:"date-time"`
	CancelledAt     *string           `json:"cancelled_at" format:"date-time"`
	ReturnedAt      *string           `json:"returned_at" format:"date-time"`
}

// OrderCustomer is who bought, as they said then.
type OrderCustomer struct {
	ID    string  `json:"id" format:"uuid"`
	Email string  `json:"email"`
	Name  *string `json:"name"`
}

// OrderItem is a line of an order.
type OrderItem struct {
	VariantID   string       `json:"variant_id" format:"uuid"`
	ProductID   string       `json:"product_id" format:"uuid"`
	SKU         *string      `json:"sku"`
	Title       string       `json:"title"`
	Quantity    int          `json:"quantity"`
	UnitPrice   string       `json:"unit_price" example:"12.99"`
	Total       string       `json:"total" example:"25.98" doc:"Quantity times price."`
	Discount    string       `json:"discount" example:"0.00"`
	Tax         string       `json:"tax" example:"0.00"`
	SupplierID  *string      `json:"supplier_id" format:"uuid" doc:"Who ships it, when the store does not."`
	Allocations []Allocation `json:"allocations" doc:"The warehouses that it is shipped from."`
}

// Allocation is a part of a line that lies in one warehouse.
type Allocation struct {
	WarehouseID string `json:"warehouse_id" format:"uuid"`
	Quantity    int    `json:"quantity"`
}

// Address is where an order is sent.
type Address struct {
	Name    *string `json:"name,omitempty" nullable:"true"`
	Address string  `json:"address,omitempty"`
	City    string  `json:"city,omitempty"`
	State   string  `json:"state,omitempty"`
	Country string  `json:"country" example:"US" doc:"ISO 3166-1 alpha-2."`
	ZipCode string  `json:"zip_code,omitempty"`
}

func toAddress(a *order.Address) nullable[Address] {
	if a == nil {
		return nullable[Address]{}
	}
	return nullable[Address]{&Address{Name: a.Name, Address: a.Street, City: a.City, State: a.State, Country: a.Country, ZipCode: a.ZipCode}}
}

func (a *Address) parse() *order.Address {
	if a == nil {
		return nil
	}
	return &order.Address{Name: a.Name, Street: a.Address, City: a.City, State: a.State, Country: a.Country, ZipCode: a.ZipCode}
}

func toOrder(ctx context.Context) func(order.Order) Order {
	st := shop(ctx).ID.String()
	return func(o order.Order) Order {
		m := o.Currency.Format
		return Order{
			ID: o.ID.String(), Number: o.Number, StoreID: st, Status: string(o.Status), PaymentStatus: string(o.Payment),
			Customer: OrderCustomer{ID: o.Customer.String(), Email: o.Email, Name: o.Name},
			Items:    each(o.Items, itemWriter(o.Currency)), ShippingAddress: toAddress(o.Address), DiscountCode: o.DiscountCode, Notes: o.Notes,
			Subtotal: m(o.Subtotal), DiscountTotal: m(o.DiscountTotal), TaxTotal: m(o.TaxTotal), ShippingTotal: m(o.ShippingTotal), ShippingTax: m(o.ShippingTax),
			Total: m(o.Total), RefundedTotal: m(o.Refunded), Currency: string(o.Currency), ReservedUntil: utcOrNull(o.HoldUntil),
			CreatedAt: utc(o.CreatedAt), UpdatedAt: utc(o.UpdatedAt),
			PaidAt: utcOrNull(o.PaidAt), FulfilledAt: utcOrNull(o.FulfilledAt), CancelledAt: utcOrNull(o.CancelledAt), ReturnedAt: utcOrNull(o.ReturnedAt),
		}
	}
}

// itemWriter returns how the lines of an order in a currency read.
func itemWriter(c money.Currency) func(order.Item) OrderItem {
	return func(i order.Item) OrderItem {
		out := OrderItem{
			VariantID: i.Variant.String(), ProductID: i.Product.String(), SKU: i.SKU, Title: i.Title, Quantity: i.Quantity,
			UnitPrice: c.Format(i.UnitPrice), Total: c.Format(i.Total), Discount: c.Format(i.Discount), Tax: c.Format(i.Tax),
			Allocations: each(i.Allocations, func(a order.Allocation) Allocation {
				return Allocation{WarehouseID: a.Warehouse.String(), Quantity: a.Quantity}
			}),
		}
		if i.Supplier != nil {
			supplier := i.Supplier.String()
			out.SupplierID = &supplier
		}
		return out
	}
}

// OrderRequest is what is asked for, and for whom.
type OrderRequest struct {
	Customer struct {
		Email string  `json:"email"`
		Name  *string `json:"name,omitempty" nullable:"true"`
	} `json:"customer"`
	Items           []WantedItem     `json:"items" doc:"1 to 200 lines."`
	ShippingAddress OptNull[Address] `json:"shipping_address,omitempty" doc:"Where tax is due; without it there is none."`
	DiscountCode    *string          `json:"discount_code,omitempty" nullable:"true"`
	Notes           *string          `json:"notes,omitempty" nullable:"true"`
}

// WantedItem is a line of what is asked for.
type WantedItem struct {
	VariantID string `json:"variant_id" format:"uuid"`
	Quantity  int    `json:"quantity"`
}

func (b OrderRequest) parse() (order.Request, error) {
	r := order.Request{
		Email: b.Customer.Email, Name: b.Customer.Name, Address: b.ShippingAddress.Value.parse(),
		DiscountCode: b.DiscountCode, Notes: b.Notes,
	}
	var err error
	r.Items, err = wanted(b.Items)
	return r, err
}

func wanted(items []WantedItem) ([]order.Wanted, error) {
	var f fault.Form
	all := make([]order.Wanted, len(items))
	for i, item := range items {
		v, err := id.Parse(item.VariantID)
		if err != nil {
			f.Addf(fmt.Sprintf("items[%d].variant_id", i), item.VariantID, "must be a UUID")
		}
		all[i] = order.Wanted{Variant: catalog.VariantID{UUID: v}, Quantity: item.Quantity}
	}
	return all, f.Err()
}

// OrderPath is the path of one order.
type OrderPath struct {
	StorePath
	ID order.ID `path:"order_id" format:"uuid" doc:"The order's id."`
}

type createOrderInput struct {
	StorePath
	Body OrderRequest
}

type listOrdersInput struct {
	StorePath
	PageQuery
	Status   string `query:"status" enum:"pending,paid,fulfilled,cancelled,returned" doc:"Those that stand there."`
	Customer string `query:"customer_id" format:"uuid" doc:"Those of this customer."`
	Query    Search `query:"q" maxLength:"200" doc:"A part of the number, or of the customer's address or name."`
}

func (a *API) orderRoutes() {
	const tag, path, one = "Orders", storePath + "/orders", storePath + "/orders/{order_id}"
	there := exists(a, "order_id", order.Get)
	register(a, route{
		method: http.MethodPost, path: path, id: "create-order", tag: tag, status: http.StatusCreated, summary: "Create an order",
		detail: "Prices, discount and tax are computed here. Stock is held for all lines or, when one is short, for none.",
	}, a.createOrder)
	register(a, route{method: http.MethodGet, path: path, id: "list-orders", tag: tag, summary: "List orders"}, a.listOrders)
	register(a, route{method: http.MethodGet, path: one, id: "get-order", tag: tag, summary: "Get an order", guard: there}, a.getOrder)
	for _, m := range []struct {
		name, summary, detail string
		move                  orderMove
	}{
		{"pay", "Pay an order", "From `pending`. Suppliers get to know what they have to ship.", a.Orders.Pay},
		{"fulfill", "Fulfill an order", "From `paid`. What it holds leaves the warehouses.", a.Orders.Fulfill},
		{"cancel", "Cancel an order", "From `pending` or `paid`. Gives back its stock, its use of a discount and what was paid.", a.Orders.Cancel},
		{"return", "Return an order", "From `fulfilled`. Its units go back to the warehouses, the money to the customer.", a.Orders.Return},
	} {
		register(a, route{
			method: http.MethodPost, path: one + "/" + m.name, id: m.name + "-order", tag: tag, guard: there,
			summary: m.summary, detail: m.detail + " Doing it again changes nothing.",
		}, func(ctx context.Context, in *OrderPath) (*answer[Order], error) {
			return a.moveOrder(ctx, in.ID, m.move)
		})
	}
}

func (a *API) createOrder(ctx context.Context, in *createOrderInput) (*answer[Order], error) {
	r, err := in.Body.parse()
	if err != nil {
		return nil, err
	}
	return onceWith(ctx, a, func(keep func(context.Context, *db.Tx, order.Order) error) (order.Order, error) {
		return a.Orders.Place(ctx, shop(ctx), r, keep)
	}, func(o order.Order) *answer[Order] { return created(toOrder(ctx)(o)) })
}

// orderMove is how an order is moved: see package order.
type orderMove = func(context.Context, store.ID, order.ID, *string, order.Then) (order.Order, error)

func (a *API) moveOrder(ctx context.Context, o order.ID, move orderMove) (*answer[Order], error) {
	actor := caller(ctx).ID.String()
	return onceWith(ctx, a, func(keep func(context.Context, *db.Tx, order.Order) error) (order.Order, error) {
		return move(ctx, shop(ctx).ID, o, &actor, keep)
	}, func(o order.Order) *answer[Order] { return ok(toOrder(ctx)(o)) })
}

func (a *API) listOrders(ctx context.Context, in *listOrdersInput) (*listed[Order], error) {
	f := order.Filter{Status: order.Status(in.Status), Query: in.Query.String()}
	if in.Customer != "" {
		c, err := id.Parse(in.Customer)
		if err != nil {
			return nil, fault.Missing("customer")
		}
		f.Customer = &order.CustomerID{UUID: c}
	}
	orders, more, err := order.List(ctx, a.DB, shop(ctx).ID, f, in.page())
	if err != nil {
		return nil, err
	}
	return list(&in.PageQuery, orders, more, toOrder(ctx), func(o order.Order) id.UUID { return o.ID.UUID }), nil
}

func (a *API) getOrder(ctx context.Context, in *OrderPath) (*answer[Order], error) {
	o, err := order.Get(ctx, a.DB, shop(ctx).ID, in.ID)
	return shown(o, err, toOrder(ctx))
}
