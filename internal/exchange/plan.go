package exchange

import (
	"context"
	"errors"
	"slices"

	"vitrine/internal/catalog"
	"vitrine/internal/catalog/shopifycsv"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/money"
	"vitrine/internal/picture"
	"vitrine/internal/store"
)

// plan is what a batch comes to.
type plan struct {
	edits      []catalog.Edit // of the products that something changes in
	quantities []Quantity
	report     Report
}

// stock tells the quantities of variants that are there, and of how many the plan makes.
func (p *plan) stock() (known []Quantity, fresh int) {
	made := map[catalog.VariantID]bool{}
	for i := range p.edits {
		for _, v := range p.edits[i].Added() {
			made[v.ID] = true
		}
	}
	for _, q := range p.quantities {
		if made[q.Variant] {
			fresh++
			continue
		}
		known = append(known, q)
	}
	return known, fresh
}

// planner works out a plan on the products as they are.
type planner struct {
	*writer
	all    []*catalog.Edit
	bySlug map[string]*catalog.Edit
	bySKU  map[string]*catalog.Edit

	pictures map[picture.Sum]store.Picture

	quantities []Quantity
	report     Report
}

// named returns the handles and the SKUs that products go by.
func named(products []shopifycsv.Product) (slugs, skus []string) {
	for i := range products {
		slugs = append(slugs, products[i].Handle)
		for j := range products[i].Variants {
			if sku := products[i].Variants[j].SKU; sku.Said() {
				skus = append(skus, sku.Value)
			}
		}
	}
	return slugs, skus
}

// plan reads what the batch is about and works out what is to be written.
func (w *writer) plan(ctx context.Context, q db.Q, products []shopifycsv.Product) (*plan, error) {
	slugs, skus := named(products)
	found, err := catalog.Named(ctx, q, w.Store.ID, slugs, skus)
	if err != nil {
		return nil, err
	}
	here, err := pictures(ctx, q, found, products)
	if err != nil {
		return nil, err
	}
	p := planner{writer: w, pictures: here, bySlug: map[string]*catalog.Edit{}, bySKU: map[string]*catalog.Edit{}}
	for i := range found {
		e := &catalog.Edit{Before: &found[i], After: found[i]}
		e.After.Variants = slices.Clone(found[i].Variants)
		p.all, p.bySlug[found[i].Slug] = append(p.all, e), e
		for _, v := range found[i].Variants {
			if v.SKU != nil && !w.abandoned[*v.SKU] {
				p.bySKU[*v.SKU] = e
			}
		}
	}
	for i := range products {
		p.apply(&products[i])
	}
	return p.finish(), nil
}

// finish counts what changes.
func (p *planner) finish() *plan {
	out := &plan{quantities: p.quantities, report: p.report}
	for _, e := range p.all {
		added, altered, changed := len(e.Added()), len(e.Altered()), e.Changed()
		if e.Before != nil && !changed && added+altered == 0 {
			continue
		}
		out.edits = append(out.edits, *e)
		out.report.VariantsCreated += added
		out.report.VariantsUpdated += altered
		switch {
		case e.Before == nil:
			out.report.ProductsCreated++
		case changed:
			out.report.ProductsUpdated++
		}
		if p.DryRun {
			p.abandon(e)
		}
	}
	return out
}

// abandon remembers the SKUs that an edit frees, which the database still has.
func (p *planner) abandon(e *catalog.Edit) {
	if e.Before == nil {
		return
	}
	for _, v := range e.Before.Variants {
		if v.SKU != nil && p.bySKU[*v.SKU] == nil {
			p.abandoned[*v.SKU] = true
		}
	}
}

// fail notes that a product cannot be as the file says.
func (p *planner) fail(line int, column, message string) {
	p.report.leaveOut(shopifycsv.RowError{Line: line, Column: column, Message: message})
}

