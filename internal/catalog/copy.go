package catalog

import (
	"slices"

	"vitrine/internal/db"
	"vitrine/internal/lineage"
)

// OfLiveProduct is true for rows, known as x, of products that a clone takes:
// those that are not archived. (A deleted product has no rows left.) PostgreSQL
// makes an anti-join of its text; SQLite, which would look up every row, looks
// into a list instead.
func OfLiveProduct(e db.Engine) string {
	if e == db.Postgres {
		return ` AND NOT EXISTS (SELECT 1 FROM @product p WHERE p.store_id = :from AND p.id = x.product_id AND p.status = 'archived' AND p.deleted_at IS NULL)`
	}
	return ` AND x.product_id NOT IN (SELECT p.id FROM @product p WHERE p.store_id = :from AND p.status = 'archived' AND p.deleted_at IS NULL)`
}

// Copied are the tables of a catalog in the order of their foreign keys. A copied
// product has no reviews yet and is found by scanning until IndexSearch has run.
func Copied(e db.Engine) []lineage.Table {
	return []lineage.Table{
		{
			Name: "categories", Into: "category",
			Columns: slices.Concat(
				lineage.IDs("x"), []lineage.Column{lineage.Derived("parent_id", "x", "parent_id")},
				lineage.Same("x", "name", "slug", "description", "position"), lineage.Stamps,
			),
			From:  `FROM @category x WHERE x.store_id = :from`,
			Order: "x.id",
		},
		{
			Name: "products", Into: "product",
			Columns: slices.Concat(
				lineage.IDs("p"),
				lineage.Same("p", "title", "slug", "description", "status", "vendor", "product_type", "tags", "images", "options", "seo_title", "seo_description", "search_text"),
				[]lineage.Column{{Name: "rating_sum", Value: "0"}, {Name: "review_count", Value: "0"}, {Name: "indexed", Value: "FALSE"}}, lineage.Stamps,
			),
			From:  `FROM @product p WHERE p.store_id = :from AND p.status <> 'archived' AND p.deleted_at IS NULL`,
			Order: "p.id",
		},
		{
			Name: "variants", Into: "variant",
			Columns: slices.Concat(
				lineage.IDs("x"), []lineage.Column{lineage.Derived("product_id", "x", "product_id")},
				lineage.Same("x", "title", "sku", "price", "compare_at_price", "cost", "barcode", "weight", "weight_unit", "option_values", "track_inventory", "allow_backorder", "position"), lineage.Stamps,
			),
			From:  `FROM @variant x WHERE x.store_id = :from AND x.deleted_at IS NULL` + OfLiveProduct(e),
			Order: "x.id",
		},
		{
			Name: "suppliers", Into: "supplier",
			Columns: slices.Concat(lineage.IDs("x"), lineage.Same("x", "name", "email", "phone", "website", "country", "lead_time_days", "notes", "is_active"), lineage.Stamps),
			From:    `FROM @supplier x WHERE x.store_id = :from`,
			Order:   "x.id",
		},
		{
			Name: "product_categories", Into: "product_category",
			Columns: []lineage.Column{{Name: "store_id", Value: ":to"}, lineage.Derived("product_id", "x", "product_id"), lineage.Derived("category_id", "x", "category_id")},
			From:    `FROM @product_category x WHERE x.store_id = :from` + OfLiveProduct(e),
			Order:   "x.product_id",
		},
		{
			Name: "product_suppliers", Into: "product_supplier",
			Columns: slices.Concat(
				[]lineage.Column{{Name: "store_id", Value: ":to"}, lineage.Derived("product_id", "x", "product_id"), lineage.Derived("supplier_id", "x", "supplier_id")},
				lineage.Same("x", "supplier_sku", "cost", "is_primary"),
			),
			From:  `FROM @product_supplier x WHERE x.store_id = :from` + OfLiveProduct(e),
			Order: "x.product_id",
		},
	}
}

// Skipped are the rows of a catalog that a clone leaves out.
var Skipped = []lineage.Table{
	{Name: "archived_products", From: `FROM @product p WHERE p.store_id = :from AND p.status = 'archived' AND p.deleted_at IS NULL`},
}
