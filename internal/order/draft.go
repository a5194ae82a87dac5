package order

import (
	"errors"
	"slices"
	"strings"
	"time"

	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/inventory"
	"vitrine/internal/text"
)

func (b *basket) customerKey() customerKey {
	return customerKey{b.store.ID.UUID, text.Fold(b.request.Email)}
}

func (b *basket) discountID() *id.UUID {
	if b.discount == nil {
		return nil
	}
	return &b.discount.ID.UUID
}

// order is the basket as an order, without its customer, number and stock.
func (b *basket) order(o ID, now time.Time) *Order {
	r, q := b.request, b.quote
	made := &Order{
		ID: o, Email: r.Email, Name: r.Name, Status: Pending, Payment: Unpaid, Address: r.Address, Notes: r.Notes,
		Currency: b.store.Currency, Subtotal: q.Subtotal, DiscountTotal: q.Discount, TaxTotal: q.Tax, ShippingTotal: q.Shipping,
		ShippingTax: q.ShippingTax, Total: q.Total,
		CreatedAt: now, UpdatedAt: now,
	}
	if made.DiscountID = b.discountID(); b.discount != nil {
		made.DiscountCode = &b.discount.Code
	}
	for i, wanted := range r.Items {
		made.Items = append(made.Items, b.item(wanted.Quantity, i))
	}
	return made
}

func (b *basket) item(quantity, i int) Item {
	o, charge := b.offers[i], b.quote.Lines[i]
	item := Item{
		Variant: o.variant, Product: o.product, SKU: o.sku, Title: o.title, Quantity: quantity, UnitPrice: o.price,
		Total: charge.Gross, Discount: charge.Discount, Tax: charge.Tax, Cost: o.cost, Allocations: []Allocation{},
	}
	if !b.ownStock(o) {
		item.Supplier = o.supplier
	}
	return item
}

// hold takes the stock of all lines that the store ships itself, or none of it. What
// is short is told for all lines at once.
func (b *basket) hold(o *Order, stock *inventory.Stock) error {
	reference := o.ID.String()
	var lines []inventory.Line
	for i, item := range o.Items {
		if b.ownStock(b.offers[i]) {
			lines = append(lines, inventory.Line{N: int64(i), Variant: item.Variant, Quantity: int64(item.Quantity), Spare: b.spare[item.Variant]})
		}
	}
	if len(lines) == 0 {
		return nil
	}
	allocated, err := stock.Hold(o.ID.UUID, lines, inventory.Note{Reference: &reference})
	if short, ok := errors.AsType[*inventory.ErrSoldOut](err); ok {
		return b.soldOut(short.Lines)
	}
	if err != nil {
		return err
	}
	for _, a := range allocated {
		item := &o.Items[a.Line]
		item.Allocations = append(item.Allocations, Allocation{Level: a.Level, Warehouse: a.Warehouse, Quantity: int(a.Quantity)})
	}
	return nil
}

// soldOut names what is short, and not how much there is: shoppers read it too.
func (b *basket) soldOut(short []inventory.Short) error {
	var names []string
	for _, line := range short {
		if name := b.offers[line.N].name(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return fault.Refusedf("sold_out", "There is not enough stock of %s.", strings.Join(names, ", "))
}

// name is what a refusal calls the variant.
func (o offer) name() string {
	if o.sku != nil {
		return *o.sku
	}
	return o.title
}

// holds tells whether the order holds stock.
func (o *Order) holds() bool {
	for _, item := range o.Items {
		if len(item.Allocations) > 0 {
			return true
		}
	}
	return false
}
