package catalog

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/store"
	"vitrine/internal/text"
	"vitrine/internal/webhook"
)

// Create adds a product with its variants, or with one titled "Default", and its
// suppliers. Its slug comes from its title unless it has one.
func Create(ctx context.Context, tx *db.Tx, st store.ID, p Product) (Product, error) {
	p.ID, p.CreatedAt, p.UpdatedAt = ProductID{tx.NewID()}, tx.Now(), tx.Now()
	var f fault.Form
	if err := cmp.Or(f.Include("", p.complete(tx.NewID)), f.Include("", p.checkSuppliers()), f.Err()); err != nil {
		return Product{}, err
	}
	if sku := repeatedSKU(p.Variants); sku != "" {
		return Product{}, skuTaken(sku)
	}
	if err := keepPictures(ctx, tx, st, p.Images); err != nil {
		return Product{}, err
	}
	p.search, p.indexed, p.priceFrom = searchText(&p), true, p.LowestPrice()
	if err := claimSlug(ctx, tx, st, &p); err != nil {
		return Product{}, err
	}
	if err := insertVariants(ctx, tx, st, p.Variants); err != nil {
		return Product{}, err
	}
	if err := linkCategories(ctx, tx, st, &p); err != nil {
		return Product{}, err
	}
	if err := linkSuppliers(ctx, tx, st, &p); err != nil {
		return Product{}, err
	}
	if err := saveSearch(ctx, tx, st, entry{p.ID, indexText(&p)}); err != nil {
		return Product{}, err
	}
	return p, emit(ctx, tx, st, webhook.ProductCreated, &p)
}

// complete checks a product and its variants. Variants of no product are new: they
// get what they were not given.
func (p *Product) complete(newID func() id.UUID) error {
	var f fault.Form
	if err := f.Include("", p.check()); err != nil {
		return err
	}
	p.Variants = slices.Clone(p.Variants)
	if len(p.Variants) == 0 {
		p.Variants = []Variant{NewVariant()}
	}
	if len(p.Variants) > MaxVariants {
		f.Addf("variants", nil, "must have at most %d items", MaxVariants)
		return f.Err()
	}
	last := 0
	for _, v := range p.Variants {
		last = max(last, v.Position)
	}
	for i := range p.Variants {
		v := &p.Variants[i]
		if v.Product.IsZero() {
			v.Product, v.CreatedAt, v.UpdatedAt = p.ID, p.CreatedAt, p.UpdatedAt
			if v.ID.IsZero() {
				v.ID = VariantID{newID()}
			}
			v.settle(p.Options, last)
			last = max(last, v.Position)
		}
		if err := f.Include(fmt.Sprintf("variants[%d].", i), v.check()); err != nil {
			return err
		}
	}
	slices.SortStableFunc(p.Variants, byPosition)
	if err := f.Include("", p.cover()); err != nil {
		return err
	}
	return f.Err()
}

// claimSlug inserts a product under its own slug or, without one, under the first
// free one that its title gives.
func claimSlug(ctx context.Context, tx *db.Tx, st store.ID, p *Product) error {
	insert := func(slug string) (bool, error) {
		p.Slug = slug
		n, err := db.Exec(ctx, tx, productInsert+db.List(1, productWidth)+`
			ON CONFLICT (store_id, slug) WHERE deleted_at IS NULL DO NOTHING`, p.values(st)...)
		return n == 1, err
	}
	if p.Slug != "" {
		ok, err := insert(p.Slug)
		if err == nil && !ok {
			return slugTaken(p.Slug)
		}
		return err
	}
	return text.ClaimSlug(text.Numbers(text.Slug(p.Title, fallbackProduct)), func(candidates []string) ([]string, error) {
		return db.All(ctx, tx, db.Value[string], `
			SELECT slug FROM product WHERE store_id = $1 AND deleted_at IS NULL AND slug IN `+db.List(2, len(candidates)),
			append([]any{st}, db.Args(candidates)...)...)
	}, insert)
}

func slugTaken(slug string) error {
	return fault.Refusedf("slug_taken", "The slug %q is already used.", slug)
}

// open returns a product with all that belongs to it, and keeps others from writing
// to any of that until the transaction ends.
func open(ctx context.Context, tx *db.Tx, st store.ID, p ProductID) (Product, error) {
	found, err := touch(ctx, tx, st, p)
	found, err = loaded(ctx, tx, st, found, err)
	found.entry = indexText(&found)
	return found, err
}

