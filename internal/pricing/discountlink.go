package pricing

import (
	"context"
	"fmt"
	"slices"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// link is a table that says what a discount counts for.
type link struct {
	table, column string
	target        string // the table that column names
	live          string // what is true of a row of target, known as t, that can be named
	what          string // what a merchant calls the target
}

func productLink() link {
	return link{table: "discount_product", column: "product_id", target: "product", live: "t.deleted_at IS NULL", what: "product"}
}

func categoryLink() link {
	return link{table: "discount_category", column: "category_id", target: "category", live: "TRUE", what: "category"}
}

// of returns what each of the discounts names, sorted.
func (l link) of(ctx context.Context, q db.Q, st store.ID, discounts []Discount) (map[DiscountID][]id.UUID, error) {
	named := make(map[DiscountID][]id.UUID, len(discounts))
	if len(discounts) == 0 {
		return named, nil
	}
	args := []any{st}
	for _, d := range discounts {
		args = append(args, d.ID)
	}
	err := db.Each(ctx, q, func(row db.Row) error {
		var d DiscountID
		var target id.UUID
		err := row.Scan(&d, &target)
		named[d] = append(named[d], target)
		return err
	}, fmt.Sprintf(`
		SELECT l.discount_id, l.%[2]s FROM %[1]s l
		JOIN %[3]s t ON t.store_id = l.store_id AND t.id = l.%[2]s AND %[4]s
		WHERE l.store_id = $1 AND l.discount_id IN %[5]s
		ORDER BY l.discount_id, l.%[2]s`, l.table, l.column, l.target, l.live, db.List(2, len(discounts))), args...)
	return named, err
}

// add lets a discount name targets, all of which must be in the store.
func (l link) add(ctx context.Context, tx *db.Tx, st store.ID, d DiscountID, targets []id.UUID) error {
	if len(targets) == 0 {
		return nil
	}
	if err := catalog.LockNames(ctx, tx, st); err != nil {
		return err
	}
	n, err := db.Exec(ctx, tx, fmt.Sprintf(`
		INSERT INTO %[1]s (store_id, discount_id, %[2]s)
		SELECT t.store_id, $2, t.id FROM %[3]s t WHERE t.store_id = $1 AND %[4]s AND t.id IN %[5]s`,
		l.table, l.column, l.target, l.live, db.List(3, len(targets))), append([]any{st, d}, db.Args(targets)...)...)
	switch {
	case db.ViolatesForeignKey(err): // another transaction deleted one just now
		return fault.Refusedf(l.what+"_unknown", "A %s of the discount is no longer in this store.", l.what)
	case err == nil && int(n) < len(targets):
		return l.unknown(ctx, tx, st, targets)
	}
	return err
}

// unknown names the first of the targets that is not in the store.
func (l link) unknown(ctx context.Context, q db.Q, st store.ID, targets []id.UUID) error {
	known, err := db.All(ctx, q, db.Value[id.UUID], fmt.Sprintf(`
		SELECT t.id FROM %s t WHERE t.store_id = $1 AND %s AND t.id IN %s`, l.target, l.live, db.List(2, len(targets))),
		append([]any{st}, db.Args(targets)...)...)
	if err != nil {
		return err
	}
	missing := slices.IndexFunc(targets, func(t id.UUID) bool { return !slices.Contains(known, t) })
	return fault.Refusedf(l.what+"_unknown", "The %s %s is not in this store.", l.what, targets[max(0, missing)])
}

// replace lets a discount name these targets and no others.
func (l link) replace(ctx context.Context, tx *db.Tx, st store.ID, d DiscountID, targets []id.UUID) error {
	if err := catalog.LockNames(ctx, tx, st); err != nil {
		return err // before the rows, as Delete takes them
	}
	_, err := db.Exec(ctx, tx, fmt.Sprintf(`DELETE FROM %s WHERE store_id = $1 AND discount_id = $2`, l.table), st, d)
	if err != nil {
		return err
	}
	return l.add(ctx, tx, st, d, targets)
}

// withLinks completes discounts with what they name: two statements for any
// number of them.
func withLinks(ctx context.Context, q db.Q, st store.ID, discounts []Discount) error {
	products, err := productLink().of(ctx, q, st, discounts)
	if err != nil {
		return fmt.Errorf("products of discounts: %w", err)
	}
	categories, err := categoryLink().of(ctx, q, st, discounts)
	if err != nil {
		return fmt.Errorf("categories of discounts: %w", err)
	}
	for i := range discounts {
		d := &discounts[i]
		d.Products, d.Categories = products[d.ID], categories[d.ID]
	}
	return nil
}
