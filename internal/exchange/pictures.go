package exchange

import (
	"context"
	"net/url"
	"strings"

	"vitrine/internal/catalog"
	"vitrine/internal/catalog/shopifycsv"
	"vitrine/internal/db"
	"vitrine/internal/picture"
	"vitrine/internal/store"
)

// pictureColumn is what a picture that is not here is said to be wrong in.
const pictureColumn = "Image Src"

// address is what a file says where an image is: for others, with the name of this
// server before the path.
func address(i *catalog.Image, base string) string {
	if _, ours := picture.ParseAddress(i.URL); ours {
		return base + i.URL
	}
	return i.URL
}

// ourOwn reads the address of a picture as an export of any server like this one
// writes it. A sum names one picture wherever it is.
func ourOwn(address string) (picture.Address, bool) {
	u, err := url.Parse(address)
	if err != nil || u.RawQuery != "" || u.Fragment != "" {
		return picture.Address{}, false
	}
	return picture.ParseAddress(u.Path)
}

// pictures returns those that the products show, or are to show, and that are here.
func pictures(ctx context.Context, q db.Q, found []catalog.Product, file []shopifycsv.Product) (map[picture.Sum]store.Picture, error) {
	var sums []picture.Sum
	for i := range found {
		sums = append(sums, catalog.Sums(found[i].Images)...)
	}
	for i := range file {
		for _, image := range file[i].Images {
			if a, ours := ourOwn(image.URL); ours {
				sums = append(sums, a.Sum)
			}
		}
	}
	return store.FindPicturesAnywhere(ctx, q, sums)
}

// images are those of a product in the file, with the addresses that they have here.
// A path to a picture that is not here leads nowhere, and is told of.
func (p *planner) images(f *shopifycsv.Product) []shopifycsv.Image {
	var images []shopifycsv.Image
	for _, image := range f.Images {
		a, ours := ourOwn(image.URL)
		there := p.pictures[a.Sum]
		switch _, _, here := there.Size(a); {
		case ours && here:
			image.URL = a.String()
		case strings.HasPrefix(image.URL, picture.Path):
			p.fail(image.Line, pictureColumn, "names a picture that is not here")
			continue
		}
		images = append(images, image)
	}
	return images
}

// adopt gives the store the pictures that its products are to show, and keeps it from
// losing one of them until the transaction ends.
func adopt(ctx context.Context, tx *db.Tx, st store.ID, edits []catalog.Edit) error {
	var sums []picture.Sum
	for i := range edits {
		sums = append(sums, catalog.Sums(edits[i].After.Images)...)
	}
	if len(sums) == 0 {
		return nil
	}
	if err := store.AdoptPictures(ctx, tx, st, sums); err != nil {
		return err
	}
	had, err := store.KeepPictures(ctx, tx, st, sums)
	for _, sum := range sums {
		if _, ok := had[sum]; err == nil && !ok {
			return catalog.ErrOutdated // deleted a moment ago
		}
	}
	return err
}
