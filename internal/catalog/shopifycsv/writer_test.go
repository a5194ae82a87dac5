package shopifycsv_test

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vitrine/internal/catalog/shopifycsv"
	"vitrine/internal/money"
)

// write returns the file that a Writer makes.
func write(t testing.TB, products ...shopifycsv.Product) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := shopifycsv.NewWriter(&b, "USD")
	if err != nil {
		t.Fatal(err)
	}
	for i := range products {
		if err := w.Write(&products[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// whole returns a product as the catalog has them: nothing is left unsaid.
func whole(p shopifycsv.Product) shopifycsv.Product {
	p.Line, p.Bytes, p.OnlyNew, p.Lost = 0, 0, false, false
	orEmpty := func(f *shopifycsv.Field[string]) { *f = f.Or(shopifycsv.Empty[string]()) }
	if !p.Title.Set {
		p.Title = shopifycsv.Of("Untitled") // a handle may be longer than a title
	}
	orEmpty(&p.Description)
	orEmpty(&p.Vendor)
	orEmpty(&p.ProductType)
	orEmpty(&p.SEOTitle)
	orEmpty(&p.SEODescription)
	p.Status = p.Status.Or(shopifycsv.Of("active"))
	p.Tags = p.Tags.Or(shopifycsv.Empty[[]string]())
	p.Options = p.Options.Or(shopifycsv.Empty[[]shopifycsv.Option]())
	for i := range p.Options.Value {
		p.Options.Value[i].Listed = false
	}
	if len(p.Variants) == 0 {
		p.Variants = []shopifycsv.Variant{{}}
	}
	for i := range p.Variants {
		v := &p.Variants[i]
		v.Line = 0
		for at := range v.Values {
			if at >= len(p.Options.Value) {
				v.Values[at] = ""
			}
		}
		orEmpty(&v.SKU)
		orEmpty(&v.Barcode)
		v.Title = v.Title.Or(shopifycsv.Of(v.DefaultTitle()))
		v.Price = v.Price.Or(shopifycsv.Of[money.Amount](0))
		v.CompareAtPrice = v.CompareAtPrice.Or(shopifycsv.Empty[money.Amount]())
		v.Cost = v.Cost.Or(shopifycsv.Empty[money.Amount]())
		v.WeightUnit = v.WeightUnit.Or(shopifycsv.Of("kg"))
		v.Weight = v.Weight.Or(shopifycsv.Empty[shopifycsv.Grams]())
		if v.Weight.Said() {
			v.Weight.Value = shopifycsv.GramsOf(v.Weight.Value.In(v.WeightUnit.Value), v.WeightUnit.Value)
		}
		v.TrackInventory = v.TrackInventory.Or(shopifycsv.Of(true))
		v.AllowBackorder = v.AllowBackorder.Or(shopifycsv.Of(false))
		if !v.TrackInventory.Value {
			v.Quantity = shopifycsv.Field[int64]{}
		}
		v.Position = v.Position.Or(shopifycsv.Of(i + 1))
	}
	for i := range p.Images {
		image := &p.Images[i]
		image.Line = 0
		image.Alt = image.Alt.Or(shopifycsv.Empty[string]())
		if image.Position == 0 {
			image.Position = i + 1
		}
	}
	return p
}

// checkRoundTrip writes products and reads them again.
func checkRoundTrip(t testing.TB, products []shopifycsv.Product) {
	t.Helper()
	var want []string
	for i := range products {
		products[i] = whole(products[i])
		want = append(want, show(&products[i]))
	}
	file := write(t, products...)
	found, wrong, err := readAll(file)
	if err != nil || len(wrong) > 0 {
		t.Fatalf("%v %.1000q\n%.1000s", err, wrong, file)
	}
	var got []string
	for _, p := range found {
		p = whole(p)
		got = append(got, show(&p))
	}
	if !slices.Equal(got, want) {
		t.Fatalf("read\n%.1000s\nwritten\n%.1000s\nfile\n%.1000s", strings.Join(got, "\n"), strings.Join(want, "\n"), file)
	}
}

func option(name string, values ...string) shopifycsv.Option {
	return shopifycsv.Option{Name: name, Values: values}
}

func chosen(values ...string) shopifycsv.Variant {
	var v shopifycsv.Variant
	copy(v.Values[:], values)
	return v
}

func TestWriter_writesWhatAReaderReads(t *testing.T) {
	t.Parallel()
	of := shopifycsv.Of[string]
	full := chosen("S", "Red")
	full.SKU, full.Barcode, full.Title = of("MUG-S"), of("0123"), of("Small & red")
	full.Price, full.CompareAtPrice, full.Cost = shopifycsv.Of[money.Amount](1299), shopifycsv.Of[money.Amount](1500), shopifycsv.Of[money.Amount](1)
	full.Weight, full.WeightUnit = shopifycsv.Of(shopifycsv.GramsOf(0.1, "oz")), of("oz")
	full.AllowBackorder, full.Quantity, full.Position = shopifycsv.Of(true), shopifycsv.Of[int64](7), shopifycsv.Of(12)
	untracked := chosen("", "Blue")
	untracked.TrackInventory, untracked.Weight, untracked.WeightUnit = shopifycsv.Of(false), shopifycsv.Of(shopifycsv.GramsOf(0, "lb")), of("lb")
	twin := shopifycsv.Variant{Price: shopifycsv.Of[money.Amount](5), Position: shopifycsv.Of(3)}
	image := shopifycsv.Image{URL: "https://x.example/a.jpg", Position: 1}
	for name, p := range map[string]shopifycsv.Product{
		"nothing but a title": {Handle: "mug"},
		"everything": {
			Handle: "mug-größe_1", Fields: shopifycsv.Fields{
				Title: of(`The "Mug", big`), Description: of("<p>a</p>\n\n\"b\",\tc"), Vendor: of("V"), ProductType: of("T"), Status: of("archived"),
				SEOTitle: of("S"), SEODescription: of("D\nE"), Tags: shopifycsv.Of([]string{"a b", "c"}),
				Options: shopifycsv.Of([]shopifycsv.Option{option("Size", "M", "S", "unused"), option("Colour", "Blue", "Red")}),
			},
			Variants: []shopifycsv.Variant{full, untracked},
			Images:   []shopifycsv.Image{image, image, {URL: "https://x.example/b.jpg?c=d,e", Alt: of("B"), Position: 9}},
		},
		"formulas": {
			Handle: "-mug", Fields: shopifycsv.Fields{
				Title: of("=1+1"), Description: of("'=x"), Vendor: of("'quoted'"), ProductType: of("-"), Tags: shopifycsv.Of([]string{"@a", "=b"}), SEOTitle: of("''+1"),
				Options: shopifycsv.Of([]shopifycsv.Option{option("+Size", "=B", "-A")}),
			},
			Variants: []shopifycsv.Variant{chosen("-A"), chosen("=B")},
		},
		"an option called Title":                  {Handle: "mug", Fields: shopifycsv.Fields{Options: shopifycsv.Of([]shopifycsv.Option{option("Title", "Default Title")})}, Variants: []shopifycsv.Variant{chosen("Default Title")}},
		"an option called Title, not chosen":      {Handle: "mug", Fields: shopifycsv.Fields{Options: shopifycsv.Of([]shopifycsv.Option{option("Title", "Default Title")})}},
		"an option called Title, without values":  {Handle: "mug", Fields: shopifycsv.Fields{Options: shopifycsv.Of([]shopifycsv.Option{option("title")})}},
		"an option without values":                {Handle: "mug", Fields: shopifycsv.Fields{Options: shopifycsv.Of([]shopifycsv.Option{option("Size")})}},
		"three options, the middle one unchosen":  {Handle: "mug", Fields: shopifycsv.Fields{Options: shopifycsv.Of([]shopifycsv.Option{option("A", "1"), option("B"), option("C", "2")})}, Variants: []shopifycsv.Variant{chosen("1", "", "2")}},
		"variants that only positions tell apart": {Handle: "mug", Variants: []shopifycsv.Variant{{}, {}, twin, twin}},
		"more images than variants":               {Handle: "mug", Images: []shopifycsv.Image{image, {URL: "http://x.example/2", Position: 2}}},
		"a title like another's default":          {Handle: "mug", Variants: []shopifycsv.Variant{{Title: of("S / Red")}}},
		"a long title of long values": {
			Handle: "mug", Fields: shopifycsv.Fields{Options: shopifycsv.Of([]shopifycsv.Option{option("A", strings.Repeat("a", 200)), option("B", strings.Repeat("b", 200))})},
			Variants: []shopifycsv.Variant{chosen(strings.Repeat("a", 200), strings.Repeat("b", 200))},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkRoundTrip(t, []shopifycsv.Product{p})
		})
	}
}

func TestWriter_writesTheLargestProduct(t *testing.T) {
	t.Parallel()
	name := func(i int) string { return strings.Repeat("\U0001F3FA", 190) + strconv.Itoa(i) }
	p := shopifycsv.Product{Handle: "vases", Fields: shopifycsv.Fields{
		Description: shopifycsv.Of(strings.Repeat(`"`, 100_000)),
		Options:     shopifycsv.Of([]shopifycsv.Option{option("A"), option("B"), option("C")}),
	}}
	for i := range shopifycsv.MaxVariants {
		for at := range p.Options.Value {
			p.Options.Value[at].Values = append(p.Options.Value[at].Values, name(shopifycsv.MaxVariants-i))
		}
		p.Variants = append(p.Variants, chosen(name(i+1), name(i+1), name(i+1)))
	}
	checkRoundTrip(t, []shopifycsv.Product{p})
}

func TestWriter_givesOtherProgramsWhatTheyAskFor(t *testing.T) {
	t.Parallel()
	file := write(t, whole(shopifycsv.Product{Handle: "mug", Fields: shopifycsv.Fields{Title: shopifycsv.Of("=Mug")}, Images: []shopifycsv.Image{{URL: "https://x.example/1"}, {URL: "https://x.example/2"}}}))
	rows, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	cell := func(row int, column string) string { return rows[row][slices.Index(rows[0], column)] }
	for column, want := range map[string]string{
		"Handle": "mug", "Title": "'=Mug", "Published": "true", "Status": "active", "Option1 Name": "Title", "Option1 Value": "Default Title",
		"Variant Fulfillment Service": "manual", "Variant Requires Shipping": "true", "Variant Taxable": "true", "Gift Card": "false",
		"Variant Price": "0.00", "Variant Inventory Tracker": "shopify", "Variant Inventory Policy": "deny", "Variant Weight Unit": "kg",
		"Image Src": "https://x.example/1", "Image Position": "1",
	} {
		if got := cell(1, column); got != want {
			t.Errorf("%s: %q, want %q", column, got, want)
		}
	}
	if further := cell(2, "Image Src"); further != "https://x.example/2" || cell(2, "Handle") != "mug" || cell(2, "Variant Price") != "" || cell(2, "Title") != "" {
		t.Errorf("the row of a further image: %q", rows[2])
	}
}
