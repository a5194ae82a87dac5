package store

import (
	"context"
	"strconv"
	"strings"

	"vitrine/internal/db"
	"vitrine/internal/text"
)

const (
	// maxSlug is how long a store's slug can be: it is a label of a host name too
	// (RFC 1035, section 2.3.4).
	maxSlug = 63

	// maxNamed is how long one is that comes from a name, so that the slugs of copies
	// and of copies of copies end in -copy without being cut.
	maxNamed = 53

	fallbackSlug = "store" // for names without a letter or digit of ASCII
	copySlug     = "-copy"
)

// slugs returns the slugs for a name in the order in which they are tried.
func slugs(name string) func(n int) string {
	return numbered(cut(text.Slug(name, fallbackSlug), maxNamed), "")
}

// copySlugs returns those for a copy of the store with the slug.
func copySlugs(slug string) func(n int) string { return numbered(slug, copySlug) }

// numbered returns stem and end, then with -2, -3, … behind them; the stem is cut so
// that they fit.
func numbered(stem, end string) func(n int) string {
	return func(n int) string {
		end := end
		if n > 1 {
			end += "-" + strconv.Itoa(n)
		}
		return cut(stem, maxSlug-len(end)) + end
	}
}

func cut(slug string, limit int) string { return strings.TrimRight(text.Cut(slug, limit), "-") }

// claimSlug gives insert the first free slug.
func claimSlug(ctx context.Context, tx *db.Tx, nth func(n int) string, insert func(slug string) (bool, error)) error {
	return text.ClaimSlug(nth, func(candidates []string) ([]string, error) {
		return db.All(ctx, tx, db.Value[string],
			`SELECT slug FROM store WHERE deleted_at IS NULL AND slug IN `+db.List(1, len(candidates)), db.Args(candidates)...)
	}, insert)
}
