package exchange

import (
	"maps"
	"slices"

	"vitrine/internal/catalog"
	"vitrine/internal/catalog/shopifycsv"
)

// mergeFields takes over what the file says of a product itself.
func mergeFields(p *catalog.Product, f *shopifycsv.Product) {
	f.Title.Into(&p.Title)
	f.Description.IntoNullable(&p.Description)
	f.Vendor.IntoNullable(&p.Vendor)
	f.ProductType.IntoNullable(&p.Type)
	f.SEOTitle.IntoNullable(&p.SEOTitle)
	f.SEODescription.IntoNullable(&p.SEODescription)
	if f.Tags.Set {
		p.Tags = f.Tags.Value
	}
	if f.Status.Said() {
		p.Status = catalog.Status(f.Status.Value)
	}
	mergeOptions(p, f)
}

// mergeOptions puts the file's options first, in its order. An option that the
// product has under the same name is that one; another name in the same place is a
// new name of the one that was there.
func mergeOptions(p *catalog.Product, f *shopifycsv.Product) {
	if !f.Options.Set {
		return
	}
	named := func(name string) func(shopifycsv.Option) bool {
		return func(o shopifycsv.Option) bool { return o.Name == name }
	}
	old := slices.Clone(p.Options)
	for i := range f.Options.Value {
		name := f.Options.Value[i].Name
		known := slices.ContainsFunc(old, func(o catalog.Option) bool { return o.Name == name })
		if !known && i < len(old) && !slices.ContainsFunc(f.Options.Value, named(old[i].Name)) {
			renameOption(p, old[i].Name, name)
			old[i].Name = name
		}
	}
	merged := make([]catalog.Option, 0, len(f.Options.Value))
	for _, o := range f.Options.Value {
		values := o.Values
		if i := slices.IndexFunc(old, func(was catalog.Option) bool { return was.Name == o.Name }); i >= 0 {
			if !o.Listed {
				values = union(old[i].Values, o.Values)
			}
			old = slices.Delete(old, i, i+1)
		}
		merged = append(merged, catalog.Option{Name: o.Name, Values: values})
	}
	for _, o := range old {
		if slices.ContainsFunc(p.Variants, func(v catalog.Variant) bool { return v.OptionValues[o.Name] != "" }) {
			merged = append(merged, o)
		}
	}
	p.Options = merged
}

// union returns values, and behind them those of more that are not among them.
func union(values, more []string) []string {
	all := slices.Clone(values)
	for _, value := range more {
		if !slices.Contains(all, value) {
			all = append(all, value)
		}
	}
	return all
}

func renameOption(p *catalog.Product, was, name string) {
	for i := range p.Variants {
		v := &p.Variants[i]
		value, chosen := v.OptionValues[was]
		if !chosen {
			continue
		}
		v.OptionValues = maps.Clone(v.OptionValues)
		delete(v.OptionValues, was)
		v.OptionValues[name] = value
	}
}

// mergeImages takes over the file's images. One of the same address and position is
// the one that is there; one of the same address alone has moved; another one is
// new, and stands before those that have the same position.
func mergeImages(old []catalog.Image, images []shopifycsv.Image) []catalog.Image {
	if len(images) == 0 {
		return old
	}
	merged, used := slices.Clone(old), make([]bool, len(old))
	found := make([]int, len(images))
	for at, image := range images {
		found[at] = take(used, old, func(i catalog.Image) bool { return i.URL == image.URL && i.Position == image.Position })
	}
	var fresh []catalog.Image
	last := 0
	for _, image := range old {
		last = max(last, image.Position)
	}
	for at, image := range images {
		i := found[at]
		if i < 0 {
			i = take(used, old, func(i catalog.Image) bool { return i.URL == image.URL })
		}
		if i < 0 {
			if image.Position == 0 {
				image.Position = last + 1
			}
			last = max(last, image.Position)
			fresh = append(fresh, catalog.Image{URL: image.URL, Alt: image.Alt.Value, Position: image.Position})
			continue
		}
		if image.Position > 0 {
			merged[i].Position = image.Position
		}
		if image.Alt.Set {
			merged[i].Alt = image.Alt.Value
		}
	}
	return append(fresh, merged...)
}

// take returns the first image that is not used and fits, and uses it; or -1.
func take(used []bool, images []catalog.Image, fits func(catalog.Image) bool) int {
	for i, image := range images {
		if !used[i] && fits(image) {
			used[i] = true
			return i
		}
	}
	return -1
}
