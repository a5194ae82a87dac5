package store

import (
	"context"
	"fmt"
	"strconv"

	"vitrine/internal/db"
	"vitrine/internal/text"
)

// claimSlug calls insert with the first free slug of base, base-2, base-3, … and
// goes on to the next when another store took it in between. insert tells whether
// it got the slug.
func claimSlug(ctx context.Context, tx *db.Tx, base string, insert func(slug string) (bool, error)) error {
	for first, batch := 1, 16; first < 1_000_000; first, batch = first+batch, batch*4 {
		batch = min(batch, 4096)
		candidates := make([]string, batch)
		for i := range candidates {
			candidates[i] = numbered(base, first+i)
		}
		taken, err := takenSlugs(ctx, tx, candidates)
		if err != nil {
			return err
		}
		for _, slug := range candidates {
			if taken[slug] {
				continue
			}
			if ok, err := insert(slug); ok || err != nil {
				return err
			}
		}
	}
	return fmt.Errorf("no free slug for %q", base)
}

func takenSlugs(ctx context.Context, q db.Q, candidates []string) (map[string]bool, error) {
	found, err := db.All(ctx, q, db.Value[string],
		`SELECT slug FROM store WHERE deleted_at IS NULL AND slug IN `+db.List(1, len(candidates)), db.Args(candidates)...)
	taken := make(map[string]bool, len(found))
	for _, slug := range found {
		taken[slug] = true
	}
	return taken, err
}

// numbered returns base for 1 and base-n for others, cut so that it fits.
func numbered(base string, n int) string {
	if n == 1 {
		return base
	}
	suffix := "-" + strconv.Itoa(n)
	return text.Cut(base, text.MaxSlug-len(suffix)) + suffix
}
