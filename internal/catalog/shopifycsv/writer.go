package shopifycsv

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"

	"vitrine/internal/money"
)

// written are the columns of a file that a Writer makes, in their order, with the
// value of those that mean nothing to us. Programs that read the format ask for
// these.
var written = []struct {
	column Column
	name   string
	value  string // in the rows of variants
}{
	{column: ColumnHandle},
	{column: ColumnTitle},
	{column: ColumnDescription},
	{column: ColumnVendor},
	{column: ColumnProductType},
	{column: ColumnTags},
	{column: ColumnPublished},
	{column: ColumnOption1Name},
	{column: ColumnOption1Value},
	{column: ColumnOption2Name},
	{column: ColumnOption2Value},
	{column: ColumnOption3Name},
	{column: ColumnOption3Value},
	{column: ColumnSKU},
	{column: ColumnGrams},
	{column: ColumnTracker},
	{column: ColumnQuantity},
	{column: ColumnPolicy},
	{name: "Variant Fulfillment Service", value: "manual"},
	{column: ColumnPrice},
	{column: ColumnCompareAtPrice},
	{name: "Variant Requires Shipping", value: "true"},
	{name: "Variant Taxable", value: "true"},
	{column: ColumnBarcode},
	{column: ColumnImageURL},
	{column: ColumnImagePosition},
	{column: ColumnImageAlt},
	{name: "Gift Card", value: "false"},
	{column: ColumnSEOTitle},
	{column: ColumnSEODescription},
	{column: ColumnWeightUnit},
	{column: ColumnCost},
	{column: ColumnStatus},
	{column: ColumnVariantTitle},
	{column: ColumnVariantPosition},
	{column: ColumnOption1Values},
	{column: ColumnOption2Values},
	{column: ColumnOption3Values},
}

// Writer writes products in the classic columns and our own. A Reader reads the
// same products again.
type Writer struct {
	csv      *csv.Writer
	currency money.Currency
	cells    []string         // of the row being written
	at       [columnCount]int // where a column stands in cells
}

// NewWriter returns a writer of prices in a currency. The header is written at
// once; what is written may wait in memory until Flush.
func NewWriter(w io.Writer, currency money.Currency) (*Writer, error) {
	out := &Writer{csv: csv.NewWriter(w), currency: currency, cells: make([]string, len(written))}
	for i, c := range written {
		if c.name != "" {
			out.cells[i] = c.name
			continue
		}
		out.at[c.column] = i
		out.cells[i] = columnNames[c.column][0]
	}
	return out, out.csv.Write(out.cells)
}

// Flush hands over all that was written.
func (w *Writer) Flush() error {
	w.csv.Flush()
	return w.csv.Error()
}

// Write writes a product in a row for each of its variants, beside which its
// images stand, and further rows for images when it has more of those.
func (w *Writer) Write(p *Product) error {
	for i := range max(len(p.Variants), len(p.Images), 1) {
		clear(w.cells)
		w.set(ColumnHandle, p.Handle)
		if i == 0 {
			w.product(p)
		}
		if i < len(p.Variants) {
			w.variant(&p.Variants[i], len(p.Options.Value))
		}
		if i < len(p.Images) {
			w.image(&p.Images[i])
		}
		if err := w.csv.Write(w.cells); err != nil {
			return err
		}
	}
	return nil
}

// set fills a cell. An apostrophe keeps spreadsheets from calculating a text that
// somebody gave a product; a Reader takes it off again.
func (w *Writer) set(c Column, s string) {
	if armed(s) {
		s = "'" + s
	}
	w.cells[w.at[c]] = s
}

func (w *Writer) product(p *Product) {
	w.set(ColumnTitle, p.Title.Value)
	w.set(ColumnDescription, p.Description.Value)
	w.set(ColumnVendor, p.Vendor.Value)
	w.set(ColumnProductType, p.ProductType.Value)
	w.set(ColumnTags, strings.Join(p.Tags.Value, ", "))
	w.set(ColumnPublished, strconv.FormatBool(p.Status.Value == "active"))
	w.set(ColumnStatus, p.Status.Value)
	w.set(ColumnSEOTitle, p.SEOTitle.Value)
	w.set(ColumnSEODescription, p.SEODescription.Value)
	if len(p.Options.Value) == 0 {
		w.set(ColumnOption1Name, standInName)
	}
	for i, o := range p.Options.Value {
		w.set(ColumnOption1Name+Column(2*i), o.Name)
		if needsList(p, i) {
			w.set(ColumnOption1Values+Column(i), strings.Join(o.Values, "\n"))
		}
	}
}

// needsList tells whether the values of an option, or their order, do not follow
// from the variants.
func needsList(p *Product, i int) bool {
	var seen []string
	standIn := len(p.Options.Value) == 1 && strings.EqualFold(p.Options.Value[0].Name, standInName)
	for _, v := range p.Variants {
		value := v.Values[i]
		standIn = standIn && strings.EqualFold(value, standInValue)
		if value != "" && !slices.Contains(seen, value) {
			seen = append(seen, value)
		}
	}
	return standIn || !slices.Equal(seen, p.Options.Value[i].Values)
}

func (w *Writer) variant(v *Variant, options int) {
	for i, c := range written {
		if c.name != "" {
			w.cells[i] = c.value
		}
	}
	for i, value := range v.Values {
		w.set(ColumnOption1Value+Column(2*i), value)
	}
	if options == 0 {
		w.set(ColumnOption1Value, standInValue)
	}
	if v.Title.Value != v.DefaultTitle() {
		w.set(ColumnVariantTitle, v.Title.Value)
	}
	if v.Position.Set {
		w.set(ColumnVariantPosition, strconv.Itoa(v.Position.Value))
	}
	w.set(ColumnSKU, v.SKU.Value)
	w.set(ColumnBarcode, v.Barcode.Value)
	w.amount(ColumnPrice, v.Price)
	w.amount(ColumnCompareAtPrice, v.CompareAtPrice)
	w.amount(ColumnCost, v.Cost)
	w.set(ColumnGrams, string(v.Weight.Value))
	w.set(ColumnWeightUnit, v.WeightUnit.Value)
	if v.TrackInventory.Value {
		w.set(ColumnTracker, "shopify")
	}
	if v.Quantity.Set {
		w.set(ColumnQuantity, strconv.FormatInt(v.Quantity.Value, 10))
	}
	w.set(ColumnPolicy, "deny")
	if v.AllowBackorder.Value {
		w.set(ColumnPolicy, "continue")
	}
}

func (w *Writer) amount(c Column, f Field[money.Amount]) {
	if f.Said() {
		w.set(c, w.currency.Format(f.Value))
	}
}

func (w *Writer) image(i *Image) {
	w.set(ColumnImageURL, i.URL)
	w.set(ColumnImageAlt, i.Alt.Value)
	if i.Position > 0 {
		w.set(ColumnImagePosition, strconv.Itoa(i.Position))
	}
}
