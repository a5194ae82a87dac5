package shopifycsv_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"

	"vitrine/internal/catalog/shopifycsv"
	"vitrine/internal/fault"
)

// FuzzReader reads any bytes: no panic, no product twice, no SKU twice, no more
// rows than were counted; and what it has read is the same again once it was written.
func FuzzReader(f *testing.F) {
	for _, name := range []string{"testdata/classic.csv", "testdata/current.csv"} {
		file, err := os.ReadFile(name) //nolint:gosec // our own
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
		f.Add(bytes.ReplaceAll(file, []byte("\n"), []byte("\r\n")))
		f.Add(file[:len(file)/2])
	}
	for _, file := range []string{
		"", "\ufeffHandle,Title\nmug,Mug\n", "Handle,Title\nmug,\"Mug\ncup,\"Cup\"\n", "Handle,Title\nmug,b\"ad\nmug,\"\"\"\n",
		"Handle,Title,Vitrine Variant Title\na,'=x,''-\nb,'a,\na,,T\n", "Handle,Variant SKU\na,x\nb,x\na,y\n", "Handle,Title\r\na\r,\"\r\"\r\r\n",
		"Handle,Title,Option1 Name,Option1 Value,Vitrine Option1 Values\na,A,Title,Default Title,\"x\ny\"\na,,,z,\n",
		"Handle,Title,Variant Grams,Variant Weight Unit\na,A,1.5,oz\n",
	} {
		f.Add([]byte(file))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := shopifycsv.NewReader(section(file), "USD", func(e shopifycsv.RowError) {
			if e.Line < 2 || e.Message == "" || e.Line > 2+bytes.Count(file, []byte("\n")) {
				t.Fatalf("an error at no line: %+v", e)
			}
		})
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatal(err)
			}
			return
		}
		var products []shopifycsv.Product
		for {
			p, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			products = append(products, p)
		}
		if r.Done() != r.Rows() {
			t.Fatalf("%d rows of %d", r.Done(), r.Rows())
		}
		checkUnique(t, products)
		checkRoundTrip(t, products)
	})
}

func checkUnique(t *testing.T, products []shopifycsv.Product) {
	t.Helper()
	handles, skus := map[string]bool{}, map[string]bool{}
	for _, p := range products {
		if handles[p.Handle] || p.Handle == "" {
			t.Fatalf("%q is yielded twice", p.Handle)
		}
		handles[p.Handle] = true
		for _, v := range p.Variants {
			if v.SKU.Said() && skus[v.SKU.Value] {
				t.Fatalf("SKU %q is yielded twice", v.SKU.Value)
			}
			skus[v.SKU.Value] = true
		}
	}
}
