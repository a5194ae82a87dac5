package shopifycsv_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vitrine/internal/catalog/shopifycsv"
	"vitrine/internal/fault"
	"vitrine/internal/money"
)

// readAll returns the products of a file and what was wrong with its rows.
func readAll(file []byte) ([]shopifycsv.Product, []string, error) {
	var wrong []string
	r, err := shopifycsv.NewReader(section(file), "USD", func(e shopifycsv.RowError) { wrong = append(wrong, e.Error()) })
	if err != nil {
		return nil, nil, err
	}
	var products []shopifycsv.Product
	for {
		p, err := r.Next()
		if errors.Is(err, io.EOF) {
			return products, wrong, nil
		}
		if err != nil {
			return nil, nil, err
		}
		products = append(products, p)
	}
}

func section(file []byte) *io.SectionReader {
	return io.NewSectionReader(bytes.NewReader(file), 0, int64(len(file)))
}

// read reads a file that must be a product CSV.
func read(t *testing.T, file string) (products []string, wrong []string) {
	t.Helper()
	found, wrong, err := readAll([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	for i := range found {
		products = append(products, show(&found[i]))
	}
	return products, wrong
}

// show writes down what a file says of a product, and nothing else.
func show(p *shopifycsv.Product) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s@%d", p.Handle, p.Line)
	if p.OnlyNew {
		b.WriteString(" only-new")
	}
	if p.Lost {
		b.WriteString(" lost")
	}
	text(&b, "title", p.Title)
	text(&b, "desc", p.Description)
	text(&b, "vendor", p.Vendor)
	text(&b, "type", p.ProductType)
	text(&b, "status", p.Status)
	text(&b, "seo", p.SEOTitle)
	text(&b, "seod", p.SEODescription)
	said(&b, "tags", p.Tags, func(tags []string) string { return strings.Join(tags, "|") })
	said(&b, "options", p.Options, func(options []shopifycsv.Option) string {
		var all []string
		for _, o := range options {
			list := o.Name + "(" + strings.Join(o.Values, "|") + ")"
			if o.Listed {
				list += "!"
			}
			all = append(all, list)
		}
		return strings.Join(all, "")
	})
	for _, v := range p.Variants {
		fmt.Fprintf(&b, "\n  variant@%d", v.Line)
		if values := strings.TrimRight(strings.Join(v.Values[:], "/"), "/"); values != "" {
			b.WriteString(" " + values)
		}
		text(&b, "title", v.Title)
		text(&b, "sku", v.SKU)
		text(&b, "barcode", v.Barcode)
		text(&b, "unit", v.WeightUnit)
		amount := func(a money.Amount) string { return money.Currency("USD").Format(a) }
		said(&b, "price", v.Price, amount)
		said(&b, "was", v.CompareAtPrice, amount)
		said(&b, "cost", v.Cost, amount)
		said(&b, "grams", v.Weight, func(g shopifycsv.Grams) string { return string(g) })
		said(&b, "tracked", v.TrackInventory, strconv.FormatBool)
		said(&b, "backorder", v.AllowBackorder, strconv.FormatBool)
		said(&b, "quantity", v.Quantity, func(n int64) string { return strconv.FormatInt(n, 10) })
		said(&b, "position", v.Position, strconv.Itoa)
	}
	for _, i := range p.Images {
		fmt.Fprintf(&b, "\n  image@%d %s at %d", i.Line, i.URL, i.Position)
		text(&b, "alt", i.Alt)
	}
	return b.String()
}

func text(b *strings.Builder, name string, f shopifycsv.Field[string]) {
	said(b, name, f, strconv.Quote)
}

func said[T any](b *strings.Builder, name string, f shopifycsv.Field[T], show func(T) string) {
	switch {
	case f.Set && f.Null:
		b.WriteString(" no-" + name)
	case f.Set:
		b.WriteString(" " + name + "=" + show(f.Value))
	}
}

func TestReader_readsTheClassicColumns(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/classic.csv")
	if err != nil {
		t.Fatal(err)
	}
	products, wrong := read(t, string(file))
	want := []string{
		`linen-apron@2 title="Linen Apron" desc="<p>Washed linen.\nTwo pockets, \"deep\" ones.</p>" vendor="Mill & Daughters" type="Kitchen" status="active" seo="Linen aprons" seod="Aprons that last" tags=linen|apron options=Size(Short|Long)Colour(Flax|Ink)
  variant@2 Short/Flax sku="AP-S-F" barcode="4006381333931" unit="g" price=39.90 was=45.00 cost=14.50 grams=310 tracked=true backorder=false quantity=12
  variant@4 Short/Ink sku="AP-S-I" no-barcode unit="g" price=39.90 no-was cost=14.50 grams=310 tracked=true backorder=true quantity=0
  variant@5 Long/Flax sku="AP-L-F" no-barcode unit="g" price=44.90 no-was cost=16.00 grams=390 tracked=true backorder=false quantity=7
  image@2 https://images.example.com/apron-flax.jpg at 1 alt="Apron in flax"
  image@4 https://images.example.com/apron-ink.jpg at 2 no-alt
  image@6 https://images.example.com/apron-pocket.jpg at 3 alt="The pocket"`,
		`iron-hook@7 title="Iron Hook" no-desc vendor="Mill & Daughters" no-type status="draft" no-seo no-seod no-tags no-options
  variant@7 no-sku no-barcode unit="lb" price=8.00 no-was no-cost grams=454 tracked=false backorder=false`,
	}
	compare(t, products, want)
	compare(t, wrong, nil)
}

func TestReader_readsTheCurrentColumns(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/current.csv")
	if err != nil {
		t.Fatal(err)
	}
	products, wrong := read(t, string(file))
	want := []string{
		`wool-blanket@2 title="Wool Blanket" desc="Warm." vendor="Mill & Daughters" type="Blanket" status="active" seo="Blankets" seod="Wool blankets" tags=wool|warm options=Size(Single|Double)
  variant@2 Single sku="WB-1" no-barcode unit="kg" price=120.00 no-was cost=60.00 grams=1800 tracked=true backorder=false quantity=3
  variant@3 Double sku="WB-2" no-barcode unit="kg" price=160.00 was=180.00 cost=80.00 grams=2600 tracked=true backorder=true quantity=1
  image@2 https://images.example.com/blanket.jpg at 1 alt="A blanket"`,
		`moth-balls@4 title="Moth Balls" no-desc no-vendor no-type status="draft" no-seo no-seod no-tags
  variant@4 sku="MB" no-barcode unit="oz" price=3.50 no-was no-cost grams=28 tracked=false`,
		`old-rug@5 title="Old Rug" no-desc no-vendor no-type status="archived" no-seo no-seod no-tags
  variant@5 no-sku no-barcode price=75.00 no-was no-cost no-grams tracked=false`,
	}
	compare(t, products, want)
	compare(t, wrong, nil)
}

func compare(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestReader_rows is about single peculiarities. A case gives the file below the
// header Handle,Title,Variant SKU,Variant Price,Option1 Name,Option1 Value,Image
// Src,Image Position, unless its first line is another one.
func TestReader_rows(t *testing.T) {
	t.Parallel()
	const header = "Handle,Title,Variant SKU,Variant Price,Option1 Name,Option1 Value,Image Src,Image Position\n"
	cases := map[string]struct {
		file     string
		products []string
		wrong    []string
	}{
		"no rows at all": {file: header},
		"byte order mark and CRLF": {
			file:     "\ufeffHandle,Title,Variant Price\r\nmug,Mug,1\r\n\r\ncup,Cup,2\r\n",
			products: []string{"mug@2 title=\"Mug\"\n  variant@2 price=1.00", "cup@4 title=\"Cup\"\n  variant@4 price=2.00"},
		},
		"no line end at the end": {file: "Handle,Title\nmug,Mug", products: []string{`mug@2 title="Mug"`}},
		"quoted header, any case, spaces": {
			file:     "\" handle \",TITLE\nmug,Mug\n",
			products: []string{`mug@2 title="Mug"`},
		},
		"rows without anything": {file: "Handle,Title\n,\n , \nmug,Mug\n\"\",\"\"\n", products: []string{`mug@4 title="Mug"`}},
		"quoted newlines, CRLF within": {
			file:     "Handle,Title,Body (HTML)\r\nmug,Mug,\"a\r\nb\n\nc \"\"d\"\", e\"\r\ncup,Cup,x\r\n",
			products: []string{"mug@2 title=\"Mug\" desc=\"a\\nb\\n\\nc \\\"d\\\", e\"", "cup@6 title=\"Cup\" desc=\"x\""},
		},
		"short rows": {
			file:     "Handle,Title,Variant Price,Vendor,Tags\nmug,Mug,3\n",
			products: []string{"mug@2 title=\"Mug\" no-vendor no-tags\n  variant@2 price=3.00"},
		},
		"a row cut off before its price": {
			file:  header + "mug,Mug,M-1\n",
			wrong: []string{"line 2: Variant Price is missing: the row ends before it"},
		},
		"more cells than the header": {
			file:  "Handle,Title,Variant Price\nmug,Mug,3,,\ncup,Cup,3,,x\n",
			wrong: []string{"line 3: The row has more cells than the header"}, products: []string{"mug@2 title=\"Mug\"\n  variant@2 price=3.00"},
		},
		"a quotation mark in a bare cell": {
			file:     header + "mug,Mug 3\" wide,M,1,,,,\ncup,Cup,C,2,,,,\n",
			wrong:    []string{"line 2: The row has a quotation mark in the wrong place"},
			products: []string{"cup@3 title=\"Cup\"\n  variant@3 sku=\"C\" price=2.00"},
		},
		"a quotation mark that is never closed": {
			file:     header + "mug,\"Mug,M,1,,,,\ncup,Cup,C,2,,,,\n",
			wrong:    []string{"line 2: The row has a quotation mark that is not closed"},
			products: []string{"cup@3 title=\"Cup\"\n  variant@3 sku=\"C\" price=2.00"},
		},
		"a quotation mark that meets another one below": {
			file:     header + "mug,\"Mug,M,1,,,,\ncup,\"Cup\",C,2,,,,\njar,Jar,J,3,,,,\n",
			wrong:    []string{"line 2: The row has a quotation mark in the wrong place"},
			products: []string{"cup@3 title=\"Cup\"\n  variant@3 sku=\"C\" price=2.00", "jar@4 title=\"Jar\"\n  variant@4 sku=\"J\" price=3.00"},
		},
		"a quotation mark before rows that are all shorter than the header": {
			file:     header + "mug,\"Mug,M,1\nA line of text, with commas, in no row, at all\ncup,Cup,C,2\njar,Jar,J,3,,\n",
			wrong:    []string{"line 2: The row has a quotation mark that is not closed; it was left out up to line 3"},
			products: []string{"cup@4 title=\"Cup\"\n  variant@4 sku=\"C\" price=2.00", "jar@5 title=\"Jar\"\n  variant@5 sku=\"J\" price=3.00"},
		},
		"no handle": {
			file:  header + ",Mug,M,1,,,,\n???,Cup,C,1,,,,\n-,Jar,,,,,,\n",
			wrong: []string{"line 2: Handle must not be empty", "line 3: Handle must have a letter or a digit", "line 4: Handle must have a letter or a digit"},
		},
		"handles in other forms": {
			file:     "Handle,Title\nOcean Blue / Shirt!,A\nÜBER-Größe,B\na--b,C\nü--b-,D\n_x_,E\n",
			products: []string{`ocean-blue-shirt@2 title="A"`, `über-größe@3 title="B"`, `a--b@4 title="C"`, `ü--b-@5 title="D"`, `_x_@6 title="E"`},
		},
		"a handle with nothing else": {file: header + "note,,,,,,,\n", products: []string{"note@2"}},
		"a bad price takes its row out and no other": {
			file:     header + "mug,Mug,M1,free,Size,S,,\nmug,,M2,2,,M,,\n",
			wrong:    []string{`line 2: Variant Price must be a decimal number such as "12.99"`},
			products: []string{"mug@2 only-new lost title=\"Mug\" options=Size(M)\n  variant@3 M sku=\"M2\" price=2.00"},
		},
		"a product that cannot be described": {
			file:     header + "mug," + strings.Repeat("x", 201) + ",M1,1,Size,S,,\nmug,,M2,2,,M,,\n",
			wrong:    []string{"line 2: Title must have at most 200 characters"},
			products: []string{"mug@3 lost\n  variant@3 M sku=\"M2\" price=2.00"},
		},
		"several mistakes in a row": {
			file:  "Handle,Title,Variant Price,Variant Weight Unit,Variant Grams,Status,Published\nmug,Mug,-1,stone,1e3,sold,\ncup,Cup,1.999,,,,maybe\n",
			wrong: []string{"line 2: Status must be \"active\", \"draft\" or \"archived\"", "line 2: Variant Price must not be negative", "line 2: Variant Weight Unit must be g, kg, lb or oz", "line 2: Variant Grams must be a number such as \"250\"", "line 3: Published must be \"true\" or \"false\"", "line 3: Variant Price has more decimals than the currency"},
		},
		"status wins over published": {
			file:     "Handle,Title,Published,Status\na,A,false,active\nb,B,false,\nc,C,TRUE,Archived\nd,D,,\n",
			products: []string{`a@2 title="A" status="active"`, `b@3 title="B" status="draft"`, `c@4 title="C" status="archived"`, `d@5 title="D"`},
		},
		"images": {
			file: header + "mug,Mug,M,1,,,https://x.example/a.jpg,1\nmug,,,,,,https://x.example/b.jpg,\nmug,,,,,,http://x.example/c.jpg,7\nmug,,,,,,ftp://x.example/d.jpg,\nmug,,,,,,//x.example/e.jpg,\nmug,,,,,,https://x.example/f.jpg,0\n",
			wrong: []string{
				"line 5: Image Src must be an http or https address", "line 6: Image Src must be an http or https address", "line 7: Image Position must be at least 1",
			},
			products: []string{"mug@2 lost title=\"Mug\"\n  variant@2 sku=\"M\" price=1.00\n  image@2 https://x.example/a.jpg at 1\n  image@3 https://x.example/b.jpg at 0\n  image@4 http://x.example/c.jpg at 7"},
		},
		"one image named in every row": {
			file:     header + "mug,Mug,M,1,Size,S,https://x.example/a.jpg,1\nmug,Mug,N,1,Size,M,https://x.example/a.jpg,1\n",
			products: []string{"mug@2 title=\"Mug\" options=Size(S|M)\n  variant@2 S sku=\"M\" price=1.00\n  variant@3 M sku=\"N\" price=1.00\n  image@2 https://x.example/a.jpg at 1"},
		},
		"an image row with what programs write into every row": {
			file:     "Handle,Title,Variant Price,Variant Inventory Policy,Variant Weight Unit,Image Src\nmug,Mug,1,deny,kg,https://x.example/a.jpg\nmug,,,deny,kg,https://x.example/b.jpg\n",
			products: []string{"mug@2 title=\"Mug\"\n  variant@2 unit=\"kg\" price=1.00 backorder=false\n  image@2 https://x.example/a.jpg at 0\n  image@3 https://x.example/b.jpg at 0"},
		},
		"the describing row comes last": {
			file:     header + "mug,,M2,2,,M,,\nmug,Mug,M1,1,Size,S,,\n",
			products: []string{"mug@3 title=\"Mug\" options=Size(M|S)\n  variant@2 M sku=\"M2\" price=2.00\n  variant@3 S sku=\"M1\" price=1.00"},
		},
		"rows of a handle far apart": {
			file: header + "mug,Mug,M1,1,Size,S,,\ncup,Cup,C,5,,,,\nmug,,M2,2,,M,,\njar,Jar,J,6,,,,\nmug,,M3,3,,L,,\nmug,,,,,,https://x.example/a.jpg,\n",
			products: []string{
				"mug@2 title=\"Mug\" options=Size(S|M|L)\n  variant@2 S sku=\"M1\" price=1.00\n  variant@4 M sku=\"M2\" price=2.00\n  variant@6 L sku=\"M3\" price=3.00\n  image@7 https://x.example/a.jpg at 0",
				"cup@3 title=\"Cup\"\n  variant@3 sku=\"C\" price=5.00", "jar@5 title=\"Jar\"\n  variant@5 sku=\"J\" price=6.00",
			},
		},
		"bad rows among those far apart": {
			file:     header + "mug,Mug,M1,1,Size,S,,\ncup,Cup,C,5,,,,\nmug,,M2,x,,M,,\nmug,\"bad\"x,,,,,,\n,no,,,,,,\nmug,,M3,3,,L,,\n",
			wrong:    []string{`line 4: Variant Price must be a decimal number such as "12.99"`, "line 5: The row has a quotation mark in the wrong place", "line 6: Handle must not be empty"},
			products: []string{"mug@2 lost title=\"Mug\" options=Size(S|L)\n  variant@2 S sku=\"M1\" price=1.00\n  variant@7 L sku=\"M3\" price=3.00", "cup@3 title=\"Cup\"\n  variant@3 sku=\"C\" price=5.00"},
		},
		"a SKU twice": {
			file:     header + "mug,Mug,M,1,,,,\ncup,Cup,M,2,,,,\n",
			wrong:    []string{"line 3: Variant SKU stands in line 2 already"},
			products: []string{"mug@2 title=\"Mug\"\n  variant@2 sku=\"M\" price=1.00", `cup@3 only-new lost title="Cup"`},
		},
		"a SKU twice in one product": {
			file:     header + "mug,Mug,M,1,Size,S,,\nmug,,M,2,,M,,\n",
			wrong:    []string{"line 3: Variant SKU stands in line 2 already"},
			products: []string{"mug@2 lost title=\"Mug\" options=Size(S)\n  variant@2 S sku=\"M\" price=1.00"},
		},
		"a SKU whose first row is bad": {
			file:     header + "mug,Mug,M,x,,,,\ncup,Cup,M,2,,,,\n",
			wrong:    []string{`line 2: Variant Price must be a decimal number such as "12.99"`},
			products: []string{`mug@2 only-new lost title="Mug"`, "cup@3 title=\"Cup\"\n  variant@3 sku=\"M\" price=2.00"},
		},
		"a variant repeated beside a further image": {
			file:     header + "mug,Mug,M,1,Size,S,https://x.example/a.jpg,1\nmug,,M,1,,S,https://x.example/b.jpg,2\nmug,,,,,S,https://x.example/c.jpg,3\n",
			products: []string{"mug@2 title=\"Mug\" options=Size(S)\n  variant@2 S sku=\"M\" price=1.00\n  image@2 https://x.example/a.jpg at 1\n  image@3 https://x.example/b.jpg at 2\n  image@4 https://x.example/c.jpg at 3"},
		},
		"a variant described twice in other words": {
			file:     header + "mug,Mug,,1,Size,S,,\nmug,,,2,,S,,\n",
			wrong:    []string{"line 3: The row says something else of the variant of line 2"},
			products: []string{"mug@2 lost title=\"Mug\" options=Size(S)\n  variant@2 S no-sku price=1.00"},
		},
		"variants without options told apart by their SKUs": {
			file:     header + "mug,Mug,M-S,1,,,,\nmug,,M-L,2,,,,\n",
			products: []string{"mug@2 title=\"Mug\"\n  variant@2 sku=\"M-S\" price=1.00\n  variant@3 sku=\"M-L\" price=2.00"},
		},
		"no title column": {
			file:     "Handle,Vendor,Variant SKU,Variant Price\nmug,,M,1\nmug,V,N,2\n",
			products: []string{"mug@2 no-vendor\n  variant@2 sku=\"M\" price=1.00\n  variant@3 sku=\"N\" price=2.00"},
		},
		"words outside of the describing row": {
			file:     "Handle,Title,Vendor,Status\nmug,,V,draft\nmug,Mug,,\n",
			products: []string{`mug@3 title="Mug" no-vendor status="draft"`},
		},
		"no title in any row": {file: "Handle,Title,Vendor\nmug,,V\n", products: []string{`mug@2 vendor="V"`}},
		"too many options": {
			file:  "Handle,Title,Option1 Name,Option1 Value,Option4 Name,Option4 Value\nmug,Mug,Size,S,Shape,Round\ncup,Cup,Size,S,,\n",
			wrong: []string{"line 2: Option4 Name is one option too many: a product has at most 3"}, products: []string{"cup@3 title=\"Cup\" options=Size(S)\n  variant@3 S"},
		},
		"a gap between options": {
			file:  "Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value\nmug,Mug,,,Size,S\ncup,Cup,Size,S,Size,S\n",
			wrong: []string{"line 2: Option1 Name must not be empty, since there is a further option", "line 3: Option2 Name must not be the name of another option"},
		},
		"an option named as one of another row": {
			file:     "Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value\nmug,Mug,Size,S,,\nmug,,,L,Size,Blue\nmug,,,M,Colour,Red\n",
			wrong:    []string{"line 3: Option2 Name must not be the name of another option"},
			products: []string{"mug@2 lost title=\"Mug\" options=Size(S|M)Colour(Red)\n  variant@2 S\n  variant@4 M/Red"},
		},
		"an option called Title": {
			file:     header + "mug,Mug,,1,Title,Blue,,\nmug,,,1,,Default Title,,\ncup,Cup,,1,TITLE,default title,,\n",
			products: []string{"mug@2 title=\"Mug\" options=Title(Blue|Default Title)\n  variant@2 Blue no-sku price=1.00\n  variant@3 Default Title no-sku price=1.00", "cup@4 title=\"Cup\" no-options\n  variant@4 no-sku price=1.00"},
		},
		"tags": {
			file:     "Handle,Title,Tags\nmug,Mug,\" a , b,,a, c d \"\ncup,Cup,\",\"\n",
			products: []string{`mug@2 title="Mug" tags=a|b|c d`, `cup@3 title="Cup" no-tags`},
		},
		"quantities": {
			file:     "Handle,Title,Variant Price,Variant Inventory Tracker,Variant Inventory Qty\na,A,1,shopify,5.0\nb,B,1,shopify,-3\nc,C,1,,many\nd,D,1,shopify,many\ne,E,1,shopify,1.5\n",
			wrong:    []string{"line 5: Variant Inventory Qty must be a whole number", "line 6: Variant Inventory Qty must be a whole number"},
			products: []string{"a@2 title=\"A\"\n  variant@2 price=1.00 tracked=true quantity=5", "b@3 title=\"B\"\n  variant@3 price=1.00 tracked=true quantity=0", "c@4 title=\"C\"\n  variant@4 price=1.00 tracked=false", "d@5 only-new lost title=\"D\"", "e@6 only-new lost title=\"E\""},
		},
		"text that is no UTF-8, and control characters": {
			file:  "Handle,Title,Vendor\nmug,M\xfcg,\ncup,Cup,a\x00b\n",
			wrong: []string{"line 2: Title must be valid UTF-8", "line 3: Vendor must not contain control characters"},
		},
		"an apostrophe in somebody else's file": {file: "Handle,Title\nmug,'=1+1\n", products: []string{`mug@2 title="'=1+1"`}},
		"an apostrophe in a file of our own":    {file: "Handle,Title,Vitrine Variant Title\nmug,'=1+1,\ncup,'n,\njar,''-x,\n", products: []string{`mug@2 title="=1+1"`, `cup@3 title="'n"`, `jar@4 title="'-x"`}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			products, wrong := read(t, c.file)
			compare(t, products, c.products)
			compare(t, wrong, c.wrong)
		})
	}
}

func TestReader_refusesWhatIsNoProductCSV(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"":                                       "The file is empty.",
		"\n\n":                                   "The file is empty.",
		"\ufeff":                                 "The file is empty.",
		"Title,Price\nMug,1\n":                   `The file has no column "Handle" or "URL handle" in its first line, separated by commas.`,
		"Handle;Title\nmug;Mug\n":                `The file has no column "Handle" or "URL handle" in its first line, separated by commas.`,
		"Handle\nmug\n":                          `The file has no column of a product in its first line but "Handle".`,
		"Handle,Colour\nmug,red\n":               `The file has no column of a product in its first line but "Handle".`,
		"\"Handle,Title\nmug,Mug\n":              "The file has no header: its first line has a quotation mark that is not closed.",
		"\xff\xfeH\x00a\x00n\x00d\x00l\x00e\x00": `The file has no column "Handle" or "URL handle" in its first line, separated by commas.`,
		`{"products": []}`:                       "The file has no header: its first line has a quotation mark in the wrong place.",
	} {
		for what, check := range map[string]func() error{
			"read":   func() error { _, _, err := readAll([]byte(file)); return err },
			"header": func() error { return shopifycsv.CheckHeader(strings.NewReader(file)) },
		} {
			if err := check(); !fault.Is(err, fault.Invalid) || err.Error() != want {
				t.Errorf("%s %q: %v, want %s", what, file, err, want)
			}
		}
	}
}

