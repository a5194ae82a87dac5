package order

import (
	"context"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/money"
	"vitrine/internal/store"
)

// CustomerID names a customer.
type CustomerID struct{ id.UUID }

// Customer is who has bought in a store: one for each e-mail address, whatever its
// case.
type Customer struct {
	ID        CustomerID
	Email     string
	Name      *string
	Orders    int          // placed, cancelled ones too
	Spent     money.Amount // paid, less what was paid back
	CreatedAt time.Time
}

const customerColumns = `id, email, name, orders, spent, created_at`

func scanCustomer(row db.Row) (Customer, error) {
	var c Customer
	var created db.Time
	err := row.Scan(&c.ID, &c.Email, &c.Name, &c.Orders, &c.Spent, &created)
	c.CreatedAt = created.Time
	return c, err
}

// GetCustomer returns a customer of a store.
func GetCustomer(ctx context.Context, q db.Q, st store.ID, c CustomerID) (Customer, error) {
	found, err := db.One(ctx, q, scanCustomer, `SELECT `+customerColumns+` FROM customer WHERE store_id = $1 AND id = $2`, st, c)
	return found, db.Missing(err, "customer")
}

// ListCustomers returns a page of a store's customers, newest first. query, unless
// it is empty, is a part of their address or name.
func ListCustomers(ctx context.Context, q db.Q, st store.ID, query string, p db.Page) ([]Customer, bool, error) {
	var w db.Where
	w.Add("store_id = ?", st)
	return find(ctx, q, customersSearched, st, w, query, p, scanCustomer, customerColumns)
}
