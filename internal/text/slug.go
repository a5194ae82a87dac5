package text

import (
	"fmt"
	"strconv"
	"strings"
)

// ClaimSlug calls claim with the first free one of nth(1), nth(2), nth(3), … and goes
// on to the next when somebody else took it in between. taken tells which of some
// candidates are in use, claim whether it got the slug.
func ClaimSlug(nth func(n int) string, taken func(candidates []string) ([]string, error), claim func(slug string) (bool, error)) error {
	for first, batch := 1, 16; first < 1_000_000; first, batch = first+batch, min(batch*4, 1024) {
		candidates := make([]string, batch)
		for i := range candidates {
			candidates[i] = nth(first + i)
		}
		found, err := taken(candidates)
		if err != nil {
			return err
		}
		inUse := make(map[string]bool, len(found))
		for _, slug := range found {
			inUse[slug] = true
		}
		for _, slug := range candidates {
			if inUse[slug] {
				continue
			}
			if ok, err := claim(slug); ok || err != nil {
				return err
			}
		}
	}
	return fmt.Errorf("no free slug for %q", nth(1))
}

// Numbers returns base, base-2, base-3, … for ClaimSlug.
func Numbers(base string) func(n int) string {
	return func(n int) string { return numbered(base, n) }
}

// numbered returns base for 1 and base-n for others, cut so that it fits.
func numbered(base string, n int) string {
	if n == 1 {
		return base
	}
	suffix := "-" + strconv.Itoa(n)
	return strings.TrimRight(Cut(base, MaxSlug-len(suffix)), "-") + suffix
}
