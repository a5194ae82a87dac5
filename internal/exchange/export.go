package exchange

import (
	"context"
	"fmt"
	"io"

	"vitrine/internal/catalog"
	"vitrine/internal/catalog/shopifycsv"
	"vitrine/internal/db"
	"vitrine/internal/inventory"
	"vitrine/internal/store"
)

// How many products are read at a time: few of those with many variants.
const (
	mostAtOnce     = 100
	variantsAtOnce = 1000
)

// FileName is what a store's exported products are called.
func FileName(st store.Store) string { return st.Slug + "-products.csv" }

// Export writes a store's products as a CSV, in the order in which they were made,
// a few at a time. Imported into an empty store it gives the same catalog, but for
// categories and suppliers. base is how others call this server ("https://host"), for
// the addresses of its own pictures; where it is "", those are paths. progress hears
// how many products are written; it may be nil.
func Export(ctx context.Context, q db.Q, st store.Store, out io.Writer, base string, progress func(products int)) error {
	w, err := shopifycsv.NewWriter(out, st.Currency)
	if err != nil {
		return err
	}
	var last catalog.ProductID
	for n, done := 10, 0; ; {
		found, err := catalog.Following(ctx, q, st.ID, last, n)
		if err != nil {
			return fmt.Errorf("export store %s: %w", st.ID, err)
		}
		onHand, err := onHandOf(ctx, q, st, found)
		if err != nil {
			return fmt.Errorf("export store %s: %w", st.ID, err)
		}
		variants := 0
		for i := range found {
			if len(found[i].Variants) == 0 {
				continue // deleted while it was being read
			}
			variants += len(found[i].Variants)
			row := toRow(&found[i], base)
			addOnHand(&row, &found[i], onHand)
			if err := w.Write(&row); err != nil {
				return err
			}
		}
		if err := w.Flush(); err != nil {
			return err
		}
		if done += len(found); progress != nil {
			progress(done)
		}
		if len(found) < n {
			return nil
		}
		last = found[n-1].ID
		n = max(1, min(mostAtOnce, n*variantsAtOnce/(variants+1), 2*n))
	}
}

// onHandOf returns what lies of the products' variants, in all warehouses together.
func onHandOf(ctx context.Context, q db.Q, st store.Store, products []catalog.Product) (map[catalog.VariantID]int64, error) {
	if !st.Type.OwnsStock() {
		return nil, nil //nolint:nilnil // nothing lies anywhere
	}
	var variants []catalog.VariantID
	for i := range products {
		for j := range products[i].Variants {
			variants = append(variants, products[i].Variants[j].ID)
		}
	}
	return inventory.OnHand(ctx, q, st.ID, variants)
}

// addOnHand says what lies of the tracked variants.
func addOnHand(row *shopifycsv.Product, p *catalog.Product, onHand map[catalog.VariantID]int64) {
	for i := range p.Variants {
		if units, known := onHand[p.Variants[i].ID]; known && p.Variants[i].TrackInventory {
			row.Variants[i].Quantity = shopifycsv.Of(units)
		}
	}
}

// toRow says all there is of a product.
func toRow(p *catalog.Product, base string) shopifycsv.Product {
	row := shopifycsv.Product{
		Handle: p.Slug,
		Fields: shopifycsv.Fields{
			Title:          shopifycsv.Of(p.Title),
			Description:    shopifycsv.OfNullable(p.Description),
			Vendor:         shopifycsv.OfNullable(p.Vendor),
			ProductType:    shopifycsv.OfNullable(p.Type),
			Tags:           shopifycsv.Of(p.Tags),
			Status:         shopifycsv.Of(string(p.Status)),
			SEOTitle:       shopifycsv.OfNullable(p.SEOTitle),
			SEODescription: shopifycsv.OfNullable(p.SEODescription),
		},
	}
	for _, o := range p.Options {
		row.Options.Value = append(row.Options.Value, shopifycsv.Option{Name: o.Name, Values: o.Values})
	}
	names := optionNames(p)
	for i := range p.Variants {
		row.Variants = append(row.Variants, toVariantRow(&p.Variants[i], names))
	}
	for _, i := range p.Images {
		row.Images = append(row.Images, shopifycsv.Image{URL: address(&i, base), Alt: shopifycsv.Of(i.Alt), Position: i.Position})
	}
	return row
}

func toVariantRow(v *catalog.Variant, names choice) shopifycsv.Variant {
	row := shopifycsv.Variant{
		Values:         chosen(v, names),
		Title:          shopifycsv.Of(v.Title),
		SKU:            shopifycsv.OfNullable(v.SKU),
		Barcode:        shopifycsv.OfNullable(v.Barcode),
		Price:          shopifycsv.Of(v.Price),
		CompareAtPrice: shopifycsv.OfNullable(v.CompareAtPrice),
		Cost:           shopifycsv.OfNullable(v.Cost),
		WeightUnit:     shopifycsv.Of(v.WeightUnit),
		TrackInventory: shopifycsv.Of(v.TrackInventory),
		AllowBackorder: shopifycsv.Of(v.AllowBackorder),
		Position:       shopifycsv.Of(v.Position),
	}
	if v.Weight != nil {
		row.Weight = shopifycsv.Of(shopifycsv.GramsOf(*v.Weight, v.WeightUnit))
	}
	return row
}
