package catalog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/store"
)

// Revise changes a product with all that belongs to it: its own fields, categories,
// variants and suppliers become what edit leaves. A variant without an id is new,
// and one that is no longer there is deleted. It returns what was and what is.
func Revise(ctx context.Context, tx *db.Tx, st store.ID, id ProductID, edit func(*Product)) (Edit, error) {
	before, err := open(ctx, tx, st, id)
	if err != nil {
		return Edit{}, err
	}
	e := Edit{Before: &before, After: before}
	e.After.Variants, e.After.Suppliers = slices.Clone(before.Variants), slices.Clone(before.Suppliers)
	edit(&e.After)
	if err := e.complete(tx); err != nil {
		return Edit{}, err
	}
	if err := e.writeVariants(ctx, tx, st); err != nil {
		return Edit{}, err
	}
	if err := e.writeLinks(ctx, tx, st); err != nil {
		return Edit{}, err
	}
	return e, save(ctx, tx, st, &e.After)
}

// complete checks what is to be, and gives it what it was not given.
func (e *Edit) complete(tx *db.Tx) error {
	p := &e.After
	if len(p.Variants) == 0 {
		return errLastVariant()
	}
	for i := range p.Variants {
		if v := &p.Variants[i]; strings.TrimSpace(v.Title) == "" {
			v.Title = v.choice(p.Options)
		}
	}
	var f fault.Form
	if err := f.Include("", e.Prepare(tx.NewID)); err != nil {
		return err
	}
	if p.Slug == "" {
		f.Addf("slug", nil, "must not be empty")
	}
	if err := f.Include("", p.checkSuppliers()); err != nil {
		return err
	}
	return f.Err()
}

// Removed returns the variants that are no longer there.
func (e *Edit) Removed() []VariantID {
	if e.Before == nil {
		return nil
	}
	after := make(map[VariantID]bool, len(e.After.Variants))
	for _, v := range e.After.Variants {
		after[v.ID] = true
	}
	var removed []VariantID
	for _, v := range e.Before.Variants {
		if !after[v.ID] {
			removed = append(removed, v.ID)
		}
	}
	return removed
}

// writeVariants makes the variants what they are to be. Those that go give up their
// SKUs first, so that others can have them.
func (e *Edit) writeVariants(ctx context.Context, tx *db.Tx, st store.ID) error {
	if sku := repeatedSKU(e.After.Variants); sku != "" {
		return skuTaken(sku)
	}
	added, altered := e.Added(), e.Altered()
	for i := range added {
		added[i].CreatedAt, added[i].UpdatedAt = tx.Now(), tx.Now()
	}
	for i := range altered {
		altered[i].UpdatedAt = tx.Now()
	}
	if err := e.checkSKUs(ctx, tx, st, altered); err != nil {
		return err
	}
	if err := removeVariants(ctx, tx, st, e.Removed()); err != nil {
		return err
	}
	before := e.known()
	var abandoned []VariantID
	for _, v := range altered {
		if was := before[v.ID].SKU; was != nil && !same(was, v.SKU) {
			abandoned = append(abandoned, v.ID)
		}
	}
	if err := abandonSKUs(ctx, tx, st, abandoned); err != nil {
		return err
	}
	if err := updateVariants(ctx, tx, st, altered); errors.Is(err, ErrOutdated) { // taken a moment ago
		return fault.Refusedf("sku_taken", "One of the SKUs is already used.")
	} else if err != nil {
		return err
	}
	return insertVariants(ctx, tx, st, added)
}

// checkSKUs names a SKU of the variants that another product has: the statement that
// writes them all cannot tell which it was.
func (e *Edit) checkSKUs(ctx context.Context, q db.Q, st store.ID, variants []Variant) error {
	var skus []string
	for _, v := range variants {
		if v.SKU != nil {
			skus = append(skus, *v.SKU)
		}
	}
	for some := range slices.Chunk(skus, namesAtOnce) {
		taken, err := db.All(ctx, db.Afresh(q), db.Value[string], `
			SELECT sku FROM variant WHERE store_id = $1 AND product_id <> $2 AND deleted_at IS NULL AND sku IN `+db.List(3, len(some))+` ORDER BY sku LIMIT 1`,
			append([]any{st, e.After.ID}, db.Args(some)...)...)
		if err != nil {
			return err
		}
		if len(taken) > 0 {
			return skuTaken(taken[0])
		}
	}
	return nil
}

