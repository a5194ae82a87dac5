package dashboard

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vitrine/internal/catalog"
)

// A step adds, moves or removes a row of the editor. It is a button of the form, so
// that it works without JavaScript: what was typed comes back with the row changed,
// and nothing is stored. With JavaScript only the section that it is in comes back.

// section is a part of the editor whose rows steps change.
type section string

const (
	imageSection    section = "images"
	variantSection  section = "variants"
	supplierSection section = "suppliers"
)

// stepTo is the value of a step's button.
func stepTo(what string, row int) string { return what + ":" + strconv.Itoa(row) }

// take does a step. stored are the product's variants; refusal says why the step did
// nothing.
func (d *draft) take(step string, stored []catalog.Variant, newSupplier string) (in section, refusal string) {
	what, row, _ := strings.Cut(step, ":")
	at, err := strconv.Atoi(row)
	if err != nil || at < 0 {
		at = -1
	}
	switch what {
	case "image-add":
		d.Images = append(d.Images, imageRow{})
	case "image-upload": // they are there already
	case "image-remove":
		d.Images = without(d.Images, at)
	case "image-up":
		swap(d.Images, at-1)
	case "image-down":
		swap(d.Images, at)
	case "supplier-add":
		d.addSupplier(newSupplier)
		return supplierSection, ""
	case "supplier-remove":
		d.Suppliers = without(d.Suppliers, at)
		return supplierSection, ""
	default:
		return variantSection, d.takeVariantStep(what, at, stored)
	}
	return imageSection, ""
}

func (d *draft) takeVariantStep(what string, at int, stored []catalog.Variant) (refusal string) {
	switch what {
	case "option-add":
		if len(d.Options) < maxOptions {
			d.Options = append(d.Options, optionRow{})
		}
	case "option-remove":
		d.removeOption(at)
	case "variant-add":
		d.Variants = append(d.Variants, d.another())
	case "variant-remove":
		d.removeVariant(at)
	case "generate":
		return d.generate(stored)
	}
	return ""
}

func without[T any](rows []T, at int) []T {
	if at < 0 || at >= len(rows) {
		return rows
	}
	return slices.Delete(rows, at, at+1)
}

// swap lets the row at a place and the next one change places.
func swap[T any](rows []T, at int) {
	if at >= 0 && at+1 < len(rows) {
		rows[at], rows[at+1] = rows[at+1], rows[at]
	}
}

// addSupplier links a supplier. The first one is the primary.
func (d *draft) addSupplier(id string) {
	if id == "" || slices.ContainsFunc(d.Suppliers, func(s sourceRow) bool { return s.ID == id }) {
		return
	}
	if d.Suppliers = append(d.Suppliers, sourceRow{ID: id}); len(d.Suppliers) == 1 {
		d.Primary = id
	}
}

func (d *draft) removeOption(at int) {
	if at < 0 || at >= len(d.Options) {
		return
	}
	d.Options = slices.Delete(d.Options, at, at+1)
	for i := range d.Variants {
		chosen := &d.Variants[i].Choices
		if at < len(chosen) {
			copy(chosen[at:], chosen[at+1:])
			chosen[len(chosen)-1] = ""
		}
	}
}

// removeVariant takes a row out. One that is stored goes when the product is saved.
func (d *draft) removeVariant(at int) {
	if at < 0 || at >= len(d.Variants) {
		return
	}
	if id := d.Variants[at].ID; id != "" {
		d.Removed = append(d.Removed, id)
	}
	d.Variants = slices.Delete(d.Variants, at, at+1)
}

// another is a new row that costs and weighs what the first one does.
func (d *draft) another() variantRow {
	if len(d.Variants) == 0 {
		return newVariantRow()
	}
	row := d.Variants[0]
	row.ID, row.Title, row.SKU, row.Barcode, row.Choices = "", "", "", "", [maxOptions]string{}
	return row
}

// generate adds a variant for each way to choose that has none yet. A variant that
// chooses nothing becomes the first of them.
func (d *draft) generate(stored []catalog.Variant) (refusal string) {
	ways := [][maxOptions]string{{}}
	for i, o := range d.Options {
		values := list(o.Values)
		if i >= maxOptions || strings.TrimSpace(o.Name) == "" || len(values) == 0 {
			return "Give each option a name and at least one value first."
		}
		if len(ways)*len(values) > catalog.MaxVariants {
			return fmt.Sprintf("These options make more than %d variants, which is more than a product can have.", catalog.MaxVariants)
		}
		ways = times(ways, i, values)
	}
	if len(d.Options) == 0 {
		return "Add an option first, such as Size with the values S, M, L."
	}
	known := d.chosen(stored)
	for _, way := range ways {
		if known[way] {
			continue
		}
		blank := slices.IndexFunc(d.Variants, func(v variantRow) bool { return v.Choices == [maxOptions]string{} })
		if blank < 0 {
			d.Variants = append(d.Variants, d.another())
			blank = len(d.Variants) - 1
		}
		d.Variants[blank].Choices = way
	}
	return ""
}

// times combines each way with each value of another option.
func times(ways [][maxOptions]string, option int, values []string) [][maxOptions]string {
	var all [][maxOptions]string
	for _, way := range ways {
		for _, value := range values {
			way[option] = value
			all = append(all, way)
		}
	}
	return all
}

// chosen are the ways to choose that have a variant, in the form or stored behind it.
func (d *draft) chosen(stored []catalog.Variant) map[[maxOptions]string]bool {
	known, shown := map[[maxOptions]string]bool{}, map[string]bool{}
	for _, row := range d.Variants {
		known[row.Choices], shown[row.ID] = true, true
	}
	for _, v := range stored {
		if shown[v.ID.String()] || slices.Contains(d.Removed, v.ID.String()) {
			continue
		}
		var way [maxOptions]string
		for i, o := range d.Options {
			if i < maxOptions {
				way[i] = v.OptionValues[o.Was]
			}
		}
		known[way] = true
	}
	return known
}
