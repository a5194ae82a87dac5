package exchange

import (
	"fmt"
	"maps"

	"vitrine/internal/catalog"
	"vitrine/internal/catalog/shopifycsv"
)

// choice is what a variant chooses of the first options, in their order.
type choice = [shopifycsv.MaxOptions]string

// mergeVariants takes over the rows of a product's variants: those that it has are
// changed, others added. It returns what is on hand of them, and false when none of
// a new product's can be kept.
func (p *planner) mergeVariants(next *catalog.Product, f *shopifycsv.Product, rows []*shopifycsv.Variant) (onHand []Quantity, some bool) {
	names := optionNames(next)
	isNew := len(next.Variants) == 0
	fit := rows[:0:0]
	for _, row := range rows {
		if i := unnamed(row, names); i >= 0 {
			p.fail(row.Line, fmt.Sprintf("Option%d Name", i+1), "must not be empty, since the variant has a value for it")
			continue
		}
		fit = append(fit, row)
	}
	if isNew && len(fit) == 0 && len(rows) > 0 {
		return nil, false
	}
	places := match(next.Variants, names, fit)
	for i, row := range fit {
		place := places[i]
		if place < 0 {
			place = len(next.Variants)
			next.Variants = append(next.Variants, catalog.NewVariant())
			next.Variants[place].ID = catalog.VariantID{UUID: p.db.NewID()}
		}
		v := &next.Variants[place]
		mergeVariant(v, row, names, f.Options)
		onHand = p.onHand(onHand, v, row)
	}
	return onHand, true
}

func optionNames(p *catalog.Product) choice {
	var names choice
	for i := range min(len(p.Options), len(names)) {
		names[i] = p.Options[i].Name
	}
	return names
}

// unnamed returns the place of a value whose option has no name, or -1.
func unnamed(row *shopifycsv.Variant, names choice) int {
	for i, value := range row.Values {
		if value != "" && names[i] == "" {
			return i
		}
	}
	return -1
}

// mergeVariant takes over what a row says of a variant.
func mergeVariant(v *catalog.Variant, row *shopifycsv.Variant, names choice, options shopifycsv.Field[[]shopifycsv.Option]) {
	mergeOffer(v, row)
	row.SKU.IntoNullable(&v.SKU)
	row.Position.Into(&v.Position)
	if options.Null || row.Values != (choice{}) {
		chooseAnew(v, row.Values, names, options.Set)
	}
	row.Title.Into(&v.Title)
}

// derivedTitles returns the variants whose titles are made of what they choose.
func derivedTitles(p *catalog.Product) map[catalog.VariantID]string {
	names, derived := optionNames(p), map[catalog.VariantID]string{}
	for i := range p.Variants {
		if v := &p.Variants[i]; v.Title == titleOf(chosen(v, names)) {
			derived[v.ID] = v.Title
		}
	}
	return derived
}

// deriveTitles makes those titles anew, but for those that the file gives.
func deriveTitles(p *catalog.Product, derived map[catalog.VariantID]string) {
	names := optionNames(p)
	for i := range p.Variants {
		v := &p.Variants[i]
		if was, ok := derived[v.ID]; v.Title == "" || ok && v.Title == was {
			v.Title = titleOf(chosen(v, names))
		}
	}
}

// chooseAnew sets the options that a row names. Where the file names the product's
// options, a blank cell chooses none of one.
func chooseAnew(v *catalog.Variant, values, names choice, blankSays bool) {
	before := v.OptionValues
	v.OptionValues = maps.Clone(before)
	if v.OptionValues == nil {
		v.OptionValues = map[string]string{}
	}
	for i, name := range names {
		switch {
		case values[i] != "":
			v.OptionValues[name] = values[i]
		case blankSays:
			delete(v.OptionValues, name)
		}
	}
}

func chosen(v *catalog.Variant, names choice) choice {
	var values choice
	for i, name := range names {
		if name != "" {
			values[i] = v.OptionValues[name]
		}
	}
	return values
}

func titleOf(values choice) string {
	v := shopifycsv.Variant{Values: values}
	return v.DefaultTitle()
}

// matcher finds which row is about which variant.
type matcher struct {
	variants []catalog.Variant
	rows     []*shopifycsv.Variant
	names    choice
	places   []int // by row: its variant, or -1
	used     []bool
}

// match returns for each row which of the variants it is about, or -1: the one with
// its SKU; else one that chooses the same.
func match(variants []catalog.Variant, names choice, rows []*shopifycsv.Variant) []int {
	m := matcher{variants: variants, rows: rows, names: names, places: make([]int, len(rows)), used: make([]bool, len(variants))}
	for i := range m.places {
		m.places[i] = -1
	}
	if len(variants) == 0 {
		return m.places
	}
	m.bySKU()
	m.byChoice(func(v *catalog.Variant, row *shopifycsv.Variant) bool {
		return row.Position.Set && row.Position.Value == v.Position
	})
	m.byChoice(func(*catalog.Variant, *shopifycsv.Variant) bool { return true })
	m.onlyOne()
	return m.places
}

func (m *matcher) set(row, variant int) { m.places[row], m.used[variant] = variant, true }

func (m *matcher) bySKU() {
	at := make(map[string]int, len(m.variants))
	for i := range m.variants {
		if sku := m.variants[i].SKU; sku != nil {
			at[*sku] = i
		}
	}
	for i, row := range m.rows {
		if place, found := at[row.SKU.Value]; found && row.SKU.Said() {
			m.set(i, place)
		}
	}
}

// byChoice matches rows and variants that choose the same, in the order of both.
// Those that choose nothing are told apart by their SKUs, if both have one.
func (m *matcher) byChoice(fits func(*catalog.Variant, *shopifycsv.Variant) bool) {
	at := map[choice][]int{}
	for i := range m.variants {
		if !m.used[i] {
			c := chosen(&m.variants[i], m.names)
			at[c] = append(at[c], i)
		}
	}
	for i, row := range m.rows {
		if m.places[i] >= 0 {
			continue
		}
		for _, place := range at[row.Values] {
			v := &m.variants[place]
			another := row.Values == choice{} && row.SKU.Said() && v.SKU != nil && len(m.variants)+len(m.rows) > 2
			if !m.used[place] && !another && fits(v, row) {
				m.set(i, place)
				break
			}
		}
	}
}

// onlyOne matches the only variant of a product that had no options with the first
// of those that it has now, unless their SKUs say that they are two.
func (m *matcher) onlyOne() {
	if len(m.variants) != 1 || m.used[0] || len(m.rows) == 0 || len(m.variants[0].OptionValues) > 0 {
		return
	}
	if m.variants[0].SKU == nil || !m.rows[0].SKU.Said() {
		m.set(0, 0)
	}
}
