package catalog

import (
	"context"
	"fmt"
	"slices"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/picture"
	"vitrine/internal/store"
)

// keepPictures sees that the store has those of the images that are pictures of our
// own, and keeps it from losing one of them until the transaction ends. It notes how
// large they are.
func keepPictures(ctx context.Context, tx *db.Tx, st store.ID, images []Image) error {
	sums := Sums(images)
	if len(sums) == 0 {
		Measure(nil, images, nil)
		return nil
	}
	had, err := store.KeepPictures(ctx, tx, st, sums)
	if err != nil {
		return err
	}
	var f fault.Form
	Measure(had, images, func(i int) { f.Addf(fmt.Sprintf("images[%d].url", i), images[i].URL, "is no picture of this store") })
	return f.Err()
}

// Sums names those of the images that are pictures of our own.
func Sums(images []Image) []picture.Sum {
	var sums []picture.Sum
	for _, image := range images {
		if a, ours := picture.ParseAddress(image.URL); ours {
			sums = append(sums, a.Sum)
		}
	}
	return sums
}

// Measure notes how large the images are that are pictures of our own. missing is told
// of each that there is none for; it may be nil when there cannot be one.
func Measure(had map[picture.Sum]store.Picture, images []Image, missing func(i int)) {
	for i := range images {
		image := &images[i]
		image.Width, image.Height = 0, 0
		a, ours := picture.ParseAddress(image.URL)
		if !ours {
			continue
		}
		p := had[a.Sum]
		var there bool
		if image.Width, image.Height, there = p.Size(a); !there {
			missing(i)
		}
	}
}

// ShowsPicture tells whether a product of a store shows a picture.
func ShowsPicture(ctx context.Context, q db.Q, st store.ID, sum picture.Sum) (bool, error) {
	return db.One(ctx, q, db.Value[bool], `
		SELECT EXISTS (SELECT 1 FROM product WHERE store_id = $1 AND deleted_at IS NULL AND images LIKE $2)`,
		st, "%"+picture.Path+sum.String()+"/%")
}

// FirstImages returns the image that stands for each of the products. One without has
// none.
func FirstImages(ctx context.Context, q db.Q, st store.ID, products []ProductID) (map[ProductID]Image, error) {
	first := map[ProductID]Image{}
	for some := range slices.Chunk(products, namesAtOnce) {
		err := db.Each(ctx, db.Afresh(q), func(row db.Row) error {
			var p ProductID
			var images db.JSON[[]Image]
			err := row.Scan(&p, &images)
			if len(images.V) > 0 {
				first[p] = images.V[0]
			}
			return err
		}, `SELECT id, images FROM product WHERE store_id = $1 AND id IN `+db.List(2, len(some)), append([]any{st}, db.Args(some)...)...)
		if err != nil {
			return nil, err
		}
	}
	return first, nil
}
