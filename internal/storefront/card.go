package storefront

import (
	"hash/fnv"
	"strconv"

	"vitrine/internal/catalog"
	"vitrine/internal/money"
)

// card is a product in a list.
type card struct {
	slug, title string
	image       *catalog.Image
	price       money.Amount // of the cheapest variant
	from        bool         // whether others cost more
	before      money.Amount // what it cost, or 0
	soldOut     bool
	rating      *float64
	reviews     int64
}

func cards(products []catalog.Product, inStock map[catalog.VariantID]bool) []card {
	all := make([]card, len(products))
	for i := range products {
		p := &products[i]
		c := card{slug: p.Slug, title: p.Title, price: p.LowestPrice(), soldOut: true, rating: p.RatingAverage(), reviews: p.ReviewCount}
		if len(p.Images) > 0 {
			c.image = &p.Images[0]
		}
		for _, v := range p.Variants {
			c.from = c.from || v.Price != c.price
			c.soldOut = c.soldOut && !inStock[v.ID]
			if v.Price == c.price && v.CompareAtPrice != nil && *v.CompareAtPrice > v.Price {
				c.before = *v.CompareAtPrice
			}
		}
		all[i] = c
	}
	return all
}

// tints is how many colors there are for products without a picture.
const tints = 6

// tint is the class that gives a product without a picture its color.
func tint(title string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(title))
	return "tint-" + strconv.Itoa(int(h.Sum32()%tints))
}
