package api

import (
	"context"
	"net/http"

	"vitrine/internal/db"
	"vitrine/internal/order"
)

// CartQuote is what a cart costs now. Nothing is held.
type CartQuote struct {
	Items         []QuotedItem `json:"items"`
	Subtotal      string       `json:"subtotal" example:"25.98"`
	DiscountTotal string       `json:"discount_total" example:"0.00"`
	TaxTotal      string       `json:"tax_total" example:"0.00" doc:"Where no address is given, none."`
	ShippingTotal string       `json:"shipping_total" example:"0.00"`
	ShippingTax   string       `json:"shipping_tax" example:"0.00" doc:"The part of tax_total that is due on the shipping."`
	Total         string       `json:"total" example:"25.98"`
	Currency      string       `json:"currency" example:"USD"`
}

// QuotedItem is a line of a cart, in the order it was sent.
type QuotedItem struct {
	VariantID string `json:"variant_id" format:"uuid"`
	Quantity  int    `json:"quantity"`
	UnitPrice string `json:"unit_price" example:"12.99"`
	Total     string `json:"total" example:"25.98"`
	Discount  string `json:"discount" example:"0.00"`
	Tax       string `json:"tax" example:"0.00"`
}

// ShopperOrder is an order as the shopper who placed it sees it.
type ShopperOrder struct {
	ID              string            `json:"id" format:"uuid"`
	Number          int64             `json:"number" example:"1001"`
	Status          string            `json:"status" enum:"pending,paid,fulfilled,cancelled,returned"`
	PaymentStatus   string            `json:"payment_status" enum:"unpaid,paid,refunded"`
	Customer        ShopperName       `json:"customer"`
	Items           []ShopperItem     `json:"items"`
	ShippingAddress nullable[Address] `json:"shipping_address"`
	DiscountCode    *string           `json:"discount_code"`
	Notes           *string           `json:"notes"`
	Subtotal        string            `json:"subtotal"`
	DiscountTotal   string            `json:"discount_total"`
	TaxTotal        string            `json:"tax_total"`
	ShippingTotal   string            `json:"shipping_total"`
	ShippingTax     string            `json:"shipping_tax"`
	Total           string            `json:"total"`
	Currency        string            `json:"currency"`
	CreatedAt       string            `json:"created_at" format:"date-time"`
}

// ShopperName is who ordered.
type ShopperName struct {
	Email string  `json:"email"`
	Name  *string `json:"name"`
}

// ShopperItem is a line of an order as a shopper sees it.
type ShopperItem struct {
	VariantID string  `json:"variant_id" format:"uuid"`
	SKU       *string `json:"sku"`
	Title     string  `json:"title"`
	Quantity  int     `json:"quantity"`
	UnitPrice string  `json:"unit_price"`
	Total     string  `json:"total"`
}

type quoteInput struct {
	StorefrontPath
	Body struct {
		Items           []WantedItem     `json:"items" doc:"1 to 200 lines."`
		DiscountCode    *string          `json:"discount_code,omitempty" nullable:"true"`
		ShippingAddress OptNull[Address] `json:"shipping_address,omitempty" doc:"Where tax is due; without it there is none."`
	}
}

type checkoutInput struct {
	StorefrontPath
	Body OrderRequest
}

func (a *API) storefrontCheckoutRoutes() {
	register(a, route{
		method: http.MethodPost, path: storefrontPath + "/cart/quote", id: "quote-cart", tag: storefrontTag, public: true,
		summary: "Price a cart", detail: "Nothing is held: what is sold out is found out at the checkout.",
	}, a.quoteCart)
	register(a, route{
		method: http.MethodPost, path: storefrontPath + "/checkout", id: "check-out", tag: storefrontTag, public: true, status: http.StatusCreated,
		summary: "Place an order", detail: "The same prices and rules as an order that the merchant creates: stock is held for all lines or for none.",
	}, a.checkOut)
}

func (a *API) quoteCart(ctx context.Context, in *quoteInput) (*answer[CartQuote], error) {
	items, err := wanted(in.Body.Items)
	if err != nil {
		return nil, err
	}
	q, err := a.Orders.Quote(ctx, shop(ctx), order.Request{Items: items, DiscountCode: in.Body.DiscountCode, Address: in.Body.ShippingAddress.Value.parse()})
	return shown(q, err, func(q order.Quoted) CartQuote { return toQuote(ctx, items, q) })
}

func toQuote(ctx context.Context, items []order.Wanted, q order.Quoted) CartQuote {
	m := shop(ctx).Currency.Format
	out := CartQuote{
		Items:    make([]QuotedItem, len(items)),
		Subtotal: m(q.Subtotal), DiscountTotal: m(q.Discount), TaxTotal: m(q.Tax), ShippingTotal: m(q.Shipping), ShippingTax: m(q.ShippingTax), Total: m(q.Total),
		Currency: string(shop(ctx).Currency),
	}
	for i, item := range items {
		line := q.Lines[i]
		out.Items[i] = QuotedItem{
			VariantID: item.Variant.String(), Quantity: item.Quantity, UnitPrice: m(q.UnitPrices[i]),
			Total: m(line.Gross), Discount: m(line.Discount), Tax: m(line.Tax),
		}
	}
	return out
}

func (a *API) checkOut(ctx context.Context, in *checkoutInput) (*answer[ShopperOrder], error) {
	r, err := in.Body.parse()
	if err != nil {
		return nil, err
	}
	return onceWith(ctx, a, func(then func(context.Context, *db.Tx, order.Order) error) (order.Order, error) {
		return a.Orders.Place(ctx, shop(ctx), r, then)
	}, func(o order.Order) *answer[ShopperOrder] { return created(toShopperOrder(o)) })
}

func toShopperOrder(o order.Order) ShopperOrder {
	m := o.Currency.Format
	return ShopperOrder{
		ID: o.ID.String(), Number: o.Number, Status: string(o.Status), PaymentStatus: string(o.Payment),
		Customer: ShopperName{Email: o.Email, Name: o.Name}, ShippingAddress: toAddress(o.Address), DiscountCode: o.DiscountCode, Notes: o.Notes,
		Items: each(o.Items, func(i order.Item) ShopperItem {
			return ShopperItem{VariantID: i.Variant.String(), SKU: i.SKU, Title: i.Title, Quantity: i.Quantity, UnitPrice: m(i.UnitPrice), Total: m(i.Total)}
		}),
		Subtotal: m(o.Subtotal), DiscountTotal: m(o.DiscountTotal), TaxTotal: m(o.TaxTotal), ShippingTotal: m(o.ShippingTotal), ShippingTax: m(o.ShippingTax), Total: m(o.Total),
		Currency: string(o.Currency), CreatedAt: utc(o.CreatedAt),
	}
}
