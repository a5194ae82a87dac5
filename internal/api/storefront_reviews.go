package api

import (
	"context"
	"net/http"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/review"
)

// ShopReview is a review as shoppers see it.
type ShopReview struct {
	ID        string  `json:"id" format:"uuid"`
	Rating    int     `json:"rating" doc:"1 to 5."`
	Title     *string `json:"title"`
	Body      *string `json:"body"`
	Author    string  `json:"author"`
	Status    string  `json:"status" enum:"pending,approved" doc:"pending: it does not show yet."`
	CreatedAt string  `json:"created_at" format:"date-time"`
}

func toShopReview(r review.Review) ShopReview {
	return ShopReview{
		ID: r.ID.String(), Rating: r.Rating, Title: r.Title, Body: r.Body, Author: r.Author, Status: string(r.Status), CreatedAt: utc(r.CreatedAt),
	}
}

type submitReviewInput struct {
	ShopProductPath
	Body struct {
		Rating int     `json:"rating" minimum:"1" maximum:"5"`
		Title  *string `json:"title,omitempty" nullable:"true"`
		Body   *string `json:"body,omitempty" nullable:"true"`
		Author string  `json:"author" doc:"The name that shows."`
		Email  *string `json:"email,omitempty" nullable:"true" doc:"For the merchant alone."`
	}
}

type listShopReviewsInput struct {
	ShopProductPath
	PageQuery
}

func (a *API) storefrontReviewRoutes() {
	const tag, path = storefrontTag, storefrontPath + "/products/{product_slug}/reviews"
	register(a, route{method: http.MethodPost, path: path, id: "submit-review", tag: tag, public: true, status: http.StatusCreated, summary: "Review a product", detail: "It shows and counts once the merchant has approved it.", guard: a.shopProductThere}, a.submitReview)
	register(a, route{method: http.MethodGet, path: path, id: "list-shop-reviews", tag: tag, public: true, summary: "List a product's reviews", detail: "The approved ones.", guard: a.shopProductThere}, a.listShopReviews)
}

func (a *API) submitReview(ctx context.Context, in *submitReviewInput) (*answer[ShopReview], error) {
	return once(ctx, a, func(tx *db.Tx) (*answer[ShopReview], error) {
		r, err := review.Submit(ctx, tx, shop(ctx), in.ProductSlug, review.Review{
			Rating: in.Body.Rating, Title: in.Body.Title, Body: in.Body.Body, Author: in.Body.Author, Email: in.Body.Email,
		})
		return made(r, err, toShopReview)
	})
}

func (a *API) listShopReviews(ctx context.Context, in *listShopReviewsInput) (*listed[ShopReview], error) {
	product, err := catalog.ActiveID(ctx, a.DB, shop(ctx).ID, in.ProductSlug)
	if err != nil {
		return nil, err
	}
	found, more, err := review.List(ctx, a.DB, shop(ctx).ID, review.Filter{Status: review.Approved, Product: &product}, in.page())
	if err != nil {
		return nil, err
	}
	return list(&in.PageQuery, found, more, toShopReview, func(r review.Review) id.UUID { return r.ID.UUID }), nil
}
