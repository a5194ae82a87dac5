// Package review knows what shoppers say of a store's products. A merchant decides
// which reviews show; only those count in a product's rating.
package review

import (
	"context"
	"time"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/store"
	"vitrine/internal/text"
)

// ID names a review.
type ID struct{ id.UUID }

// Status says whether a review shows.
type Status string

// The states.
const (
	Pending  Status = "pending" // nobody has looked at it yet
	Approved Status = "approved"
	Rejected Status = "rejected"
)

// Review is what a shopper says of a product.
type Review struct {
	ID           ID
	Product      catalog.ProductID
	ProductTitle string // the product's own, also of one that was deleted
	Rating       int    // 1 to 5
	Title        *string
	Body         *string
	Author       string
	Email        *string // for the merchant alone
	Status       Status
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

const maxBody = 10_000

func (r *Review) check() error {
	var f fault.Form
	if r.Rating < 1 || r.Rating > 5 {
		f.Addf("rating", r.Rating, "must be from 1 to 5")
	}
	r.Title = text.OptionalLine(&f, "title", r.Title, text.MaxName)
	r.Body = text.OptionalLong(&f, "body", r.Body, maxBody)
	r.Author = text.Name(&f, "author", r.Author)
	r.Email = text.OptionalEmail(&f, "email", r.Email)
	return f.Err()
}

// Submit takes a shopper's review of the product that has a slug. It waits for the
// merchant. A paused store takes none.
func Submit(ctx context.Context, tx *db.Tx, s store.Store, slug string, r Review) (Review, error) {
	product, err := catalog.ActiveID(ctx, tx, s.ID, slug)
	if err != nil {
		return Review{}, err
	}
	if err := r.check(); err != nil {
		return Review{}, err
	}
	if s.Status != store.Active {
		return Review{}, fault.Refusedf("store_paused", "This store is paused.")
	}
	r.ID, r.Product, r.Status, r.CreatedAt, r.UpdatedAt = ID{tx.NewID()}, product, Pending, tx.Now(), tx.Now()
	_, err = db.Exec(ctx, tx, `
		INSERT INTO review (store_id, id, product_id, rating, title, body, author, email, status, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)`,
		s.ID, r.ID, r.Product, r.Rating, r.Title, r.Body, r.Author, r.Email, string(r.Status), db.Time{Time: tx.Now()})
	return r, err
}

const read = `
	SELECT r.id, r.product_id, p.title, r.rating, r.title, r.body, r.author, r.email, r.status, r.created_at, r.updated_at
	FROM review r JOIN product p ON p.store_id = r.store_id AND p.id = r.product_id `

func scan(row db.Row) (Review, error) {
	var r Review
	var created, updated db.Time
	err := row.Scan(&r.ID, &r.Product, &r.ProductTitle, &r.Rating, &r.Title, &r.Body, &r.Author, &r.Email, &r.Status, &created, &updated)
	r.CreatedAt, r.UpdatedAt = created.Time, updated.Time
	return r, err
}

// Get returns a review of a store.
func Get(ctx context.Context, q db.Q, st store.ID, r ID) (Review, error) {
	found, err := db.One(ctx, q, scan, read+`WHERE r.store_id = $1 AND r.id = $2`, st, r)
	return found, db.Missing(err, "review")
}

// Filter narrows a list of reviews. The zero value narrows nothing.
type Filter struct {
	Status  Status
	Product *catalog.ProductID
}

// List returns a page of a store's reviews, newest first.
func List(ctx context.Context, q db.Q, st store.ID, f Filter, p db.Page) ([]Review, bool, error) {
	var w db.Where
	w.Add("r.store_id = ?", st)
	if f.Product != nil {
		w.Add("r.product_id = ?", *f.Product)
	}
	if f.Status != "" {
		w.Add("r.status = ?", string(f.Status))
	}
	end := p.Add(&w, "r.id")
	found, err := db.All(ctx, q, scan, read+w.String()+end, w.Args...)
	found, more := db.Cut(p, found)
	return found, more, err
}

// Moderate changes what becomes of a review, and the rating of its product with it.
func Moderate(ctx context.Context, tx *db.Tx, st store.ID, id ID, edit func(*Status)) (Review, error) {
	// The review's row is locked first: two at once cannot both count it.
	err := db.ExecOne(ctx, tx, `UPDATE review SET updated_at = $3 WHERE store_id = $1 AND id = $2`, st, id, db.Time{Time: tx.Now()})
	if err != nil {
		return Review{}, db.Missing(err, "review")
	}
	r, err := Get(ctx, tx, st, id)
	if err != nil {
		return Review{}, err
	}
	was := r.Status
	edit(&r.Status)
	if r.Status != Pending && r.Status != Approved && r.Status != Rejected {
		return Review{}, fault.Invalidf("status", "must be pending, approved or rejected")
	}
	if _, err := db.Exec(ctx, tx, `UPDATE review SET status = $3 WHERE store_id = $1 AND id = $2`, st, id, string(r.Status)); err != nil {
		return Review{}, err
	}
	return r, count(ctx, tx, st, r, was)
}

// count adds a review to its product's rating, or takes it out.
func count(ctx context.Context, tx *db.Tx, st store.ID, r Review, was Status) error {
	switch {
	case r.Status == Approved && was != Approved:
		return catalog.CountReview(ctx, tx, st, r.Product, r.Rating, 1)
	case r.Status != Approved && was == Approved:
		return catalog.CountReview(ctx, tx, st, r.Product, -r.Rating, -1)
	default:
		return nil
	}
}
