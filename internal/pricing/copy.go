package pricing

import (
	"slices"

	"vitrine/internal/catalog"
	"vitrine/internal/lineage"
)

// A clone takes the discounts that have not expired and the tax rules that are
// active.
const (
	liveDiscounts   = `FROM @discount x WHERE x.store_id = :from AND x.status <> 'expired' AND (x.expires_at IS NULL OR x.expires_at > :now)`
	deadDiscounts   = `FROM @discount x WHERE x.store_id = :from AND (x.status = 'expired' OR x.expires_at <= :now)`
	activeTaxRules  = `FROM @tax_rule x WHERE x.store_id = :from AND x.is_active`
	passiveTaxRules = `FROM @tax_rule x WHERE x.store_id = :from AND NOT x.is_active` //nolint:gosec // a query
)

// copiedDiscounts are the discounts that a clone takes, each with a suffix that
// makes its code new: "-copy", or "-copy-2" and so on for codes that are the same
// once they are cut to 195 characters, so that the suffix fits into 200. Numbered ones
// are cut further and counted among all that are the same then.
const copiedDiscounts = `
	FROM (
		SELECT x.*,
			CASE WHEN n = 1 THEN substr(x.code, 1, 195) ELSE substr(x.code, 1, 180) END AS base,
			CASE WHEN n = 1 THEN substr(x.code_key, 1, 195) ELSE substr(x.code_key, 1, 180) END AS key_base,
			CASE WHEN n = 1 THEN '-copy' ELSE '-copy-' || (1 + row_number() OVER again) END AS suffix
		FROM (
			SELECT x.*, row_number() OVER (PARTITION BY substr(x.code_key, 1, 195) ORDER BY x.id) AS n ` + liveDiscounts + `
		) x
		WINDOW again AS (PARTITION BY n = 1, substr(x.code_key, 1, 180) ORDER BY x.id)
	) x`

// namesNothing tells of a discount for products that all of those it names are left
// out. One that names none is as it was.
var namesNothing = `(x.applies_to = 'products'
	AND EXISTS (SELECT 1 FROM @discount_product l WHERE l.store_id = :from AND l.discount_id = x.id)
	AND NOT EXISTS (SELECT 1 FROM @discount_product l WHERE l.store_id = :from AND l.discount_id = x.id AND ` + catalog.Cloned("l.product_id") + `))`

// Copied are the discounts and tax rules of a store in the order of their foreign
// keys. A discount that named only products which are left out comes over
// disabled: it would apply to nothing.
var Copied = []lineage.Table{
	{
		Name: "discounts", Into: "discount",
		Columns: slices.Concat(
			lineage.IDs("x"),
			[]lineage.Column{
				{Name: "code", Value: "base || suffix"},
				{Name: "code_key", Value: "key_base || suffix"},
				{Name: "times_used", Value: "0"},
				{Name: "status", Value: `CASE WHEN ` + namesNothing + ` THEN 'disabled' ELSE x.status END`},
			},
			lineage.Same("x", "type", "value", "applies_to", "minimum_amount", "usage_limit", "starts_at", "expires_at"), lineage.Stamps,
		),
		From:  copiedDiscounts,
		Order: "x.id",
	},
	{
		Name: "discount_products", Into: "discount_product",
		Columns: []lineage.Column{{Name: "store_id", Value: ":to"}, lineage.Derived("discount_id", "l", "discount_id"), lineage.Derived("product_id", "l", "product_id")},
		From:    `FROM @discount_product l WHERE l.store_id = :from AND l.discount_id IN (SELECT x.id ` + liveDiscounts + `) AND ` + catalog.Cloned("l.product_id"),
		Order:   "l.discount_id",
	},
	{
		Name: "discount_categories", Into: "discount_category",
		Columns: []lineage.Column{{Name: "store_id", Value: ":to"}, lineage.Derived("discount_id", "l", "discount_id"), lineage.Derived("category_id", "l", "category_id")},
		From:    `FROM @discount_category l WHERE l.store_id = :from AND l.discount_id IN (SELECT x.id ` + liveDiscounts + `)`,
		Order:   "l.discount_id",
	},
	{
		Name: "tax_rules", Into: "tax_rule",
		Columns: slices.Concat(lineage.IDs("x"), lineage.Same("x", "name", "country", "state", "zip_code", "rate", "priority", "is_compound", "applies_to_shipping", "is_active"), lineage.Stamps),
		From:    activeTaxRules,
		Order:   "x.id",
	},
}

// Skipped are the rows that a clone leaves out.
var Skipped = []lineage.Table{
	{Name: "expired_discounts", From: deadDiscounts},
	{Name: "inactive_tax_rules", From: passiveTaxRules},
}
