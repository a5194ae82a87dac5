package api

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/http"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/inventory"
	"vitrine/internal/money"
	"vitrine/internal/store"
)

// Product is what a store offers, in one or more variants.
type Product struct {
	ID             string         `json:"id" format:"uuid"`
	StoreID        string         `json:"store_id" format:"uuid"`
	Title          string         `json:"title"`
	Slug           string         `json:"slug" doc:"Unique in the store."`
	Description    *string        `json:"description"`
	Status         string         `json:"status" enum:"draft,active,archived"`
	Vendor         *string        `json:"vendor"`
	ProductType    *string        `json:"product_type"`
	Tags           []string       `json:"tags"`
	Images         []Image        `json:"images" doc:"By position."`
	Options        []Option       `json:"options"`
	Variants       []Variant      `json:"variants" doc:"By position; at least one."`
	CategoryIDs    []string       `json:"category_ids"`
	Suppliers      []SupplierLink `json:"suppliers"`
	RatingAverage  *float64       `json:"rating_average" doc:"null without reviews."`
	ReviewCount    int64          `json:"review_count"`
	SEOTitle       *string        `json:"seo_title"`
	SEODescription *string        `json:"seo_description"`
	CreatedAt      string         `json:"created_at" format:"date-time"`
	UpdatedAt      string         `json:"updated_at" format:"date-time"`
}

// Image is a picture of a product.
type Image struct {
	URL      string  `json:"url"`
	Alt      *string `json:"alt" doc:"What is to be seen, for those who cannot."`
	Position int     `json:"position"`
}

// Option is something to choose, and the choices.
type Option struct {
	Name   string   `json:"name" example:"Size"`
	Values []string `json:"values"`
}

// productWriter returns how products read in a store.
func productWriter(s store.Store) func(catalog.Product) Product {
	variant, link := variantWriter(s.Currency), linkWriter(s.Currency)
	return func(p catalog.Product) Product {
		return Product{
			ID: p.ID.String(), StoreID: s.ID.String(), Title: p.Title, Slug: p.Slug, Description: p.Description, Status: string(p.Status),
			Vendor: p.Vendor, ProductType: p.Type, Tags: each(p.Tags, func(tag string) string { return tag }),
			Images:   each(p.Images, toImage),
			Options:  each(p.Options, toOption),
			Variants: each(p.Variants, variant), Suppliers: each(p.Suppliers, link),
			CategoryIDs: each(p.Categories, catalog.CategoryID.String),
			ReviewCount: p.ReviewCount, SEOTitle: p.SEOTitle, SEODescription: p.SEODescription,
			RatingAverage: ratingAverage(p), CreatedAt: utc(p.CreatedAt), UpdatedAt: utc(p.UpdatedAt),
		}
	}
}

func toImage(i catalog.Image) Image {
	return Image{URL: i.URL, Alt: orNull(i.Alt), Position: i.Position}
}

// ratingAverage is the mean of a product's reviews with two decimals.
func ratingAverage(p catalog.Product) *float64 {
	average := p.RatingAverage()
	if average == nil {
		return nil
	}
	rounded := math.Round(*average*100) / 100
	return &rounded
}

func toOption(o catalog.Option) Option {
	return Option{Name: o.Name, Values: each(o.Values, func(value string) string { return value })}
}

// each converts a list, to one that is never null.
func each[D, T any](items []D, convert func(D) T) []T {
	out := make([]T, len(items))
	for i, item := range items {
		out[i] = convert(item)
	}
	return out
}

// ProductFields are what can be left out of a product.
type ProductFields struct {
	Slug           Opt[string]        `json:"slug,omitempty" doc:"Lower-case letters, digits, hyphens and underscores; by default made from the title."`
	Description    OptNull[string]    `json:"description,omitempty"`
	Status         Opt[string]        `json:"status,omitempty" doc:"draft, active (the default) or archived"`
	Vendor         OptNull[string]    `json:"vendor,omitempty"`
	ProductType    OptNull[string]    `json:"product_type,omitempty"`
	Tags           Opt[[]string]      `json:"tags,omitempty" doc:"Without commas; each is kept once."`
	Images         Opt[[]ImageInput]  `json:"images,omitempty"`
	Options        Opt[[]OptionInput] `json:"options,omitempty" doc:"Up to 3. What the variants choose is added."`
	CategoryIDs    Opt[[]string]      `json:"category_ids,omitempty" doc:"Categories of this store."`
	SEOTitle       OptNull[string]    `json:"seo_title,omitempty"`
	SEODescription OptNull[string]    `json:"seo_description,omitempty"`
}

// ImageInput is a picture of a product on its way in.
type ImageInput struct {
	URL      string  `json:"url" doc:"An http or https address."`
	Alt      *string `json:"alt,omitempty" nullable:"true"`
	Position int     `json:"position,omitempty" minimum:"1" doc:"By default its place in the list."`
}

// OptionInput is an option on its way in.
type OptionInput struct {
	Name   string   `json:"name"`
	Values []string `json:"values,omitempty"`
}

