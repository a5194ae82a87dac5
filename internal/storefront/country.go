package storefront

import (
	"cmp"
	"slices"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"vitrine/internal/text"
)

// country is a place that parcels go to.
type country struct{ code, name string }

// noCountries are codes that ISO 3166 keeps free for something else: islands of a
// country that has its own code, and unions.
var noCountries = []string{"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN"}

// countries are all of them by name, as English has them.
var countries = sync.OnceValue(func() []country {
	var all []country
	named := display.English.Regions()
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string([]rune{a, b})
			if text.IsCountry(code) && !slices.Contains(noCountries, code) {
				region := language.MustParseRegion(code)
				if name := named.Name(region); name != "" && region.Canonicalize() == region {
					all = append(all, country{code, name})
				}
			}
		}
	}
	slices.SortFunc(all, func(x, y country) int { return cmp.Compare(text.Fold(x.name), text.Fold(y.name)) })
	return all
})

// countryName is what a country is called.
func countryName(code string) string {
	for _, c := range countries() {
		if c.code == code {
			return c.name
		}
	}
	return code
}

// homeOf guesses a shopper's country by the languages of their browser, where those
// name one.
func homeOf(languages string) string {
	tags, _, err := language.ParseAcceptLanguage(languages)
	if err != nil {
		return ""
	}
	for _, tag := range tags {
		if region, sure := tag.Region(); sure == language.Exact && text.IsCountry(region.String()) {
			return region.String()
		}
	}
	return ""
}
