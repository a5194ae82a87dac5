package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/exchange"
	"vitrine/internal/fixture"
	"vitrine/internal/store"
)

// importRows is how many rows the file has that is imported: for each product one
// for each of four variants, and one for a further picture.
const importRows = 100_000

// importRuns is how often each side is measured; the median counts.
const importRuns = 3

const aboutImport = `
A Shopify product CSV of 100,000 rows, 20,000 products with four variants and two pictures each, is imported into an empty store, median of
3. The floor is plain ` + "`INSERT … SELECT`" + ` of the same products and variants with ready-made ids into tables with the same keys and indexes.
"Again" is the same file once more, which changes nothing. Marks: at least 10,000 rows/s, at most 64 MiB of extra memory.

| database | import | rows per second | floor | import : floor | again | rows per second | memory grows by |
| --- | --- | --- | --- | --- | --- | --- | --- |`

func measureImport(ctx context.Context, d *db.DB, out *report) error {
	file, err := generated(importRows)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	owner, err := fixture.Account(ctx, d)
	if err != nil {
		return err
	}
	low, err := newFloor(ctx, d, "import", true)
	if err != nil {
		return err
	}
	var imports, again, floors []time.Duration
	extra := uint64(0)
	for range importRuns {
		s, err := fixture.Catalog(ctx, d, owner, fixture.Size{})
		if err != nil {
			return err
		}
		for _, all := range []*[]time.Duration{&imports, &again} {
			took, grown, err := importOnce(ctx, d, owner, s, file)
			if err != nil {
				return err
			}
			*all, extra = append(*all, took), max(extra, grown)
		}
		if err := makeReady(ctx, d, s); err != nil {
			return err
		}
		took, err := low.insert(ctx)
		if err != nil {
			return err
		}
		floors = append(floors, took)
	}
	i, a, f := median(imports), median(again), median(floors)
	out.row(d.Engine(), seconds(i), out.atLeast(10_000, importRows/i.Seconds(), "rows/s"), seconds(f), times(i, f),
		seconds(a), fmt.Sprintf("%.0f", importRows/a.Seconds()), out.atMost(64, mebi(extra), "MiB"))
	return nil
}

// importOnce imports the file and returns how long that took and by how much the
// memory of the process grew meanwhile.
func importOnce(ctx context.Context, d *db.DB, owner account.ID, s store.Store, file *os.File) (time.Duration, uint64, error) {
	info, err := file.Stat()
	if err != nil {
		return 0, 0, err
	}
	if err := settle(ctx, d); err != nil {
		return 0, 0, err
	}
	s.Owner = owner
	i := exchange.Import{Store: s, File: io.NewSectionReader(file, 0, info.Size())}
	var took time.Duration
	grown, err := watched(func() (err error) {
		took, err = timed(func() error {
			r, err := i.Run(ctx, d)
			if err == nil && (r.Rows != importRows || len(r.Errors) > 0) {
				err = fmt.Errorf("imported %d rows, %d left out", r.Rows, len(r.Errors))
			}
			return err
		})
		return err
	})
	return took, grown, err
}

// watched returns by how much the process's memory grew while fn ran, looking every
// few milliseconds.
func watched(fn func() error) (uint64, error) {
	debug.FreeOSMemory()
	before, peak := memory(), uint64(0)
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			peak = max(peak, memory())
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	})
	err := fn()
	close(done)
	watching.Wait()
	return peak - min(before, peak), err
}

// memory is what the process has that is not a file's: on Linux what the kernel
// counts, elsewhere what Go has taken.
func memory() uint64 {
	status, err := os.ReadFile("/proc/self/status")
	if _, line, found := strings.Cut(string(status), "RssAnon:"); err == nil && found {
		var kib uint64
		if _, err := fmt.Sscan(line, &kib); err == nil {
			return kib << 10
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Sys - m.HeapReleased
}

// generated returns a file like an export of Shopify, which goes with its process.
func generated(rows int) (*os.File, error) {
	f, err := os.CreateTemp("", "vitrine-bench-*.csv")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(f.Name())
	w := bufio.NewWriter(f)
	_, _ = fmt.Fprintln(w, "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Fulfillment Service,Variant Price,Variant Compare At Price,Variant Requires Shipping,Variant Taxable,Variant Barcode,Image Src,Image Position,Image Alt Text,Gift Card,SEO Title,SEO Description,Variant Weight Unit,Cost per item,Status")
	for i := range rows / 5 {
		for n, size := range []string{"S", "M", "L", "XL"} {
			about := ",,,,,,,,"
			image := ",,"
			if n == 0 {
				about = fmt.Sprintf("Product number %d,\"<p>The description of product %d, a few lines of text as merchants write them: what it is made of, how it is washed, and why it will be loved.</p>\n<p>Made to last.</p>\",Fixture & Sons,Thing,\"one, two, number %d\",true,Size,%s,Colour", i, i, i%100, size)
				image = fmt.Sprintf("https://images.example/%d.jpg,1,Product %d", i, i)
			} else {
				about = strings.TrimSuffix(about, ",,") + "," + size + ","
			}
			_, _ = fmt.Fprintf(w, "product-number-%d,%s,Blue,SKU-%d-%s,%d,shopify,%d,deny,manual,%d.%02d,99.00,true,true,40%08d%d,%s,false,,,g,4.50,active\n",
				i, about, i, size, 100+i%900, i%50, 10+i%90, i%100, i, n, image)
		}
		_, _ = fmt.Fprintf(w, "product-number-%d%shttps://images.example/%d-side.jpg,2,%s\n", i, strings.Repeat(",", 22), i, strings.Repeat(",", 6))
	}
	return f, w.Flush()
}
