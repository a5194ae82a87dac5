package catalog

import (
	"cmp"
	"slices"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/money"
)

// ProductID names a product.
type ProductID struct{ id.UUID }

// Status says whether a product is sold.
type Status string

// The states of a product. An archived one is kept for the books and not cloned.
const (
	Draft    Status = "draft"
	Active   Status = "active"
	Archived Status = "archived"
)

// Product is what a store offers, in one or more variants.
type Product struct {
	ID             ProductID
	Title          string
	Slug           string // unique in the store
	Description    *string
	Status         Status
	Vendor         *string
	Type           *string
	Tags           []string
	Images         []Image  // by position
	Options        []Option // cover what the variants choose
	RatingSum      int64
	ReviewCount    int64
	SEOTitle       *string
	SEODescription *string
	CreatedAt      time.Time
	UpdatedAt      time.Time

	Variants   []Variant      // by position; at least one
	Categories []CategoryID   // by id
	Suppliers  []SupplierLink // by the supplier's id

	search    string       // what product.search_text holds
	entry     string       // what product_search holds, where that is known
	indexed   bool         // product_search has it, or will never need it
	priceFrom money.Amount // what product.price_from holds
}

// Image is a picture of a product.
type Image struct {
	URL      string
	Alt      string
	Position int // from 1

	// Of a picture of our own, whatever a writer says: its size. 0 for others.
	Width, Height int
}

// Option is something to choose ("Size") and the choices ("S", "M").
type Option struct {
	Name   string
	Values []string
}

// SupplierLink says that a product can be had from a supplier.
type SupplierLink struct {
	Supplier    SupplierID
	SupplierSKU *string
	Cost        *money.Amount
	Primary     bool // at most one of a product
}

// NewProduct returns a product as it is before the merchant says anything else:
// active, without a variant.
func NewProduct(title string) Product { return Product{Title: title, Status: Active} }

// RatingAverage is the mean of the reviews that count, or nil without any.
func (p *Product) RatingAverage() *float64 {
	if p.ReviewCount == 0 {
		return nil
	}
	average := float64(p.RatingSum) / float64(p.ReviewCount)
	return &average
}

// LowestPrice is that of the cheapest variant.
func (p *Product) LowestPrice() money.Amount {
	if len(p.Variants) == 0 {
		return 0
	}
	return slices.MinFunc(p.Variants, func(a, b Variant) int { return cmp.Compare(a.Price, b.Price) }).Price
}

// productColumns are those that a merchant's writing fills, in the order of
// productValues and scanProduct. store_id, created_at and updated_at stand before
// them in productInsert.
const productColumns = `id, title, slug, description, status, vendor, product_type, tags, images, options,
	rating_sum, review_count, seo_title, seo_description, search_text, indexed, price_from`

// productInsert is the beginning of every INSERT of products; productValues makes
// the rows for it.
const productInsert = `INSERT INTO product (store_id, created_at, updated_at, ` + productColumns + `) VALUES `

// productWidth is how many values a row of productInsert has.
const productWidth = 20

func (p *Product) values(st any) []any {
	return []any{
		st,
		db.Time{Time: p.CreatedAt},
		db.Time{Time: p.UpdatedAt},
		p.ID, p.Title, p.Slug, p.Description, string(p.Status), p.Vendor, p.Type,
		db.JSON[[]string]{V: p.Tags},
		db.JSON[[]Image]{V: p.Images},
		db.JSON[[]Option]{V: p.Options},
		p.RatingSum, p.ReviewCount, p.SEOTitle, p.SEODescription, p.search, p.indexed, p.priceFrom,
	}
}

func scanProduct(row db.Row) (Product, error) {
	var p Product
	var tags db.JSON[[]string]
	var images db.JSON[[]Image]
	var options db.JSON[[]Option]
	var created, updated db.Time
	err := row.Scan(&p.ID, &p.Title, &p.Slug, &p.Description, &p.Status, &p.Vendor, &p.Type, &tags, &images, &options,
		&p.RatingSum, &p.ReviewCount, &p.SEOTitle, &p.SEODescription, &p.search, &p.indexed, &p.priceFrom, &created, &updated)
	p.Tags, p.Images, p.Options = tags.V, images.V, options.V
	p.CreatedAt, p.UpdatedAt = created.Time, updated.Time
	return p, err
}
