package exchange_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"vitrine/internal/catalog"
	"vitrine/internal/exchange"
	"vitrine/internal/money"
)

// odd draws what merchants could write, and what could go wrong in a CSV.
type odd struct{ *rand.Rand }

func pick[T any](o odd, from ...T) T { return from[o.IntN(len(from))] }

func (o odd) text() string {
	return pick(o, "Mug", "=1+1", "'=1", "-5", "+49 30", "@home", "a,b", `"quoted"`, `'`, "Größe", "茶", "x\u2028y", "Default Title", "Title", "true", "0", "a  b", "S / M", `\.`, "#") +
		pick(o, "", "", " 2", "'", `"`, ",")
}

func (o odd) long() string { return o.text() + pick(o, "", "\n\nline", "\ttab", "\n\"x\",\"y\"\n=z") }

func maybeText(o odd, draw func() string) *string {
	if o.IntN(3) == 0 {
		return nil
	}
	s := draw()
	return &s
}

func maybeAmount(o odd) *money.Amount {
	if o.IntN(2) == 0 {
		return nil
	}
	a := money.Amount(pick(o, 0, 1, 99, 129900, int64(money.Max)))
	return &a
}

func (o odd) product(i int) catalog.Product {
	p := catalog.NewProduct(o.text())
	p.Slug = pick(o, fmt.Sprintf("p-%d", i), fmt.Sprintf("-%d--ü_", i), "")
	p.Status = pick(o, catalog.Active, catalog.Draft, catalog.Archived)
	p.Description, p.Vendor, p.Type = maybeText(o, o.long), maybeText(o, o.text), maybeText(o, o.text)
	p.SEOTitle, p.SEODescription = maybeText(o, o.text), maybeText(o, o.long)
	for range o.IntN(4) {
		p.Tags = append(p.Tags, strings.ReplaceAll(o.text(), ",", ";"))
	}
	for at := range o.IntN(4) {
		p.Images = append(p.Images, catalog.Image{URL: fmt.Sprintf("https://x.example/%d?a,b=\"c\"", o.IntN(3)), Alt: pick(o, "", o.text()), Position: pick(o, 0, at+1, 7)})
	}
	for at := range o.IntN(4) {
		option := catalog.Option{Name: pick(o, "Title", "Size", o.text()) + strings.Repeat("*", at)}
		for range o.IntN(4) {
			option.Values = append(option.Values, o.text())
		}
		p.Options = append(p.Options, option)
	}
	for at := range o.IntN(4) {
		p.Variants = append(p.Variants, o.variant(fmt.Sprintf("SKU-%d-%d", i, at), p.Options))
	}
	return p
}

func (o odd) variant(sku string, options []catalog.Option) catalog.Variant {
	v := catalog.NewVariant()
	v.Title = pick(o, "", "", o.text())
	v.SKU, v.Barcode = maybeText(o, func() string { return pick(o, "", "=") + sku }), maybeText(o, o.text)
	v.Price, v.CompareAtPrice, v.Cost = money.Amount(o.IntN(100_000)), maybeAmount(o), maybeAmount(o)
	v.WeightUnit = pick(o, "g", "kg", "lb", "oz")
	if weight := pick(o, 0, 1, 0.1, 1.0/3, 12.5, 453.59237, 1e-7, 123456.789); o.IntN(4) > 0 {
		v.Weight = &weight
	}
	v.TrackInventory, v.AllowBackorder, v.Position = o.IntN(2) == 0, o.IntN(2) == 0, pick(o, 0, 0, 3, 900_000_000)
	v.OptionValues = map[string]string{}
	for _, option := range options {
		if o.IntN(5) > 0 {
			v.OptionValues[option.Name] = o.text()
		}
	}
	return v
}

// TestExport_intoAnEmptyStoreGivesTheSameCatalog makes catalogs at random; a seed
// that fails is told.
func TestExport_intoAnEmptyStoreGivesTheSameCatalog(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		for seed := range uint64(4) {
			o := odd{rand.New(rand.NewPCG(seed, 0))} //nolint:gosec // repeatable
			from, to := newShop(t, s.db), newShop(t, s.db)
			for i := range 60 {
				from.create(o.product(i))
			}
			file := from.export()
			r := to.take(file)
			want := from.catalog()
			if got := to.catalog(); got != want {
				t.Fatalf("seed %d: first difference:\n%s", seed, difference(want, got))
			}
			if len(r.Errors) > 0 || r.ProductsCreated != 60 {
				t.Fatalf("seed %d: %+v", seed, r)
			}
			if again := to.export(); again != file {
				t.Fatalf("seed %d: exported again: %s", seed, difference(file, again))
			}
			from.expectAgain(file)
			to.expectAgain(file)
		}
	})
}

// difference returns the first lines that differ.
func difference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return strings.Join(x[max(0, i-3):i], "\n") + "\n- " + x[i] + "\n+ " + y[i]
		}
	}
	return fmt.Sprintf("%d lines against %d", len(x), len(y))
}

func TestExport_ofALargeStoreIsWhole(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		p := catalog.NewProduct("Wide")
		for range 1500 {
			p.Variants = append(p.Variants, catalog.NewVariant())
		}
		s.take(header + many(350))
		s.create(p)
		s.take(header + "after,After,A,1,,,,\n")
		file := s.export()
		to := newShop(t, s.db)
		to.expect(file, "352+0, 1851+0")
		if to.catalog() != s.catalog() {
			t.Error("the catalog is another one")
		}
	})
}

func TestExport_leavesOutWhatIsDeletedAndOtherStores(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		newShop(t, s.db).take(header + "other,Other,X,1,,,,\n")
		if lines := strings.Count(s.export(), "\n"); lines != 1 {
			t.Errorf("an empty store has %d lines", lines)
		}
		s.take(header + "mug,Mug,M,1,,,,\ncup,Cup,C,1,,,,\n")
		s.delete(s.products()[0].ID)
		if file := s.export(); strings.Contains(file, "mug") || !strings.Contains(file, "\ncup,Cup,") || strings.Contains(file, "other") {
			t.Errorf("exported\n%s", file)
		}
	})
}

// full is a disk without room.
type full struct{}

var errFull = errors.New("the disk is full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestExport_tellsThatItCannotWrite(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.take(header + many(3))
		if err := exchange.Export(t.Context(), s.db, s.Store, full{}, "", nil); !errors.Is(err, errFull) {
			t.Errorf("got %v", err)
		}
	})
}
