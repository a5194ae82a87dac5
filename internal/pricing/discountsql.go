package pricing

import (
	"context"
	"errors"
	"slices"

	"vitrine/internal/audit"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/money"
	"vitrine/internal/store"
	"vitrine/internal/text"
)

const discountColumns = `id, code, type, value, applies_to, minimum_amount, usage_limit, times_used, starts_at, expires_at, status, created_at, updated_at`

func scanDiscount(row db.Row) (Discount, error) {
	var d Discount
	var value int64
	var starts, expires db.NullTime
	var created, updated db.Time
	err := row.Scan(&d.ID, &d.Code, &d.Type, &value, &d.AppliesTo, &d.MinimumAmount, &d.UsageLimit, &d.TimesUsed,
		&starts, &expires, &d.Status, &created, &updated)
	if d.Type == Percentage {
		d.Percent = money.Rate(value)
	} else {
		d.Amount = money.Amount(value)
	}
	d.StartsAt, d.ExpiresAt, d.CreatedAt, d.UpdatedAt = starts.Time, expires.Time, created.Time, updated.Time
	return d, err
}

// stored is the value as its column has it.
func (d Discount) stored() int64 {
	if d.Type == Percentage {
		return int64(d.Percent)
	}
	return int64(d.Amount)
}

// CreateDiscount adds a discount to a store. One that has expired is accepted.
func CreateDiscount(ctx context.Context, tx *db.Tx, st store.ID, d Discount) (Discount, error) {
	if err := d.check(); err != nil {
		return Discount{}, err
	}
	d.ID, d.TimesUsed, d.CreatedAt, d.UpdatedAt = DiscountID{tx.NewID()}, 0, tx.Now(), tx.Now()
	_, err := db.Exec(ctx, tx, `
		INSERT INTO discount (store_id, code_key, `+discountColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $12, $13, $13)`,
		st, text.Fold(d.Code), d.ID, d.Code, string(d.Type), d.stored(), string(d.AppliesTo), d.MinimumAmount, d.UsageLimit,
		db.NullTime{Time: d.StartsAt}, db.NullTime{Time: d.ExpiresAt}, string(d.Status), db.Time{Time: tx.Now()})
	if err != nil {
		return Discount{}, codeTaken(tx, err, d.Code)
	}
	if err := productLink().add(ctx, tx, st, d.ID, d.Products); err != nil {
		return Discount{}, err
	}
	if err := categoryLink().add(ctx, tx, st, d.ID, d.Categories); err != nil {
		return Discount{}, err
	}
	return d, audit.InStore(ctx, tx, st.UUID, audit.DiscountCreate, d.thing())
}

// thing is the discount as logs name it.
func (d Discount) thing() audit.Thing {
	return audit.Thing{Kind: "discount", ID: d.ID.String(), Name: d.Code}
}

func codeTaken(tx *db.Tx, err error, code string) error {
	if tx.Violates(err, "discount_code") {
		return fault.Refusedf("code_taken", "The code %q is already used.", code)
	}
	return err
}

// GetDiscount returns a discount of a store.
func GetDiscount(ctx context.Context, q db.Q, st store.ID, d DiscountID) (Discount, error) {
	found, err := db.One(ctx, q, scanDiscount, `SELECT `+discountColumns+` FROM discount WHERE store_id = $1 AND id = $2`, st, d)
	return completed(ctx, q, st, found, err)
}

// completed adds what a discount names, unless it was not found.
func completed(ctx context.Context, q db.Q, st store.ID, d Discount, err error) (Discount, error) {
	if err != nil {
		return Discount{}, db.Missing(err, "discount")
	}
	one := []Discount{d}
	err = withLinks(ctx, q, st, one)
	return one[0], err
}

// DiscountByCode returns the discount of a store that a shopper typed, in any case.
// A code that nobody knows is refused.
func DiscountByCode(ctx context.Context, q db.Q, st store.ID, code string) (Discount, error) {
	found, err := db.One(ctx, q, scanDiscount, `SELECT `+discountColumns+` FROM discount WHERE store_id = $1 AND code_key = $2`, st, text.Fold(code))
	if errors.Is(err, db.ErrNoRows) {
		return Discount{}, fault.Refusedf("discount_unknown", "There is no discount code %q.", code)
	}
	if err != nil {
		return Discount{}, err
	}
	one := []Discount{found}
	err = withLinks(ctx, q, st, one)
	return one[0], err
}

// ListDiscounts returns a page of a store's discounts, newest first.
func ListDiscounts(ctx context.Context, q db.Q, st store.ID, p db.Page) ([]Discount, bool, error) {
	var w db.Where
	w.Add("store_id = ?", st)
	end := p.Add(&w, "id")
	discounts, err := db.All(ctx, q, scanDiscount, `SELECT `+discountColumns+` FROM discount `+w.String()+end, w.Args...)
	if err != nil {
		return nil, false, err
	}
	discounts, more := db.Cut(p, discounts)
	return discounts, more, withLinks(ctx, q, st, discounts)
}

// UpdateDiscount changes a discount. How often it was used stays.
func UpdateDiscount(ctx context.Context, tx *db.Tx, st store.ID, id DiscountID, edit func(*Discount)) (Discount, error) {
	d, err := db.One(ctx, tx, scanDiscount, `
		UPDATE discount SET updated_at = $3 WHERE store_id = $1 AND id = $2 RETURNING `+discountColumns, st, id, db.Time{Time: tx.Now()})
	d, err = completed(ctx, tx, st, d, err)
	if err != nil {
		return Discount{}, err
	}
	before := d
	before.Products, before.Categories = slices.Clone(d.Products), slices.Clone(d.Categories)
	edit(&d)
	d.TimesUsed = before.TimesUsed
	if err := d.check(); err != nil {
		return Discount{}, err
	}
	_, err = db.Exec(ctx, tx, `
		UPDATE discount SET code = $3, code_key = $4, type = $5, value = $6, applies_to = $7, minimum_amount = $8,
			usage_limit = $9, starts_at = $10, expires_at = $11, status = $12
		WHERE store_id = $1 AND id = $2`,
		st, id, d.Code, text.Fold(d.Code), string(d.Type), d.stored(), string(d.AppliesTo), d.MinimumAmount, d.UsageLimit,
		db.NullTime{Time: d.StartsAt}, db.NullTime{Time: d.ExpiresAt}, string(d.Status))
	if err != nil {
		return Discount{}, codeTaken(tx, err, d.Code)
	}
	if err := relink(ctx, tx, st, before, d); err != nil {
		return Discount{}, err
	}
	return d, audit.Changed(ctx, tx, st.UUID, audit.DiscountChange, d.thing(), before, d)
}

// relink writes what a discount names where that has changed.
func relink(ctx context.Context, tx *db.Tx, st store.ID, before, after Discount) error {
	if !slices.Equal(before.Products, after.Products) {
		if err := productLink().replace(ctx, tx, st, after.ID, after.Products); err != nil {
			return err
		}
	}
	if !slices.Equal(before.Categories, after.Categories) {
		return categoryLink().replace(ctx, tx, st, after.ID, after.Categories)
	}
	return nil
}

// DeleteDiscount removes a discount. Orders that used it keep what it took off.
func DeleteDiscount(ctx context.Context, tx *db.Tx, st store.ID, d DiscountID) error {
	code, err := db.One(ctx, tx, db.Value[string], `DELETE FROM discount WHERE store_id = $1 AND id = $2 RETURNING code`, st, d)
	if err != nil {
		return db.Missing(err, "discount")
	}
	return audit.InStore(ctx, tx, st.UUID, audit.DiscountDelete, Discount{ID: d, Code: code}.thing())
}
