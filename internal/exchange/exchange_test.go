package exchange_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"vitrine/internal/catalog"
	"vitrine/internal/catalog/shopifycsv"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/exchange"
	"vitrine/internal/fixture"
	"vitrine/internal/inventory"
	"vitrine/internal/setup"
	"vitrine/internal/store"
)

// each runs fn on every database, with a store of nothing.
func each(t *testing.T, fn func(t *testing.T, s *shop)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { fn(t, newShop(t, d)) })
}

// shop is a store in a database.
type shop struct {
	t  *testing.T
	db *db.DB
	store.Store
}

func newShop(t *testing.T, d *db.DB) *shop {
	t.Helper()
	owner, err := fixture.Account(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	s, err := fixture.Catalog(t.Context(), d, owner, fixture.Size{})
	if err != nil {
		t.Fatal(err)
	}
	return &shop{t: t, db: d, Store: s}
}

func section(file string) *io.SectionReader {
	return io.NewSectionReader(strings.NewReader(file), 0, int64(len(file)))
}

// take imports a file, and checks that a dry run beforehand tells the same.
func (s *shop) take(file string) exchange.Report {
	s.t.Helper()
	before := s.catalog()
	dry := exchange.Import{Store: s.Store, File: section(file), DryRun: true}
	told, err := dry.Run(s.t.Context(), s.db)
	if err != nil {
		s.t.Fatal(err)
	}
	if after := s.catalog(); after != before {
		s.t.Fatalf("a dry run wrote: %s", after)
	}
	wet := exchange.Import{Store: s.Store, File: section(file)}
	did, err := wet.Run(s.t.Context(), s.db)
	if err != nil {
		s.t.Fatal(err)
	}
	if a, b := fmt.Sprint(told), fmt.Sprint(did); a != b {
		s.t.Fatalf("the dry run told\n%s\nthe import did\n%s", a, b)
	}
	return did
}

// expect imports a file and checks what that did, as "products created+updated,
// variants created+updated", and the rows that were left out.
func (s *shop) expect(file, counts string, wrong ...string) {
	s.t.Helper()
	r := s.take(file)
	got := fmt.Sprintf("%d+%d, %d+%d", r.ProductsCreated, r.ProductsUpdated, r.VariantsCreated, r.VariantsUpdated)
	if got != counts {
		s.t.Errorf("import: %s, want %s", got, counts)
	}
	told := make([]string, 0, len(r.Errors))
	for _, e := range r.Errors {
		told = append(told, e.Error())
	}
	if !slices.Equal(told, wrong) {
		s.t.Errorf("errors\n%s\nwant\n%s", strings.Join(told, "\n"), strings.Join(wrong, "\n"))
	}
}

// expectAgain checks that the same file once more changes nothing, not even a time.
func (s *shop) expectAgain(file string, wrong ...string) {
	s.t.Helper()
	before := s.withTimes()
	s.expect(file, "0+0, 0+0", wrong...)
	if after := s.withTimes(); after != before {
		s.t.Errorf("the second time it wrote\n%s\nbefore\n%s", after, before)
	}
}

func (s *shop) products() []catalog.Product {
	s.t.Helper()
	found, err := catalog.Following(s.t.Context(), s.db, s.ID, catalog.ProductID{}, 10_000)
	if err != nil {
		s.t.Fatal(err)
	}
	return found
}

// catalog writes down all products but for ids and times.
func (s *shop) catalog() string {
	s.t.Helper()
	var b strings.Builder
	for _, p := range s.products() {
		b.WriteString(show(&p) + "\n")
	}
	return b.String()
}

func (s *shop) withTimes() string {
	s.t.Helper()
	var b strings.Builder
	for _, p := range s.products() {
		fmt.Fprint(&b, show(&p), p.ID, p.CreatedAt, p.UpdatedAt)
		for _, v := range p.Variants {
			fmt.Fprint(&b, v.ID, v.CreatedAt, v.UpdatedAt)
		}
	}
	return b.String()
}

func show(p *catalog.Product) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %q %s%s%s%s%s%s tags=%q", p.Slug, p.Title, p.Status, maybe("desc", p.Description), maybe("vendor", p.Vendor), maybe("type", p.Type),
		maybe("seo", p.SEOTitle), maybe("seod", p.SEODescription), p.Tags)
	for _, o := range p.Options {
		fmt.Fprintf(&b, " %s%q", o.Name, o.Values)
	}
	for _, i := range p.Images {
		fmt.Fprintf(&b, "\n  image %d %s %q", i.Position, i.URL, i.Alt)
	}
	for _, v := range p.Variants {
		fmt.Fprintf(&b, "\n  variant %d %q", v.Position, v.Title)
		for _, name := range slices.Sorted(maps.Keys(v.OptionValues)) {
			fmt.Fprintf(&b, " %s=%s", name, v.OptionValues[name])
		}
		fmt.Fprintf(&b, "%s %d%s%s%s%s %s tracked=%v backorder=%v", maybe("sku", v.SKU), v.Price, maybe("was", v.CompareAtPrice), maybe("cost", v.Cost),
			maybe("barcode", v.Barcode), maybe("weight", v.Weight), v.WeightUnit, v.TrackInventory, v.AllowBackorder)
	}
	return b.String()
}

