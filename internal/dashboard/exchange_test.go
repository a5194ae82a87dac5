package dashboard_test

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/exchange"
	"vitrine/internal/inventory"
)

// upload sends a file in a form.
func (m *merchant) upload(content string) answer {
	m.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", "products.csv")
	if err != nil {
		m.t.Fatal(err)
	}
	_, _ = io.WriteString(part, content)
	_ = form.Close()
	return m.do("POST", m.at+"/import", form.FormDataContentType(), &b)
}

const csvHeader = "Handle,Title,Variant SKU,Variant Price\n"

func (s *site) count(t *testing.T, query string) int {
	t.Helper()
	n, err := db.One(t.Context(), s.db, db.Value[int], query)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestImport_ofWhatIsNoFileLeavesNothingBehind(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		m.upload("no,header\n").want(t, http.StatusUnprocessableEntity, "file-error")
		m.upload("").want(t, http.StatusUnprocessableEntity, "Is empty.")
		m.post(m.at+"/import", "file", "x").want(t, http.StatusUnprocessableEntity, "choose a CSV file")
		m.do("POST", m.at+"/import", "multipart/form-data; boundary=x", strings.NewReader("--x\r\nbroken")).want(t, http.StatusUnprocessableEntity)
		if n := s.count(t, `SELECT count(*) FROM upload`) + s.count(t, `SELECT count(*) FROM job`); n != 0 {
			t.Errorf("%d uploads and jobs are left", n)
		}
	})
}

func TestImport_isRehearsedBeforeItIsDone(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		exchange.HandleJobs(s.jobs, s.db, inventory.NewWriter(s.db, nil), func(r exchange.Report) any {
			return map[string]any{"products_created": r.ProductsCreated, "rows": r.Rows, "errors": []any{}}
		})
		catalog.HandleJobs(s.jobs, s.db)
		m := s.merchant(t)
		work(t, s)
		check := m.upload(csvHeader+"mug,Mug,M-1,12.50\n").want(t, http.StatusSeeOther).Header.Get("Location")
		m.until(check, "New products")
		if len(m.products()) != 0 {
			t.Fatal("it was imported already")
		}
		done := m.post(check).want(t, http.StatusSeeOther).Header.Get("Location")
		m.until(done, "The import is done.")
		if all := m.products(); len(all) != 1 || all[0].Title != "Mug" {
			t.Errorf("products %+v", all)
		}
		m.post(check).want(t, http.StatusUnprocessableEntity, "This file was imported already")
		s.merchant(t).get(done).want(t, http.StatusNotFound)
	})
}

// until looks at a page until it has a text.
func (m *merchant) until(path, text string) {
	m.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if strings.Contains(m.get(path).want(m.t, http.StatusOK).body, text) {
			return
		}
	}
	m.t.Fatalf("%s never says %q", path, text)
}

func TestExport_isAFile(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		m.product("Mug")
		got := m.get(m.at+"/products/export").want(t, http.StatusOK, "Handle,", "mug,Mug")
		if got.Header.Get("Content-Disposition") != `attachment; filename="shop-products.csv"` && !regexp.MustCompile(`filename="shop(-\d+)?-products\.csv"`).MatchString(got.Header.Get("Content-Disposition")) {
			t.Errorf("headers %v", got.Header)
		}
	})
}

// work does the jobs until the test ends.
func work(t *testing.T, s *site) {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- s.jobs.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("run the jobs: %v", err)
		}
	})
}
