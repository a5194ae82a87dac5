package shopifycsv

import (
	"fmt"
	"slices"
	"strings"

	"vitrine/internal/text"
)

// builder puts the rows of one handle together.
type builder struct {
	reader  *Reader
	product Product
	row     row

	first     int    // the line of the first row
	kept      bool   // something of a row
	described bool   // by a good row, or by a bad one whose fields are good
	hints     Fields // what other rows say of the product
	names     [MaxOptions]string
	listed    [MaxOptions][]string
}

func newBuilder(r *Reader, handle string) *builder {
	return &builder{
		reader: r, product: Product{Handle: handle},
		row: row{header: r.header, currency: r.currency},
	}
}

// add takes in a row, or reports what is wrong with it.
func (b *builder) add(rec record) {
	r := &b.row
	r.record, r.errors = rec, r.errors[:0]
	if b.first == 0 {
		b.first = r.line
	}
	describes := b.describes()
	r.handle()
	isVariant := b.isVariant(describes)
	r.shape(isVariant)
	torn := len(r.errors) > 0
	fields := b.fields(describes)
	clear := len(r.errors) == 0
	var v Variant
	if isVariant {
		v = b.variant()
	}
	image, isImage := r.image()
	if isImage && len(b.product.Images) == MaxImages {
		r.failRow(fmt.Sprintf("is one image too many: a product has at most %d", MaxImages))
	}
	if isVariant && len(r.errors) == 0 {
		b.keepVariant(v)
	}
	good := len(r.errors) == 0
	if isImage && good {
		b.keepImage(image)
	}
	if clear && !torn && (good || describes) {
		b.keepFields(fields, describes, good)
	}
	if !good {
		b.product.Lost = b.product.Lost || isVariant || isImage
		for _, e := range r.errors {
			b.reader.report(e)
		}
	}
}

// describes tells whether the row is the one that describes the product: the first
// with a title, or the first of all in a file without titles.
func (b *builder) describes() bool {
	if b.described {
		return false
	}
	if b.row.has(ColumnTitle) {
		return b.row.read(ColumnTitle) != ""
	}
	return b.first == b.row.line
}

// isVariant tells a row with a variant from one that only has a further image, or
// further words about the product. What programs write into every row does not
// make a variant of an image.
func (b *builder) isVariant(describes bool) bool {
	r := &b.row
	strong := !r.blank(ColumnOption1Value, ColumnOption2Value, ColumnOption3Value, ColumnSKU, ColumnBarcode,
		ColumnPrice, ColumnCompareAtPrice, ColumnCost, ColumnVariantTitle, ColumnVariantPosition)
	if strong || r.blank(ColumnGrams, ColumnWeightUnit, ColumnTracker, ColumnQuantity, ColumnPolicy) {
		return strong
	}
	return describes || r.blank(ColumnImageURL)
}

// fields reads what the row says of the product itself.
func (b *builder) fields(describes bool) Fields {
	r := &b.row
	f := Fields{
		Description:    field(r, ColumnDescription, describes, (*row).long, text.MaxLong),
		Vendor:         field(r, ColumnVendor, describes, (*row).single, text.MaxName),
		ProductType:    field(r, ColumnProductType, describes, (*row).single, text.MaxName),
		Tags:           r.list(ColumnTags, describes),
		Status:         r.status(),
		SEOTitle:       field(r, ColumnSEOTitle, describes, (*row).single, maxSEO),
		SEODescription: field(r, ColumnSEODescription, describes, (*row).long, maxSEO),
	}
	if title := r.single(ColumnTitle, text.MaxName); title != "" {
		f.Title = Of(title)
	}
	f.Options.Value = b.options(describes)
	return f
}

