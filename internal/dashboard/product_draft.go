package dashboard

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"vitrine/internal/catalog"
	"vitrine/internal/money"
)

// draft is a product as the editor shows it: what was typed, right or wrong. Its
// lists are edited by steps, which change the draft and nothing else.
type draft struct {
	Title, Slug, Description, Status string
	Vendor, Type, Tags               string
	SEOTitle, SEODescription         string
	Images                           []imageRow
	Options                          []optionRow
	Variants                         []variantRow
	Suppliers                        []sourceRow
	Primary                          string          // id of a supplier
	Categories                       map[string]bool // by id
	Removed                          []string        // ids of variants that are to go
}

// imageRow is an image, at its place among the others.
type imageRow struct{ URL, Alt string }

// optionRow is an option. Was is its name as it is stored.
type optionRow struct{ Name, Values, Was string }

// variantRow is a variant. ID is "" for one that is not stored yet.
type variantRow struct {
	ID, Title, SKU, Price, CompareAt, Cost, Barcode, Weight, Unit string
	Choices                                                       [maxOptions]string // by the place of the option
	Track, Backorder                                              bool
}

// sourceRow is a link to a supplier.
type sourceRow struct{ ID, SKU, Cost string }

const (
	maxOptions = 3

	// variantsAtOnce is how many variants the editor shows at a time.
	variantsAtOnce = 100
)

// newDraft is the draft of a product that does not exist yet.
func newDraft() draft {
	return draft{Status: string(catalog.Active), Variants: []variantRow{newVariantRow()}, Categories: map[string]bool{}}
}

func newVariantRow() variantRow {
	v := catalog.NewVariant()
	return variantRow{Unit: v.WeightUnit, Track: v.TrackInventory}
}

// draftOf shows a stored product, with its variants from one on.
func draftOf(p *catalog.Product, from int, c money.Currency) draft {
	d := draft{
		Title: p.Title, Slug: p.Slug, Description: text(p.Description), Status: string(p.Status), Vendor: text(p.Vendor), Type: text(p.Type),
		Tags: strings.Join(p.Tags, ", "), SEOTitle: text(p.SEOTitle), SEODescription: text(p.SEODescription), Categories: map[string]bool{},
	}
	for _, i := range p.Images {
		d.Images = append(d.Images, imageRow{i.URL, i.Alt})
	}
	for _, o := range p.Options {
		d.Options = append(d.Options, optionRow{o.Name, strings.Join(o.Values, ", "), o.Name})
	}
	shown := p.Variants[min(from, len(p.Variants)):]
	for _, v := range shown[:min(variantsAtOnce, len(shown))] {
		d.Variants = append(d.Variants, rowOf(v, p.Options, c))
	}
	for _, l := range p.Suppliers {
		if d.Suppliers = append(d.Suppliers, sourceRow{l.Supplier.String(), text(l.SupplierSKU), amount(c, l.Cost)}); l.Primary {
			d.Primary = l.Supplier.String()
		}
	}
	for _, id := range p.Categories {
		d.Categories[id.String()] = true
	}
	return d
}

func rowOf(v catalog.Variant, options []catalog.Option, c money.Currency) variantRow {
	row := variantRow{
		ID: v.ID.String(), Title: v.Title, SKU: text(v.SKU), Price: c.Format(v.Price), CompareAt: amount(c, v.CompareAtPrice), Cost: amount(c, v.Cost),
		Barcode: text(v.Barcode), Unit: v.WeightUnit, Track: v.TrackInventory, Backorder: v.AllowBackorder,
	}
	if v.Title == ownTitle(v.OptionValues, options) {
		row.Title = "" // it follows the choices
	}
	if v.Weight != nil {
		row.Weight = strconv.FormatFloat(*v.Weight, 'f', -1, 64)
	}
	for i := range min(len(options), maxOptions) {
		row.Choices[i] = v.OptionValues[options[i].Name]
	}
	return row
}

// amount writes an amount that may be missing.
func amount(c money.Currency, a *money.Amount) string {
	if a == nil {
		return ""
	}
	return c.Format(*a)
}

// readDraft takes what the editor sent.
func readDraft(r *http.Request) draft {
	f := r.PostForm
	d := draft{
		Title: f.Get("title"), Slug: f.Get("slug"), Description: f.Get("description"), Status: f.Get("status"), Vendor: f.Get("vendor"),
		Type: f.Get("product_type"), Tags: f.Get("tags"), SEOTitle: f.Get("seo_title"), SEODescription: f.Get("seo_description"),
		Primary: f.Get("primary"), Removed: f["removed"], Categories: map[string]bool{},
	}
	for _, id := range f["category"] {
		d.Categories[id] = true
	}
	for _, at := range rows(f, "images") {
		d.Images = append(d.Images, imageRow{f.Get(at + "url"), f.Get(at + "alt")})
	}
	for _, at := range rows(f, "options") {
		d.Options = append(d.Options, optionRow{f.Get(at + "name"), f.Get(at + "values"), f.Get(at + "was")})
	}
	for _, at := range rows(f, "variants") {
		d.Variants = append(d.Variants, readVariant(f, at))
	}
	for _, at := range rows(f, "suppliers") {
		d.Suppliers = append(d.Suppliers, sourceRow{f.Get(at + "id"), f.Get(at + "supplier_sku"), f.Get(at + "cost")})
	}
	return d
}

func readVariant(f url.Values, at string) variantRow {
	row := variantRow{
		ID: f.Get(at + "id"), Title: f.Get(at + "title"), SKU: f.Get(at + "sku"), Price: f.Get(at + "price"), CompareAt: f.Get(at + "compare_at_price"),
		Cost: f.Get(at + "cost"), Barcode: f.Get(at + "barcode"), Weight: f.Get(at + "weight"), Unit: f.Get(at + "weight_unit"),
		Track: f.Has(at + "track_inventory"), Backorder: f.Has(at + "allow_backorder"),
	}
	for i := range row.Choices {
		row.Choices[i] = f.Get(at + "choice" + strconv.Itoa(i))
	}
	return row
}

// maxRows is how many rows of a list are read: more than any may have.
const maxRows = catalog.MaxVariants + 1

// rows returns the beginnings of the names of a list's fields ("images[0]."), in the
// order of its rows.
func rows(f url.Values, what string) []string {
	var found []int
	for name := range f {
		if n, ok := rowIn(name, what); ok {
			found = append(found, n)
		}
	}
	slices.Sort(found)
	found = slices.Compact(found)
	var all []string
	for _, n := range found[:min(maxRows, len(found))] {
		all = append(all, rowAt(what, n))
	}
	return all
}

// rowIn reads the row from the name of a list's field. Names are as long as a client
// likes.
func rowIn(name, what string) (int, bool) {
	rest, ok := strings.CutPrefix(name, what+"[")
	digits, _, closed := strings.Cut(rest[:min(len(rest), len("99999]."))], "].")
	n, err := strconv.ParseUint(digits, 10, 17)
	return int(n), ok && closed && err == nil //nolint:gosec // 17 bits
}

func rowAt(what string, n int) string { return what + "[" + strconv.Itoa(n) + "]." }

// list reads values with commas between them.
func list(s string) []string {
	var all []string
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" && !slices.Contains(all, part) {
			all = append(all, part)
		}
	}
	return all
}
