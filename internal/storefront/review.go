package storefront

import (
	"net/http"
	"strconv"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/review"
	"vitrine/internal/web"
)

func (s *Storefront) reviewRoutes() {
	s.page("POST /products/{slug}/reviews", s.submitReview)
}

// maxReviewForm is how many bytes the form of a review has at most.
const maxReviewForm = 64 << 10

// submitReview takes what a shopper says of a product. It shows once the merchant has
// approved it.
func (s *Storefront) submitReview(w http.ResponseWriter, v *visit) error {
	v.Body = http.MaxBytesReader(w, v.Body, maxReviewForm)
	if err := v.ParseForm(); err != nil {
		return &fault.Error{Kind: fault.TooLarge, Code: "too_large", Message: "This review is too long to be taken."}
	}
	said := review.Review{Author: v.PostForm.Get("author"), Title: typed(v, "title"), Body: typed(v, "body"), Email: typed(v, "email")}
	said.Rating, _ = strconv.Atoi(v.PostForm.Get("rating")) // what is no number is no rating
	err := s.DB.InTx(v.Context(), func(tx *db.Tx) error {
		_, err := review.Submit(v.Context(), tx, v.Store, v.PathValue("slug"), said)
		return err
	})
	if err != nil {
		form, err := web.Refill(v.Request, err)
		if err != nil {
			return err
		}
		if form.Error("rating") != "" {
			form.Errors["rating"] = "Choose from one to five stars."
		}
		return s.productPage(w, v, http.StatusUnprocessableEntity, form)
	}
	http.Redirect(w, v.Request, v.at("/products/"+v.PathValue("slug"))+"?reviewed=1#reviews", http.StatusSeeOther) //nolint:gosec // below a path of ours
	return nil
}

// typed is a field of a form that may be left empty.
func typed(v *visit, name string) *string {
	value := v.PostForm.Get(name)
	return &value
}
