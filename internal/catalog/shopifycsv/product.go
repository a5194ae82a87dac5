// Package shopifycsv reads and writes the product CSV format of Shopify. It knows
// no database: a Reader turns a stream of lines into products one after the other,
// a Writer turns products into lines, and both hold a few products at a time.
//
// What the Shopify columns cannot carry stands in columns of our own, whose names
// begin with "Vitrine" and which other programs pass over.
package shopifycsv

import (
	"fmt"
	"strings"

	"vitrine/internal/money"
)

// MaxOptions is how many options a product can have in this format.
const MaxOptions = 3

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

// Into writes a value to dst. It leaves dst alone when the file gives none.
func (f Field[T]) Into(dst *T) {
	if f.Set && !f.Null {
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

// Product is what neighbouring rows of one handle say.
//
// When Continuation is set, earlier rows of the file had the same handle, and the
// product has been yielded before: its variants and images are more of the same
// product. Whoever merges them matches variants by SKU or by option values and
// images by URL and position, so that the order of the rows does not matter.
type Product struct {
	Handle       string
	Line         int // the first of its rows; the header is line 1
	Continuation bool

	Title          Field[string] // never Null
	Description    Field[string]
	Vendor         Field[string]
	ProductType    Field[string]
	Tags           Field[[]string]
	Status         Field[string] // active, draft or archived; never Null
	SEOTitle       Field[string]
	SEODescription Field[string]
	Options        Field[[]Option] // Null for a product without options

	Variants []Variant
	Images   []Image
}

// Option is a named choice. Its values stand in the merchant's order where the
// file tells that, and otherwise as the product's rows bring them up.
type Option struct {
	Name   string
	Values []string
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
	Weight         Field[float64] // in WeightUnit
	WeightUnit     Field[string]  // g, kg, lb or oz; never Null
	TrackInventory Field[bool]
	AllowBackorder Field[bool]
	Quantity       Field[int64] // never Null, and not Set for a variant that is not tracked
	Position       Field[int]   // never Null
}

// DefaultTitle is the title of a variant that has none of its own: its option
// values, or "Default".
func (v Variant) DefaultTitle() string {
	said := make([]string, 0, MaxOptions)
	for _, value := range v.Values {
		if value != "" {
			said = append(said, value)
		}
	}
	if len(said) == 0 {
		return defaultTitle
	}
	return strings.Join(said, " / ")
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
// begins with "the row".
type RowError struct {
	Line    int
	Column  string
	Message string
}

func (e RowError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("line %d: the row %s", e.Line, e.Message)
	}
	return fmt.Sprintf("line %d: %s %s", e.Line, e.Column, e.Message)
}
