// Package pricing knows what changes a price: discounts and tax rules.
package pricing

import (
	"context"
	"strings"
	"time"

	"vitrine/internal/audit"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/money"
	"vitrine/internal/store"
	"vitrine/internal/text"
)

// TaxRuleID names a tax rule.
type TaxRuleID struct{ id.UUID }

// TaxRule says what tax is due where. Rules of one place apply by priority, the
// lowest first; a compound one is taken on top of those before it.
type TaxRule struct {
	ID                TaxRuleID
	Name              string
	Country           string  // ISO 3166-1 alpha-2
	State, ZipCode    *string // nil: all of the country
	Rate              money.Rate
	Priority          int
	Compound          bool
	AppliesToShipping bool
	Active            bool
	CreatedAt         time.Time
	UpdatedAt         time.Time
}

// NewTaxRule returns a rule as it is before the merchant says anything else.
func NewTaxRule() TaxRule { return TaxRule{Active: true} }

const (
	maxPlace    = 100
	maxPriority = 1_000_000
)

func (r *TaxRule) check() error {
	var f fault.Form
	r.Name = text.Name(&f, "name", r.Name)
	if r.Country = strings.ToUpper(strings.TrimSpace(r.Country)); !text.IsCountry(r.Country) {
		f.Addf("country", r.Country, "must be an ISO 3166 country code such as US")
	}
	r.State = text.OptionalLine(&f, "state", r.State, maxPlace)
	r.ZipCode = text.OptionalLine(&f, "zip_code", r.ZipCode, maxPlace)
	if r.Rate < 0 || r.Rate > money.Whole {
		f.Addf("rate", nil, "must be a percentage from 0 to 100")
	}
	if r.Priority < 0 || r.Priority > maxPriority {
		f.Addf("priority", r.Priority, "must be from 0 to %d", maxPriority)
	}
	return f.Err()
}

const taxRuleColumns = `id, name, country, state, zip_code, rate, priority, is_compound, applies_to_shipping, is_active, created_at, updated_at`

func scanTaxRule(row db.Row) (TaxRule, error) {
	var r TaxRule
	var created, updated db.Time
	err := row.Scan(&r.ID, &r.Name, &r.Country, &r.State, &r.ZipCode, &r.Rate, &r.Priority, &r.Compound, &r.AppliesToShipping, &r.Active, &created, &updated)
	r.CreatedAt, r.UpdatedAt = created.Time, updated.Time
	return r, err
}

// CreateTaxRule adds a rule to a store.
func CreateTaxRule(ctx context.Context, tx *db.Tx, st store.ID, r TaxRule) (TaxRule, error) {
	if err := r.check(); err != nil {
		return TaxRule{}, err
	}
	r.ID, r.CreatedAt, r.UpdatedAt = TaxRuleID{tx.NewID()}, tx.Now(), tx.Now()
	_, err := db.Exec(ctx, tx, `
		INSERT INTO tax_rule (store_id, `+taxRuleColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)`,
		st, r.ID, r.Name, r.Country, r.State, r.ZipCode, int64(r.Rate), r.Priority, r.Compound, r.AppliesToShipping, r.Active, db.Time{Time: tx.Now()})
	if err != nil {
		return TaxRule{}, err
	}
	return r, audit.InStore(ctx, tx, st.UUID, audit.TaxRuleCreate, r.thing())
}

// thing is the rule as logs name it.
func (r TaxRule) thing() audit.Thing {
	return audit.Thing{Kind: "tax_rule", ID: r.ID.String(), Name: r.Name}
}

// GetTaxRule returns a rule of a store.
func GetTaxRule(ctx context.Context, q db.Q, st store.ID, r TaxRuleID) (TaxRule, error) {
	found, err := db.One(ctx, q, scanTaxRule, `SELECT `+taxRuleColumns+` FROM tax_rule WHERE store_id = $1 AND id = $2`, st, r)
	return found, db.Missing(err, "tax rule")
}

// ListTaxRules returns a page of a store's rules, newest first.
func ListTaxRules(ctx context.Context, q db.Q, st store.ID, p db.Page) ([]TaxRule, bool, error) {
	var w db.Where
	w.Add("store_id = ?", st)
	return db.Paged(ctx, q, p, w, scanTaxRule, `SELECT `+taxRuleColumns+` FROM tax_rule`)
}

// TaxRulesOf returns the active rules of a store for a country.
func TaxRulesOf(ctx context.Context, q db.Q, st store.ID, country string) ([]TaxRule, error) {
	return db.All(ctx, q, scanTaxRule, `SELECT `+taxRuleColumns+` FROM tax_rule WHERE store_id = $1 AND country = $2 AND is_active`, st, country)
}

// UpdateTaxRule changes a rule.
func UpdateTaxRule(ctx context.Context, tx *db.Tx, st store.ID, id TaxRuleID, edit func(*TaxRule)) (TaxRule, error) {
	r, err := db.One(ctx, tx, scanTaxRule, `
		UPDATE tax_rule SET updated_at = $3 WHERE store_id = $1 AND id = $2 RETURNING `+taxRuleColumns, st, id, db.Time{Time: tx.Now()})
	if err != nil {
		return TaxRule{}, db.Missing(err, "tax rule")
	}
	before := r
	edit(&r)
	if err := r.check(); err != nil {
		return TaxRule{}, err
	}
	_, err = db.Exec(ctx, tx, `
		UPDATE tax_rule SET name = $3, country = $4, state = $5, zip_code = $6, rate = $7, priority = $8,
			is_compound = $9, applies_to_shipping = $10, is_active = $11
		WHERE store_id = $1 AND id = $2`,
		st, id, r.Name, r.Country, r.State, r.ZipCode, int64(r.Rate), r.Priority, r.Compound, r.AppliesToShipping, r.Active)
	if err != nil {
		return TaxRule{}, err
	}
	return r, audit.Changed(ctx, tx, st.UUID, audit.TaxRuleChange, r.thing(), before, r)
}

// DeleteTaxRule removes a rule.
func DeleteTaxRule(ctx context.Context, tx *db.Tx, st store.ID, id TaxRuleID) error {
	r, err := db.One(ctx, tx, scanTaxRule, `DELETE FROM tax_rule WHERE store_id = $1 AND id = $2 RETURNING `+taxRuleColumns, st, id)
	if err != nil {
		return db.Missing(err, "tax rule")
	}
	return audit.InStore(ctx, tx, st.UUID, audit.TaxRuleDelete, r.thing())
}
