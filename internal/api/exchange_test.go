package api_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/exchange"
)

var asCSV = http.Header{"Content-Type": {"text/csv"}}

const csvHeader = "Handle,Title,Variant SKU,Variant Price,Option1 Name,Option1 Value,Image Src,Image Position\n"

// importFile sends a file and returns the job's path.
func (c *client) importFile(path, file string) string {
	c.t.Helper()
	r := c.do("POST", path, file, asCSV).want(http.StatusAccepted)
	location := "/jobs/" + r.object()["job_id"].(string)
	if got := r.header.Get("Location"); got != "/api/v1"+location {
		c.t.Fatalf("Location %q", got)
	}
	return location
}

// imported sends a file and returns the report of the job.
func (c *client) imported(path, file string) object {
	c.t.Helper()
	ended := c.ended(c.importFile(path, file))
	if ended["status"] != "succeeded" || ended["kind"] != "import" {
		c.t.Fatalf("the job is %v", ended)
	}
	return ended["result"].(object)
}

// report is what an import tells, from the counts that are not zero.
func report(counts object, errors ...any) object {
	all := object{
		"products_created": 0.0, "products_updated": 0.0, "variants_created": 0.0, "variants_updated": 0.0, "levels_set": 0.0,
		"rows": 0.0, "errors": array{}, "more_errors": 0.0,
	}
	for name, n := range counts {
		all[name] = float64(n.(int))
	}
	all["errors"] = append(array{}, errors...)
	return all
}

func expectReport(t *testing.T, got, want object) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("report\n%v\nwant\n%v", got, want)
	}
}

func sample(t *testing.T, name string) string {
	t.Helper()
	file, err := os.ReadFile("../catalog/shopifycsv/testdata/" + name) //nolint:gosec // our own
	if err != nil {
		t.Fatal(err)
	}
	return string(file)
}

func TestImport_takesTheOldAndTheNewColumns(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		p.work(t)
		c := p.merchant(t)
		for name, want := range map[string]object{
			"classic.csv": report(object{"products_created": 2, "variants_created": 4, "levels_set": 3, "rows": 5}),
			"current.csv": report(object{"products_created": 3, "variants_created": 4, "levels_set": 2, "rows": 4}),
		} {
			path := c.store(object{"store_type": "ecommerce"})
			expectReport(t, c.imported(path+"/products/import", sample(t, name)), want)
			again := report(object{"rows": int(want["rows"].(float64))})
			expectReport(t, c.imported(path+"/products/import", sample(t, name)), again)
			c.onPlan("growth")
		}
	})
}

func TestImport_makesWhatTheFileSays(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		p.work(t)
		c := p.merchant(t)
		path := c.store(object{})
		c.imported(path+"/products/import", sample(t, "classic.csv"))
		products := c.get(path + "/products").array() // newest first
		if len(products) != 2 || products[0]["slug"] != "iron-hook" || products[0]["status"] != "draft" || products[1]["slug"] != "linen-apron" || products[1]["status"] != "active" {
			t.Fatalf("products %v", products)
		}
		apron, hook := products[1], products[0]
		if apron["description"] != "<p>Washed linen.\nTwo pockets, \"deep\" ones.</p>" || !reflect.DeepEqual(apron["tags"], array{"linen", "apron"}) || len(apron["images"].(array)) != 3 ||
			!reflect.DeepEqual(apron["options"], array{object{"name": "Size", "values": array{"Short", "Long"}}, object{"name": "Colour", "values": array{"Flax", "Ink"}}}) {
			t.Errorf("apron %v", apron)
		}
		ink := apron["variants"].(array)[1].(object)
		if ink["title"] != "Short / Ink" || ink["price"] != "39.90" || ink["cost"] != "14.50" || ink["compare_at_price"] != nil || ink["allow_backorder"] != true || ink["track_inventory"] != true || ink["weight"] != 310.0 || ink["weight_unit"] != "g" {
			t.Errorf("variant %v", ink)
		}
		only := hook["variants"].(array)[0].(object)
		if only["title"] != "Default" || only["weight"] != 1.0 || only["weight_unit"] != "lb" || only["track_inventory"] != false || len(only["option_values"].(object)) != 0 {
			t.Errorf("variant %v", only)
		}
	})
}

