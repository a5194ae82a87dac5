package dashboard

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"vitrine/internal/catalog"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/money"
)

// sent is a request with a form of names and values in turn.
func sent(pairs ...string) *http.Request {
	f := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return &http.Request{PostForm: f}
}

func titles(rows []variantRow) []string {
	var all []string
	for _, row := range rows {
		all = append(all, strings.Trim(strings.Join(row.Choices[:], "/"), "/"))
	}
	return all
}

func TestReadDraft_takesRowsInTheirOrderWhateverTheirNumbers(t *testing.T) {
	t.Parallel()
	d := readDraft(sent("title", "Mug", "images[10].url", "b", "images[2].url", "a", "images[2].alt", "A", "images[x].url", "no", "imagesx[1].url", "no",
		"variants[0].price", "1", "variants[0].track_inventory", "on", "category", "c1", "removed", "v9"))
	if !reflect.DeepEqual(d.Images, []imageRow{{"a", "A"}, {"b", ""}}) {
		t.Errorf("images %+v", d.Images)
	}
	if len(d.Variants) != 1 || d.Variants[0].Price != "1" || !d.Variants[0].Track || d.Variants[0].Backorder || !d.Categories["c1"] || d.Removed[0] != "v9" {
		t.Errorf("draft %+v", d)
	}
}

func TestGenerate_addsWhatIsMissingAndKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	d := newDraft()
	d.Variants[0].Price = "5.00"
	d.Options = []optionRow{{Name: "Size", Values: "S, M"}, {Name: "Colour", Values: "Red, Blue ,Red"}}
	if _, refusal := d.take("generate", nil, ""); refusal != "" {
		t.Fatal(refusal)
	}
	if got, want := titles(d.Variants), []string{"S/Red", "S/Blue", "M/Red", "M/Blue"}; !reflect.DeepEqual(got, want) {
		t.Errorf("variants %v", got)
	}
	d.take("variant-remove:1", nil, "")
	d.Options[0].Values = "S, M, L"
	d.take("generate", nil, "")
	if got, want := titles(d.Variants), []string{"S/Red", "M/Red", "M/Blue", "S/Blue", "L/Red", "L/Blue"}; !reflect.DeepEqual(got, want) {
		t.Errorf("variants %v", got)
	}
	if d.Variants[5].Price != "5.00" || d.Variants[5].SKU != "" {
		t.Errorf("a new variant %+v", d.Variants[5])
	}
	d.take("option-remove:0", nil, "")
	if got := titles(d.Variants); got[0] != "Red" || got[5] != "Blue" {
		t.Errorf("without the size: %v", got)
	}
}

func TestGenerate_knowsStoredVariantsThatAreNotShown(t *testing.T) {
	t.Parallel()
	d := draft{Options: []optionRow{{Name: "Size", Values: "S, M", Was: "Fit"}}}
	stored := []catalog.Variant{{OptionValues: map[string]string{"Fit": "S"}}}
	d.take("generate", stored, "")
	if got := titles(d.Variants); !reflect.DeepEqual(got, []string{"M"}) {
		t.Errorf("variants %v", got)
	}
	d = draft{Options: d.Options, Removed: []string{stored[0].ID.String()}}
	d.take("generate", stored, "")
	if got := titles(d.Variants); !reflect.DeepEqual(got, []string{"S", "M"}) {
		t.Errorf("after it was removed: %v", got)
	}
}

func TestGenerate_refusesWhatNoProductCanHave(t *testing.T) {
	t.Parallel()
	for _, options := range [][]optionRow{
		nil,
		{{Name: "Size"}},
		{{Values: "S"}},
		{{Name: "A", Values: numbers(50)}, {Name: "B", Values: numbers(41)}},
	} {
		d := newDraft()
		d.Options = options
		if _, refusal := d.take("generate", nil, ""); refusal == "" || len(d.Variants) != 1 {
			t.Errorf("%v: %q, %d variants", options, refusal, len(d.Variants))
		}
	}
}

func numbers(n int) string {
	var all []string
	for i := range n {
		all = append(all, strings.Repeat("i", i+1))
	}
	return strings.Join(all, ",")
}