// apply sets the fields on a product. What is wrong with them goes to f.
func (b ProductFields) apply(f *fault.Form, p *catalog.Product) {
	b.Slug.to(&p.Slug)
	b.Description.to(&p.Description)
	b.Vendor.to(&p.Vendor)
	b.ProductType.to(&p.Type)
	b.Tags.to(&p.Tags)
	b.SEOTitle.to(&p.SEOTitle)
	b.SEODescription.to(&p.SEODescription)
	if b.Status.Set {
		p.Status = catalog.Status(b.Status.Value)
	}
	if b.Images.Set {
		p.Images = each(b.Images.Value, func(i ImageInput) catalog.Image {
			return catalog.Image{URL: i.URL, Alt: orEmpty(i.Alt), Position: i.Position}
		})
	}
	if b.Options.Set {
		p.Options = each(b.Options.Value, func(o OptionInput) catalog.Option { return catalog.Option(o) })
	}
	if b.CategoryIDs.Set {
		p.Categories = each(bodyIDs(f, "category_ids", b.CategoryIDs.Value), func(u id.UUID) catalog.CategoryID { return catalog.CategoryID{UUID: u} })
	}
}

type createProductInput struct {
	StorePath
	Body struct {
		Title string `json:"title" doc:"1 to 200 characters."`
		ProductFields
		Variants Opt[[]VariantFields] `json:"variants,omitempty" doc:"With none, the product gets one titled Default."`
	}
}

// read returns the product that the body describes.
func (in *createProductInput) read(c money.Currency) (catalog.Product, error) {
	var f fault.Form
	p := catalog.NewProduct(in.Body.Title)
	in.Body.apply(&f, &p)
	if in.Body.Slug.Set && in.Body.Slug.Value == "" {
		f.Addf("slug", nil, "must not be empty")
	}
	for i, fields := range in.Body.Variants.Value {
		var wrong fault.Form
		v := catalog.NewVariant()
		fields.apply(&wrong, &v, c)
		_ = f.Include(fmt.Sprintf("variants[%d].", i), wrong.Err()) // a form gives nothing but fields
		p.Variants = append(p.Variants, v)
	}
	return p, f.Err()
}

type updateProductInput struct {
	ProductPath
	Body struct {
		Title Opt[string] `json:"title,omitempty"`
		ProductFields
	}
}

type listProductsInput struct {
	StorePath
	PageQuery
	Status     string `query:"status" enum:"draft,active,archived" doc:"Those in this state; by default in any."`
	Query      Search `query:"q" maxLength:"200" doc:"A part of the title, the vendor or a SKU, in any case."`
	CategoryID string `query:"category_id" format:"uuid" doc:"Those that are in this category itself."`
}

func (in *listProductsInput) filter() catalog.Filter {
	f := catalog.Filter{Status: catalog.Status(in.Status), Query: in.Query.String()}
	if u, err := id.Parse(in.CategoryID); err == nil {
		f.Category = &catalog.CategoryID{UUID: u}
	}
	return f
}

// ProductPath is the path of one product.
type ProductPath struct {
	StorePath
	ProductID catalog.ProductID `path:"product_id" format:"uuid" doc:"The product's id."`
}

func (a *API) productRoutes() {
	const tag, path, one = "Products", storePath + "/products", storePath + "/products/{product_id}"
	there := exists(a, "product_id", catalog.Get)
	register(a, route{method: http.MethodPost, path: path, id: "create-product", tag: tag, status: http.StatusCreated, summary: "Create a product with its variants"}, a.createProduct)
	register(a, route{method: http.MethodGet, path: path, id: "list-products", tag: tag, summary: "List products"}, a.listProducts)
	register(a, route{method: http.MethodGet, path: one, id: "get-product", tag: tag, summary: "Get a product", guard: there}, a.getProduct)
	register(a, route{method: http.MethodPatch, path: one, id: "update-product", tag: tag, summary: "Change a product", guard: there}, a.updateProduct)
	register(a, route{method: http.MethodDelete, path: one, id: "delete-product", tag: tag, status: http.StatusNoContent, summary: "Delete a product", detail: "Its slug and its SKUs are free at once. Not while units of it are reserved.", guard: there}, a.deleteProduct)
}

func (a *API) createProduct(ctx context.Context, in *createProductInput) (*answer[Product], error) {
	p, err := in.read(shop(ctx).Currency)
	if err != nil {
		return nil, err
	}
	return once(ctx, a, func(tx *db.Tx) (*answer[Product], error) {
		p, err := catalog.Create(ctx, tx, shop(ctx).ID, p)
		return made(p, err, productWriter(shop(ctx)))
	})
}

func (a *API) listProducts(ctx context.Context, in *listProductsInput) (*listed[Product], error) {
	products, more, err := catalog.List(ctx, a.DB, shop(ctx).ID, in.filter(), in.page())
	if err != nil {
		return nil, err
	}
	return list(&in.PageQuery, products, more, productWriter(shop(ctx)), func(p catalog.Product) id.UUID { return p.ID.UUID }), nil
}

func (a *API) getProduct(ctx context.Context, in *ProductPath) (*answer[Product], error) {
	p, err := catalog.Get(ctx, a.DB, shop(ctx).ID, in.ProductID)
	return shown(p, err, productWriter(shop(ctx)))
}

func (a *API) updateProduct(ctx context.Context, in *updateProductInput) (*answer[Product], error) {
	p, err := inTx(ctx, a, func(tx *db.Tx) (catalog.Product, error) {
		var f fault.Form
		p, err := catalog.Update(ctx, tx, shop(ctx).ID, in.ProductID, func(p *catalog.Product) {
			in.Body.Title.to(&p.Title)
			in.Body.apply(&f, p)
		})
		return p, cmp.Or(f.Err(), err)
	})
	return shown(p, err, productWriter(shop(ctx)))
}

func (a *API) deleteProduct(ctx context.Context, in *ProductPath) (*nothing, error) {
	return gone(ctx, a, func(tx *db.Tx) error { return inventory.DeleteProduct(ctx, tx, shop(ctx).ID, in.ProductID) })
}