func TestImport_takesAFileInAForm(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		p.work(t)
		c := p.merchant(t)
		path := c.store(object{}) + "/products/import"
		body, kind := form(t, "note", "", "file", csvHeader+"mug,Mug,M,1,,,,\n")
		r := c.do("POST", path, body, http.Header{"Content-Type": {kind}}).want(http.StatusAccepted)
		expectReport(t, c.ended("/jobs/" + r.object()["job_id"].(string))["result"].(object), report(object{"products_created": 1, "variants_created": 1, "rows": 1}))
		for name, parts := range map[string][]string{
			"no file": {"note", ""}, "two files": {"file", csvHeader, "file", csvHeader},
		} {
			body, kind := form(t, parts...)
			if r := c.do("POST", path, body, http.Header{"Content-Type": {kind}}); r.status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d %s", name, r.status, r.raw)
			}
		}
		c.do("POST", path, body[:len(body)-20], http.Header{"Content-Type": {kind}}).want(http.StatusUnprocessableEntity)
		c.do("POST", path, "no form", http.Header{"Content-Type": {kind}}).want(http.StatusUnprocessableEntity)
		p.expectUploads(t, 0)
	})
}

// form returns a form of parts: pairs of a name and a file, or "" for a field.
func form(t *testing.T, parts ...string) (body, kind string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(parts); i += 2 {
		var part io.Writer
		var err error
		if parts[i+1] == "" {
			part, err = w.CreateFormField(parts[i])
		} else {
			part, err = w.CreateFormFile(parts[i], "products.csv")
		}
		if err == nil {
			_, err = io.WriteString(part, parts[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), w.FormDataContentType()
}

func (p *platform) expectUploads(t *testing.T, want int) {
	t.Helper()
	for _, table := range []string{"upload", "upload_chunk"} {
		if n := p.count(t, `SELECT count(*) FROM `+table); n != want {
			t.Errorf("%d rows in %s, want %d", n, table, want)
		}
	}
}

func TestImport_dryRunTellsTheSameAndWritesNothing(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		p.work(t)
		c := p.merchant(t)
		path := c.store(object{})
		file := csvHeader + "mug,Mug,M,1,,,,\ncup,Cup,C,free,,,,\n"
		told := c.imported(path+"/products/import?dry_run=true", file)
		if n := len(c.get(path + "/products").array()); n != 0 {
			t.Errorf("a dry run made %d products", n)
		}
		expectReport(t, told, c.imported(path+"/products/import", file))
		expectReport(t, c.imported(path+"/products/import?dry_run=true", file), report(object{"rows": 2}, object{"line": 3.0, "column": "Variant Price", "message": `must be a decimal number such as "12.99"`}))
		p.expectUploads(t, 0)
	})
}

func TestImport_aBadRowIsReportedWithLineAndColumnAndTheRestGoesIn(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		p.work(t)
		c := p.merchant(t)
		path := c.store(object{"currency": "JPY"})
		file := "Handle,Title,Body (HTML),Variant Price\r\nmug,Mug,\"two\r\nlines\",100\r\ncup,Cup,,12.5\r\njar,J\"ar,,1\r\nbowl,Bowl,,300\r\n"
		expectReport(t, c.imported(path+"/products/import", file), report(object{"products_created": 2, "variants_created": 2, "rows": 4},
			object{"line": 4.0, "column": "Variant Price", "message": "has more decimals than the currency"},
			object{"line": 5.0, "column": "", "message": "The row has a quotation mark in the wrong place"}))
	})
}

func TestImport_aKnownSKUUnderANewHandleUpdatesThatVariantWhereItIs(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		p.work(t)
		c := p.merchant(t)
		path := c.store(object{})
		c.imported(path+"/products/import", csvHeader+"mug,Mug,M,10,,,,\n")
		expectReport(t, c.imported(path+"/products/import", csvHeader+"beaker,Beaker,M,12,,,,\n"), report(object{"variants_updated": 1, "rows": 1}))
		products := c.get(path + "/products").array()
		if len(products) != 1 || products[0]["title"] != "Mug" || products[0]["variants"].(array)[0].(object)["price"] != "12.00" {
			t.Errorf("products %v", products)
		}
	})
}

