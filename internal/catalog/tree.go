package catalog

import (
	"cmp"
	"context"
	"slices"

	"vitrine/internal/db"
	"vitrine/internal/store"
)

// Branch is a category at its place in the tree.
type Branch struct {
	Category
	Depth int // 0 at the top
}

// Branches returns up to limit of a store's categories as a tree: each before those
// below it, siblings by position and then by name. more tells that there are others.
func Branches(ctx context.Context, q db.Q, st store.ID, limit int) (tree []Branch, more bool, err error) {
	found, err := db.All(ctx, q, scanCategory, `SELECT `+categoryColumns+` FROM category WHERE store_id = $1 ORDER BY id LIMIT $2`, st, limit+1)
	if err != nil {
		return nil, false, err
	}
	if more = len(found) > limit; more {
		found = found[:limit]
	}
	return grow(found), more, nil
}

// grow puts categories into the order of their tree. One whose parent is not among
// them stands at the top.
func grow(categories []Category) []Branch {
	known := make(map[CategoryID]bool, len(categories))
	for _, c := range categories {
		known[c.ID] = true
	}
	below := map[CategoryID][]Category{}
	for _, c := range categories {
		var parent CategoryID
		if c.Parent != nil && known[*c.Parent] {
			parent = *c.Parent
		}
		below[parent] = append(below[parent], c)
	}
	tree := make([]Branch, 0, len(categories))
	var climb func(parent CategoryID, depth int)
	climb = func(parent CategoryID, depth int) {
		children := below[parent]
		slices.SortFunc(children, func(a, b Category) int {
			return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.Name, b.Name), slices.Compare(a.ID.UUID[:], b.ID.UUID[:]))
		})
		for _, c := range children {
			tree = append(tree, Branch{c, depth})
			climb(c.ID, depth+1)
		}
	}
	climb(CategoryID{}, 0)
	return tree
}
