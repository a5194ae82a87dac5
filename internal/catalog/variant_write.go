package catalog

import (
	"context"
	"slices"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/store"
)

func skuTaken(sku string) error {
	return fault.Refusedf("sku_taken", "SKU %q is already used.", sku)
}

// repeatedSKU returns a SKU that two of the variants have.
func repeatedSKU(variants []Variant) string {
	seen := make(map[string]bool, len(variants))
	for _, v := range variants {
		if v.SKU == nil {
			continue
		}
		if seen[*v.SKU] {
			return *v.SKU
		}
		seen[*v.SKU] = true
	}
	return ""
}

// variantsAtOnce is how many variants one statement inserts.
const variantsAtOnce = 100

// insertVariants adds variants of products that are there. The statement leaves
// out those whose SKU is taken, which tells which it is.
func insertVariants(ctx context.Context, tx *db.Tx, st store.ID, variants []Variant) error {
	for some := range slices.Chunk(variants, variantsAtOnce) {
		args := make([]any, 0, len(some)*variantWidth)
		for i := range some {
			args = append(args, some[i].values(st)...)
		}
		added, err := db.All(ctx, tx, func(row db.Row) (VariantID, error) {
			var v VariantID
			err := row.Scan(&v)
			return v, err
		}, variantInsert+tx.Engine().Rows(len(some), variantWidth)+`
			ON CONFLICT (store_id, sku) WHERE sku IS NOT NULL AND deleted_at IS NULL DO NOTHING RETURNING id`, args...)
		if err != nil {
			return err
		}
		for _, v := range some {
			if len(added) < len(some) && !slices.Contains(added, v.ID) {
				return skuTaken(*v.SKU)
			}
		}
	}
	return nil
}

// CreateVariant adds a variant to a product, behind the others unless it says
// where.
func CreateVariant(ctx context.Context, tx *db.Tx, st store.ID, product ProductID, v Variant) (Variant, error) {
	p, err := open(ctx, tx, st, product)
	if err != nil {
		return Variant{}, err
	}
	v.ID, v.Product, v.CreatedAt, v.UpdatedAt = VariantID{tx.NewID()}, product, tx.Now(), tx.Now()
	v.settle(p.Options, p.Variants[len(p.Variants)-1].Position)
	if err := v.check(); err != nil {
		return Variant{}, err
	}
	p.Variants = append(p.Variants, v)
	if err := p.cover(); err != nil {
		return Variant{}, err
	}
	if len(p.Variants) > MaxVariants {
		return Variant{}, fault.Refusedf("too_many_variants", "A product can have at most %d variants.", MaxVariants)
	}
	if err := insertVariants(ctx, tx, st, []Variant{v}); err != nil {
		return Variant{}, err
	}
	slices.SortFunc(p.Variants, byPosition)
	return v, save(ctx, tx, st, &p)
}

// UpdateVariant changes a variant.
func UpdateVariant(ctx context.Context, tx *db.Tx, st store.ID, product ProductID, id VariantID, edit func(*Variant)) (Variant, error) {
	p, i, err := openVariant(ctx, tx, st, product, id)
	if err != nil {
		return Variant{}, err
	}
	v := &p.Variants[i]
	edit(v)
	v.UpdatedAt = tx.Now()
	if err := v.check(); err != nil {
		return Variant{}, err
	}
	if err := p.cover(); err != nil {
		return Variant{}, err
	}
	_, err = db.Exec(ctx, tx, `
		UPDATE variant SET title = $3, sku = $4, price = $5, compare_at_price = $6, cost = $7, barcode = $8, weight = $9, weight_unit = $10,
			option_values = $11, track_inventory = $12, allow_backorder = $13, position = $14, updated_at = $15
		WHERE store_id = $1 AND id = $2`,
		st, v.ID, v.Title, v.SKU, int64(v.Price), v.CompareAtPrice, v.Cost, v.Barcode, v.Weight, v.WeightUnit,
		db.JSON[map[string]string]{V: v.OptionValues}, v.TrackInventory, v.AllowBackorder, v.Position, db.Time{Time: v.UpdatedAt})
	if tx.Violates(err, "variant_sku") {
		return Variant{}, skuTaken(*v.SKU)
	}
	if err != nil {
		return Variant{}, err
	}
	changed := *v
	slices.SortFunc(p.Variants, byPosition)
	return changed, save(ctx, tx, st, &p)
}

// openVariant is open for one of the variants; it tells where in p it is.
func openVariant(ctx context.Context, tx *db.Tx, st store.ID, product ProductID, id VariantID) (p Product, i int, err error) {
	if p, err = open(ctx, tx, st, product); err != nil {
		return p, 0, err
	}
	if i = slices.IndexFunc(p.Variants, func(v Variant) bool { return v.ID == id }); i < 0 {
		return p, 0, fault.Missing("variant")
	}
	return p, i, nil
}

func errLastVariant() error {
	return fault.Refusedf("last_variant", "A product keeps at least one variant: delete the product instead.")
}

// DeleteVariant takes a variant out of a product, unless it is the last one. Its
// SKU is free at once; the row stays for the books.
func DeleteVariant(ctx context.Context, tx *db.Tx, st store.ID, product ProductID, id VariantID) error {
	p, i, err := openVariant(ctx, tx, st, product, id)
	if err != nil {
		return err
	}
	if len(p.Variants) == 1 {
		return errLastVariant()
	}
	_, err = db.Exec(ctx, tx, `UPDATE variant SET deleted_at = $3, updated_at = $3 WHERE store_id = $1 AND id = $2`, st, id, db.Time{Time: tx.Now()})
	if err != nil {
		return err
	}
	p.Variants = slices.Delete(p.Variants, i, i+1)
	return save(ctx, tx, st, &p)
}