func maybe[T any](name string, v *T) string {
	if v == nil {
		return ""
	}
	return fmt.Sprintf(" %s=%v", name, *v)
}

// has checks that the catalog has a line.
func (s *shop) has(lines ...string) {
	s.t.Helper()
	all := s.catalog()
	for _, line := range lines {
		if !strings.Contains("\n"+all, "\n"+line) {
			s.t.Errorf("%q is missing in\n%s", line, all)
		}
	}
}

// create adds a product as the API does.
func (s *shop) create(p catalog.Product) catalog.Product {
	s.t.Helper()
	err := s.db.InTx(s.t.Context(), func(tx *db.Tx) (err error) {
		p, err = catalog.Create(s.t.Context(), tx, s.ID, p)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// export returns the store's CSV.
func (s *shop) export() string {
	s.t.Helper()
	var b bytes.Buffer
	if err := exchange.Export(s.t.Context(), s.db, s.Store, &b, "", nil); err != nil {
		s.t.Fatal(err)
	}
	return b.String()
}

const header = "Handle,Title,Variant SKU,Variant Price,Option1 Name,Option1 Value,Image Src,Image Position\n"

func TestImport_makesProductsAndVariantsAndChangesNothingTheSecondTime(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		file := "\ufeff" + strings.ReplaceAll("Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Policy,Variant Price,Variant Compare At Price,Variant Barcode,Image Src,Image Position,Image Alt Text,SEO Title,SEO Description,Variant Weight Unit,Cost per item\n"+
			"apron,Apron,\"<p>Washed.\nTwo pockets.</p>\",Mill,Kitchen,\"linen, apron\",true,Size,Short,Colour,Flax,A-1,454,shopify,continue,39.90,45,123,https://x.example/1.jpg,1,Front,Aprons,Buy,lb,14.50\n"+
			"apron,,,,,,,,Long,,Flax,A-2,28,,deny,44.90,,,https://x.example/2.jpg,2,,,,oz,\n"+
			"apron,,,,,,,,,,,,,,,,,,https://x.example/3.jpg,3,Side,,,,\n"+
			"hook,Hook,,,,,false,Title,Default Title,,,,0,,deny,8,,,,,,,,kg,\n", "\n", "\r\n")
		s.expect(file, "2+0, 3+0")
		want := `apron "Apron" active desc=<p>Washed.
Two pockets.</p> vendor=Mill type=Kitchen seo=Aprons seod=Buy tags=["linen" "apron"] Size["Short" "Long"] Colour["Flax"]
  image 1 https://x.example/1.jpg "Front"
  image 2 https://x.example/2.jpg ""
  image 3 https://x.example/3.jpg "Side"
  variant 1 "Short / Flax" Colour=Flax Size=Short sku=A-1 3990 was=4500 cost=1450 barcode=123 weight=1 lb tracked=true backorder=true
  variant 2 "Long / Flax" Colour=Flax Size=Long sku=A-2 4490 weight=1 oz tracked=false backorder=false
hook "Hook" draft tags=[]
  variant 1 "Default" 800 weight=0 kg tracked=false backorder=false
`
		if got := s.catalog(); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		s.expectAgain(file)
	})
}

func TestImport_changesWhatTheFileSaysAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.expect(header+"mug,Mug,M-S,10,Size,S,https://x.example/1,1\nmug,,M-L,12,,L,,\ncup,Cup,C,5,,,,\n", "2+0, 3+0")
		file := header + "mug,Big Mug,M-S,10,Size,S,,\nmug,,M-L,13,,L,,\nmug,,M-XL,15,,XL,https://x.example/2,2\n"
		s.expect(file, "0+1, 1+1")
		s.has(`mug "Big Mug" active tags=[] Size["S" "L" "XL"]`+"\n  image 1 https://x.example/1", "  image 2 https://x.example/2",
			`  variant 1 "S" Size=S sku=M-S 1000`, `  variant 2 "L" Size=L sku=M-L 1300`, `  variant 3 "XL" Size=XL sku=M-XL 1500`, `cup "Cup"`)
		s.expectAgain(file)
		s.expect("Handle,Vendor\nmug,Kiln\n", "0+1, 0+0")
		s.has(`mug "Big Mug" active vendor=Kiln tags`)
		s.expect("Handle,Title,Vendor\nmug,Big Mug,\n", "0+1, 0+0")
		s.has(`mug "Big Mug" active tags`)
		s.expect("Handle,Variant SKU,Variant Price\n,M-S,1\nmug,M-S,11\n", "0+0, 0+1", "line 2: Handle must not be empty")
		s.has(`  variant 1 "S" Size=S sku=M-S 1100`)
	})
}

