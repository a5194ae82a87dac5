package dashboard

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"vitrine/internal/catalog"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/money"
)

// application puts a draft onto a product. The product may have more variants than
// the form shows, and in another order.
type application struct {
	draft
	currency money.Currency
	wrong    fault.Form  // what cannot be read
	rowOf    map[int]int // from a variant's place in the product to its row in the form
}

// apply changes the product to what the draft says. Variants that the form does not
// show stay as they are.
func (a *application) apply(p *catalog.Product) {
	p.Title, p.Slug, p.Status = a.Title, a.Slug, catalog.Status(a.Status)
	p.Description, p.Vendor, p.Type = orNil(a.Description), orNil(a.Vendor), orNil(a.Type)
	p.SEOTitle, p.SEODescription, p.Tags = orNil(a.SEOTitle), orNil(a.SEODescription), list(a.Tags)
	p.Images = nil
	for i, image := range a.Images {
		p.Images = append(p.Images, catalog.Image{URL: image.URL, Alt: image.Alt, Position: i + 1})
	}
	p.Categories = nil
	for _, s := range slices.Sorted(maps.Keys(a.Categories)) {
		if u, err := id.Parse(s); err == nil {
			p.Categories = append(p.Categories, catalog.CategoryID{UUID: u})
		}
	}
	p.Suppliers = a.links()
	a.options(p)
	a.variants(p)
}

func (a *application) links() []catalog.SupplierLink {
	var links []catalog.SupplierLink
	for i, row := range a.Suppliers {
		u, err := id.Parse(row.ID)
		if err != nil {
			a.wrong.Addf(rowAt("suppliers", i)+"supplier_sku", nil, "is of no supplier")
		}
		links = append(links, catalog.SupplierLink{
			Supplier: catalog.SupplierID{UUID: u}, SupplierSKU: orNil(row.SKU), Cost: a.optionalAmount(rowAt("suppliers", i)+"cost", row.Cost), Primary: row.ID == a.Primary,
		})
	}
	return links
}

// options changes the options. Variants follow a new name, and lose what they chose
// of an option that is gone.
func (a *application) options(p *catalog.Product) {
	before := p.Options
	p.Options = nil
	for _, o := range a.Options {
		p.Options = append(p.Options, catalog.Option{Name: strings.TrimSpace(o.Name), Values: list(o.Values)})
	}
	for i := range p.Variants {
		v := &p.Variants[i]
		if v.Title == ownTitle(v.OptionValues, before) {
			v.Title = "" // it stays made of the choices
		}
		chosen := map[string]string{}
		for _, o := range a.Options {
			if value := v.OptionValues[o.Was]; value != "" {
				chosen[strings.TrimSpace(o.Name)] = value
			}
		}
		v.OptionValues = chosen
	}
}

// ownTitle is the title of a variant that was given none.
func ownTitle(chosen map[string]string, options []catalog.Option) string {
	var all []string
	for _, o := range options {
		if value := chosen[o.Name]; value != "" {
			all = append(all, value)
		}
	}
	if len(all) == 0 {
		return "Default"
	}
	return strings.Join(all, " / ")
}

// variants changes the variants that the form shows, adds those that are new and
// takes out those that are to go.
func (a *application) variants(p *catalog.Product) {
	p.Variants = slices.DeleteFunc(p.Variants, func(v catalog.Variant) bool { return slices.Contains(a.Removed, v.ID.String()) })
	a.rowOf = map[int]int{}
	stored := map[string]int{}
	for i, v := range p.Variants {
		stored[v.ID.String()] = i
	}
	for i, row := range a.Variants {
		at, ok := stored[row.ID]
		if !ok && row.ID != "" {
			a.wrong.Addf(rowAt("variants", i)+"title", nil, "is of a variant that was deleted meanwhile: remove this row")
			continue
		}
		if !ok {
			at = len(p.Variants)
			p.Variants = append(p.Variants, catalog.NewVariant())
		}
		a.rowOf[at] = i
		a.variant(rowAt("variants", i), row, &p.Variants[at])
	}
}

func (a *application) variant(path string, row variantRow, v *catalog.Variant) {
	v.Title, v.SKU, v.Barcode, v.WeightUnit = row.Title, orNil(row.SKU), orNil(row.Barcode), row.Unit
	v.TrackInventory, v.AllowBackorder = row.Track, row.Backorder
	v.Price = a.amount(path+"price", row.Price)
	v.CompareAtPrice, v.Cost = a.optionalAmount(path+"compare_at_price", row.CompareAt), a.optionalAmount(path+"cost", row.Cost)
	v.Weight = a.weight(path+"weight", row.Weight)
	v.OptionValues = map[string]string{}
	for i, o := range a.Options {
		if i < maxOptions && strings.TrimSpace(row.Choices[i]) != "" {
			v.OptionValues[strings.TrimSpace(o.Name)] = row.Choices[i]
		}
	}
}

func (a *application) amount(path, s string) money.Amount {
	n, err := a.currency.Parse(s)
	if err != nil {
		a.wrong.Addf(path, s, "%s", err)
	}
	return n
}

func (a *application) optionalAmount(path, s string) *money.Amount {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	n := a.amount(path, s)
	return &n
}

func (a *application) weight(path, s string) *float64 {
	if s = strings.TrimSpace(s); s == "" {
		return nil
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		a.wrong.Addf(path, s, "must be a number such as 0.25")
	}
	return &n
}

var variantPath = regexp.MustCompile(`^variants\[(\d+)\]\.(\w+)$`)

// explain tells all that is wrong, by the names of the form: what could not be read,
// and what err says of the product.
func (a *application) explain(err error) error {
	if err == nil {
		return a.wrong.Err()
	}
	e, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return err
	}
	if e.Code == "sku_taken" {
		for i, row := range a.Variants {
			if row.SKU != "" && strings.Contains(e.Message, strconv.Quote(strings.TrimSpace(row.SKU))) {
				a.wrong.Addf(rowAt("variants", i)+"sku", nil, "is already used")
			}
		}
		if wrong := a.wrong.Err(); wrong != nil {
			return wrong
		}
	}
	if e.Code == "slug_taken" {
		return fault.Invalidf("slug", "is already used by another product")
	}
	if e.Kind != fault.Invalid {
		return err
	}
	for _, field := range e.Fields {
		if m := variantPath.FindStringSubmatch(field.Path); m != nil {
			at, _ := strconv.Atoi(m[1]) // digits
			row, shown := a.rowOf[at]
			if !shown {
				a.wrong.Addf("variants", nil, "that are not shown here: the %s %s", m[2], field.Message)
				continue
			}
			field.Path = rowAt("variants", row) + m[2]
		}
		if tag, ok := strings.CutPrefix(field.Path, "tags["); ok && tag != "" {
			field.Path = "tags"
		}
		a.wrong.Addf(field.Path, nil, "%s", field.Message)
	}
	return a.wrong.Err()
}

func orNil(s string) *string {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	return &s
}
