package storefile

import (
	"context"
	"maps"

	"vitrine/internal/db"
)

// Said are the tables of which it is said whether they are in a file.
func Said() map[string]bool {
	said := map[string]bool{}
	for _, name := range moves {
		said[name] = true
	}
	for name := range maps.Keys(stays) {
		said[name] = true
	}
	return said
}

// Idents are the columns of a file that hold ids, as table.column.
func Idents(ctx context.Context, q db.Q) (all []string, unknown []string, err error) {
	found, err := tables(ctx, q)
	for _, t := range found {
		for _, c := range t.columns {
			k, known := kinds[c.kind]
			if !known {
				unknown = append(unknown, t.name+"."+c.name+" "+c.kind)
			}
			if k == ident {
				all = append(all, t.name+"."+c.name)
			}
		}
	}
	return all, unknown, err
}