func TestImport_onlyWhatChangedHasANewTime(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.expect(header+"mug,Mug,M-S,10,Size,S,,\nmug,,M-L,12,,L,,\ncup,Cup,C,5,,,,\n", "2+0, 3+0")
		before := s.products()
		s.expect(header+"mug,Mug,M-S,10,Size,S,,\nmug,,M-L,13,,L,,\ncup,Cup,C,5,,,,\n", "0+0, 0+1")
		after := s.products()
		if after[0].UpdatedAt.Equal(before[0].UpdatedAt) || after[0].Variants[1].UpdatedAt.Equal(before[0].Variants[1].UpdatedAt) {
			t.Error("the changed variant and its product have their old times")
		}
		if !after[0].Variants[0].UpdatedAt.Equal(before[0].Variants[0].UpdatedAt) || !after[1].UpdatedAt.Equal(before[1].UpdatedAt) {
			t.Error("what did not change has a new time")
		}
	})
}

func TestImport_aKnownSKUUnderANewHandleUpdatesThatVariantWhereItIs(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.expect(header+"mug,Mug,M-S,10,Size,S,,\nmug,,M-L,12,,L,,\n", "1+0, 2+0")
		file := header + "beaker,Beaker,M-L,14,Shape,Tall,https://x.example/1,1\n"
		s.expect(file, "0+0, 0+1")
		s.has(`mug "Mug" active tags=[] Size["S" "L"]`, `  variant 2 "L" Size=L sku=M-L 1400`)
		s.expectAgain(file)
		// Its other rows make the new product, in one batch and with a known one.
		s.expect(header+"beaker,Beaker,M-S,11,Shape,Wide,,\nbeaker,,B-T,20,,Tall,,\nmug,Mug,M-L,15,Size,L,,\n", "1+0, 1+2")
		s.has(`beaker "Beaker" active tags=[] Shape["Wide" "Tall"]`, `  variant 1 "Tall" Shape=Tall sku=B-T 2000`, `  variant 1 "S" Size=S sku=M-S 1100`, `  variant 2 "L" Size=L sku=M-L 1500`)
	})
}

