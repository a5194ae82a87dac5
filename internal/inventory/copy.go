package inventory

import (
	"slices"

	"vitrine/internal/catalog"
	"vitrine/internal/lineage"
)

// copiedLevels are the levels that a clone takes, known as l: those of the variants
// that it takes, known as x.
var copiedLevels = `FROM @inventory_level l JOIN @variant x ON x.store_id = l.store_id AND x.id = l.variant_id
	WHERE l.store_id = :from AND NOT l.retired AND x.deleted_at IS NULL AND ` + catalog.Cloned("x.product_id")

// Copied are the warehouses of a store and its levels, with their quantities or
// with nothing in them, in the order of their foreign keys. Nothing is reserved in a
// copy; its ledger begins with what it received.
func Copied(quantities bool) []lineage.Table {
	filled := []lineage.Column{{Name: "quantity", Value: "0"}, {Name: "entries", Value: "0"}}
	if quantities {
		filled = []lineage.Column{{Name: "quantity", Value: "l.quantity"}, {Name: "entries", Value: "1"}, lineage.Derived("last_entry", "l", "id")}
	}
	tables := []lineage.Table{
		{
			Name: "warehouses", Into: "warehouse",
			Columns: slices.Concat(lineage.IDs("x"), lineage.Same("x", "name", "address", "city", "state", "country", "zip_code", "is_default", "is_active"), lineage.Stamps),
			From:    `FROM @warehouse x WHERE x.store_id = :from AND x.deleted_at IS NULL`,
			Order:   "x.id",
		},
		{
			Name: "inventory_levels", Into: "inventory_level",
			Columns: slices.Concat(
				lineage.IDs("l"), []lineage.Column{lineage.Derived("variant_id", "l", "variant_id"), lineage.Derived("warehouse_id", "l", "warehouse_id")},
				filled, []lineage.Column{{Name: "reserved", Value: "0"}, {Name: "by_hand", Value: "0"}, {Name: "retired", Value: "FALSE"}},
				lineage.Same("l", "reorder_point", "reorder_quantity", "backorder"), lineage.Stamps,
			),
			From:  copiedLevels,
			Order: "l.id",
		},
	}
	if !quantities {
		return tables
	}
	return append(tables, lineage.Table{
		Name: "inventory_adjustments", Into: "inventory_adjustment",
		Columns: []lineage.Column{
			{Name: "store_id", Value: ":to"},
			lineage.Derived("level_id", "l", "id"),
			{Name: "n", Value: "1"},
			lineage.Derived("id", "l", "id"),
			{Name: "quantity_change", Value: "l.quantity"},
			{Name: "reserved_change", Value: "0"},
			{Name: "quantity_after", Value: "l.quantity"},
			{Name: "reserved_after", Value: "0"},
			{Name: "reason", Value: "'received'"},
			{Name: "created_at", Value: ":now"},
		},
		From:  copiedLevels,
		Order: "l.id",
	})
}