func TestReader_countsRows(t *testing.T) {
	t.Parallel()
	file := "Handle,Title,Image Src\nmug,\"Mug\n1\",\n\nmug,,https://x.example/a.jpg\n,,\n,lost,\nmug,b\"ad,\n"
	r, err := shopifycsv.NewReader(section([]byte(file)), "USD", func(shopifycsv.RowError) {})
	if err != nil {
		t.Fatal(err)
	}
	if r.Rows() != 4 || r.Done() != 0 {
		t.Errorf("%d rows, %d done", r.Rows(), r.Done())
	}
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) || r.Done() != 4 {
		t.Errorf("%v, %d done", err, r.Done())
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("behind the end: %v", err)
	}
}

func TestReader_keepsToTheBoundsOfAProduct(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("Handle,Title,Variant SKU,Image Src\n")
	for i := range shopifycsv.MaxVariants + 2 {
		fmt.Fprintf(&b, "mug,Mug,M-%d,\n", i)
	}
	for i := range shopifycsv.MaxImages + 1 {
		fmt.Fprintf(&b, "mug,,,https://x.example/%d.jpg\n", i)
	}
	products, wrong, err := readAll([]byte(b.String()))
	if err != nil || len(products) != 1 || len(products[0].Variants) != shopifycsv.MaxVariants || len(products[0].Images) != shopifycsv.MaxImages {
		t.Fatalf("%v", err)
	}
	compare(t, wrong, []string{
		"line 2002: The row is one variant too many: a product has at most 2000",
		"line 2003: The row is one variant too many: a product has at most 2000",
		"line 2254: The row is one image too many: a product has at most 250",
	})
}

