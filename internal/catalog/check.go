package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"vitrine/internal/fault"
	"vitrine/internal/picture"
	"vitrine/internal/text"
)

const (
	fallbackProduct = "product"
	maxOptions      = 3
	maxImages       = 250
	maxTags         = 250
	maxCategories   = 250
	maxOptionValues = MaxVariants
	maxSlug         = 255
	maxAlt          = 5_000
	maxSEO          = 5_000
)

// check makes a product's fields tidy and tells all that is wrong with them; its
// variants are checked by themselves. A product without a slug gets one elsewhere.
func (p *Product) check() error {
	var f fault.Form
	p.Title = text.Name(&f, "title", p.Title)
	p.Slug = checkSlug(&f, p.Slug)
	p.Description = text.OptionalLong(&f, "description", p.Description, text.MaxLong)
	if p.Status != Draft && p.Status != Active && p.Status != Archived {
		f.Addf("status", p.Status, "must be draft, active or archived")
	}
	p.Vendor = text.OptionalLine(&f, "vendor", p.Vendor, text.MaxName)
	p.Type = text.OptionalLine(&f, "product_type", p.Type, text.MaxName)
	p.Tags = checkTags(&f, p.Tags)
	p.Images = checkImages(&f, p.Images)
	p.Options = checkOptions(&f, p.Options)
	p.SEOTitle = text.OptionalLine(&f, "seo_title", p.SEOTitle, maxSEO)
	p.SEODescription = text.OptionalLong(&f, "seo_description", p.SEODescription, maxSEO)
	p.Categories = slices.Clone(p.Categories)
	slices.SortFunc(p.Categories, func(a, b CategoryID) int { return slices.Compare(a.UUID[:], b.UUID[:]) })
	if p.Categories = slices.Compact(p.Categories); len(p.Categories) > maxCategories {
		f.Addf("category_ids", nil, "must have at most %d items", maxCategories)
	}
	return f.Err()
}

// checkSlug takes what an address can hold: letters that are not upper case,
// digits, hyphens and underscores.
func checkSlug(f *fault.Form, s string) string {
	s = strings.TrimSpace(s)
	stranger := func(r rune) bool {
		return r != '-' && r != '_' && (!unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) || unicode.IsUpper(r))
	}
	if utf8.RuneCountInString(s) > maxSlug || !utf8.ValidString(s) || strings.ContainsFunc(s, stranger) || s != "" && strings.Trim(s, "-_") == "" {
		f.Addf("slug", nil, "must have 1 to %d lower-case letters, digits, hyphens and underscores", maxSlug)
	}
	return s
}

func checkTags(f *fault.Form, tags []string) []string {
	checked := make([]string, 0, len(tags))
	for i, tag := range tags {
		path := fmt.Sprintf("tags[%d]", i)
		if tag = text.Line(f, path, tag, text.MaxName); strings.Contains(tag, ",") {
			f.Addf(path, tag, "must not contain a comma")
		}
		if tag != "" && !slices.Contains(checked, tag) {
			checked = append(checked, tag)
		}
	}
	if len(checked) > maxTags {
		f.Addf("tags", nil, "must have at most %d items", maxTags)
	}
	return checked
}

// checkImages also puts the images into their order.
func checkImages(f *fault.Form, images []Image) []Image {
	if len(images) > maxImages {
		f.Addf("images", nil, "must have at most %d items", maxImages)
		return nil
	}
	checked := make([]Image, len(images))
	for i, image := range images {
		path := fmt.Sprintf("images[%d].", i)
		image.URL = picture.URL(f, path+"url", image.URL)
		image.Alt = text.Line(f, path+"alt", image.Alt, maxAlt)
		if image.Position == 0 {
			image.Position = i + 1
		}
		if image.Position < 1 || image.Position > maxPosition {
			f.Addf(path+"position", image.Position, "must be from 1 to %d", maxPosition)
		}
		checked[i] = image
	}
	slices.SortStableFunc(checked, func(a, b Image) int { return cmp.Compare(a.Position, b.Position) })
	return checked
}

func checkOptions(f *fault.Form, options []Option) []Option {
	if len(options) > maxOptions {
		f.Addf("options", nil, "must have at most %d items", maxOptions)
		return nil
	}
	checked := make([]Option, 0, len(options))
	for i, option := range options {
		path := fmt.Sprintf("options[%d].", i)
		o := Option{Name: text.Name(f, path+"name", option.Name), Values: make([]string, 0, len(option.Values))}
		if slices.ContainsFunc(checked, func(c Option) bool { return c.Name == o.Name }) {
			f.Addf(path+"name", o.Name, "must not be used twice")
		}
		if len(option.Values) > maxOptionValues {
			f.Addf(path+"values", nil, "must have at most %d items", maxOptionValues)
			option.Values = nil
		}
		for _, value := range option.Values {
			if value = text.Name(f, path+"values", value); !slices.Contains(o.Values, value) {
				o.Values = append(o.Values, value)
			}
		}
		checked = append(checked, o)
	}
	return checked
}

// cover adds to the options what the variants choose and the options do not list,
// so that a product's options always tell all there is to choose from.
func (p *Product) cover() error {
	options := slices.Clone(p.Options)
	known := make([]map[string]bool, 0, maxOptions)
	for _, option := range options {
		values := make(map[string]bool, len(option.Values))
		for _, value := range option.Values {
			values[value] = true
		}
		known = append(known, values)
	}
	for _, v := range p.Variants {
		for _, name := range sortedNames(v.OptionValues) {
			i := slices.IndexFunc(options, func(o Option) bool { return o.Name == name })
			if i < 0 {
				i = len(options)
				options, known = append(options, Option{Name: name}), append(known, map[string]bool{})
			}
			if value := v.OptionValues[name]; !known[i][value] {
				known[i][value] = true
				options[i].Values = append(slices.Clip(options[i].Values), value)
			}
		}
	}
	if len(options) > maxOptions {
		return fault.Invalidf("options", "must be at most %d, with those that the variants choose from: %s", maxOptions, names(options))
	}
	p.Options = options
	return nil
}

func sortedNames(values map[string]string) []string {
	all := make([]string, 0, len(values))
	for name := range values {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

func names(options []Option) string {
	all := make([]string, len(options))
	for i, option := range options {
		all[i] = option.Name
	}
	return strings.Join(all, ", ")
}