func TestImport_aVariantIsFoundByWhatItChoosesWhenItsSKUIsNew(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.expect(header+"mug,Mug,OLD-S,10,Size,S,,\nmug,,OLD-L,12,,L,,\n", "1+0, 2+0")
		file := header + "mug,Mug,NEW-S,10,Size,S,,\nmug,,NEW-L,12,,L,,\njar,Jar,OLD-S,3,,,,\n"
		s.expect(file, "1+0, 1+2")
		s.has(`  variant 1 "S" Size=S sku=NEW-S`, `  variant 2 "L" Size=L sku=NEW-L`, `jar "Jar"`+" active tags=[]\n  variant 1 \"Default\" sku=OLD-S")
		s.expectAgain(file)
		// A SKU that moves from one product to another.
		file = header + "mug,Mug,X-L,12,Size,L,,\njar,Jar,NEW-L,3,,,,\n"
		s.expect(file, "0+0, 0+2")
		s.has(`  variant 2 "L" Size=L sku=X-L`, `  variant 1 "Default" sku=NEW-L`)
		s.expectAgain(file)
		// One that moves within a product takes its variant along.
		s.expect(header+"mug,Mug,X-L,12,Size,M,,\n", "0+1, 0+1")
		s.has(`  variant 2 "M" Size=M sku=X-L`)
	})
}

func TestImport_aSKUThatWasFreedBatchesBeforeIsFree(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.expect(header+"mug,Mug,OLD,10,Size,S,,\n", "1+0, 1+0")
		file := header + "mug,Mug,NEW,10,Size,S,,\n" + many(600) + "jar,Jar,OLD,3,,,,\n"
		s.expect(file, "601+0, 601+1")
		s.expectAgain(file)
	})
}

// many returns rows of so many products.
func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "bowl-%d,Bowl %d,B-%d,%d,,,,\n", i, i, i, i%90+1)
	}
	return b.String()
}

func TestImport_optionsKeepTheirOrderAndCanBeRenamed(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		const wide = "Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant Price\n"
		s.expect(wide+"mug,Mug,Size,L,Colour,Red,1\nmug,,,S,,Blue,2\n", "1+0, 2+0")
		s.has(`mug "Mug" active tags=[] Size["L" "S"] Colour["Red" "Blue"]`)
		file := wide + "mug,Mug,Storlek,L,Colour,Red,1\nmug,,,S,,Blue,2\n"
		s.expect(file, "0+1, 0+2")
		s.has(`mug "Mug" active tags=[] Storlek["L" "S"] Colour["Red" "Blue"]`, `  variant 2 "S / Blue" Colour=Blue Storlek=S`)
		s.expectAgain(file)
		file = wide + "mug,Mug,Colour,Red,Storlek,L,1\nmug,,,Green,,M,2\n"
		s.expect(file, "0+1, 1+2")
		s.has(`mug "Mug" active tags=[] Colour["Red" "Blue" "Green"] Storlek["L" "S" "M"]`, `  variant 1 "Red / L"`)
		s.expectAgain(file)
		// Without names in the file, the product's own count.
		s.expect("Handle,Option1 Value,Option2 Value,Variant Price\nmug,Green,M,7\nmug,Red,XL,8\njar,Red,XL,8\n", "0+1, 1+1",
			`line 4: Title must not be empty, since there is no product with the handle "jar" yet`)
		s.has(`  variant 3 "Green / M" Colour=Green Storlek=M 700`, `  variant 4 "Red / XL" Colour=Red Storlek=XL 800`)
		s.expect("Handle,Title,Option1 Value,Option2 Value,Option3 Value,Variant Price\nmug,Mug,Green,M,Hot,7\njar,Jar,Red,,,8\n", "0+0, 0+0",
			"line 2: Option3 Name must not be empty, since the variant has a value for it", "line 3: Option1 Name must not be empty, since the variant has a value for it")
	})
}

func TestImport_aProductWithoutOptionsGetsSome(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		mug := catalog.NewProduct("Mug")
		s.create(mug)
		file := header + "mug,Mug,M-S,10,Size,S,,\nmug,,M-L,12,,L,,\n"
		s.expect(file, "0+1, 1+1")
		s.has(`mug "Mug" active tags=[] Size["S" "L"]`+"\n"+`  variant 1 "S" Size=S sku=M-S 1000`, `  variant 2 "L"`)
		s.expectAgain(file)
	})
}

