package demo

import (
	"cmp"
	"fmt"
	"slices"

	"vitrine/internal/catalog"
	"vitrine/internal/money"
	"vitrine/internal/store"
	"vitrine/internal/text"
)

// offer is a product of a shop: one thing in one line.
type offer struct {
	shop  *shop
	shelf *shelf
	item  *item
	line  *line
	seed  uint32 // what differs from product to product comes from it
}

// linesEach is in how many of its shop's lines each thing is made.
const linesEach = 4

// offers returns all that a shop sells, mixed as a shop grows: not shelf by shelf.
func (s *shop) offers() []offer {
	var all []offer
	n := 0
	s.eachShelf(func(sh *shelf) {
		for i := range sh.Items {
			for k := range linesEach {
				o := offer{shop: s, shelf: sh, item: &sh.Items[i], line: &s.Lines[(n+k)%len(s.Lines)]}
				o.seed = seedOf(o.title())
				all = append(all, o)
			}
			n++
		}
	})
	slices.SortFunc(all, func(a, b offer) int {
		return cmp.Or(cmp.Compare(a.seed, b.seed), cmp.Compare(a.title(), b.title()))
	})
	return all
}

// eachShelf calls fn for every shelf, those above before those below.
func (s *shop) eachShelf(fn func(*shelf)) {
	var walk func(shelves []shelf)
	walk = func(shelves []shelf) {
		for i := range shelves {
			fn(&shelves[i])
			walk(shelves[i].Shelves)
		}
	}
	walk(s.Shelves)
}

func (o offer) title() string { return o.line.Name + " " + o.item.Title }

// name is what the product's address and its pictures are called.
func (o offer) name() string { return text.Slug(o.title(), "picture") }

// product returns the offer as the catalog takes it. Its pictures are at base.
func (o offer) product(base string) (catalog.Product, error) {
	p := catalog.NewProduct(o.title())
	p.Description = some("<p>" + o.item.Text + "</p>\n<p>" + o.line.Text + "</p>\n<p>" + o.shelf.Care + "</p>")
	p.Status = o.status()
	p.Vendor, p.Type = some(o.shelf.Supplier), some(o.shelf.Name)
	p.Tags = append(slices.Clone(o.item.Tags), o.line.Name)
	p.Images = []catalog.Image{
		{URL: base + picturePath + o.name() + extension, Alt: p.Title},
		{URL: base + picturePath + o.name() + nearby + extension, Alt: p.Title + " from nearby"},
	}
	p.SEOTitle, p.SEODescription = some(p.Title+" | "+o.shop.Name), some(o.item.Text)
	var err error
	p.Variants, err = o.variants()
	return p, err
}

// status leaves a few products in the works and a few in the archive.
func (o offer) status() catalog.Status {
	switch o.seed % 29 {
	case 0:
		return catalog.Draft
	case 1:
		return catalog.Archived
	}
	return catalog.Active
}

// variants are all the colors in all the sizes, as far as there are any.
func (o offer) variants() ([]catalog.Variant, error) {
	price, step, err := o.prices()
	if err != nil {
		return nil, err
	}
	colors, sizes := []string{""}, []string{""}
	if o.item.Colored {
		colors = o.line.Colors
	}
	if len(o.item.Sizes) > 0 {
		sizes = o.item.Sizes
	}
	var all []catalog.Variant
	for _, color := range colors {
		for i, size := range sizes {
			v := o.variant(len(all)+1, price+money.Amount(i)*step)
			if step > 0 {
				*v.Weight += *v.Weight * 0.3 * float64(i)
			}
			v.choose("Color", color)
			v.choose(o.item.Size, size)
			all = append(all, v.Variant)
		}
	}
	return all, nil
}

// prices returns what the smallest size costs, and what each next one costs more.
func (o offer) prices() (price, step money.Amount, err error) {
	currency := money.Currency(o.shop.Currency)
	if price, err = currency.Parse(o.item.Price); err != nil {
		return 0, 0, fmt.Errorf("the price of %s %w", o.item.Title, err)
	}
	if step, err = currency.Parse(cmp.Or(o.item.Step, "0")); err != nil {
		return 0, 0, fmt.Errorf("the step of %s %w", o.item.Title, err)
	}
	return price, step, nil
}

// variant is a variant that is being put together.
type variant struct{ catalog.Variant }

// choose says which of an option's values the variant is; none if there is none.
func (v *variant) choose(option, value string) {
	if value != "" {
		v.OptionValues[option] = value
	}
}

// variant returns the nth variant at a price, before it has chosen anything.
func (o offer) variant(n int, price money.Amount) variant {
	v := variant{catalog.NewVariant()}
	sku := fmt.Sprintf("%s-%s-%s-%02d", o.shop.Code, o.item.Code, o.line.Code, n)
	cost := price * 45 / 100
	weight := float64(o.item.Grams)
	v.SKU, v.Barcode = &sku, some(barcode(sku))
	v.Price, v.Cost = price, &cost
	if o.seed%6 == 0 {
		before := (price*125/100 + 99) / 100 * 100
		v.CompareAtPrice = &before
	}
	v.Weight, v.WeightUnit = &weight, "g"
	v.OptionValues = map[string]string{}
	v.TrackInventory = store.Type(o.shop.Type).OwnsStock() && !o.shelf.Untracked
	v.AllowBackorder = v.TrackInventory && o.seed%9 == 0
	return v
}

// barcode is an EAN-13 from the range that GS1 keeps for use inside a store.
func barcode(sku string) string {
	code := fmt.Sprintf("200%09d", seedOf(sku)%1_000_000_000)
	sum := 0
	for i, digit := range code {
		sum += int(digit-'0') * (1 + 2*(i%2))
	}
	return fmt.Sprintf("%s%d", code, (10-sum%10)%10)
}

// some is a text for a field that may be empty.
func some(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
