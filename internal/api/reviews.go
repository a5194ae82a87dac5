package api

import (
	"context"
	"net/http"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/review"
)

// Review is what a shopper says of a product, for the merchant.
type Review struct {
	ID           string  `json:"id" format:"uuid"`
	ProductID    string  `json:"product_id" format:"uuid"`
	ProductTitle string  `json:"product_title"`
	Rating       int     `json:"rating" doc:"1 to 5."`
	Title        *string `json:"title"`
	Body         *string `json:"body"`
	Author       string  `json:"author"`
	Email        *string `json:"email" doc:"Never shown to shoppers."`
	Status       string  `json:"status" enum:"pending,approved,rejected" doc:"Only approved reviews show and count."`
	CreatedAt    string  `json:"created_at" format:"date-time"`
	UpdatedAt    string  `json:"updated_at" format:"date-time"`
}

func toReview(r review.Review) Review {
	return Review{
		ID: r.ID.String(), ProductID: r.Product.String(), ProductTitle: r.ProductTitle, Rating: r.Rating, Title: r.Title, Body: r.Body,
		Author: r.Author, Email: r.Email, Status: string(r.Status), CreatedAt: utc(r.CreatedAt), UpdatedAt: utc(r.UpdatedAt),
	}
}

type listReviewsInput struct {
	StorePath
	PageQuery
	Status    string `query:"status" enum:"pending,approved,rejected" doc:"Those that stand like this."`
	ProductID string `query:"product_id" format:"uuid" doc:"Those of this product."`
}

func (in *listReviewsInput) filter() review.Filter {
	f := review.Filter{Status: review.Status(in.Status)}
	if u, err := id.Parse(in.ProductID); err == nil {
		f.Product = &catalog.ProductID{UUID: u}
	}
	return f
}

type moderateInput struct {
	ReviewPath
	Body struct {
		Status Opt[string] `json:"status,omitempty" doc:"pending, approved or rejected"`
	}
}

// ReviewPath is the path of one review.
type ReviewPath struct {
	StorePath
	ID review.ID `path:"review_id" format:"uuid" doc:"The review's id."`
}

func (a *API) reviewRoutes() {
	const tag, path, one = "Reviews", storePath + "/reviews", storePath + "/reviews/{review_id}"
	there := exists(a, "review_id", review.Get)
	register(a, route{method: http.MethodGet, path: path, id: "list-reviews", tag: tag, summary: "List reviews"}, a.listReviews)
	register(a, route{method: http.MethodGet, path: one, id: "get-review", tag: tag, summary: "Show a review", guard: there}, a.getReview)
	register(a, route{method: http.MethodPatch, path: one, id: "moderate-review", tag: tag, summary: "Decide whether a review shows", detail: "The product's rating changes with it.", guard: there}, a.moderateReview)
}

func (a *API) listReviews(ctx context.Context, in *listReviewsInput) (*listed[Review], error) {
	found, more, err := review.List(ctx, a.DB, shop(ctx).ID, in.filter(), in.page())
	if err != nil {
		return nil, err
	}
	return list(&in.PageQuery, found, more, toReview, func(r review.Review) id.UUID { return r.ID.UUID }), nil
}

func (a *API) getReview(ctx context.Context, in *ReviewPath) (*answer[Review], error) {
	r, err := review.Get(ctx, a.DB, shop(ctx).ID, in.ID)
	return shown(r, err, toReview)
}

func (a *API) moderateReview(ctx context.Context, in *moderateInput) (*answer[Review], error) {
	r, err := inTx(ctx, a, func(tx *db.Tx) (review.Review, error) {
		return review.Moderate(ctx, tx, shop(ctx).ID, in.ID, func(s *review.Status) {
			if in.Body.Status.Set {
				*s = review.Status(in.Body.Status.Value)
			}
		})
	})
	return shown(r, err, toReview)
}
