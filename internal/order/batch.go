package order

import (
	"context"
	"fmt"
	"strconv"

	"vitrine/internal/db"
	"vitrine/internal/webhook"
)

// What orders look at and write, as sets.
var (
	emailColumns     = db.NewColumns("store_id uuid, email_key text")
	customerRows     = db.NewColumns("store_id uuid, id uuid, email text, email_key text, name text, search_text text, orders bigint")
	knownRows        = db.NewColumns("store_id uuid, id uuid, name text, orders bigint")
	orderRows        = db.NewColumns("store_id uuid, id uuid, number bigint, customer_id uuid, email text, name text, shipping_address text, discount_id uuid, discount_code text, notes text, currency text, subtotal bigint, discount_total bigint, tax_total bigint, shipping_total bigint, shipping_tax bigint, total bigint, search_text text, hold_until timestamptz")
	lineRows         = db.NewColumns("store_id uuid, order_id uuid, line bigint, variant_id uuid, product_id uuid, sku text, title text, quantity bigint, unit_price bigint, total bigint, discount bigint, tax bigint, supplier_id uuid, cost bigint")
	allocationRows   = db.NewColumns("store_id uuid, order_id uuid, line bigint, level_id uuid, warehouse_id uuid, quantity bigint")
	allocationInsert = `
		WITH @given INSERT INTO order_allocation (store_id, order_id, line, level_id, warehouse_id, quantity)
		SELECT store_id, order_id, line, level_id, warehouse_id, quantity FROM given`
)

// Open reads the customers, whom nobody else makes or changes while the books of
// their stores are open.
func (p *placing) Open(ctx context.Context, tx *db.Tx) error {
	if err := p.openCustomers(ctx, tx); err != nil {
		return fmt.Errorf("read the customers: %w", err)
	}
	return nil
}

func (p *placing) openCustomers(ctx context.Context, tx *db.Tx) error {
	emails := emailColumns.Set()
	for key := range p.customers {
		emails.Add(key.store, key.email)
	}
	type found struct {
		customerKey
		customer
	}
	known, err := db.QuerySet(ctx, tx, emails, func(row db.Row) (f found, err error) {
		return f, row.Scan(&f.store, &f.customerKey.email, &f.id, &f.name)
	}, `WITH @given SELECT c.store_id, c.email_key, c.id, c.name FROM given CROSS JOIN customer c WHERE c.store_id = given.store_id AND c.email_key = given.email_key`)
	for _, f := range known {
		p.customers[f.customerKey] = &f.customer
	}
	return err
}

const (
	insertCustomers = `
		WITH @given INSERT INTO customer (store_id, id, email, email_key, name, search_text, orders, spent, created_at)
		SELECT store_id, id, email, email_key, name, search_text, orders, 0, $1 FROM given`

	updateCustomers = `
		WITH @given UPDATE customer SET name = given.name, orders = customer.orders + given.orders
		FROM given WHERE customer.store_id = given.store_id AND customer.id = given.id`

	insertOrders = `
		WITH @given INSERT INTO shop_order (store_id, id, number, customer_id, email, name, status, payment_status, shipping_address,
			discount_id, discount_code, notes, currency, subtotal, discount_total, tax_total, shipping_total, shipping_tax, total, refunded,
			search_text, hold_until, created_at, updated_at)
		SELECT store_id, id, number, customer_id, email, name, 'pending', 'unpaid', shipping_address,
			discount_id, discount_code, notes, currency, subtotal, discount_total, tax_total, shipping_total, shipping_tax, total, 0,
			search_text, hold_until, $1, $1 FROM given`

	insertLines = `
		WITH @given INSERT INTO order_line (store_id, order_id, line, variant_id, product_id, sku, title, quantity, unit_price, total,
			discount, tax, supplier_id, cost)
		SELECT store_id, order_id, line, variant_id, product_id, sku, title, quantity, unit_price, total, discount, tax, supplier_id, cost FROM given`
)

// Write writes the orders and their customers.
func (p *placing) Write(ctx context.Context, tx *db.Tx) error {
	fresh, known := p.customerSets()
	orders, lines, allocations := p.orderSets()
	for _, step := range []struct {
		what, statement string
		rows            *db.Set
		stamped         bool
	}{
		{"make customers", insertCustomers, fresh, true},
		{"count a customer's orders", updateCustomers, known, false},
		{"write orders", insertOrders, orders, true},
		{"write lines", insertLines, lines, false},
		{"write allocations", allocationInsert, allocations, false},
	} {
		var args []any
		if step.stamped {
			args = []any{db.Time{Time: tx.Now()}}
		}
		if _, err := step.rows.Exec(ctx, tx, step.statement, args...); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	messages := make([]webhook.Message, len(p.orders))
	for i, made := range p.orders {
		messages[i] = made.order.message(made.store)
	}
	return webhook.EmitAll(ctx, tx, messages)
}

func (p *placing) customerSets() (fresh, known *db.Set) {
	fresh, known = customerRows.Set(), knownRows.Set()
	for key, c := range p.customers {
		switch {
		case c == nil || c.orders == 0:
		case c.fresh:
			fresh.Add(key.store, c.id, c.email, key.email, c.name, searchText(c.email, c.name), c.orders)
		default:
			known.Add(key.store, c.id, c.name, c.orders)
		}
	}
	return fresh, known
}

func (p *placing) orderSets() (orders, lines, allocations *db.Set) {
	orders, lines, allocations = orderRows.Set(), lineRows.Set(), allocationRows.Set()
	for _, made := range p.orders {
		st, o := made.store, made.order
		orders.Add(st, o.ID, o.Number, o.Customer, o.Email, o.Name, made.address, o.DiscountID, o.DiscountCode, o.Notes, string(o.Currency),
			o.Subtotal, o.DiscountTotal, o.TaxTotal, o.ShippingTotal, o.ShippingTax, o.Total,
			strconv.FormatInt(o.Number, 10)+"\n"+searchText(o.Email, o.Name), db.NullTime{Time: o.HoldUntil})
		for i, item := range o.Items {
			lines.Add(st, o.ID, i, item.Variant, item.Product, item.SKU, item.Title, item.Quantity, item.UnitPrice, item.Total,
				item.Discount, item.Tax, item.Supplier, item.Cost)
			for _, a := range item.Allocations {
				allocations.Add(st, o.ID, i, a.Level, a.Warehouse, a.Quantity)
			}
		}
	}
	return orders, lines, allocations
}
