// Package catalog knows what a store sells: products and their variants, the
// categories they are in and the suppliers they come from.
package catalog

import (
	"context"
	"strings"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/store"
	"vitrine/internal/text"
)

// SupplierID names a supplier.
type SupplierID struct{ id.UUID }

// Supplier is who a store gets its goods from.
type Supplier struct {
	ID           SupplierID
	Name         string
	Email        *string
	Phone        *string
	Website      *string
	Country      *string // ISO 3166-1 alpha-2
	LeadTimeDays *int
	Notes        *string
	Active       bool
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// NewSupplier returns a supplier as it is before the merchant says anything else.
func NewSupplier(name string) Supplier { return Supplier{Name: name, Active: true} }

const (
	maxContact  = 254
	maxAddress  = 2048
	maxLeadTime = 3650
)

func (s *Supplier) check() error {
	var f fault.Form
	s.Name = text.Name(&f, "name", s.Name)
	s.Email = text.OptionalEmail(&f, "email", s.Email)
	s.Phone = text.OptionalLine(&f, "phone", s.Phone, maxContact)
	s.Website = text.OptionalLine(&f, "website", s.Website, maxAddress)
	s.Notes = text.OptionalLong(&f, "notes", s.Notes, text.MaxLong)
	if s.Country = text.OptionalLine(&f, "country", s.Country, maxContact); s.Country != nil {
		upper := strings.ToUpper(*s.Country)
		if s.Country = &upper; !text.IsCountry(upper) {
			f.Addf("country", upper, "must be an ISO 3166 country code such as US")
		}
	}
	if s.LeadTimeDays != nil && (*s.LeadTimeDays < 0 || *s.LeadTimeDays > maxLeadTime) {
		f.Addf("lead_time_days", *s.LeadTimeDays, "must be from 0 to %d", maxLeadTime)
	}
	return f.Err()
}

const supplierColumns = `id, name, email, phone, website, country, lead_time_days, notes, is_active, created_at, updated_at`

func scanSupplier(row db.Row) (Supplier, error) {
	var s Supplier
	var created, updated db.Time
	err := row.Scan(&s.ID, &s.Name, &s.Email, &s.Phone, &s.Website, &s.Country, &s.LeadTimeDays, &s.Notes, &s.Active, &created, &updated)
	s.CreatedAt, s.UpdatedAt = created.Time, updated.Time
	return s, err
}

// CreateSupplier adds a supplier to a store.
func CreateSupplier(ctx context.Context, tx *db.Tx, st store.ID, s Supplier) (Supplier, error) {
	if err := s.check(); err != nil {
		return Supplier{}, err
	}
	s.ID, s.CreatedAt, s.UpdatedAt = SupplierID{tx.NewID()}, tx.Now(), tx.Now()
	_, err := db.Exec(ctx, tx, `
		INSERT INTO supplier (store_id, `+supplierColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)`,
		st, s.ID, s.Name, s.Email, s.Phone, s.Website, s.Country, s.LeadTimeDays, s.Notes, s.Active, db.Time{Time: tx.Now()})
	return s, err
}

// GetSupplier returns a supplier of a store.
func GetSupplier(ctx context.Context, q db.Q, st store.ID, s SupplierID) (Supplier, error) {
	found, err := db.One(ctx, q, scanSupplier, `SELECT `+supplierColumns+` FROM supplier WHERE store_id = $1 AND id = $2`, st, s)
	return found, db.Missing(err, "supplier")
}

// ListSuppliers returns a page of a store's suppliers, newest first.
func ListSuppliers(ctx context.Context, q db.Q, st store.ID, p db.Page) ([]Supplier, bool, error) {
	var w db.Where
	w.Add("store_id = ?", st)
	return db.Paged(ctx, q, p, w, scanSupplier, `SELECT `+supplierColumns+` FROM supplier`)
}

// UpdateSupplier changes a supplier.
func UpdateSupplier(ctx context.Context, tx *db.Tx, st store.ID, id SupplierID, edit func(*Supplier)) (Supplier, error) {
	s, err := db.One(ctx, tx, scanSupplier, `
		UPDATE supplier SET updated_at = $3 WHERE store_id = $1 AND id = $2 RETURNING `+supplierColumns, st, id, db.Time{Time: tx.Now()})
	if err != nil {
		return Supplier{}, db.Missing(err, "supplier")
	}
	edit(&s)
	if err := s.check(); err != nil {
		return Supplier{}, err
	}
	_, err = db.Exec(ctx, tx, `
		UPDATE supplier SET name = $3, email = $4, phone = $5, website = $6, country = $7, lead_time_days = $8, notes = $9, is_active = $10
		WHERE store_id = $1 AND id = $2`,
		st, id, s.Name, s.Email, s.Phone, s.Website, s.Country, s.LeadTimeDays, s.Notes, s.Active)
	return s, err
}

// DeleteSupplier removes a supplier and its links to products.
func DeleteSupplier(ctx context.Context, tx *db.Tx, st store.ID, s SupplierID) error {
	if _, err := db.Exec(ctx, tx, `DELETE FROM product_supplier WHERE store_id = $1 AND supplier_id = $2`, st, s); err != nil {
		return err
	}
	err := db.ExecOne(ctx, tx, `DELETE FROM supplier WHERE store_id = $1 AND id = $2`, st, s)
	if db.ViolatesForeignKey(err) { // a product was linked to it a moment ago
		return fault.Conflictf("supplier_in_use", "The supplier is being used at this moment. Please try again.")
	}
	return db.Missing(err, "supplier")
}