// apply plans what the file says of one product.
func (p *planner) apply(f *shopifycsv.Product) {
	e := p.bySlug[f.Handle]
	here := make([]*shopifycsv.Variant, 0, len(f.Variants))
	for i := range f.Variants {
		v := &f.Variants[i]
		if owner := p.bySKU[v.SKU.Value]; v.SKU.Said() && owner != nil && owner != e {
			p.alter(owner, v)
			continue
		}
		here = append(here, v)
	}
	isNew := e == nil
	if isNew {
		if len(here) == 0 && (f.Lost || len(f.Variants) > 0) {
			return // its rows are reported, or are about variants of other products
		}
		if !f.Title.Said() {
			p.fail(f.Line, "Title", "must not be empty, since there is no product with the handle \""+f.Handle+"\" yet")
			return
		}
		e = &catalog.Edit{After: catalog.NewProduct(f.Title.Value)}
		e.After.Slug = f.Handle
	}
	next := catalog.Edit{Before: e.Before, After: e.After}
	next.After.Variants = slices.Clone(e.After.Variants)
	derived := derivedTitles(&next.After)
	if isNew || !f.OnlyNew {
		mergeFields(&next.After, f)
	}
	next.After.Images = mergeImages(next.After.Images, p.images(f))
	quantities, some := p.mergeVariants(&next.After, f, here)
	if !some {
		return
	}
	deriveTitles(&next.After, derived)
	if !p.prepare(&next, f.Line) {
		return
	}
	p.replace(e, next)
	p.quantities = append(p.quantities, quantities...)
	if isNew {
		p.all, p.bySlug[f.Handle] = append(p.all, e), e
	}
}

// alter changes a variant of another product than its row is about: where it is,
// and nothing but what a buyer pays for.
func (p *planner) alter(e *catalog.Edit, f *shopifycsv.Variant) {
	next := catalog.Edit{Before: e.Before, After: e.After}
	next.After.Variants = slices.Clone(e.After.Variants)
	var quantities []Quantity
	for i := range next.After.Variants {
		if v := &next.After.Variants[i]; v.SKU != nil && *v.SKU == f.SKU.Value {
			mergeOffer(v, f)
			quantities = p.onHand(quantities, v, f)
		}
	}
	if p.prepare(&next, f.Line) {
		p.replace(e, next)
		p.quantities = append(p.quantities, quantities...)
	}
}

// onHand adds what the file says is on hand of a variant, where that is kept.
func (p *planner) onHand(to []Quantity, v *catalog.Variant, f *shopifycsv.Variant) []Quantity {
	if p.SetStock == nil || !f.Quantity.Said() || !v.TrackInventory {
		return to
	}
	return append(to, Quantity{v.ID, f.Quantity.Value, f.Line})
}

// prepare checks an edit. What is wrong with it is reported.
func (p *planner) prepare(e *catalog.Edit, line int) bool {
	err := e.Prepare(p.db.NewID)
	if err == nil {
		catalog.Measure(p.pictures, e.After.Images, func(int) {}) // what it shows already is there
		return true
	}
	invalid, ok := errors.AsType[*fault.Error](err)
	if !ok || len(invalid.Fields) == 0 {
		p.fail(line, "", "belongs to a product that cannot be kept: "+err.Error())
		return false
	}
	p.fail(line, "", "belongs to a product whose "+invalid.Fields[0].Path+" "+invalid.Fields[0].Message)
	return false
}

// replace puts next in the place of e, and its SKUs into the index.
func (p *planner) replace(e *catalog.Edit, next catalog.Edit) {
	for _, v := range e.After.Variants {
		if v.SKU != nil && p.bySKU[*v.SKU] == e {
			delete(p.bySKU, *v.SKU)
		}
	}
	*e = next
	for _, v := range e.After.Variants {
		if v.SKU != nil {
			p.bySKU[*v.SKU] = e
		}
	}
}

// mergeOffer takes over what is paid and shipped.
func mergeOffer(v *catalog.Variant, f *shopifycsv.Variant) {
	f.Price.Into(&v.Price)
	intoAmount(f.CompareAtPrice, &v.CompareAtPrice)
	intoAmount(f.Cost, &v.Cost)
	f.Barcode.IntoNullable(&v.Barcode)
	f.TrackInventory.Into(&v.TrackInventory)
	f.AllowBackorder.Into(&v.AllowBackorder)
	mergeWeight(v, f)
}

func intoAmount(f shopifycsv.Field[money.Amount], dst **money.Amount) { f.IntoNullable(dst) }

// mergeWeight reads grams in the unit that the file names, or else in the
// variant's own. A new unit alone leaves the weight what it was.
func mergeWeight(v *catalog.Variant, f *shopifycsv.Variant) {
	was := v.WeightUnit
	f.WeightUnit.Into(&v.WeightUnit)
	switch {
	case f.Weight.Said():
		weight := f.Weight.Value.In(v.WeightUnit)
		v.Weight = &weight
	case f.Weight.Set:
		v.Weight = nil
	case v.Weight != nil && was != v.WeightUnit:
		weight := shopifycsv.GramsOf(*v.Weight, was).In(v.WeightUnit)
		v.Weight = &weight
	}
}
