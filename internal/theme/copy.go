package theme

import (
	"slices"

	"vitrine/internal/lineage"
)

// Copied are the themes of a store: all of them, and which one is active.
var Copied = []lineage.Table{{
	Name: "themes", Into: "theme",
	Columns: slices.Concat(lineage.IDs("x"), lineage.Same("x", "name", "settings", "custom_css", "is_active"), lineage.Stamps),
	From:    `FROM @theme x WHERE x.store_id = :from`,
	Order:   "x.id",
}}
