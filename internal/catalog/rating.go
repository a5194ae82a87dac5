package catalog

import (
	"context"

	"vitrine/internal/content"
	"vitrine/internal/db"
	"vitrine/internal/store"
)

// CountReview adds a review's rating to a product, or takes one out with negative
// figures. A deleted product's is kept too.
func CountReview(ctx context.Context, tx *db.Tx, st store.ID, p ProductID, rating, count int) error {
	content.Changed(tx, st.UUID)
	_, err := db.Exec(ctx, tx, `
		UPDATE product SET rating_sum = rating_sum + $3, review_count = review_count + $4 WHERE store_id = $1 AND id = $2`, st, p, rating, count)
	return err
}
