package storefront

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"

	"vitrine/internal/shelf"
	"vitrine/internal/text"
)

// head is what a page says of itself, to browsers, search engines and those whom it
// is shown to.
type head struct {
	title       string
	description string
	canonical   string // the address that search engines keep; "" keeps none
	image       string // an address
	kind        string // for those who show a page to others: "website" or "product"
	data        []any  // what programs read (JSON-LD)
	till        bool   // whether it is about the shopper: cart, checkout, order
}

// maxSummary is how much of a text search engines show.
const maxSummary = 160

// head begins what the page at a path says of itself. Search engines do not keep what
// a paused shop shows.
func (s *Storefront) head(v *visit, path, title string) head {
	h := head{title: title + " · " + v.Name, kind: "website"}
	if v.open() {
		h.canonical = s.public(v, path)
	}
	return h
}

// summary is the beginning of a text, without what it is dressed in.
func summary(s string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	for skip := false; ; {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			words := strings.Join(strings.Fields(b.String()), " ")
			if short := text.Cut(words, maxSummary); short != words {
				return short + "…"
			}
			return words
		case html.StartTagToken, html.EndTagToken:
			name, _ := z.TagName()
			if tag := string(name); tag == "script" || tag == "style" {
				skip = kind == html.StartTagToken
			}
			b.WriteByte(' ')
		case html.TextToken:
			if !skip {
				b.Write(z.Text())
			}
		}
	}
}

type ld = map[string]any

func (s *Storefront) aboutShop(v *visit) ld {
	about := ld{"@context": "https://schema.org", "@type": "WebSite", "name": v.Name, "url": s.public(v, "/")}
	about["potentialAction"] = ld{
		"@type": "SearchAction", "query-input": "required name=search_term_string",
		"target": s.public(v, "/products") + "?q={search_term_string}",
	}
	return about
}

// crumb is a step on the way to a page.
type crumb struct{ label, path string }

func (s *Storefront) aboutTrail(v *visit, trail []crumb) ld {
	var items []ld
	for i, c := range trail {
		items = append(items, ld{"@type": "ListItem", "position": i + 1, "name": c.label, "item": s.public(v, c.path)})
	}
	return ld{"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": items}
}

// aboutProduct is a product as search engines show it, each variant with its price.
func (s *Storefront) aboutProduct(v *visit, p *shelf.Product) ld {
	address := s.public(v, "/products/"+p.Slug)
	about := ld{"@context": "https://schema.org", "@type": "Product", "name": p.Title, "url": address, "productID": p.ID.String()}
	if p.Description != nil {
		about["description"] = summary(*p.Description)
	}
	if p.Vendor != nil {
		about["brand"] = ld{"@type": "Brand", "name": *p.Vendor}
	}
	var images []string
	for i := range p.Images {
		images = append(images, s.absolute(v, p.Images[i].URL))
	}
	if images != nil {
		about["image"] = images
	}
	var offers []ld
	for _, variant := range p.Variants[:min(len(p.Variants), maxOffers)] {
		state := "https://schema.org/OutOfStock"
		if p.InStock[variant.ID] {
			state = "https://schema.org/InStock"
		}
		offer := ld{
			"@type": "Offer", "price": v.Currency.Format(variant.Price), "priceCurrency": string(v.Currency), "availability": state,
			"url": address + "?variant=" + variant.ID.String(),
		}
		if variant.SKU != nil {
			offer["sku"] = *variant.SKU
		}
		offers = append(offers, offer)
	}
	about["offers"] = offers
	if p.ReviewCount > 0 {
		about["aggregateRating"] = ld{
			"@type": "AggregateRating", "reviewCount": p.ReviewCount, "ratingValue": strconv.FormatFloat(average(p.RatingSum, p.ReviewCount), 'f', 1, 64),
		}
	}
	return about
}

// maxOffers is how many variants search engines are told of.
const maxOffers = 50

// absolute is the address of a picture for whom this site is elsewhere.
func (s *Storefront) absolute(v *visit, address string) string {
	address = picture(address)
	if !strings.HasPrefix(address, "/") {
		return address
	}
	if host := s.host(v); host != "" {
		return "https://" + host + address
	}
	return v.origin + address
}