// Update changes a product: its own fields and its categories, not its variants
// and suppliers.
func Update(ctx context.Context, tx *db.Tx, st store.ID, id ProductID, edit func(*Product)) (Product, error) {
	p, err := open(ctx, tx, st, id)
	if err != nil {
		return Product{}, err
	}
	categories := p.Categories
	edit(&p)
	var f fault.Form
	if err := f.Include("", p.check()); err != nil {
		return Product{}, err
	}
	if p.Slug == "" {
		f.Addf("slug", nil, "must not be empty")
	}
	if err := f.Include("", p.cover()); err != nil {
		return Product{}, err
	}
	if err := f.Err(); err != nil {
		return Product{}, err
	}
	if err := save(ctx, tx, st, &p); err != nil {
		return Product{}, err
	}
	if slices.Equal(p.Categories, categories) {
		return p, nil
	}
	if _, err := db.Exec(ctx, tx, `DELETE FROM product_category WHERE store_id = $1 AND product_id = $2`, st, id); err != nil {
		return Product{}, err
	}
	return p, linkCategories(ctx, tx, st, &p)
}

// save writes a product's own row, and what it is found by when that has changed,
// and tells the webhooks.
func save(ctx context.Context, tx *db.Tx, st store.ID, p *Product) error {
	if err := keepPictures(ctx, tx, st, p.Images); err != nil {
		return err
	}
	found := indexText(p)
	moved := found != p.entry
	p.search, p.entry, p.indexed, p.priceFrom = searchText(p), found, p.indexed || moved, p.LowestPrice()
	_, err := db.Exec(ctx, tx, `
		UPDATE product SET title = $3, slug = $4, description = $5, status = $6, vendor = $7, product_type = $8, tags = $9, images = $10,
			options = $11, seo_title = $12, seo_description = $13, search_text = $14, indexed = $15, price_from = $16
		WHERE store_id = $1 AND id = $2`,
		st, p.ID, p.Title, p.Slug, p.Description, string(p.Status), p.Vendor, p.Type,
		db.JSON[[]string]{V: p.Tags}, db.JSON[[]Image]{V: p.Images}, db.JSON[[]Option]{V: p.Options},
		p.SEOTitle, p.SEODescription, p.search, p.indexed, p.priceFrom)
	if tx.Violates(err, "product_slug") {
		return slugTaken(p.Slug)
	}
	if err == nil && moved {
		err = saveSearch(ctx, tx, st, entry{p.ID, p.entry})
	}
	if err != nil {
		return err
	}
	return emit(ctx, tx, st, webhook.ProductUpdated, p)
}

// linkCategories puts a product into its categories. It is in none yet.
func linkCategories(ctx context.Context, tx *db.Tx, st store.ID, p *Product) error {
	if len(p.Categories) == 0 {
		return nil
	}
	n, err := db.Exec(ctx, tx, `
		INSERT INTO product_category (store_id, product_id, category_id)
		SELECT store_id, $2, id FROM category WHERE store_id = $1 AND id IN `+db.List(3, len(p.Categories)),
		append([]any{st, p.ID}, db.Args(p.Categories)...)...)
	if db.ViolatesForeignKey(err) || err == nil && int(n) < len(p.Categories) {
		return fault.Refusedf("category_unknown", "One of the categories is not in this store.")
	}
	return err
}

// LockNames keeps a store's products from being deleted until the transaction ends.
// Whoever names products in a table of its own takes it first: a deleted product's
// row stays, so that no foreign key tells of one that is deleted just then.
func LockNames(ctx context.Context, tx *db.Tx, st store.ID) error {
	return tx.Lock(ctx, "products named in "+st.String())
}

// Delete takes a product and its variants out of a store. Its slug and their SKUs
// are free at once; the rows stay for the books.
func Delete(ctx context.Context, tx *db.Tx, st store.ID, p ProductID) error {
	if err := LockNames(ctx, tx, st); err != nil {
		return err
	}
	now := db.Time{Time: tx.Now()}
	gone, err := db.One(ctx, tx, scanProduct, `
		UPDATE product SET deleted_at = $3, updated_at = $3, indexed = TRUE
		WHERE store_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING `+productRead, st, p, now)
	if err != nil {
		return db.Missing(err, "product")
	}
	_, err = db.Exec(ctx, tx, `
		UPDATE variant SET deleted_at = $3, updated_at = $3
		WHERE store_id = $1 AND product_id = $2 AND deleted_at IS NULL`, st, p, now)
	if err != nil {
		return err
	}
	for _, table := range []string{"product_category", "product_supplier", "discount_product"} {
		if _, err := db.Exec(ctx, tx, `DELETE FROM `+table+` WHERE store_id = $1 AND product_id = $2`, st, p); err != nil {
			return err
		}
	}
	if err := dropSearch(ctx, tx, st, p); err != nil {
		return err
	}
	return emit(ctx, tx, st, webhook.ProductDeleted, &gone)
}