func TestImport_imagesAreKnownByAddressAndPosition(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		const images = "Handle,Title,Image Src,Image Position,Image Alt Text\n"
		file := images + "mug,Mug,https://x.example/a,1,A\nmug,,https://x.example/b,,\nmug,,https://x.example/a,9,again\n"
		s.expect(file, "1+0, 1+0")
		s.has("  image 1 https://x.example/a \"A\"\n  image 2 https://x.example/b \"\"\n  image 9 https://x.example/a \"again\"")
		s.expectAgain(file)
		file = images + "mug,Mug,https://x.example/b,1,B\nmug,,https://x.example/c,2,\n"
		s.expect(file, "0+1, 0+0")
		s.has("  image 1 https://x.example/a \"A\"\n  image 1 https://x.example/b \"B\"\n  image 2 https://x.example/c \"\"\n  image 9 https://x.example/a \"again\"")
		s.expectAgain(file)
		s.expect(images+"mug,Mug,https://x.example/d,1,\n", "0+1, 0+0")
		s.has("  image 1 https://x.example/d \"\"\n  image 1 https://x.example/a")
		var b strings.Builder
		for i := range 250 {
			fmt.Fprintf(&b, "mug,Mug,https://x.example/more-%d,,\n", i)
		}
		s.expect(images+b.String(), "0+0, 0+0", "line 2: The row belongs to a product whose images must have at most 250 items")
	})
}

func TestImport_aBadRowIsToldWithLineAndColumnAndTheRestGoesIn(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.expect(header+"old,Old,O,1,,,,\n", "1+0, 1+0")
		file := header + strings.Join([]string{
			"mug,\"Mug\nfor tea\",M-S,free,Size,S,,", // lines 2 and 3
			"mug,,M-L,12,,L,,",
			"cup,Cup,C,1.999,,,,",
			"old,New title,O,-1,,,,",
			"jar,Jar,J,3,,,nowhere,",
			"bowl,Bowl,B,4,,,,",
			"dish,,D,5,,,,",
			"pan,P\"an,P,6,,,,",
			"mug,,M-XL,15,,XL,,",
		}, "\n") + "\n"
		wrong := []string{
			`line 2: Title must not contain control characters`,
			`line 2: Variant Price must be a decimal number such as "12.99"`,
			`line 4: Title must not be empty, since there is no product with the handle "mug" yet`,
			`line 5: Variant Price has more decimals than the currency`,
			`line 6: Variant Price must not be negative`,
			`line 7: Image Src must be an http or https address`,
			`line 9: Title must not be empty, since there is no product with the handle "dish" yet`,
			`line 10: The row has a quotation mark in the wrong place`,
		}
		s.expect(file, "1+0, 1+0", wrong...)
		s.has(`old "Old" active tags=[]`+"\n"+`  variant 1 "Default" sku=O 100`, `bowl "Bowl"`)
		s.expectAgain(file, wrong...)
		s.expect(header+"mug,Mug,M-S,free,Size,S,,\nmug,,M-L,12,,L,,\n", "1+0, 1+0", `line 2: Variant Price must be a decimal number such as "12.99"`)
		s.has(`mug "Mug" active tags=[] Size["L"]` + "\n" + `  variant 1 "L" Size=L sku=M-L`)
	})
}

func TestImport_reportsABoundedNumberOfErrors(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		r := s.take(header + strings.Repeat("mug,Mug,M,free,,,,\n", 2500) + "cup,Cup,C,1,,,,\n")
		if len(r.Errors) != exchange.MaxErrors || r.MoreErrors != 1500 || r.Rows != 2501 || r.ProductsCreated != 1 || r.Errors[999].Line != 1001 {
			t.Errorf("%d errors and %d more, %d rows, %d products", len(r.Errors), r.MoreErrors, r.Rows, r.ProductsCreated)
		}
	})
}

func TestImport_variantsOutOfOrderAndFarApart(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		file := header + "mug,,M-L,12,,L,,\ncup,Cup,C,1,,,,\n" + many(700) + "mug,Mug,M-S,10,Size,S,https://x.example/1,1\ncup,,,,,,https://x.example/2,\n"
		s.expect(file, "702+0, 703+0")
		s.has(`mug "Mug" active tags=[] Size["L" "S"]`+"\n  image 1 https://x.example/1", "  image 1 https://x.example/2")
		s.expectAgain(file)
	})
}

