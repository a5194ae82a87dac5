// Package shopifycsv reads and writes the product CSV format of Shopify. It knows
// no database: a Reader turns a file into products one after the other, a Writer
// turns products into lines, and both hold one product at a time.
//
// What the Shopify columns cannot carry stands in columns of our own, whose names
// begin with "Vitrine" and which other programs pass over.
package shopifycsv

import (
	"fmt"
	"strings"

	"vitrine/internal/money"
	"vitrine/internal/text"
)

// Bounds of one product. They are those of the catalog.
const (
	MaxOptions  = 3
	MaxVariants = 2000
	MaxImages   = 250
)

// defaultTitle is the title of a variant without option values.
const defaultTitle = "Default"

// Field is what a file says of one field: nothing (not Set: it stays as it is),
// that it is empty (Null), or a Value.
type Field[T any] struct {
	Set   bool
	Null  bool
	Value T
}

// Of returns a field with a value.
func Of[T any](v T) Field[T] { return Field[T]{Set: true, Value: v} }

// Empty returns a field that is said to be empty.
func Empty[T any]() Field[T] { return Field[T]{Set: true, Null: true} }

// OfNullable returns the value p points to, or an empty field for nil.
func OfNullable[T any](p *T) Field[T] {
	if p == nil {
		return Empty[T]()
	}
	return Of(*p)
}

// Said tells whether the field has a value.
func (f Field[T]) Said() bool { return f.Set && !f.Null }

// Or returns f, or other where the file says nothing in f.
func (f Field[T]) Or(other Field[T]) Field[T] {
	if f.Set {
		return f
	}
	return other
}

// Into writes a value to dst. It leaves dst alone when the file gives none.
func (f Field[T]) Into(dst *T) {
	if f.Said() {
		*dst = f.Value
	}
}

// IntoNullable writes a value to dst, or nil when the file clears the field. It
// leaves dst alone when the file says nothing.
func (f Field[T]) IntoNullable(dst **T) {
	switch {
	case f.Set && f.Null:
		*dst = nil
	case f.Set:
		*dst = &f.Value
	}
}

// Product is what all rows of one handle say, wherever in the file they stand.
// Rows with a mistake are left out.
type Product struct {
	Handle string
	Line   int // of the row that describes the product, or else the first of its rows; the header is line 1
	Bytes  int // about how much memory it takes

	Fields

	// OnlyNew says that the row which describes the product was left out for what
	// else stands in it: its Fields serve to make the product that the other rows
	// are about, and not to change one.
	OnlyNew bool

	// Lost says that rows with a variant or an image were left out. Without it, a
	// product without variants is meant to be one.
	Lost bool

	Variants []Variant
	Images   []Image
}

// Fields are a product's own.
type Fields struct {
	Title          Field[string] // never Null
	Description    Field[string]
	Vendor         Field[string]
	ProductType    Field[string]
	Tags           Field[[]string]
	Status         Field[string] // active, draft or archived; never Null
	SEOTitle       Field[string]
	SEODescription Field[string]
	Options        Field[[]Option] // Null for a product without options
}

// or returns the fields, with what the file says elsewhere where they say nothing.
func (f Fields) or(other Fields) Fields {
	return Fields{
		Title:          f.Title.Or(other.Title),
		Description:    f.Description.Or(other.Description),
		Vendor:         f.Vendor.Or(other.Vendor),
		ProductType:    f.ProductType.Or(other.ProductType),
		Tags:           f.Tags.Or(other.Tags),
		Status:         f.Status.Or(other.Status),
		SEOTitle:       f.SEOTitle.Or(other.SEOTitle),
		SEODescription: f.SEODescription.Or(other.SEODescription),
	}
}

// Option is a named choice. Listed says that Values are all there are, in the
// merchant's order; otherwise they are what the product's rows bring up.
type Option struct {
	Name   string
	Values []string
	Listed bool
}

// Variant is one row that is priced and sold.
type Variant struct {
	Line   int
	Values [MaxOptions]string // by the position of the option; "" where it has none

	Title          Field[string] // never Null; not Set unless the file has our column for it
	SKU            Field[string]
	Barcode        Field[string]
	Price          Field[money.Amount] // never Null
	CompareAtPrice Field[money.Amount]
	Cost           Field[money.Amount]
	Weight         Field[Grams]
	WeightUnit     Field[string] // g, kg, lb or oz; never Null
	TrackInventory Field[bool]   // never Null
	AllowBackorder Field[bool]   // never Null
	Quantity       Field[int64]  // never Null, and not Set for a variant that is not tracked
	Position       Field[int]    // never Null
}

// DefaultTitle is the title of a variant that has none of its own: its option
// values, or "Default".
func (v *Variant) DefaultTitle() string {
	said := make([]string, 0, MaxOptions)
	for _, value := range v.Values {
		if value != "" {
			said = append(said, value)
		}
	}
	if len(said) == 0 {
		return defaultTitle
	}
	return text.Cut(strings.Join(said, " / "), text.MaxName)
}

// Image is one picture of a product.
type Image struct {
	Line     int
	URL      string
	Alt      Field[string]
	Position int // from 1; 0 when the file does not say
}

// RowError tells why a row was left out. Message continues a sentence that begins
// with the column; where no column is to blame, Column is "" and the sentence
// begins with "The row".
type RowError struct {
	Line    int
	Column  string
	Message string
}

func (e RowError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("line %d: The row %s", e.Line, e.Message)
	}
	return fmt.Sprintf("line %d: %s %s", e.Line, e.Column, e.Message)
}
