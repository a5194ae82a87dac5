package catalog

import (
	"context"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/store"
	"vitrine/internal/text"
	"vitrine/internal/webhook"
)

// Link says that a product can be had from a supplier, or says it anew. A new
// primary supplier takes the place of the old one.
func Link(ctx context.Context, tx *db.Tx, st store.ID, product ProductID, l SupplierLink) (SupplierLink, error) {
	p, err := touch(ctx, tx, st, product)
	if err != nil {
		return SupplierLink{}, err
	}
	if _, err := GetSupplier(ctx, tx, st, l.Supplier); err != nil {
		return SupplierLink{}, err
	}
	if err := l.check(); err != nil {
		return SupplierLink{}, err
	}
	if l.Primary {
		_, err := db.Exec(ctx, tx, `
			UPDATE product_supplier SET is_primary = FALSE WHERE store_id = $1 AND product_id = $2 AND is_primary AND supplier_id <> $3`,
			st, product, l.Supplier)
		if err != nil {
			return SupplierLink{}, err
		}
	}
	_, err = db.Exec(ctx, tx, `
		INSERT INTO product_supplier (store_id, product_id, supplier_id, supplier_sku, cost, is_primary) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (store_id, product_id, supplier_id) DO UPDATE
		SET supplier_sku = excluded.supplier_sku, cost = excluded.cost, is_primary = excluded.is_primary`,
		st, product, l.Supplier, l.SupplierSKU, l.Cost, l.Primary)
	if db.ViolatesForeignKey(err) { // deleted a moment ago
		return SupplierLink{}, fault.Missing("supplier")
	}
	if err != nil {
		return SupplierLink{}, err
	}
	return l, emit(ctx, tx, st, webhook.ProductUpdated, &p)
}

func (l *SupplierLink) check() error {
	var f fault.Form
	l.SupplierSKU = text.OptionalLine(&f, "supplier_sku", l.SupplierSKU, text.MaxName)
	checkAmount(&f, "cost", l.Cost)
	return f.Err()
}

// Unlink takes a supplier from a product.
func Unlink(ctx context.Context, tx *db.Tx, st store.ID, product ProductID, supplier SupplierID) error {
	p, err := touch(ctx, tx, st, product)
	if err != nil {
		return err
	}
	err = db.ExecOne(ctx, tx, `DELETE FROM product_supplier WHERE store_id = $1 AND product_id = $2 AND supplier_id = $3`, st, product, supplier)
	if err != nil {
		return db.Missing(err, "supplier of this product")
	}
	return emit(ctx, tx, st, webhook.ProductUpdated, &p)
}

// touch returns a product's own row, and keeps others from writing to the product
// until the transaction ends.
func touch(ctx context.Context, tx *db.Tx, st store.ID, product ProductID) (Product, error) {
	p, err := db.One(ctx, tx, scanProduct, `
		UPDATE product SET updated_at = $3 WHERE store_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING `+productRead,
		st, product, db.Time{Time: tx.Now()})
	return p, db.Missing(err, "product")
}