// options reads the options that the row names. One before the last of them that it
// does not name has no name in the list.
func (b *builder) options(describes bool) []Option {
	r := &b.row
	var named [MaxOptions]string
	for i := range named {
		named[i] = r.single(ColumnOption1Name+Column(2*i), text.MaxName)
	}
	after := b.namesAfter(named, describes)
	var all []Option
	for i, name := range named {
		values := r.lines(ColumnOption1Values + Column(i))
		if name == "" {
			continue
		}
		if i > 0 && b.names[i-1] == "" && r.blank(ColumnOption1Name+Column(2*i-2)) {
			r.fail(ColumnOption1Name+Column(2*i-2), "must not be empty, since there is a further option")
		}
		for j := range named {
			if here := j < i && named[j] == name; here || j != i && named[j] != name && after[i] == name && after[j] == name { //nolint:gosec // all are of one length
				r.fail(ColumnOption1Name+Column(2*i), "must not be the name of another option")
				break
			}
		}
		for len(all) < i {
			all = append(all, Option{})
		}
		all = append(all, Option{Name: name, Values: values})
	}
	return all
}

// namesAfter are the names of the product's options once a row is taken in.
func (b *builder) namesAfter(named [MaxOptions]string, describes bool) [MaxOptions]string {
	after := b.names
	for i, name := range named {
		if name != "" && (describes || after[i] == "") {
			after[i] = name
		}
	}
	return after
}

// keepFields takes in what a row says of the product.
func (b *builder) keepFields(f Fields, describes, good bool) {
	if !b.kept || describes {
		b.product.Line = b.row.line
	}
	b.kept = true
	if describes {
		b.described, b.product.OnlyNew, b.product.Fields = true, !good, f
	} else {
		b.hints = b.hints.or(f)
	}
	for i, option := range f.Options.Value {
		if option.Name != "" && (describes || b.names[i] == "") {
			b.names[i], b.listed[i] = option.Name, option.Values
		}
	}
	b.product.Bytes += f.size()
}

// size is about how many bytes the fields take.
func (f Fields) size() int {
	n := len(f.Title.Value) + len(f.Description.Value) + len(f.Vendor.Value) + len(f.SEOTitle.Value) + len(f.SEODescription.Value) + 512
	for _, tag := range f.Tags.Value {
		n += len(tag) + 16
	}
	return n
}

// variant reads the variant of the row.
func (b *builder) variant() Variant {
	r := &b.row
	v := Variant{
		Line:           r.line,
		SKU:            field(r, ColumnSKU, true, (*row).single, text.MaxName),
		Barcode:        field(r, ColumnBarcode, true, (*row).single, text.MaxName),
		Price:          r.amount(ColumnPrice),
		CompareAtPrice: r.amount(ColumnCompareAtPrice),
		Cost:           r.amount(ColumnCost),
		AllowBackorder: r.backorder(),
		Position:       r.position(ColumnVariantPosition),
	}
	v.Price.Set = v.Price.Said()
	v.Weight, v.WeightUnit = r.weight()
	for i := range v.Values {
		v.Values[i] = r.single(ColumnOption1Value+Column(2*i), text.MaxName)
	}
	if r.has(ColumnTracker) {
		v.TrackInventory = Of(r.read(ColumnTracker) != "")
	}
	if !v.TrackInventory.Set || v.TrackInventory.Value {
		v.Quantity = r.whole(ColumnQuantity, -maxQuantity, maxQuantity)
		v.Quantity.Value = max(v.Quantity.Value, 0) // what is owed is not on hand
	}
	if r.has(ColumnVariantTitle) {
		v.Title = Of(r.single(ColumnVariantTitle, text.MaxName)) // blank: see finish
	}
	return v
}

// keepVariant takes in a variant, unless it is there already.
func (b *builder) keepVariant(v Variant) {
	r, all := &b.row, b.product.Variants
	i := slices.IndexFunc(all, v.same)
	switch {
	case i >= 0 && all[i].Values != v.Values:
		r.fail(ColumnSKU, fmt.Sprintf("stands in line %d already", all[i].Line))
		return
	case i >= 0 && !all[i].absorb(v):
		r.failRow(fmt.Sprintf("says something else of the variant of line %d", all[i].Line))
		return
	case i < 0 && len(all) == MaxVariants:
		r.failRow(fmt.Sprintf("is one variant too many: a product has at most %d", MaxVariants))
		return
	}
	if v.SKU.Said() {
		if first := b.reader.claim(v.SKU.Value, v.Line); first != v.Line && (i < 0 || first != all[i].Line) {
			r.fail(ColumnSKU, fmt.Sprintf("stands in line %d already", first))
			return
		}
	}
	if i < 0 {
		b.product.Variants = append(all, v)
		b.product.Bytes += len(v.SKU.Value) + len(v.Barcode.Value) + len(strings.Join(v.Values[:], "")) + 512
	}
}

