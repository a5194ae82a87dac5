package shelf

import (
	"context"
	"time"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/inventory"
	"vitrine/internal/money"
	"vitrine/internal/store"
)

// Product is one that is looked at.
type Product struct {
	catalog.Product
	InStock map[catalog.VariantID]bool
	Reviews []Review // the newest that the merchant approved
	Related []Card   // others of its category, the newest first
}

// Review is what a shopper says.
type Review struct {
	Rating      int
	Author      string
	Title, Body string
	CreatedAt   time.Time
}

// How much stands below a product.
const (
	maxReviews = 20
	maxRelated = 4
)

// Find returns the product that a store sells under a slug, in three queries. choose
// picks the one of its categories that others like it are taken from.
func Find(ctx context.Context, q db.Q, s store.Store, slug string, choose func([]catalog.CategoryID) catalog.CategoryID) (Product, error) {
	found, inStock, err := catalog.Display(ctx, q, s.ID, slug, inventory.Sellable(s, "v"))
	if err != nil {
		return Product{}, err
	}
	p := Product{Product: found, InStock: inStock}
	return p, p.below(ctx, q, s, choose(found.Categories))
}

// below reads what stands below a product: reviews, and others like it. It is one
// query, whose rows are either; what the one has not is empty there.
func (p *Product) below(ctx context.Context, q db.Q, s store.Store, like catalog.CategoryID) error {
	return db.Each(ctx, q, func(row db.Row) error {
		var review bool
		var key id.UUID
		var first, second, third string
		var price, before money.Amount
		var rating, count int64
		var varies, inStock bool
		var created db.Time
		err := row.Scan(&review, &key, &first, &second, &third, &price, &rating, &count, &varies, &before, &inStock, &created)
		if err != nil {
			return err
		}
		if review {
			p.Reviews = append(p.Reviews, Review{Rating: int(rating), Author: first, Title: second, Body: third, CreatedAt: created.Time})
			return nil
		}
		c := Card{
			ID: catalog.ProductID{UUID: key}, Slug: first, Title: second, Price: price, Before: before, Varies: varies, InStock: inStock, RatingSum: rating, Reviews: count,
		}
		var images db.JSON[[]catalog.Image]
		if err := images.Scan(third); err != nil {
			return err
		}
		if len(images.V) > 0 {
			c.Image = &images.V[0]
		}
		p.Related = append(p.Related, c)
		return nil
	}, `
		SELECT * FROM (
			SELECT TRUE AS review, id, author, coalesce(title, ''), coalesce(body, ''), 0 AS price, rating, 0 AS reviews, FALSE AS varies, 0 AS before, FALSE AS can, created_at
			FROM review WHERE store_id = $1 AND product_id = $2 AND status = 'approved' ORDER BY id DESC LIMIT $3
		) newest
		UNION ALL
		SELECT * FROM (
			SELECT FALSE, `+withStamp(s)+` FROM product_category c CROSS JOIN product
			WHERE c.store_id = $1 AND c.category_id = $4 AND c.product_id <> $2
				AND product.store_id = $1 AND product.id = c.product_id AND product.status = 'active' AND product.deleted_at IS NULL
			ORDER BY c.product_id DESC LIMIT $5
		) alike`, s.ID, p.ID, maxReviews, like, maxRelated)
}

// withStamp are the columns of a card and when its product was made.
func withStamp(s store.Store) string { return columns(s) + `, product.created_at` }
