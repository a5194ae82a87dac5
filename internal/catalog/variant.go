package catalog

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/money"
	"vitrine/internal/text"
)

// VariantID names a variant.
type VariantID struct{ id.UUID }

// Variant is what is priced, stocked and sold: a product in one size and colour.
type Variant struct {
	ID             VariantID
	Product        ProductID
	Title          string
	SKU            *string // unique in the store
	Price          money.Amount
	CompareAtPrice *money.Amount
	Cost           *money.Amount
	Barcode        *string
	Weight         *float64 // in WeightUnit
	WeightUnit     string   // g, kg, lb or oz
	OptionValues   map[string]string
	TrackInventory bool
	AllowBackorder bool
	Position       int // from 1; 0 on a new one: behind the others
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// NewVariant returns a variant as it is before the merchant says anything else:
// tracked, weighed in kilograms. A blank title becomes what the variant chooses of
// the product's options ("S / Red"), or "Default".
func NewVariant() Variant { return Variant{TrackInventory: true, WeightUnit: "kg"} }

const (
	// DefaultTitle is the title of a variant with nothing to choose.
	DefaultTitle = "Default"

	// MaxVariants is how many variants a product can have.
	MaxVariants = 2000

	// maxGrams is what a variant weighs less than, in grams.
	maxGrams = 1e15
)

// grams is what one of each unit weighs.
var grams = map[string]float64{"g": 1, "kg": 1000, "lb": 453.59237, "oz": 28.349523125}

func (v *Variant) check() error {
	var f fault.Form
	v.Title = text.Name(&f, "title", v.Title)
	v.SKU = text.OptionalLine(&f, "sku", v.SKU, text.MaxName)
	v.Barcode = text.OptionalLine(&f, "barcode", v.Barcode, text.MaxName)
	checkAmount(&f, "price", &v.Price)
	checkAmount(&f, "compare_at_price", v.CompareAtPrice)
	checkAmount(&f, "cost", v.Cost)
	if _, known := grams[v.WeightUnit]; !known {
		f.Addf("weight_unit", v.WeightUnit, "must be g, kg, lb or oz")
	}
	if w := v.Weight; w != nil && !(*w >= 0 && *w*grams[v.WeightUnit] < maxGrams) {
		f.Addf("weight", nil, "must be 0 or more, and less than 10^15 grams")
	}
	if v.Position < 1 || v.Position > maxPosition {
		f.Addf("position", v.Position, "must be from 1 to %d", maxPosition)
	}
	v.checkOptionValues(&f)
	return f.Err()
}

func checkAmount(f *fault.Form, path string, a *money.Amount) {
	if a != nil && (*a < 0 || *a > money.Max) {
		f.Addf(path, nil, "must be an amount that is not negative")
	}
}

func (v *Variant) checkOptionValues(f *fault.Form) {
	if len(v.OptionValues) > maxOptions {
		f.Addf("option_values", nil, "must have at most %d members", maxOptions)
		return
	}
	checked := make(map[string]string, len(v.OptionValues))
	for name, value := range v.OptionValues {
		checked[text.Name(f, "option_values", name)] = text.Name(f, "option_values", value)
	}
	if len(checked) < len(v.OptionValues) {
		f.Addf("option_values", nil, "must name each option once")
	}
	v.OptionValues = checked
}

// settle gives a new variant the title and the position that it was not given.
func (v *Variant) settle(options []Option, last int) {
	if strings.TrimSpace(v.Title) == "" {
		v.Title = v.choice(options)
	}
	if v.Position == 0 {
		v.Position = last + 1
	}
}

// choice is what a variant chooses: of options first, in their order. With nothing
// to choose it is "Default".
func (v *Variant) choice(options []Option) string {
	var chosen []string
	for _, option := range options {
		if value := strings.TrimSpace(v.OptionValues[option.Name]); value != "" {
			chosen = append(chosen, value)
		}
	}
	for _, name := range sortedNames(v.OptionValues) {
		listed := slices.ContainsFunc(options, func(o Option) bool { return o.Name == name })
		if value := strings.TrimSpace(v.OptionValues[name]); value != "" && !listed {
			chosen = append(chosen, value)
		}
	}
	if len(chosen) == 0 {
		return DefaultTitle
	}
	return text.Cut(strings.Join(chosen, " / "), text.MaxName)
}

func byPosition(a, b Variant) int {
	return cmp.Or(cmp.Compare(a.Position, b.Position), slices.Compare(a.ID.UUID[:], b.ID.UUID[:]))
}

// variantColumns are the columns of a variant but for store_id.
const variantColumns = `id, product_id, title, sku, price, compare_at_price, cost, barcode, weight, weight_unit,
	option_values, track_inventory, allow_backorder, position, created_at, updated_at`

// variantInsert is the beginning of every INSERT of variants; Variant.values makes
// the rows for it.
const variantInsert = `INSERT INTO variant (store_id, ` + variantColumns + `) VALUES `

// variantWidth is how many values a row of variantInsert has.
const variantWidth = 17

func (v *Variant) values(st any) []any {
	return []any{
		st, v.ID, v.Product, v.Title, v.SKU, int64(v.Price), v.CompareAtPrice, v.Cost, v.Barcode, v.Weight, v.WeightUnit,
		db.JSON[map[string]string]{V: v.OptionValues},
		v.TrackInventory, v.AllowBackorder, v.Position,
		db.Time{Time: v.CreatedAt},
		db.Time{Time: v.UpdatedAt},
	}
}

func scanVariant(row db.Row) (Variant, error) {
	var v Variant
	var chosen db.JSON[map[string]string]
	var created, updated db.Time
	err := row.Scan(&v.ID, &v.Product, &v.Title, &v.SKU, &v.Price, &v.CompareAtPrice, &v.Cost, &v.Barcode, &v.Weight, &v.WeightUnit,
		&chosen, &v.TrackInventory, &v.AllowBackorder, &v.Position, &created, &updated)
	v.OptionValues, v.CreatedAt, v.UpdatedAt = chosen.V, created.Time, updated.Time
	return v, err
}
