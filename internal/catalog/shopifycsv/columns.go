package shopifycsv

import (
	"slices"
	"strings"

	"vitrine/internal/fault"
)

// Column is a column with a meaning to us.
type Column int

// The columns of the format.
const (
	ColumnHandle Column = iota
	ColumnTitle
	ColumnDescription
	ColumnVendor
	ColumnProductType
	ColumnTags
	ColumnPublished
	ColumnStatus
	ColumnOption1Name
	ColumnOption1Value
	ColumnOption2Name
	ColumnOption2Value
	ColumnOption3Name
	ColumnOption3Value
	ColumnSKU
	ColumnGrams
	ColumnTracker
	ColumnQuantity
	ColumnPolicy
	ColumnPrice
	ColumnCompareAtPrice
	ColumnCost
	ColumnBarcode
	ColumnWeightUnit
	ColumnImageURL
	ColumnImagePosition
	ColumnImageAlt
	ColumnSEOTitle
	ColumnSEODescription
	ColumnVariantTitle
	ColumnVariantPosition
	ColumnOption1Values
	ColumnOption2Values
	ColumnOption3Values
	columnCount
)

// columnNames are the names a column goes by: that of the classic export first,
// which we write, then that of the template of 2024, then older ones. Where a file
// has several of them, the earliest of the list counts.
var columnNames = [columnCount][]string{
	ColumnHandle:          {"Handle", "URL handle"},
	ColumnTitle:           {"Title"},
	ColumnDescription:     {"Body (HTML)", "Description", "Body HTML", "Body"},
	ColumnVendor:          {"Vendor"},
	ColumnProductType:     {"Type", "Custom Product Type", "Product Category", "Standardized Product Type", "Standard Product Type"},
	ColumnTags:            {"Tags"},
	ColumnPublished:       {"Published", "Published on online store"},
	ColumnStatus:          {"Status"},
	ColumnOption1Name:     {"Option1 Name"},
	ColumnOption1Value:    {"Option1 Value"},
	ColumnOption2Name:     {"Option2 Name"},
	ColumnOption2Value:    {"Option2 Value"},
	ColumnOption3Name:     {"Option3 Name"},
	ColumnOption3Value:    {"Option3 Value"},
	ColumnSKU:             {"Variant SKU", "SKU"},
	ColumnGrams:           {"Variant Grams", "Weight value (grams)"},
	ColumnTracker:         {"Variant Inventory Tracker", "Inventory tracker"},
	ColumnQuantity:        {"Variant Inventory Qty", "Inventory quantity", "Variant Inventory Quantity"},
	ColumnPolicy:          {"Variant Inventory Policy", "Continue selling when out of stock"},
	ColumnPrice:           {"Variant Price", "Price"},
	ColumnCompareAtPrice:  {"Variant Compare At Price", "Compare-at price"},
	ColumnCost:            {"Cost per item", "Variant Cost"},
	ColumnBarcode:         {"Variant Barcode", "Barcode"},
	ColumnWeightUnit:      {"Variant Weight Unit", "Weight unit for display"},
	ColumnImageURL:        {"Image Src", "Product image URL"},
	ColumnImagePosition:   {"Image Position"},
	ColumnImageAlt:        {"Image Alt Text"},
	ColumnSEOTitle:        {"SEO Title"},
	ColumnSEODescription:  {"SEO Description"},
	ColumnVariantTitle:    {"Vitrine Variant Title"},
	ColumnVariantPosition: {"Vitrine Variant Position"},
	ColumnOption1Values:   {"Vitrine Option1 Values"},
	ColumnOption2Values:   {"Vitrine Option2 Values"},
	ColumnOption3Values:   {"Vitrine Option3 Values"},
}

// header tells where in a file's rows the columns stand.
type header struct {
	names   []string         // as in the file, trimmed
	index   [columnCount]int // of a column in names; -1 where the file lacks it
	surplus []int            // the columns of a fourth option and further ones
	ours    bool             // the file has a column of our own: a Writer made it
}

// newHeader reads the first row of a file. A file without handles, or with nothing
// but handles, is not a product CSV.
func newHeader(names []string) (*header, error) {
	h := &header{names: names}
	folded := make([]string, len(names))
	for i, name := range names {
		folded[i] = strings.ToLower(name)
		if surplusOption(folded[i]) {
			h.surplus = append(h.surplus, i)
		}
	}
	known := 0
	for c, aliases := range columnNames {
		h.index[c] = -1
		for _, name := range aliases {
			if h.index[c] = slices.Index(folded, strings.ToLower(name)); h.index[c] >= 0 {
				known++
				h.ours = h.ours || c >= int(ColumnVariantTitle)
				break
			}
		}
	}
	if !h.has(ColumnHandle) {
		return nil, fault.Invalidf("file", `has no column "Handle" or "URL handle" in its first line, separated by commas`)
	}
	if known < 2 {
		return nil, fault.Invalidf("file", `has no column of a product in its first line but "%s"`, h.name(ColumnHandle))
	}
	return h, nil
}

func (h *header) has(c Column) bool { return h.index[c] >= 0 }

// name is what the file calls a column, or what the format calls it where the file
// has none.
func (h *header) name(c Column) string {
	if h.has(c) {
		return h.names[h.index[c]]
	}
	return columnNames[c][0]
}

// surplusOption tells whether a column belongs to an option that a product cannot
// have: "option4 name", "option10 value".
func surplusOption(folded string) bool {
	rest, ok := strings.CutPrefix(folded, "option")
	number, what, _ := strings.Cut(rest, " ")
	return ok && number != "" && strings.Trim(number, "0123456789") == "" &&
		number != "1" && number != "2" && number != "3" && (what == "name" || what == "value")
}