func TestReader_passesOverARowWithoutEnd(t *testing.T) {
	t.Parallel()
	file := "Handle,Title\nmug,\"" + strings.Repeat("endless ", 2<<20) + "\ncup,Cup\n"
	products, wrong := read(t, file)
	compare(t, products, []string{`cup@3 title="Cup"`})
	compare(t, wrong, []string{"line 2: The row is too long, or has a quotation mark that is not closed"})
}

// brokenFile ends with an error.
type brokenFile struct{ content string }

var errBroken = errors.New("the cable is out")

func (f brokenFile) ReadAt(p []byte, at int64) (int, error) {
	if at >= int64(len(f.content)) {
		return 0, errBroken
	}
	return copy(p, f.content[at:]), nil
}

func TestReader_tellsThatTheFileBrokeOff(t *testing.T) {
	t.Parallel()
	file := io.NewSectionReader(brokenFile{"Handle,Title\nmug,Mug\ncup,C"}, 0, 1000)
	if _, err := shopifycsv.NewReader(file, "USD", func(shopifycsv.RowError) {}); !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
}

func TestReader_limitsTheNumberOfRows(t *testing.T) {
	t.Parallel()
	file := []byte("Handle,Title\n" + strings.Repeat("a,\n", shopifycsv.MaxRows+1))
	if _, _, err := readAll(file); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "more than 1000000 rows") {
		t.Errorf("got %v", err)
	}
}
