package demo_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"slices"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/demo"
)

func TestGallery_drawsEveryPictureThatAProductHas(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.NewURL(t, db.SQLite), nil)
	gallery, err := demo.NewGallery()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, s := range open(t, d, base) {
		for _, p := range products(t, d, s.ID) {
			for _, image := range p.Images {
				name := path.Base(image.URL)
				svg, ok, err := gallery.Draw(name)
				if err != nil || !ok {
					t.Fatalf("%s: drawn %v, %v", name, ok, err)
				}
				checkPicture(t, name, svg)
				if other := seen[string(svg)]; other != "" {
					t.Errorf("%s looks like %s", name, other)
				}
				seen[string(svg)] = name
			}
		}
	}
}

// checkPicture lets shapes pass and nothing that runs, loads or links.
func checkPicture(t *testing.T, name string, svg []byte) {
	t.Helper()
	shapes := []string{"svg", "title", "g", "path", "rect", "circle", "ellipse"}
	decoder := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%s is not XML: %v", name, err)
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if !slices.Contains(shapes, element.Name.Local) {
			t.Errorf("%s has a %s", name, element.Name.Local)
		}
		for _, a := range element.Attr {
			if paint := a.Name.Local == "fill" || a.Name.Local == "stroke"; paint && a.Value[0] != '#' && a.Value != "none" {
				t.Errorf("%s is painted with %q, which is no color", name, a.Value)
			}
		}
	}
}

func TestGallery_hasNoPictureOfWhatIsNotSold(t *testing.T) {
	t.Parallel()
	gallery, err := demo.NewGallery()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "nothing.svg", "../shops/juniper.toml", "harbor-stoneware-mug"} {
		if _, ok, err := gallery.Draw(name); ok || err != nil {
			t.Errorf("%q: %v, %v", name, ok, err)
		}
	}
}
