package order

import (
	"context"
	"time"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/money"
	"vitrine/internal/store"
)

// SupplierOrderID names a supplier's order.
type SupplierOrderID struct{ id.UUID }

// SupplierStatus is where a supplier's order stands.
type SupplierStatus string

// The states of a supplier's order. It follows the order that it is for.
const (
	ToShip    SupplierStatus = "open"
	Shipped   SupplierStatus = "shipped"
	CalledOff SupplierStatus = "cancelled"
)

// SupplierOrder is what a supplier has to ship for a paid order: its lines that the
// store does not ship itself.
type SupplierOrder struct {
	ID           SupplierOrderID
	Order        ID
	OrderNumber  int64
	Supplier     catalog.SupplierID
	SupplierName string // as they are called now, or were before they were deleted
	Status       SupplierStatus
	Currency     money.Currency
	Address      *Address
	CreatedAt    time.Time
	UpdatedAt    time.Time
	Items        []SupplierItem
	Cost         money.Amount // of all items whose cost is known
}

// SupplierItem is a line of a supplier's order.
type SupplierItem struct {
	Variant     catalog.VariantID
	SKU         *string
	SupplierSKU *string
	Title       string
	Quantity    int
	Cost        *money.Amount // of one
}

const selectSupplierOrders = `
	SELECT s.id, s.order_id, o.number, s.supplier_id, COALESCE(p.name, s.supplier_name, ''), s.status, o.currency, o.shipping_address, s.created_at, s.updated_at
	FROM supplier_order s
	JOIN shop_order o ON o.store_id = s.store_id AND o.id = s.order_id
	LEFT JOIN supplier p ON p.store_id = s.store_id AND p.id = s.supplier_id`

func scanSupplierOrder(row db.Row) (SupplierOrder, error) {
	var s SupplierOrder
	var address *string
	var created, updated db.Time
	err := row.Scan(&s.ID, &s.Order, &s.OrderNumber, &s.Supplier, &s.SupplierName, &s.Status, &s.Currency, &address, &created, &updated)
	s.CreatedAt, s.UpdatedAt, s.Items = created.Time, updated.Time, []SupplierItem{}
	if err == nil {
		s.Address, err = readAddress(address)
	}
	return s, err
}

// ListSupplierOrders returns a page of what suppliers have to ship, newest first.
// status and supplier narrow it unless they are empty.
func ListSupplierOrders(ctx context.Context, q db.Q, st store.ID, status SupplierStatus, supplier *catalog.SupplierID, p db.Page) ([]SupplierOrder, bool, error) {
	var w db.Where
	w.Add("s.store_id = ?", st)
	if status != "" {
		w.Add("s.status = ?", string(status))
	}
	if supplier != nil {
		w.Add("s.supplier_id = ?", *supplier)
	}
	end := p.Add(&w, "s.id")
	orders, err := db.All(ctx, q, scanSupplierOrder, selectSupplierOrders+" "+w.String()+end, w.Args...)
	if err != nil {
		return nil, false, err
	}
	orders, more := db.Cut(p, orders)
	return orders, more, loadSupplierItems(ctx, q, st, orders)
}

// SupplierOrders returns what suppliers have to ship for an order: none before it is
// paid.
func SupplierOrders(ctx context.Context, q db.Q, st store.ID, o ID) ([]SupplierOrder, error) {
	orders, err := db.All(ctx, q, scanSupplierOrder, selectSupplierOrders+`
	WHERE s.store_id = $1 AND s.order_id = $2 ORDER BY s.id`, st, o)
	if err != nil {
		return nil, err
	}
	return orders, loadSupplierItems(ctx, q, st, orders)
}

// loadSupplierItems fills in the lines of suppliers' orders, in one statement.
func loadSupplierItems(ctx context.Context, q db.Q, st store.ID, orders []SupplierOrder) error {
	if len(orders) == 0 {
		return nil
	}
	type key struct {
		order    ID
		supplier catalog.SupplierID
	}
	at := map[key]*SupplierOrder{}
	args := []any{st}
	for i := range orders {
		at[key{orders[i].Order, orders[i].Supplier}] = &orders[i]
		args = append(args, orders[i].Order)
	}
	return db.Each(ctx, q, func(row db.Row) error {
		var k key
		var item SupplierItem
		if err := row.Scan(&k.order, &k.supplier, &item.Variant, &item.SKU, &item.SupplierSKU, &item.Title, &item.Quantity, &item.Cost); err != nil {
			return err
		}
		if o := at[k]; o != nil {
			o.Items = append(o.Items, item)
			if item.Cost != nil {
				o.Cost += *item.Cost * money.Amount(item.Quantity)
			}
		}
		return nil
	}, `SELECT l.order_id, l.supplier_id, l.variant_id, l.sku, s.supplier_sku, l.title, l.quantity, l.cost
		FROM order_line l
		LEFT JOIN product_supplier s ON s.store_id = l.store_id AND s.product_id = l.product_id AND s.supplier_id = l.supplier_id
		WHERE l.store_id = $1 AND l.supplier_id IS NOT NULL AND l.order_id IN `+db.List(2, len(orders))+`
		ORDER BY l.order_id, l.line`, args...)
}

var (
	suppliedRows = db.NewColumns("store_id uuid, id uuid, order_id uuid, supplier_id uuid")
	stateRows    = db.NewColumns("store_id uuid, order_id uuid, status text")
)

// suppliedSet are the suppliers' orders that come with paid ones.
func (m *moving) suppliedSet(tx *db.Tx) *db.Set {
	rows := suppliedRows.Set()
	for _, done := range m.moved {
		if done.step != Paid {
			continue
		}
		seen := map[catalog.SupplierID]bool{}
		for _, item := range done.order.Items {
			if item.Supplier != nil && !seen[*item.Supplier] {
				seen[*item.Supplier] = true
				rows.Add(done.store, tx.NewID(), done.order.ID, *item.Supplier)
			}
		}
	}
	return rows
}

// supplierStates are what suppliers' orders become with the orders that they are for.
func (m *moving) supplierStates() *db.Set {
	rows := stateRows.Set()
	for _, done := range m.moved {
		switch done.step {
		case Fulfilled:
			rows.Add(done.store, done.order.ID, string(Shipped))
		case Cancelled:
			rows.Add(done.store, done.order.ID, string(CalledOff))
		}
	}
	return rows
}