func TestImport_aTitleMadeOfTheOptionsFollowsThem(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.expect(header+"mug,Mug,M-S,10,Size,S,,\nmug,,M-L,10,,L,,\n", "1+0, 2+0")
		mug := s.products()[0]
		err := s.db.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := catalog.UpdateVariant(t.Context(), tx, s.ID, mug.ID, mug.Variants[1].ID, func(v *catalog.Variant) { v.Title = "The large one" })
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		s.expect(header+"mug,Mug,M-S,10,Size,Small,,\nmug,,M-L,10,,Large,,\n", "0+1, 0+2")
		s.has(`  variant 1 "Small" Size=Small`, `  variant 2 "The large one" Size=Large`)
	})
}

func TestImport_weightsInTheVariantsOwnUnit(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.expect("Handle,Title,Variant Grams,Variant Weight Unit\nmug,Mug,454,lb\ncup,Cup,250,\n", "2+0, 2+0")
		s.has(`mug "Mug" active tags=[]`+"\n"+`  variant 1 "Default" 0 weight=1 lb`, `cup "Cup" active tags=[]`+"\n"+`  variant 1 "Default" 0 weight=0.25 kg`)
		s.expect("Handle,Variant Grams\nmug,454\n", "0+0, 0+0")
		s.expect("Handle,Variant Weight Unit\nmug,kg\n", "0+0, 0+1")
		s.has(`mug "Mug" active tags=[]` + "\n" + `  variant 1 "Default" 0 weight=0.454 kg`)
		s.expect("Handle,Variant Grams,Variant Weight Unit\nmug,,kg\n", "0+0, 0+1")
		s.has(`mug "Mug" active tags=[]` + "\n" + `  variant 1 "Default" 0 kg`)
	})
}

func TestImport_refusesWhatIsNoProductCSV(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		i := exchange.Import{Store: s.Store, File: section("Name;Price\nMug;1\n")}
		if _, err := i.Run(t.Context(), s.db); err == nil || !strings.Contains(err.Error(), `has no column "Handle"`) {
			t.Errorf("got %v", err)
		}
	})
}

func TestImport_endsWithItsContext(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		ctx, cancel := context.WithCancel(t.Context())
		i := exchange.Import{Store: s.Store, File: section(header + many(2000)), Keep: func(context.Context, *db.Tx, exchange.State) error { cancel(); return nil }}
		if _, err := i.Run(ctx, s.db); err == nil {
			t.Error("it went on")
		}
	})
}

func TestBounds_areThoseOfTheCatalog(t *testing.T) {
	t.Parallel()
	if shopifycsv.MaxVariants != catalog.MaxVariants {
		t.Errorf("a file may have %d variants and a product %d", shopifycsv.MaxVariants, catalog.MaxVariants)
	}
}

func (s *shop) delete(p catalog.ProductID) {
	s.t.Helper()
	err := s.db.InTx(s.t.Context(), func(tx *db.Tx) error { return catalog.Delete(s.t.Context(), tx, s.ID, p) })
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestImport_aDeletedProductIsMadeAnew(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		file := header + "mug,Mug,M,1,,,,\n"
		s.take(file)
		s.delete(s.products()[0].ID)
		s.expect(file, "1+0, 1+0")
	})
}

func TestImport_ofTheSampleThatWeShipLeavesNothingOut(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		file, err := os.ReadFile("../../examples/tea-house.csv")
		if err != nil {
			t.Fatal(err)
		}
		if r := s.take(string(file)); r.ProductsCreated < 10 || r.VariantsCreated < 20 || len(r.Errors) > 0 {
			t.Errorf("%+v", r)
		}
		s.expectAgain(string(file))
	})
}

