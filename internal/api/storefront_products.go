package api

import (
	"context"
	"net/http"

	"vitrine/internal/catalog"
	"vitrine/internal/id"
	"vitrine/internal/inventory"
	"vitrine/internal/store"
	"vitrine/internal/text"
)

// ShopProduct is a product as shoppers see it.
type ShopProduct struct {
	ID             string        `json:"id" format:"uuid"`
	Slug           string        `json:"slug"`
	Title          string        `json:"title"`
	Description    *string       `json:"description"`
	Vendor         *string       `json:"vendor"`
	ProductType    *string       `json:"product_type"`
	Tags           []string      `json:"tags" nullable:"false"`
	Images         []Image       `json:"images" nullable:"false" doc:"By position."`
	Options        []Option      `json:"options" nullable:"false"`
	Variants       []ShopVariant `json:"variants" nullable:"false" doc:"By position; at least one."`
	CategoryIDs    []string      `json:"category_ids" nullable:"false"`
	Price          string        `json:"price" example:"12.99" doc:"Of the cheapest variant."`
	Currency       string        `json:"currency" example:"USD"`
	InStock        bool          `json:"in_stock" doc:"Whether one of its variants is."`
	RatingAverage  *float64      `json:"rating_average" doc:"null without reviews."`
	ReviewCount    int64         `json:"review_count"`
	SEOTitle       *string       `json:"seo_title"`
	SEODescription *string       `json:"seo_description"`
}

// ShopVariant is a variant as shoppers see it.
type ShopVariant struct {
	ID             string            `json:"id" format:"uuid"`
	Title          string            `json:"title"`
	SKU            *string           `json:"sku"`
	Price          string            `json:"price" example:"12.99"`
	CompareAtPrice *string           `json:"compare_at_price" example:"15.00"`
	OptionValues   map[string]string `json:"option_values" doc:"What it chooses of the product's options."`
	InStock        bool              `json:"in_stock"`
}

// shopWriter returns how products read in a storefront.
func shopWriter(s store.Store, inStock map[catalog.VariantID]bool) func(catalog.Product) ShopProduct {
	return func(p catalog.Product) ShopProduct {
		out := ShopProduct{
			ID: p.ID.String(), Slug: p.Slug, Title: p.Title, Description: p.Description, Vendor: p.Vendor, ProductType: p.Type,
			Tags: each(p.Tags, func(tag string) string { return tag }), Images: each(p.Images, toImage),
			Options: each(p.Options, toOption), CategoryIDs: each(p.Categories, catalog.CategoryID.String), Currency: string(s.Currency),
			Price: s.Currency.Format(p.LowestPrice()), RatingAverage: ratingAverage(p), ReviewCount: p.ReviewCount,
			SEOTitle: p.SEOTitle, SEODescription: p.SEODescription,
			Variants: each(p.Variants, func(v catalog.Variant) ShopVariant {
				return ShopVariant{
					ID: v.ID.String(), Title: v.Title, SKU: v.SKU, Price: s.Currency.Format(v.Price), CompareAtPrice: amountOrNull(s.Currency, v.CompareAtPrice),
					OptionValues: v.OptionValues, InStock: inStock[v.ID],
				}
			}),
		}
		for _, v := range out.Variants {
			out.InStock = out.InStock || v.InStock
		}
		return out
	}
}

// ShopCategory is a category as shoppers see it.
type ShopCategory struct {
	ID          string  `json:"id" format:"uuid"`
	Slug        string  `json:"slug"`
	Name        string  `json:"name"`
	Description *string `json:"description"`
	ParentID    *string `json:"parent_id" format:"uuid" doc:"null: at the top."`
	Position    int     `json:"position"`
}

func toShopCategory(c catalog.Category) ShopCategory {
	out := ShopCategory{ID: c.ID.String(), Slug: c.Slug, Name: c.Name, Description: c.Description, Position: c.Position}
	if c.Parent != nil {
		parent := c.Parent.String()
		out.ParentID = &parent
	}
	return out
}

type browseInput struct {
	StorefrontPath
	PageQuery
	Query    Search `query:"q" maxLength:"200" doc:"A part of the title, the vendor or a SKU, in any case."`
	Category string `query:"category" maxLength:"255" doc:"The slug of a category, or its id: what is in this category itself."`
	Sort     string `query:"sort" enum:"newest,price_asc,price_desc,title_asc,title_desc" default:"newest" doc:"By price means by that of the cheapest variant."`
}

type listShopCategoriesInput struct {
	StorefrontPath
	PageQuery
}

// ShopProductPath is the path of one product of a storefront.
type ShopProductPath struct {
	StorefrontPath
	ProductSlug string `path:"product_slug" doc:"The product's slug."`
}

func (a *API) storefrontProductRoutes() {
	const tag, products = storefrontTag, storefrontPath + "/products"
	register(a, route{method: http.MethodGet, path: products, id: "browse-products", tag: tag, public: true, summary: "List what is sold"}, a.browseProducts)
	register(a, route{method: http.MethodGet, path: products + "/{product_slug}", id: "get-shop-product", tag: tag, public: true, summary: "Show a product", guard: a.shopProductThere}, a.getShopProduct)
	register(a, route{method: http.MethodGet, path: storefrontPath + "/categories", id: "list-shop-categories", tag: tag, public: true, summary: "List the categories", detail: "By position, then by slug."}, a.listShopCategories)
}

func (a *API) shopProductThere(ctx context.Context) error {
	_, err := catalog.ActiveID(ctx, a.DB, shop(ctx).ID, pathParam(ctx, "product_slug"))
	return err
}

func (a *API) browseProducts(ctx context.Context, in *browseInput) (*listed[ShopProduct], error) {
	f, known, err := a.shelfFilter(ctx, in)
	if err != nil || !known {
		return &listed[ShopProduct]{Body: []ShopProduct{}}, err
	}
	products, more, err := catalog.Shelf(ctx, a.DB, shop(ctx).ID, f, catalog.Order(in.Sort), in.page())
	if err != nil {
		return nil, err
	}
	inStock, err := inventory.InStock(ctx, a.DB, shop(ctx), products)
	if err != nil {
		return nil, err
	}
	return list(&in.PageQuery, products, more, shopWriter(shop(ctx), inStock), func(p catalog.Product) id.UUID { return p.ID.UUID }), nil
}

// shelfFilter reads what is looked for. A category that is not known holds nothing.
func (a *API) shelfFilter(ctx context.Context, in *browseInput) (f catalog.Filter, known bool, err error) {
	f.Query = in.Query.String()
	if in.Category == "" || !text.Printable(in.Category) {
		return f, in.Category == "", nil
	}
	c, known, err := catalog.FindCategory(ctx, a.DB, shop(ctx).ID, in.Category)
	f.Category = &c
	return f, known, err
}

func (a *API) getShopProduct(ctx context.Context, in *ShopProductPath) (*answer[ShopProduct], error) {
	p, err := catalog.ActiveBySlug(ctx, a.DB, shop(ctx).ID, in.ProductSlug)
	if err != nil {
		return nil, err
	}
	inStock, err := inventory.InStock(ctx, a.DB, shop(ctx), []catalog.Product{p})
	return shown(p, err, shopWriter(shop(ctx), inStock))
}

func (a *API) listShopCategories(ctx context.Context, in *listShopCategoriesInput) (*listed[ShopCategory], error) {
	return pageOf(ctx, a, &in.PageQuery, catalog.Tree, toShopCategory, func(c catalog.Category) id.UUID { return c.ID.UUID })
}