// same tells whether both are about one variant: they have the same SKU or, where
// one has none, the same option values. Those with positions of their own are two
// all the same.
func (v Variant) same(w Variant) bool {
	if v.SKU.Said() && w.SKU.Said() {
		return v.SKU.Value == w.SKU.Value
	}
	return v.Values == w.Values && (!v.Position.Set || !w.Position.Set)
}

// absorb takes over what another row says of the variant. It reports false where
// the two say different things.
func (v *Variant) absorb(w Variant) bool {
	merged := *v
	ok := merge(&merged.Title, w.Title) && merge(&merged.SKU, w.SKU) && merge(&merged.Barcode, w.Barcode) &&
		merge(&merged.Price, w.Price) && merge(&merged.CompareAtPrice, w.CompareAtPrice) && merge(&merged.Cost, w.Cost) &&
		merge(&merged.Weight, w.Weight) && merge(&merged.WeightUnit, w.WeightUnit) && merge(&merged.TrackInventory, w.TrackInventory) &&
		merge(&merged.AllowBackorder, w.AllowBackorder) && merge(&merged.Quantity, w.Quantity) && merge(&merged.Position, w.Position)
	if ok {
		*v = merged
	}
	return ok
}

func merge[T comparable](f *Field[T], other Field[T]) bool {
	if f.Said() && other.Said() {
		return f.Value == other.Value
	}
	if other.Said() {
		*f = other
	}
	return true
}

// keepImage takes in an image, unless it is there already: some programs name the
// image in every row of its product.
func (b *builder) keepImage(image Image) {
	again := slices.ContainsFunc(b.product.Images, func(i Image) bool { return i.URL == image.URL && i.Position == image.Position })
	if again && (image.Position == 0 || !b.row.ours) {
		return
	}
	b.product.Images = append(b.product.Images, image)
	b.product.Bytes += len(image.URL) + len(image.Alt.Value) + 128
}

// finish returns the product, or false when no row of it was good.
func (b *builder) finish() (Product, bool) {
	p := &b.product
	if !b.kept {
		return Product{}, false
	}
	p.Fields = p.Fields.or(b.hints)
	b.settleOptions()
	for i := range p.Variants {
		v := &p.Variants[i]
		if v.Title.Set && v.Title.Value == "" {
			v.Title.Value = v.DefaultTitle()
		}
	}
	return *p, true
}

// settleOptions names the options, and their values in the order in which the
// file brings them up.
func (b *builder) settleOptions() {
	p := &b.product
	if b.withoutOptions() {
		for i := range p.Variants {
			p.Variants[i].Values[0] = ""
		}
		p.Options = Field[[]Option]{Set: b.names[0] != "", Null: b.names[0] != ""}
		return
	}
	for i, name := range b.names {
		if name == "" {
			break
		}
		o := Option{Name: name, Values: b.listed[i], Listed: len(b.listed[i]) > 0}
		for _, v := range p.Variants {
			if value := v.Values[i]; value != "" && !slices.Contains(o.Values, value) {
				o.Values = append(o.Values, value)
			}
		}
		p.Options.Set = true
		p.Options.Value = append(p.Options.Value, o)
	}
}

// What stands for the option of a product that has none.
const (
	standInName  = "Title"
	standInValue = "Default Title"
)

// withoutOptions tells whether the only option is the stand-in for none. A Writer
// always gives the stand-in its value, and lists the values of an option that could
// be taken for it.
func (b *builder) withoutOptions() bool {
	if b.names[1] != "" || b.names[0] != "" && !strings.EqualFold(b.names[0], standInName) || len(b.listed[0]) > 0 {
		return false
	}
	for _, v := range b.product.Variants {
		blank := v.Values[0] == "" && (!b.row.ours || b.names[0] == "")
		if !blank && !strings.EqualFold(v.Values[0], standInValue) {
			return false
		}
	}
	return true
}
