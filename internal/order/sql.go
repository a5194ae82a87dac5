package order

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"vitrine/internal/db"
	"vitrine/internal/store"
)

const columns = `id, number, customer_id, email, name, status, payment_status, shipping_address, discount_id, discount_code, notes, currency,
	subtotal, discount_total, tax_total, shipping_total, shipping_tax, total, refunded, hold_until, created_at, updated_at,
	paid_at, fulfilled_at, cancelled_at, returned_at`

func scan(row db.Row) (Order, error) {
	var o Order
	var address *string
	var created, updated db.Time
	var hold, paid, fulfilled, cancelled, returned db.NullTime
	err := row.Scan(&o.ID, &o.Number, &o.Customer, &o.Email, &o.Name, &o.Status, &o.Payment, &address, &o.DiscountID, &o.DiscountCode, &o.Notes, &o.Currency,
		&o.Subtotal, &o.DiscountTotal, &o.TaxTotal, &o.ShippingTotal, &o.ShippingTax, &o.Total, &o.Refunded, &hold, &created, &updated,
		&paid, &fulfilled, &cancelled, &returned)
	o.HoldUntil, o.CreatedAt, o.UpdatedAt = hold.Time, created.Time, updated.Time
	o.PaidAt, o.FulfilledAt, o.CancelledAt, o.ReturnedAt = paid.Time, fulfilled.Time, cancelled.Time, returned.Time
	if err == nil {
		o.Address, err = readAddress(address)
	}
	return o, err
}

// readAddress reads what writeAddress wrote.
func readAddress(s *string) (*Address, error) {
	if s == nil {
		return nil, nil //nolint:nilnil // an order without an address
	}
	a := &Address{}
	return a, json.Unmarshal([]byte(*s), a)
}

// writeAddress is an address as its column has it.
func writeAddress(a *Address) (any, error) {
	if a == nil {
		return nil, nil
	}
	raw, err := json.Marshal(a)
	return string(raw), err
}

// qualified are the columns of the order with the alias.
func qualified(alias string) string {
	names := strings.Split(columns, ",")
	for i, name := range names {
		names[i] = alias + "." + strings.TrimSpace(name)
	}
	return strings.Join(names, ", ")
}

// prefixed is a row with one more column before those that are scanned.
type prefixed struct {
	db.Row
	first any
}

func (p prefixed) Scan(dest ...any) error { return p.Row.Scan(append([]any{p.first}, dest...)...) }

// Get returns an order of a store with its items.
func Get(ctx context.Context, q db.Q, st store.ID, o ID) (Order, error) {
	found, err := db.One(ctx, q, scan, `SELECT `+columns+` FROM shop_order WHERE store_id = $1 AND id = $2`, st, o)
	if err != nil {
		return Order{}, db.Missing(err, "order")
	}
	one := []Order{found}
	err = load(ctx, q, st, one)
	return one[0], err
}

// Filter narrows a list of orders. The zero value narrows nothing.
type Filter struct {
	Status   Status
	Customer *CustomerID
	Query    string // a part of the number, or of the customer's address or name
}

// List returns a page of a store's orders, newest first, with their items.
func List(ctx context.Context, q db.Q, st store.ID, f Filter, p db.Page) ([]Order, bool, error) {
	var w db.Where
	w.Add("store_id = ?", st)
	if f.Status != "" {
		w.Add("status = ?", string(f.Status))
	}
	if f.Customer != nil {
		w.Add("customer_id = ?", *f.Customer)
	}
	orders, more, err := find(ctx, q, ordersSearched, st, w, strings.TrimPrefix(f.Query, "#"), p, scan, columns)
	if err != nil {
		return nil, false, err
	}
	return orders, more, load(ctx, q, st, orders)
}

// load fills in the items of orders, in two statements however many they are.
func load(ctx context.Context, q db.Q, st store.ID, orders []Order) error {
	if len(orders) == 0 {
		return nil
	}
	at := make(map[ID]*Order, len(orders))
	args := []any{st}
	for i := range orders {
		orders[i].Items = []Item{}
		at[orders[i].ID] = &orders[i]
		args = append(args, orders[i].ID)
	}
	among := ` WHERE store_id = $1 AND order_id IN ` + db.List(2, len(orders)) + ` ORDER BY order_id, line`
	err := db.Each(ctx, q, func(row db.Row) error {
		var o ID
		item := Item{Allocations: []Allocation{}}
		err := row.Scan(&o, &item.Variant, &item.Product, &item.SKU, &item.Title, &item.Quantity, &item.UnitPrice,
			&item.Total, &item.Discount, &item.Tax, &item.Supplier, &item.Cost)
		if err == nil {
			at[o].Items = append(at[o].Items, item)
		}
		return err
	}, `SELECT order_id, variant_id, product_id, sku, title, quantity, unit_price, total, discount, tax, supplier_id, cost FROM order_line`+among, args...)
	if err != nil {
		return err
	}
	return db.Each(ctx, q, func(row db.Row) error {
		var o ID
		var line int
		var a Allocation
		if err := row.Scan(&o, &line, &a.Level, &a.Warehouse, &a.Quantity); err != nil {
			return err
		}
		item := &at[o].Items[line]
		item.Allocations = append(item.Allocations, a)
		return nil
	}, `SELECT order_id, line, level_id, warehouse_id, quantity FROM order_allocation`+among+`, level_id`, args...)
}

// Numbers returns the numbers of those among ids that are orders of a store.
func Numbers(ctx context.Context, q db.Q, st store.ID, ids []ID) (map[ID]int64, error) {
	numbers := map[ID]int64{}
	if len(ids) == 0 {
		return numbers, nil
	}
	err := db.Each(ctx, q, func(row db.Row) error {
		var o ID
		var n int64
		err := row.Scan(&o, &n)
		numbers[o] = n
		return err
	}, `SELECT id, number FROM shop_order WHERE store_id = $1 AND id IN `+db.List(2, len(ids)), append([]any{st}, db.Args(ids)...)...)
	return numbers, err
}

// Label is what a merchant calls an order: #1001.
func (o Order) Label() string { return "#" + strconv.FormatInt(o.Number, 10) }
