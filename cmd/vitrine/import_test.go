package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fixture"
	"vitrine/internal/id"
)

// commandLine runs the binary's commands on a database, in a folder of its own.
type commandLine struct {
	t       *testing.T
	binary  string
	address string
	dir     string
}

func (c *commandLine) run(stdin string, args ...string) (stdout, stderr string, code int) {
	c.t.Helper()
	var out, complaint strings.Builder
	process := exec.CommandContext(c.t.Context(), c.binary, args...)
	process.Dir, process.Stdin, process.Stdout, process.Stderr = c.dir, strings.NewReader(stdin), &out, &complaint
	process.Env = append(os.Environ(), "VITRINE_DATABASE_URL="+c.address)
	err := process.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return out.String(), complaint.String(), exit.ExitCode()
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return out.String(), complaint.String(), 0
}

// want runs a command and checks what it says and how it ends.
func (c *commandLine) want(code int, says string, args ...string) {
	c.t.Helper()
	if out, complaint, got := c.run("", args...); got != code || !strings.Contains(out+complaint, says) {
		c.t.Errorf("%v: %d, %q, %q; want %d and %q", args, got, out, complaint, code, says)
	}
}

func (c *commandLine) write(name, content string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(content), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

func TestImportAndExport_onTheCommandLine(t *testing.T) {
	t.Parallel()
	binary := build(t)
	dbtest.EachURL(t, func(t *testing.T, address string) {
		d := dbtest.Open(t, address, clock.System{})
		owner, err := fixture.Account(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		from, err := fixture.Catalog(t.Context(), d, owner, fixture.Size{})
		if err != nil {
			t.Fatal(err)
		}
		to, err := fixture.Catalog(t.Context(), d, owner, fixture.Size{})
		if err != nil {
			t.Fatal(err)
		}
		c := &commandLine{t: t, binary: binary, address: address, dir: t.TempDir()}
		c.write("good.csv", "Handle,Title,Variant SKU,Variant Price\nmug,Mug,M,1\ncup,Cup,C,2\n")
		c.write("bad.csv", "Handle,Title,Variant SKU,Variant Price\nmug,Mug,M,1\njar,Jar,J,free\n")
		c.write("none.csv", "Name;Price\n")

		c.want(0, "products  2 new, 0 changed\n  variants  2 new, 0 changed\n  rows      2, 0 left out", "import", "--dry-run", "--store", from.Slug, "good.csv")
		c.want(0, "products  2 new, 0 changed\n  variants  2 new, 0 changed", "import", "good.csv", "--store", from.Slug)
		c.want(0, "products  0 new, 0 changed\n  variants  0 new, 0 changed", "import", "--store", from.ID.String(), "good.csv")
		c.want(1, "line 3: Variant Price must be a decimal number such as \"12.99\"\nvitrine: 1 rows were left out", "import", "--store", from.Slug, "bad.csv")
		c.want(1, "--dry-run", "import", "--store", from.Slug, "bad.csv")
		c.want(1, `has no column "Handle"`, "import", "--store", from.Slug, "none.csv")
		c.want(1, "no such file", "import", "--store", from.Slug, "missing.csv")
		c.want(1, "is not a file", "import", "--store", from.Slug, ".")
		c.want(1, "There is no such store", "import", "--store", "nobody", "good.csv")
		c.want(1, "name a store", "import", "good.csv")
		c.want(2, "file.csv is missing", "import", "--store", from.Slug)
		c.want(1, "name a store", "export")
		if n, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM product WHERE NOT indexed`); err != nil || n != 0 {
			t.Errorf("%d products are not indexed, %v", n, err)
		}

		file, _, code := c.run("", "export", "--store", from.Slug)
		if code != 0 || strings.Count(file, "\n") != 3 || !strings.Contains(file, "\nmug,Mug,") {
			t.Errorf("export: %d, %q", code, file)
		}
		c.want(0, "", "export", "--store", from.Slug, "out.csv")
		if written, err := os.ReadFile(filepath.Join(c.dir, "out.csv")); err != nil || string(written) != file {
			t.Errorf("out.csv: %v, %q", err, written)
		}
		if out, complaint, code := c.run(file, "import", "--store", to.Slug, "-"); code != 0 || !strings.Contains(out, "products  2 new") {
			t.Errorf("import from standard input: %d, %q, %q", code, out, complaint)
		}
		if again, _, _ := c.run("", "export", "--store", to.Slug); again != file {
			t.Errorf("exported again: %q", again)
		}
		c.want(1, "no such file or directory", "export", "--store", from.Slug, "no/such/folder.csv")
	})
}

// killed is how many products the import has that is killed: enough that it is still
// at it when the last kill comes.
var killed = 1000 * kills()

// wide is a file of that many products with three variants each, and some bad rows.
func wide() []byte {
	var b bytes.Buffer
	b.WriteString("Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\n")
	for i := range killed {
		for n, size := range []string{"S", "M", "L"} {
			title, name := "", ""
			if n == 0 {
				title, name = fmt.Sprintf("Bowl %d", i), "Size"
			}
			fmt.Fprintf(&b, "bowl-%d,%s,%s,%s,B-%d-%s,%d\n", i, title, name, size, i, size, i%90+1)
		}
		if i%500 == 0 {
			fmt.Fprintf(&b, "bad-%d,Bad,,,,free\n", i)
		}
	}
	return b.Bytes()
}

// TestKill_inTheMiddleOfAnImport_endsWithEverythingOnce kills the server again and
// again while a job imports. After the last start the job runs to its end, and tells
// of everything that it did before and after.
func TestKill_inTheMiddleOfAnImport_endsWithEverythingOnce(t *testing.T) {
	t.Parallel()
	binary := build(t)
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s := &server{t: t, binary: binary, address: address}
		s.start()
		defer func() { s.kill() }()
		token, _ := s.newUser()
		var made struct{ ID string }
		if status, err := s.post("/stores", token, map[string]string{"name": "Bowls"}, &made); status != http.StatusCreated {
			t.Fatalf("make a store: %d, %v", status, err)
		}
		job := s.upload(token, "/stores/"+made.ID+"/products/import", wide())
		d := dbtest.Open(t, address, clock.System{})
		hit, last := 0, importing{}
		for n := range kills() {
			waitForImport(t, d, last, n%2 == 1)
			time.Sleep(time.Duration(rand.IntN(100)) * time.Millisecond) //nolint:gosec // any moment
			s.kill()
			if last = lookAtImport(t, d); last.status == "running" {
				hit++
			}
			s.start()
		}
		t.Logf("%d of %d kills hit the import while it ran", hit, kills())
		waitForJobs(t, d)
		checkImported(t, d)
		checkReport(t, d, job)
	})
}

// importing is how far the job that imports is.
type importing struct {
	status string
	claim  *id.UUID // of the process that is at it
	state  string   // what it kept with what it wrote
}

func lookAtImport(t *testing.T, d *db.DB) importing {
	t.Helper()
	now, err := db.One(t.Context(), d, func(row db.Row) (i importing, err error) {
		err = row.Scan(&i.status, &i.claim, &i.state)
		return i, err
	}, `SELECT status, claim, COALESCE(CAST(state AS TEXT), '') FROM job WHERE kind = 'import'`)
	if err != nil {
		t.Fatal(err)
	}
	return now
}

// waitForImport waits until somebody else than before is at the import, and has written
// something where that is asked for, or until it is over.
func waitForImport(t *testing.T, d *db.DB, before importing, written bool) {
	t.Helper()
	for range 24000 {
		now := lookAtImport(t, d)
		taken := now.claim != nil && (before.claim == nil || *now.claim != *before.claim)
		if now.status == "succeeded" || taken && (!written || now.state != before.state) {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("nobody goes on with the import")
}

// TestKill_ofTheImportCommand_andAgain kills the command itself; the same line once
// more does the rest.
func TestKill_ofTheImportCommand_andAgainIsWholeOnce(t *testing.T) {
	t.Parallel()
	binary := build(t)
	dbtest.EachURL(t, func(t *testing.T, address string) {
		d := dbtest.Open(t, address, clock.System{})
		owner, err := fixture.Account(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		shop, err := fixture.Catalog(t.Context(), d, owner, fixture.Size{})
		if err != nil {
			t.Fatal(err)
		}
		c := &commandLine{t: t, binary: binary, address: address, dir: t.TempDir()}
		c.write("bowls.csv", string(wide()))
		hit := 0
		for range kills() {
			ctx, kill := context.WithTimeout(t.Context(), time.Duration(rand.IntN(800))*time.Millisecond) //nolint:gosec // any moment
			process := exec.CommandContext(ctx, binary, "import", "--store", shop.Slug, "bowls.csv")
			process.Dir, process.Env = c.dir, append(os.Environ(), "VITRINE_DATABASE_URL="+address)
			_ = process.Run()
			if ctx.Err() != nil {
				hit++
			}
			kill()
		}
		t.Logf("%d of %d kills came before the command had ended", hit, kills())
		c.want(1, fmt.Sprintf("rows      %d, %d left out", 3*killed+killed/500, killed/500), "import", "--store", shop.Slug, "bowls.csv")
		checkImported(t, d)
		c.want(1, "products  0 new, 0 changed\n  variants  0 new, 0 changed", "import", "--store", shop.Slug, "bowls.csv")
	})
}

// upload sends a CSV and returns the job that imports it.
func (s *server) upload(token, path string, file []byte) string {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+"/api/v1"+path, bytes.NewReader(file))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "text/csv")
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	var accepted struct {
		JobID string `json:"job_id"`
	}
	if err := json.NewDecoder(res.Body).Decode(&accepted); err != nil || res.StatusCode != http.StatusAccepted {
		s.t.Fatalf("upload: %d, %v", res.StatusCode, err)
	}
	return accepted.JobID
}

// checkImported checks that everything of the file is there once, and the file gone.
func checkImported(t *testing.T, d *db.DB) {
	t.Helper()
	type counts struct{ products, slugs, variants, skus, uploads int }
	got, err := db.One(t.Context(), d, func(row db.Row) (c counts, err error) {
		err = row.Scan(&c.products, &c.slugs, &c.variants, &c.skus, &c.uploads)
		return c, err
	}, `SELECT (SELECT count(*) FROM product), (SELECT count(DISTINCT slug) FROM product),
		(SELECT count(*) FROM variant), (SELECT count(DISTINCT sku) FROM variant), (SELECT count(*) FROM upload_chunk)`)
	if want := (counts{killed, killed, 3 * killed, 3 * killed, 0}); err != nil || got != want {
		t.Errorf("%+v, want %+v (%v)", got, want, err)
	}
}

// checkReport checks that the job tells of all that was done, before the kills too.
func checkReport(t *testing.T, d *db.DB, job string) {
	t.Helper()
	type report struct {
		ProductsCreated int `json:"products_created"`
		ProductsUpdated int `json:"products_updated"`
		VariantsCreated int `json:"variants_created"`
		VariantsUpdated int `json:"variants_updated"`
		Rows            int
		Errors          []struct{ Line int }
	}
	type outcome struct {
		status string
		report db.JSON[report]
	}
	o, err := db.One(t.Context(), d, func(row db.Row) (o outcome, err error) {
		err = row.Scan(&o.status, &o.report)
		return o, err
	}, `SELECT status, COALESCE(result, '{}') FROM job WHERE kind = 'import'`)
	r := o.report.V
	if err != nil || o.status != "succeeded" || r.ProductsCreated != killed || r.VariantsCreated != 3*killed || r.ProductsUpdated+r.VariantsUpdated != 0 ||
		r.Rows != 3*killed+killed/500 || len(r.Errors) != killed/500 {
		t.Errorf("job %s: %s, %+v (%v)", job, o.status, r, err)
	}
}
