// Package order sells: it prices what a shopper wants, holds the stock for it, and
// takes the order through payment and shipping, or back.
package order

import (
	"time"

	"vitrine/internal/catalog"
	"vitrine/internal/id"
	"vitrine/internal/inventory"
	"vitrine/internal/money"
)

// ID names an order.
type ID struct{ id.UUID }

// Status is where an order stands.
type Status string

// The states of an order. Pending → Paid → Fulfilled → Returned; Cancelled from
// Pending or Paid.
const (
	Pending   Status = "pending"
	Paid      Status = "paid"
	Fulfilled Status = "fulfilled"
	Cancelled Status = "cancelled"
	Returned  Status = "returned"
)

// PaymentStatus is where the money is.
type PaymentStatus string

// The states of the money.
const (
	Unpaid   PaymentStatus = "unpaid"
	Settled  PaymentStatus = "paid"
	Refunded PaymentStatus = "refunded"
)

// Order is what a customer bought, as it was when they did.
type Order struct {
	ID            ID
	Number        int64
	Customer      CustomerID
	Email         string
	Name          *string
	Status        Status
	Payment       PaymentStatus
	Address       *Address
	DiscountID    *id.UUID
	DiscountCode  *string
	Notes         *string
	Currency      money.Currency
	Subtotal      money.Amount // the lines' totals
	DiscountTotal money.Amount
	TaxTotal      money.Amount // of the lines and the shipping
	ShippingTotal money.Amount
	ShippingTax   money.Amount
	Total         money.Amount // Subtotal - DiscountTotal + TaxTotal + ShippingTotal
	Refunded      money.Amount
	HoldUntil     *time.Time // when an unpaid order gives its stock back; nil: never, or it holds none
	CreatedAt     time.Time
	UpdatedAt     time.Time
	PaidAt        *time.Time
	FulfilledAt   *time.Time
	CancelledAt   *time.Time
	ReturnedAt    *time.Time

	Items []Item // in the order they were asked for
}

// Item is a line of an order.
type Item struct {
	Variant     catalog.VariantID
	Product     catalog.ProductID
	SKU         *string
	Title       string // the product's and, where there is a choice, the variant's
	Quantity    int
	UnitPrice   money.Amount
	Total       money.Amount // Quantity × UnitPrice
	Discount    money.Amount
	Tax         money.Amount
	Supplier    *catalog.SupplierID // who ships it, when the store does not
	Cost        *money.Amount       // what one costs the store there
	Allocations []Allocation
}

// Allocation says how many units of a line come from which warehouse.
type Allocation struct {
	Level     inventory.LevelID
	Warehouse inventory.WarehouseID
	Quantity  int
}

// Address is where an order is sent.
type Address struct {
	Name    *string
	Street  string
	City    string
	State   string
	Country string // ISO 3166-1 alpha-2
	ZipCode string
}
