package storefront_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/review"
	"vitrine/internal/store"
)

// shirt is a product in two sizes and two colors; "L" is not made in blue.
func (s *shop) shirt() catalog.Product {
	return s.product("Shirt", func(p *catalog.Product) {
		for _, c := range []struct{ size, color string }{{"S", "Red"}, {"S", "Blue"}, {"L", "Red"}} {
			v := catalog.NewVariant()
			v.Price, v.OptionValues = 2000, map[string]string{"Size": c.size, "Color": c.color}
			p.Variants = append(p.Variants, v)
		}
		p.Options = []catalog.Option{{Name: "Size", Values: []string{"S", "L"}}, {Name: "Color", Values: []string{"Red", "Blue"}}}
	})
}

func TestProduct_leadsFromEachChoiceToItsVariant(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh := s.shop(t, owned)
		p := sh.shirt()
		small, blue, large := p.Variants[0].ID, p.Variants[1].ID, p.Variants[2].ID
		sh.stocked(small, 1)
		sh.stocked(large, 1)
		link := func(v catalog.VariantID) string { return "?variant=" + v.String() }
		first := sh.get("/products/shirt").want(t, http.StatusOK, link(small), link(blue), link(large), "Add to cart", `value="`+small.String()+`"`)
		if !regexp.MustCompile(`class="sold"[^>]*` + blue.String()).MatchString(first.body) {
			t.Error("what is sold out is not told")
		}
		sh.get("/products/shirt"+link(blue)).want(t, http.StatusOK, `disabled>Sold out`).lacks(t, "Add to cart")
		sh.get("/products/shirt"+link(large)).want(t, http.StatusOK, `value="`+large.String()+`"`, "Add to cart")
	})
}

func TestReview_waitsForApprovalAndThenShows(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh := s.shop(t)
		sh.product("Blue Mug", nil, 1250)
		path := "/products/blue-mug/reviews"
		refused := sh.do("POST", path, url.Values{"author": {""}, "body": {"Fine <b>mug</b>"}, "email": {"nobody"}})
		refused.want(t, http.StatusUnprocessableEntity, "Choose from one to five stars.", "Must not be empty.", "Must be an e-mail address.", "Fine &lt;b&gt;mug&lt;/b&gt;", " open")
		form := url.Values{"rating": {"4"}, "author": {"Ada"}, "title": {"Good"}, "body": {"Fine <b>mug</b>"}}
		done := sh.do("POST", path, form)
		if to := done.Header.Get("Location"); done.StatusCode != http.StatusSeeOther || to != sh.at+"/products/blue-mug?reviewed=1#reviews" {
			t.Fatalf("%d to %q", done.StatusCode, to)
		}
		sh.get("/products/blue-mug?reviewed=1").want(t, http.StatusOK, "waits for approval", "Nobody has reviewed this yet.").lacks(t, "Ada")
		all, _, err := review.List(t.Context(), s.db, sh.store.ID, review.Filter{}, db.Page{Limit: 10})
		if err != nil || len(all) != 1 {
			t.Fatalf("%d reviews, %v", len(all), err)
		}
		sh.write(func(tx *db.Tx) error {
			_, err := review.Moderate(t.Context(), tx, sh.store.ID, all[0].ID, func(s *review.Status) { *s = review.Approved })
			return err
		})
		sh.get("/products/blue-mug").want(t, http.StatusOK, "Ada", "Fine &lt;b&gt;mug&lt;/b&gt;", "Rated 4.0 of 5 in").lacks(t, "Nobody has reviewed")
		sh.do("POST", "/products/nothing/reviews", form).want(t, http.StatusNotFound)
		sh.do("POST", path, form, "Sec-Fetch-Site", "cross-site").want(t, http.StatusForbidden)
		form.Set("body", strings.Repeat("x", 70_000))
		sh.do("POST", path, form).want(t, http.StatusRequestEntityTooLarge)
	})
}

func TestProduct_tellsSearchEnginesWhatItIs(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh := s.shop(t)
		words := "<p>Fired twice.</p></script><script>alert(1)</script>"
		sh.product("Blue Mug", func(p *catalog.Product) {
			p.Description = &words
			p.Images = []catalog.Image{{URL: "https://pictures.example/mug.jpg", Alt: "A mug"}}
		}, 1250)
		page := sh.get("/products/blue-mug").want(t, http.StatusOK,
			"<title>Blue Mug · "+sh.store.Name+"</title>", `<meta name="description" content="Fired twice.">`,
			`<link rel="canonical" href="`+s.url+sh.at+`/products/blue-mug">`, `<meta property="og:image" content="https://pictures.example/mug.jpg">`)
		data := regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`).FindAllStringSubmatch(page.body, -1)
		if len(data) != 2 {
			t.Fatalf("%d blocks of data", len(data))
		}
		var product struct {
			Name   string
			Offers []struct{ Price, PriceCurrency, Availability string }
		}
		if err := json.Unmarshal([]byte(data[0][1]), &product); err != nil {
			t.Fatal(err)
		}
		if product.Name != "Blue Mug" || len(product.Offers) != 1 || product.Offers[0].Price != "12.50" || product.Offers[0].Availability != "https://schema.org/InStock" {
			t.Errorf("%+v", product)
		}
		page.lacks(t, "alert(1)</script>", "noindex")
		sh.write(func(tx *db.Tx) (err error) {
			_, err = store.Update(t.Context(), tx, sh.store.ID, func(s *store.Store) { s.Status = store.Paused })
			return err
		})
		sh.get("/products/blue-mug").want(t, http.StatusOK, "noindex").lacks(t, "canonical")
		sh.get("/sitemap.xml").want(t, http.StatusNotFound)
		sh.get("/robots.txt").want(t, http.StatusOK, "Disallow: "+sh.at+"/\n")
	})
}

func TestSitemap_namesAllThatIsSoldOverAsManyFilesAsItTakes(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh := s.shop(t)
		for i := range 7 {
			sh.product(fmt.Sprintf("Cup %d", i), nil, 1000)
		}
		sh.product("Secret", func(p *catalog.Product) { p.Status = catalog.Draft }, 1000)
		type entries struct {
			URLs  []string `xml:"url>loc"`
			Parts []string `xml:"sitemap>loc"`
		}
		read := func(path string) (e entries) {
			t.Helper()
			got := sh.get(path).want(t, http.StatusOK)
			if err := xml.Unmarshal([]byte(got.body), &e); err != nil {
				t.Fatal(err)
			}
			return e
		}
		if whole := read("/sitemap.xml"); len(whole.URLs) != 7+2 || whole.URLs[0] != s.url+sh.at {
			t.Errorf("%q", whole.URLs)
		}
		s.pages.SitemapSize(3)
		index, seen := read("/sitemap.xml"), map[string]int{}
		if len(index.Parts) != 3 {
			t.Fatalf("%q", index.Parts)
		}
		for _, part := range index.Parts {
			for _, address := range read(strings.TrimPrefix(part, s.url+sh.at)).URLs {
				seen[address]++
			}
		}
		if len(seen) != 7+2 || seen[s.url+sh.at+"/products/cup-0"] != 1 || seen[s.url+sh.at+"/products/secret"] != 0 {
			t.Errorf("%v", seen)
		}
		sh.get("/robots.txt").want(t, http.StatusOK, "Sitemap: "+s.url+sh.at+"/sitemap.xml")
	})
}