// TestImport_tellsWhatIsOnHandOfTrackedVariants stands in for whoever keeps stock.
func TestImport_tellsWhatIsOnHandOfTrackedVariants(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		stock := map[catalog.VariantID]int64{}
		i := exchange.Import{Store: s.Store, SetStock: func(ctx context.Context, tx *db.Tx, all []exchange.Quantity) (int, map[int]string, error) {
			for _, q := range all {
				if _, err := db.One(ctx, tx, db.Value[int], `SELECT 1 FROM variant WHERE store_id = $1 AND id = $2`, s.ID, q.Variant); err != nil {
					return 0, nil, fmt.Errorf("stock of a variant that is not there: %w", err)
				}
				stock[q.Variant] = q.Units
			}
			return len(all), nil, nil
		}}
		check := func(file string, levels int, want map[string]int64) {
			t.Helper()
			i.File = section(file)
			r, err := i.Run(t.Context(), s.db)
			if err != nil || r.LevelsSet != levels {
				t.Errorf("%d levels, want %d (%v)", r.LevelsSet, levels, err)
			}
			got := map[string]int64{}
			for _, p := range s.products() {
				for _, v := range p.Variants {
					if n, known := stock[v.ID]; known {
						got[*v.SKU] = n
					}
				}
			}
			if !maps.Equal(got, want) {
				t.Errorf("on hand %v, want %v", got, want)
			}
		}
		const header = "Handle,Title,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Option1 Name,Option1 Value\n"
		check(header+"mug,Mug,M-L,shopify,7,Size,L\nmug,,M-S,shopify,0,,S\ncup,Cup,C,,5,,\njar,Jar,J,shopify,,,\n", 2, map[string]int64{"M-L": 7, "M-S": 0})
		check("Handle,Variant SKU,Variant Inventory Qty\nother,M-L,9\nmug,M-S,3\ncup,C,5\njar,J,1\n", 3, map[string]int64{"M-L": 9, "M-S": 3, "J": 1})
	})
}

// A dry run tells of stock what the import does, what is refused too, and leaves it.
func TestImport_aDryRunForeseesStock(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		err := s.db.InTx(t.Context(), func(tx *db.Tx) (err error) {
			s.Store, err = setup.Change(t.Context(), tx, s.ID, func(st *store.Store) { st.Type = store.Ecommerce })
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		stock := inventory.NewWriter(s.db, nil)
		run := func(file string, dry bool) exchange.Report {
			t.Helper()
			i := exchange.Import{Store: s.Store, File: section(file), DryRun: dry, SetStock: exchange.StockOf(stock, s.Store)}
			r, err := i.Run(t.Context(), s.db)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		onHand := func() int64 {
			t.Helper()
			n, err := db.One(t.Context(), s.db, db.Value[int64], `SELECT CAST(COALESCE(sum(quantity), 0) AS BIGINT) FROM inventory_level WHERE store_id = $1`, s.ID)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		take := func(file string, levels, left int, before, after int64) {
			t.Helper()
			told := run(file, true)
			if n := onHand(); n != before {
				t.Errorf("after the dry run %d are on hand, not %d", n, before)
			}
			did := run(file, false)
			if a, b := fmt.Sprint(told), fmt.Sprint(did); a != b || did.LevelsSet != levels || len(did.Errors) != left || onHand() != after {
				t.Errorf("the dry run told %s, the import did %s; want %d levels, %d left out and %d on hand, which are %d", a, b, levels, left, after, onHand())
			}
		}
		const header = "Handle,Title,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Option1 Name,Option1 Value\n"
		const first = header + "mug,Mug,M-L,shopify,7,Size,L\nmug,,M-S,shopify,0,,S\ncup,Cup,C,,5,,\n"
		take(first, 2, 0, 0, 7)
		take(first, 0, 0, 7, 7)
		level, err := db.One(t.Context(), s.db, func(row db.Row) (l inventory.LevelID, err error) {
			err = row.Scan(&l)
			return l, err
		}, `SELECT id FROM inventory_level WHERE store_id = $1 AND quantity = 7`, s.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stock.Reserve(t.Context(), s.ID, level, inventory.Move{Units: 5}); err != nil {
			t.Fatal(err)
		}
		take(header+"mug,Mug,M-L,shopify,4,Size,L\nmug,,M-S,shopify,3,,S\nmug,,M-M,shopify,2,,M\n", 2, 1, 7, 12)
	})
}
