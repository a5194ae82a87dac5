package dashboard_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/fixture"
	"vitrine/internal/inventory"
	"vitrine/internal/store"
)

// picked is a file in a form, as a reader has chosen it.
type picked struct{ field, name, content string }

// postFiles sends a form with files and names and values in turn.
func (m *merchant) postFiles(path string, files []picked, pairs ...string) answer {
	m.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(pairs); i += 2 {
		_ = w.WriteField(pairs[i], pairs[i+1])
	}
	for _, f := range files {
		part, err := w.CreateFormFile(f.field, f.name)
		if err != nil {
			m.t.Fatal(err)
		}
		_, _ = part.Write([]byte(f.content))
	}
	_ = w.Close()
	return m.do("POST", path, w.FormDataContentType(), &b)
}

func (m *merchant) chosen(name string, seed byte) picked {
	return picked{"pictures", name, string(fixture.PNG(m.t, 200, 100, seed))}
}

var ownAddress = regexp.MustCompile(`value="(/media/[0-9a-f]{64}/200\.webp)"`)

// rowsOf are the addresses of the uploaded pictures that a page has rows for.
func rowsOf(page string) []string {
	var all []string
	for _, found := range ownAddress.FindAllStringSubmatch(page, -1) {
		all = append(all, found[1])
	}
	return all
}

func TestPictures_areUploadedInTheEditor(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		p := m.product("Mug")
		page := m.at + "/products/" + p.ID.String()
		form := []string{"title", "Changed", "slug", "mug", "status", "active", "variants[0].id", p.Variants[0].ID.String(), "variants[0].price", "1", "variants[0].weight_unit", "kg"}
		got := m.postFiles(page, []picked{m.chosen("a.png", 1), m.chosen("b.png", 2)}, append(form, "step", "image-upload")...).want(t, http.StatusOK, `value="Changed"`)
		rows := rowsOf(got.body)
		if len(rows) != 2 || rows[0] == rows[1] || len(m.products()[0].Images) != 0 {
			t.Fatalf("rows %v, stored %v", rows, m.products()[0].Images)
		}
		form = append(form, "images[0].url", rows[1], "images[0].alt", "A blue mug", "images[1].url", rows[0])
		m.postFiles(page, []picked{m.chosen("c.png", 3), {"pictures", "", ""}}, form...).want(t, http.StatusSeeOther)
		images := m.products()[0].Images
		if len(images) != 3 || images[0].URL != rows[1] || images[0].Alt != "A blue mug" || images[0].Width != 200 || images[0].Height != 100 || images[1].URL != rows[0] {
			t.Errorf("images %+v", images)
		}
		small := strings.Replace(rows[1], "/200.", "/160.", 1)
		m.get(m.at+"/products").want(t, http.StatusOK, `src="`+small+`"`)
	})
}

func TestPictures_thatAreNoneLeaveWhatWasTyped(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		form := []string{"title", "Mug", "status", "active", "variants[0].price", "1", "variants[0].weight_unit", "kg"}
		files := []picked{{"pictures", "logo.svg", "<svg/>"}, m.chosen("a.png", 1), {"pictures", "big.png", strings.Repeat("x", 1<<20+1)}}
		for path, status := range map[string]int{"": http.StatusUnprocessableEntity, "image-upload": http.StatusOK} {
			got := m.postFiles(m.at+"/products", files, append(form, "step", path)...).
				want(t, status, `value="Mug"`, "“logo.svg”: SVG is not taken", "“big.png”: The picture is larger than 1 MiB")
			if rows := rowsOf(got.body); len(rows) != 1 {
				t.Errorf("rows %v", rows)
			}
		}
		if got := m.products(); len(got) != 0 {
			t.Errorf("stored %v", got)
		}
		many := make([]picked, 51)
		for i := range many {
			many[i] = picked{"pictures", fmt.Sprintf("%d.png", i), "x"}
		}
		m.postFiles(m.at+"/products", many, form...).want(t, http.StatusUnprocessableEntity, "can bring 50 pictures")
		m.do("POST", m.at+"/products", "multipart/form-data; boundary=x", strings.NewReader("--x\r\nContent-Disposition: form-data; name=title\r\n\r\nMu")).
			want(t, http.StatusUnprocessableEntity)
	})
}

func TestPictures_ofOthersAreNotShown(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m, other := s.merchant(t), s.merchant(t)
		theirs := rowsOf(other.postFiles(other.at+"/products", []picked{other.chosen("a.png", 1)}, "title", "Mug", "step", "image-upload").body)[0]
		m.post(m.at+"/products", "title", "Mug", "status", "active", "variants[0].price", "1", "variants[0].weight_unit", "kg", "images[0].url", theirs).
			want(t, http.StatusUnprocessableEntity, "Is no picture of this store.")
		m.postFiles(other.at+"/products", []picked{m.chosen("a.png", 1)}, "title", "Mug").want(t, http.StatusNotFound)
	})
}

