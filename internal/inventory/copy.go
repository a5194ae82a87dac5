package inventory

import (
	"slices"

	"vitrine/internal/lineage"
)

// Copied are the warehouses of a store.
var Copied = []lineage.Table{{
	Name: "warehouses", Into: "warehouse",
	Columns: slices.Concat(lineage.IDs("x"), lineage.Same("x", "name", "address", "city", "state", "country", "zip_code", "is_default", "is_active"), lineage.Stamps),
	From:    `FROM @warehouse x WHERE x.store_id = :from AND x.deleted_at IS NULL`,
	Order:   "x.id",
}}
