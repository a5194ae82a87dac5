package exchange

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"vitrine/internal/db"
	"vitrine/internal/inventory"
	"vitrine/internal/store"
)

// levelsAtOnce is how many levels are read at a time.
const levelsAtOnce = 1000

// LevelsFileName is what a store's exported levels are called.
func LevelsFileName(st store.Store) string { return st.Slug + "-inventory.csv" }

var levelHeader = []string{"SKU", "Product", "Variant", "Warehouse", "On hand", "Reserved", "Available", "Reorder point", "Reorder quantity"}

// ExportLevels writes the levels that a filter leaves as a CSV, newest first, some at
// a time, so that it takes the same memory for any number of them.
func ExportLevels(ctx context.Context, q db.Q, st store.ID, f inventory.Filter, out io.Writer) error {
	w := csv.NewWriter(out)
	if err := w.Write(levelHeader); err != nil {
		return err
	}
	for p := (db.Page{Limit: levelsAtOnce}); ; {
		levels, more, err := inventory.List(ctx, q, st, f, p)
		if err != nil {
			return fmt.Errorf("export the levels of store %s: %w", st, err)
		}
		for i := range levels {
			if err := w.Write(levelRow(&levels[i])); err != nil {
				return err
			}
		}
		if w.Flush(); w.Error() != nil || !more {
			return w.Error()
		}
		p.Before = levels[len(levels)-1].ID.UUID
	}
}

func levelRow(l *inventory.Level) []string {
	row := []string{"", l.ProductTitle, l.VariantTitle, l.WarehouseName}
	if l.SKU != nil {
		row[0] = *l.SKU
	}
	for _, n := range []int64{l.Quantity, l.Reserved, l.Available(), l.ReorderPoint, l.ReorderQuantity} {
		row = append(row, strconv.FormatInt(n, 10))
	}
	return row
}
