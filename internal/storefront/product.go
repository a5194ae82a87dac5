package storefront

import (
	"net/http"

	"vitrine/internal/catalog"
	"vitrine/internal/money"
	"vitrine/internal/shelf"
	"vitrine/internal/web"
)

func (s *Storefront) productRoutes() {
	s.kept("GET /products/{slug}", []string{"variant", "reviewed"}, s.showProduct)
}

// offer is a product as its page shows it.
type offer struct {
	shelf.Product
	chosen   catalog.Variant
	trail    []crumb
	reviewed bool     // whether the shopper has just said something of it
	form     web.Form // of a review
}

func (s *Storefront) showProduct(w http.ResponseWriter, v *visit) error {
	return s.productPage(w, v, http.StatusOK, web.Form{})
}

// productPage answers with the page of a product, and a review as it was typed.
func (s *Storefront) productPage(w http.ResponseWriter, v *visit, status int, form web.Form) error {
	p, err := shelf.Find(v.Context(), s.reads(v), v.Store, v.PathValue("slug"), v.deepest)
	if err != nil {
		return err
	}
	q := v.URL.Query()
	o := offer{Product: p, chosen: choose(p.Variants, p.InStock, q.Get("variant")), form: form, reviewed: q.Get("reviewed") != ""}
	o.trail = []crumb{{v.Name, "/"}}
	for _, b := range v.trail(v.deepest(p.Categories)) {
		o.trail = append(o.trail, crumb{b.Name, "/categories/" + b.Slug})
	}
	h := s.head(v, "/products/"+p.Slug, p.Title)
	if p.SEOTitle != nil {
		h.title = *p.SEOTitle
	}
	switch {
	case p.SEODescription != nil:
		h.description = *p.SEODescription
	case p.Description != nil:
		h.description = summary(*p.Description)
	}
	if h.kind = "product"; len(p.Images) > 0 {
		h.image = s.absolute(v, p.Images[0].URL)
	}
	h.data = append(h.data, s.aboutProduct(v, &o.Product), s.aboutTrail(v, append(o.trail[:len(o.trail):len(o.trail)], crumb{p.Title, "/products/" + p.Slug})))
	return s.show(w, v, status, productPage(v, h, o))
}

// choose returns the variant with the id or, without one, the first that can be had.
func choose(variants []catalog.Variant, inStock map[catalog.VariantID]bool, id string) catalog.Variant {
	first := -1
	for i, v := range variants {
		if v.ID.String() == id {
			return v
		}
		if first < 0 && inStock[v.ID] {
			first = i
		}
	}
	return variants[max(first, 0)]
}

// before is what a variant cost before, or 0.
func before(v catalog.Variant) money.Amount {
	if v.CompareAtPrice == nil {
		return 0
	}
	return *v.CompareAtPrice
}

// question is something to choose of a product.
type question struct {
	name    string
	answers []answer
}

// answer is one of the choices. It leads to the variant that has it and else as much
// as can be of what is chosen; a zero variant tells that none has it.
type answer struct {
	label   string
	variant catalog.VariantID
	current bool
	soldOut bool
}

// questions are what there is to choose of the product.
func (o *offer) questions() []question {
	if len(o.Variants) < 2 {
		return nil
	}
	var all []question
	for _, option := range o.Options {
		if len(option.Values) < 2 {
			continue
		}
		q := question{name: option.Name}
		for _, value := range option.Values {
			q.answers = append(q.answers, o.answer(option.Name, value))
		}
		all = append(all, q)
	}
	if all != nil {
		return all
	}
	q := question{name: "Variant"}
	for _, v := range o.Variants {
		q.answers = append(q.answers, answer{label: v.Title, variant: v.ID, current: v.ID == o.chosen.ID, soldOut: !o.InStock[v.ID]})
	}
	return []question{q}
}

func (o *offer) answer(option, value string) answer {
	a := answer{label: value, current: o.chosen.OptionValues[option] == value}
	best := -1
	for _, v := range o.Variants {
		if v.OptionValues[option] != value {
			continue
		}
		alike := 0
		for name, chosen := range o.chosen.OptionValues {
			if name != option && v.OptionValues[name] == chosen {
				alike += 2
			}
		}
		if o.InStock[v.ID] { // of two that are alike, the one that can be had
			alike++
		}
		if alike > best {
			best, a.variant, a.soldOut = alike, v.ID, !o.InStock[v.ID]
		}
	}
	return a
}
