package storefront_test

import (
	"net/http"
	"strings"
	"testing"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/picture"
	"vitrine/internal/store"
)

func TestPictures_areOfferedInAllTheirWidths(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh := s.shop(t)
		var address string
		sh.write(func(tx *db.Tx) error {
			p, err := store.AddPicture(t.Context(), tx, sh.store.ID, store.Picture{Sum: picture.Sum{1}, Width: 1280, Height: 960, UploadedBy: s.owner}, 0)
			address = p.Address().String()
			return err
		})
		at := strings.TrimSuffix(address, "1280.webp")
		sh.write(func(tx *db.Tx) error {
			_, err := store.Update(t.Context(), tx, sh.store.ID, func(s *store.Store) { s.LogoURL = &address })
			return err
		})
		mug := sh.product("Mug", func(p *catalog.Product) { p.Images = []catalog.Image{{URL: address, Alt: "A mug"}} }, 900)
		sh.product("Pot", func(p *catalog.Product) { p.Images = []catalog.Image{{URL: "https://images.example/pot.jpg"}} }, 900)
		for _, path := range []string{"", "/products/" + mug.Slug} {
			sh.get(path).want(t, http.StatusOK, `src="`+at+`640.webp"`, at+"160.webp 160w, "+at+"320.webp 320w, "+at+"640.webp 640w, "+address+" 1280w", `width="1280"`, `height="960"`, `sizes="(min-width`, `class="logo" src="`+at+`320.webp"`)
		}
		if page := sh.get("").want(t, http.StatusOK, `src="https://images.example/pot.jpg"`); strings.Count(page.body, "srcset=") != 1 {
			t.Errorf("a picture from elsewhere is said to have widths: %s", page.body)
		}
	})
}