func TestImport_aFileWithoutAValidHeaderIs422AtOnce(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/products/import"
		for file, detail := range map[string]string{
			"": "The file is empty.", "Title,Price\nMug,1\n": "has no column \"Handle\"", "Handle;Title\nmug;Mug\n": "has no column \"Handle\"", "{\"a\": [\"b\"]}": "has no header",
		} {
			c.do("POST", path, file, asCSV).invalid("body.file").detail(detail)
		}
		c.do("POST", path+"?dry=true", csvHeader, asCSV).invalid("query.dry")
		c.do("POST", path+"?dry_run=maybe", csvHeader, asCSV).invalid("query.dry_run")
		if n := p.count(t, `SELECT count(*) FROM job`); n != 0 {
			t.Errorf("%d jobs", n)
		}
		p.expectUploads(t, 0)
	})
}

func TestImport_takesNoOtherMediaType(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, other := p.merchant(t), p.merchant(t)
		path := c.store(object{}) + "/products/import"
		for _, kind := range []string{"application/json", "text/plain", "multipart/form-data", "text/csv; charset=iso-8859-1", "text", ""} {
			c.do("POST", path, csvHeader, http.Header{"Content-Type": {kind}}).want(http.StatusUnsupportedMediaType)
			other.do("POST", path, csvHeader, http.Header{"Content-Type": {kind}}).want(http.StatusNotFound)
			p.nobody(t).do("POST", path, csvHeader, http.Header{"Content-Type": {kind}}).want(http.StatusUnauthorized)
		}
		c.do("POST", path, csvHeader, http.Header{"Content-Type": {"text/csv; charset=UTF-8; header=present"}}).want(http.StatusAccepted)
	})
}

// endless is a file of rows without end.
type endless struct{ at int }

func (e *endless) Read(b []byte) (int, error) {
	const rows = "mug,Mug,M,1,,,,\n"
	n := 0
	for n < len(b) {
		copied := copy(b[n:], rows[e.at:])
		n, e.at = n+copied, (e.at+copied)%len(rows)
	}
	return n, nil
}

func TestImport_aFileOver64MiBIs413(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.url + "/api/v1" + c.store(object{}) + "/products/import"
		for name, length := range map[string]int64{"a length that says so": 100 << 20, "a stream that goes on": -1} {
			req, err := http.NewRequestWithContext(t.Context(), "POST", path, io.LimitReader(&endless{}, 66<<20))
			if err != nil {
				t.Fatal(err)
			}
			if req.ContentLength = length; length > 0 {
				req.Body = io.NopCloser(io.LimitReader(&endless{}, length))
			}
			req.Header.Set("Authorization", "Bearer "+c.token)
			req.Header.Set("Content-Type", "text/csv")
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			body, _ := io.ReadAll(res.Body)
			_ = res.Body.Close()
			if res.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(string(body), "64 MiB") {
				t.Errorf("%s: %d %s", name, res.StatusCode, body)
			}
		}
		p.expectUploads(t, 0)
	})
}

func TestImport_theUploadIsStoredBeforeThe202AndGoesWithTheJob(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/products/import"
		job := c.importFile(path, csvHeader+"mug,Mug,M,1,,,,\n")
		p.expectUploads(t, 1)
		if err := exchange.CleanUploads(t.Context(), p.db); err != nil {
			t.Fatal(err)
		}
		p.expectUploads(t, 1)
		p.work(t)
		if ended := c.ended(job); ended["status"] != "succeeded" {
			t.Errorf("the job is %v", ended)
		}
		p.expectUploads(t, 0)
	})
}

func TestImport_intoADeletedStoreFailsWithASentenceAndItsFileGoes(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{})
		job := c.importFile(path+"/products/import", csvHeader+"mug,Mug,M,1,,,,\n")
		c.delete(path).want(http.StatusNoContent)
		p.work(t)
		if ended := c.ended(job); ended["status"] != "failed" || ended["error"] != "There is no such store." {
			t.Errorf("the job is %v", ended)
		}
		if err := exchange.CleanUploads(t.Context(), p.db); err != nil {
			t.Fatal(err)
		}
		p.expectUploads(t, 0)
	})
}

func TestImport_aSenderThatBreaksOffLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.url + "/api/v1" + c.store(object{}) + "/products/import"
		reader, writer := io.Pipe()
		req, err := http.NewRequestWithContext(t.Context(), "POST", path, reader)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+c.token)
		req.Header.Set("Content-Type", "text/csv")
		go func() {
			_, _ = io.WriteString(writer, csvHeader)
			_, _ = io.CopyN(writer, &endless{}, 2<<20)
			for p.count(t, `SELECT count(*) FROM upload_chunk`) == 0 {
				time.Sleep(5 * time.Millisecond)
			}
			_ = writer.CloseWithError(io.ErrUnexpectedEOF)
		}()
		if res, err := http.DefaultClient.Do(req); err == nil {
			_ = res.Body.Close()
			t.Errorf("answered with %d", res.StatusCode)
		}
		eventually(t, "the upload is gone", func() bool { return p.count(t, `SELECT count(*) FROM upload`) == 0 })
		if n := p.count(t, `SELECT count(*) FROM job`); n != 0 {
			t.Errorf("%d jobs for half a file", n)
		}
	})
}

func TestCleanUploads_deletesWhatADeadProcessWasReceiving(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		p.merchant(t)
		_, err := p.db.Writer().ExecContext(t.Context(), `INSERT INTO upload (id, account_id, size, created_at) SELECT $1, id, 0, $2 FROM account LIMIT 1`, p.db.NewID(), db.Time{Time: began})
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			later time.Duration
			left  int
		}{{23 * time.Hour, 1}, {2 * time.Hour, 0}} {
			p.clock.Advance(step.later)
			if err := exchange.CleanUploads(t.Context(), p.db); err != nil {
				t.Fatal(err)
			}
			if n := p.count(t, `SELECT count(*) FROM upload`); n != step.left {
				t.Errorf("%d uploads, want %d", n, step.left)
			}
		}
	})
}

func TestImport_withAKeyIsDoneOnce(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/products/import"
		keyed := func(file, kind string) *response {
			return c.do("POST", path, file, http.Header{"Content-Type": {kind}, "Idempotency-Key": {"import-once"}})
		}
		file := csvHeader + "mug,Mug,M,1,,,,\n"
		first := keyed(file, "text/csv").want(http.StatusAccepted)
		again := keyed(file, "text/csv").want(http.StatusAccepted)
		if !bytes.Equal(again.raw, first.raw) || again.header.Get("Idempotency-Replayed") != "true" || again.header.Get("Location") != first.header.Get("Location") {
			t.Errorf("again: %v %s, first: %s", again.header, again.raw, first.raw)
		}
		keyed(file+"cup,Cup,C,1,,,,\n", "text/csv").want(http.StatusUnprocessableEntity).detail("Idempotency-Key")
		if n := p.count(t, `SELECT count(*) FROM job`); n != 1 {
			t.Errorf("%d jobs", n)
		}
		p.expectUploads(t, 1)
		// Refusals are kept, and a form is the same whatever its boundary.
		for _, want := range []string{"", "true"} {
			r := c.do("POST", path, "Nothing\n", http.Header{"Content-Type": {"text/csv"}, "Idempotency-Key": {"refused"}}).want(http.StatusUnprocessableEntity)
			if got := r.header.Get("Idempotency-Replayed"); got != want {
				t.Errorf("replayed %q, want %q", got, want)
			}
			body, kind := form(t, "file", file)
			r = c.do("POST", path, body, http.Header{"Content-Type": {kind}, "Idempotency-Key": {"form"}}).want(http.StatusAccepted)
			if got := r.header.Get("Idempotency-Replayed"); got != want {
				t.Errorf("the form is replayed %q, want %q", got, want)
			}
		}
		c.do("POST", path, file, http.Header{"Content-Type": {"text/csv"}, "Idempotency-Key": {"schlüssel"}}).want(http.StatusUnprocessableEntity)
		p.expectUploads(t, 2)
	})
}

func TestImport_showsHowFarItIs(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{}) + "/products/import"
		var b strings.Builder
		b.WriteString(csvHeader)
		for i := range 1500 {
			fmt.Fprintf(&b, "mug-%d,Mug,M-%d,1,,,,\n", i, i)
		}
		job := c.importFile(path, b.String())
		p.work(t)
		steps := c.events(job)
		last := steps[len(steps)-1]
		if want := (object{"done": 1500.0, "total": 1500.0, "step": "import"}); !reflect.DeepEqual(last["progress"], want) {
			t.Errorf("progress %v", last["progress"])
		}
	})
}