func removeVariants(ctx context.Context, tx *db.Tx, st store.ID, variants []VariantID) error {
	for some := range slices.Chunk(variants, namesAtOnce) {
		_, err := db.Exec(ctx, db.Afresh(tx), `UPDATE variant SET deleted_at = $2, updated_at = $2 WHERE store_id = $1 AND id IN `+db.List(3, len(some)),
			append([]any{st, db.Time{Time: tx.Now()}}, db.Args(some)...)...)
		if err != nil {
			return err
		}
	}
	return nil
}

// writeLinks makes the categories and the suppliers what they are to be.
func (e *Edit) writeLinks(ctx context.Context, tx *db.Tx, st store.ID) error {
	p := &e.After
	if !slices.Equal(e.Before.Categories, p.Categories) {
		if _, err := db.Exec(ctx, tx, `DELETE FROM product_category WHERE store_id = $1 AND product_id = $2`, st, p.ID); err != nil {
			return err
		}
		if err := linkCategories(ctx, tx, st, p); err != nil {
			return err
		}
	}
	if slices.EqualFunc(e.Before.Suppliers, p.Suppliers, SupplierLink.equal) {
		return nil
	}
	if _, err := db.Exec(ctx, tx, `DELETE FROM product_supplier WHERE store_id = $1 AND product_id = $2`, st, p.ID); err != nil {
		return err
	}
	return linkSuppliers(ctx, tx, st, p)
}

// checkSuppliers makes the links to suppliers tidy and puts them into their order.
func (p *Product) checkSuppliers() error {
	var f fault.Form
	primary := 0
	known := map[SupplierID]bool{}
	p.Suppliers = append([]SupplierLink{}, p.Suppliers...)
	for i := range p.Suppliers {
		l := &p.Suppliers[i]
		path := fmt.Sprintf("suppliers[%d].", i)
		if err := f.Include(path, l.check()); err != nil {
			return err
		}
		if known[l.Supplier] {
			f.Addf(path+"supplier_id", nil, "must not be named twice")
		}
		known[l.Supplier] = true
		if l.Primary {
			primary++
		}
	}
	if primary > 1 {
		f.Addf("suppliers", nil, "must have at most one that is primary")
	}
	slices.SortFunc(p.Suppliers, func(a, b SupplierLink) int { return slices.Compare(a.Supplier.UUID[:], b.Supplier.UUID[:]) })
	return f.Err()
}

// linkSuppliers says where a product can be had. It has no supplier yet.
func linkSuppliers(ctx context.Context, tx *db.Tx, st store.ID, p *Product) error {
	for _, l := range p.Suppliers {
		_, err := db.Exec(ctx, tx, `
			INSERT INTO product_supplier (store_id, product_id, supplier_id, supplier_sku, cost, is_primary) VALUES ($1, $2, $3, $4, $5, $6)`,
			st, p.ID, l.Supplier, l.SupplierSKU, l.Cost, l.Primary)
		if db.ViolatesForeignKey(err) {
			return fault.Refusedf("supplier_unknown", "One of the suppliers is not in this store.")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (l SupplierLink) equal(m SupplierLink) bool {
	return l.Supplier == m.Supplier && same(l.SupplierSKU, m.SupplierSKU) && same(l.Cost, m.Cost) && l.Primary == m.Primary
}

// SetStatus gives products a status, and returns how many had another one. Those
// that are gone are passed over.
func SetStatus(ctx context.Context, tx *db.Tx, st store.ID, ids []ProductID, s Status) (int, error) {
	changed := 0
	for _, id := range InOrder(ids) {
		was := s
		_, err := Update(ctx, tx, st, id, func(p *Product) { was, p.Status = p.Status, s })
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return 0, err
		}
		if was != s {
			changed++
		}
	}
	return changed, nil
}

// InOrder returns ids in the order of their keys, each once, so that two who change
// many of the same products cannot wait for each other.
func InOrder(ids []ProductID) []ProductID {
	sorted := slices.SortedFunc(slices.Values(ids), func(a, b ProductID) int { return cmp.Compare(string(a.UUID[:]), string(b.UUID[:])) })
	return slices.Compact(sorted)
}