func TestSettings_takeALogoAndAFavicon(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		form := []string{"name", "Shop", "store_type", "ecommerce", "status", "active", "currency", "USD", "logo_url", "", "favicon_url", "https://images.example/f.ico"}
		logo := m.chosen("logo.png", 1)
		logo.field = "logo_file"
		m.postFiles(m.at+"/settings", []picked{logo, {"favicon_file", "", ""}}, form...).want(t, http.StatusSeeOther)
		got, err := store.Named(t.Context(), s.db, m.store.Slug)
		if err != nil || got.LogoURL == nil || !strings.HasPrefix(*got.LogoURL, "/media/") || *got.FaviconURL != "https://images.example/f.ico" {
			t.Fatalf("store %+v, %v", got, err)
		}
		m.get(m.at+"/settings").want(t, http.StatusOK, `value="`+*got.LogoURL+`"`, `src="`+strings.Replace(*got.LogoURL, "/200.", "/160.", 1)+`"`)
		m.postFiles(m.at+"/settings", []picked{{"favicon_file", "f.svg", "<svg/>"}}, form...).want(t, http.StatusUnprocessableEntity, "Could not be taken from “f.svg”: SVG is not taken")
		m.post(m.at+"/settings", append(form, "name", "Other")...).want(t, http.StatusSeeOther)
	})
}

func TestInventory_showsThePictures(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		m.post(m.at+"/settings", "name", "Shop", "store_type", "ecommerce", "status", "active", "currency", "USD").want(t, http.StatusSeeOther)
		form := []string{"title", "Mug", "status", "active", "variants[0].price", "1", "variants[0].weight_unit", "kg", "variants[0].track_inventory", "on"}
		m.postFiles(m.at+"/products", []picked{m.chosen("a.png", 1)}, form...).want(t, http.StatusSeeOther)
		p := m.products()[0]
		warehouses, _, err := inventory.ListWarehouses(t.Context(), s.db, m.store.ID, db.Page{Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		m.post(m.at+"/inventory/set", "warehouse_id", warehouses[0].ID.String(), "variant_id", p.Variants[0].ID.String(), "quantity", "5", "reorder_point", "1", "reorder_quantity", "1").want(t, http.StatusSeeOther)
		small := strings.Replace(p.Images[0].URL, "/200.", "/160.", 1)
		m.get(m.at+"/inventory").want(t, http.StatusOK, `src="`+small+`"`)
		m.get(m.at+"/inventory?q=mug").want(t, http.StatusOK, `src="`+small+`"`)
	})
}

func TestLibrary_tellsWhatThereIsAndTakesAwayWhatIsNotShown(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		page := m.at + "/pictures"
		m.get(page).want(t, http.StatusOK, "No pictures yet", "0 KB of 1 MB used.")
		m.postFiles(page, []picked{m.chosen("a.png", 1), m.chosen("b.png", 2)}).want(t, http.StatusSeeOther)
		m.postFiles(page, []picked{{"pictures", "x.svg", "<svg/>"}, m.chosen("c.png", 3)}).want(t, http.StatusUnprocessableEntity, "1 picture added. “x.svg”: SVG is not taken")
		m.postFiles(page, nil).want(t, http.StatusUnprocessableEntity, "Choose a picture first.")
		all, _, err := store.ListPictures(t.Context(), s.db, m.store.ID, db.Page{Limit: 10})
		if err != nil || len(all) != 3 {
			t.Fatalf("%d pictures, %v", len(all), err)
		}
		shown, spare := all[0], all[1]
		m.post(m.at+"/products", "title", "Mug", "status", "active", "variants[0].price", "1", "variants[0].weight_unit", "kg", "images[0].url", shown.Address().String()).want(t, http.StatusSeeOther)
		m.get(page).want(t, http.StatusOK, `href="`+spare.Address().String()+`"`, "200 × 100")
		m.get(page+"/"+spare.ID.String()+"/delete").want(t, http.StatusOK, "Delete this picture?")
		m.post(page+"/"+shown.ID.String()+"/delete").want(t, http.StatusUnprocessableEntity, "The picture is shown by a product.")
		m.post(page+"/"+spare.ID.String()+"/delete").want(t, http.StatusSeeOther)
		m.post(page+"/"+spare.ID.String()+"/delete").want(t, http.StatusNotFound)
	})
}