func TestExport_isACSVToSave(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, other := p.merchant(t), p.merchant(t)
		path := c.store(object{"name": "Tea House"})
		r := c.get(path + "/products/export").want(http.StatusOK)
		if r.header.Get("Content-Type") != "text/csv; charset=utf-8" || r.header.Get("Content-Disposition") != `attachment; filename="tea-house-products.csv"` {
			t.Errorf("header %v", r.header)
		}
		c.post(path+"/products", object{"title": "=Mug"}).want(http.StatusCreated)
		rows, err := csv.NewReader(bytes.NewReader(c.get(path + "/products/export").raw)).ReadAll()
		if err != nil || len(rows) != 2 || rows[0][0] != "Handle" || rows[1][0] != "mug" || rows[1][1] != "'=Mug" {
			t.Errorf("rows %q, %v", rows, err)
		}
		other.get(path + "/products/export").want(http.StatusNotFound)
		p.nobody(t).get(path + "/products/export").want(http.StatusUnauthorized)
		c.get(path + "/products/export?format=xml").invalid("query.format")
	})
}

// TestExport_intoAnEmptyStoreGivesTheSameCatalog compares two stores as their
// owner sees them.
func TestExport_intoAnEmptyStoreGivesTheSameCatalog(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		p.work(t)
		c := p.merchant(t)
		from, to := c.store(object{"store_type": "hybrid"}), c.store(object{"store_type": "hybrid"})
		for _, product := range []object{
			{"title": "Nothing else"},
			{"title": "=1+1", "status": "draft", "slug": "-odd-slug_", "description": "'=x\r\n\"y\"", "vendor": "V, Inc", "product_type": "@type", "tags": array{"a b", "-c"}, "seo_title": "+1", "seo_description": "d"},
			{"title": "Archived", "status": "archived", "images": array{object{"url": "https://x.example/b", "alt": "B", "position": 5}, object{"url": "https://x.example/a"}, object{"url": "https://x.example/a", "alt": "again"}}},
			{"title": "Options", "options": array{object{"name": "Size", "values": array{"XL", "S", "M"}}, object{"name": "Title", "values": array{"Default Title"}}}, "variants": array{
				object{"option_values": object{"Size": "M", "Title": "Default Title"}, "sku": "O-M", "price": "12.99", "compare_at_price": 15, "cost": "0.01", "barcode": "0123", "weight": 1, "weight_unit": "lb", "allow_backorder": true},
				object{"option_values": object{"Size": "S"}, "sku": "O-S", "weight": 0.1, "weight_unit": "oz", "track_inventory": false, "title": "The small one"},
				object{"title": "Without options", "weight": 2.5, "weight_unit": "oz", "position": 40},
			}},
			{"title": "Twins", "variants": array{object{"title": "One", "price": 1}, object{"title": "Two", "price": 2}, object{"price": 3}}},
		} {
			c.post(from+"/products", product).want(http.StatusCreated)
		}
		file := string(c.get(from + "/products/export").want(http.StatusOK).raw)
		expectReport(t, c.imported(to+"/products/import", file), report(object{"products_created": 5, "variants_created": 9, "rows": 11}))
		if a, b := catalogOf(c, from), catalogOf(c, to); !reflect.DeepEqual(a, b) {
			t.Errorf("catalogs\n%v\n%v\n%s", a, b, file)
		}
		for _, path := range []string{from, to} {
			expectReport(t, c.imported(path+"/products/import", file), report(object{"rows": 11}))
		}
	})
}

// catalogOf returns a store's products without what is each store's own.
func catalogOf(c *client, path string) []object {
	products := c.all(path+"/products", 200)
	for _, product := range products {
		for _, own := range []string{"id", "store_id", "created_at", "updated_at"} {
			delete(product, own)
		}
		for _, variant := range product["variants"].(array) {
			for _, own := range []string{"id", "product_id", "created_at", "updated_at"} {
				delete(variant.(object), own)
			}
		}
	}
	return slices.Clip(products)
}