func TestApply_renamesOptionsOfVariantsThatAreNotShown(t *testing.T) {
	t.Parallel()
	shown, hidden := catalog.VariantID{UUID: id.UUID{1}}, catalog.VariantID{UUID: id.UUID{2}}
	p := catalog.Product{
		Options: []catalog.Option{{Name: "Size", Values: []string{"S"}}, {Name: "Colour", Values: []string{"Red"}}},
		Variants: []catalog.Variant{
			{ID: shown, Title: "S / Red", OptionValues: map[string]string{"Size": "S", "Colour": "Red"}},
			{ID: hidden, Title: "Mine", OptionValues: map[string]string{"Size": "S", "Colour": "Red"}},
		},
	}
	d := draftOf(&p, 0, "EUR")
	d.Variants, d.Options = d.Variants[:1], []optionRow{{Name: "Fit", Values: "S", Was: "Size"}}
	d.Variants[0].Price = "1.50"
	a := application{draft: d, currency: "EUR"}
	a.apply(&p)
	if err := a.explain(nil); err != nil {
		t.Fatal(err)
	}
	for i, title := range []string{"", "Mine"} {
		if v := p.Variants[i]; v.Title != title || !reflect.DeepEqual(v.OptionValues, map[string]string{"Fit": "S"}) {
			t.Errorf("variant %+v", v)
		}
	}
	if p.Variants[0].Price != 150 {
		t.Errorf("price %d", p.Variants[0].Price)
	}
}

func TestExplain_namesTheRowsOfTheForm(t *testing.T) {
	t.Parallel()
	p := catalog.Product{Variants: []catalog.Variant{{ID: catalog.VariantID{UUID: id.UUID{1}}}, {ID: catalog.VariantID{UUID: id.UUID{2}}}}}
	d := draftOf(&p, 1, money.Currency("EUR"))
	d.Variants = append(d.Variants, variantRow{SKU: "A", Price: "x"})
	a := application{draft: d, currency: "EUR"}
	a.apply(&p)
	var f fault.Form
	f.Addf("variants[1].weight", nil, "is wrong")
	f.Addf("variants[0].price", nil, "is wrong")
	f.Addf("tags[3]", nil, "must not contain a comma")
	for want, err := range map[string]error{
		"variants[0].weight variants variants[1].price tags": f.Err(),
		"variants[1].price variants[1].sku":                  fault.Refusedf("sku_taken", "SKU %q is already used.", "A"),
		"variants[1].price":                                  nil,
	} {
		fresh := application{draft: a.draft, currency: a.currency}
		q := p
		fresh.apply(&q)
		told := paths(fresh.explain(err))
		for path := range strings.SplitSeq(want, " ") {
			if !told[path] {
				t.Errorf("%s is not among %v", path, told)
			}
		}
	}
	if err := a.explain(fault.Missing("product")); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
}

func paths(err error) map[string]bool {
	told := map[string]bool{}
	if e, ok := err.(*fault.Error); ok { //nolint:errorlint // it was made just now
		for _, f := range e.Fields {
			told[f.Path] = true
		}
	}
	return told
}

// FuzzEditor: whatever a browser sends, the editor shows something, and a step never
// loses what the others have.
func FuzzEditor(f *testing.F) {
	for _, s := range []string{"title=Mug&step=generate&options[0].name=A&options[0].values=1,2", "images[0].url=x&step=image-up:0", "variants[3].choice2=x&step=option-remove:9", "suppliers[0].id=x&step=supplier-add", "step=variant-remove:-1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		values, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		d := readDraft(&http.Request{PostForm: values})
		title := d.Title
		d.take(values.Get("step"), nil, values.Get("new_supplier"))
		if d.Title != title || len(d.Variants) > 2*catalog.MaxVariants+2 || len(d.Images) > maxRows+1 {
			t.Errorf("draft %+v", d)
		}
		a := application{draft: d, currency: "EUR"}
		p := catalog.NewProduct("")
		a.apply(&p)
		if err := a.explain(nil); err != nil && !fault.Is(err, fault.Invalid) {
			t.Error(err)
		}
	})
}
