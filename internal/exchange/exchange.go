// Package exchange brings a store's catalog in from a product CSV, and out to one.
package exchange

import (
	"cmp"
	"slices"

	"vitrine/internal/catalog"
	"vitrine/internal/catalog/shopifycsv"
)

// MaxErrors is how many rows that were left out a Report names.
const MaxErrors = 1000

// Report tells what an import did, or what it would do. What the file leaves as it
// was is not counted.
type Report struct {
	ProductsCreated int
	ProductsUpdated int // those whose own fields changed
	VariantsCreated int
	VariantsUpdated int
	LevelsSet       int
	Rows            int                   // of the file, those of images too
	Errors          []shopifycsv.RowError // the rows that were left out, by line
	MoreErrors      int                   // how many more there were
}

// Quantity is what the file says is on hand of a variant.
type Quantity struct {
	Variant catalog.VariantID
	Units   int64
	Line    int // of the file
}

// leaveOut notes a row that was left out.
func (r *Report) leaveOut(e shopifycsv.RowError) {
	if len(r.Errors) < MaxErrors {
		r.Errors = append(r.Errors, e)
		return
	}
	r.MoreErrors++
}

// stocked adds how many levels were set, and which of the quantities were refused.
func (r *Report) stocked(quantities []Quantity, levels int, refused map[int]string) {
	r.LevelsSet += levels
	for i, why := range refused {
		r.leaveOut(shopifycsv.RowError{Line: quantities[i].Line, Column: quantityColumn, Message: "was not set: " + why})
	}
}

// add adds what a part of the import did.
func (r *Report) add(part *Report) {
	r.ProductsCreated += part.ProductsCreated
	r.ProductsUpdated += part.ProductsUpdated
	r.VariantsCreated += part.VariantsCreated
	r.VariantsUpdated += part.VariantsUpdated
	r.LevelsSet += part.LevelsSet
	for _, e := range part.Errors {
		r.leaveOut(e)
	}
	r.MoreErrors += part.MoreErrors
}

// clone returns a copy that shares nothing with r.
func (r *Report) clone() Report {
	c := *r
	c.Errors = slices.Clone(r.Errors)
	return c
}

// sort puts the errors into the order of the lines.
func (r *Report) sort() {
	slices.SortStableFunc(r.Errors, func(a, b shopifycsv.RowError) int { return cmp.Compare(a.Line, b.Line) })
}
