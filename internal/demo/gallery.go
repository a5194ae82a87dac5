package demo

import (
	"context"
	"strings"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/store"
)

// picturePath is where the pictures are served.
const picturePath = "/demo/pictures/"

const (
	extension = ".svg"
	nearby    = "-close" // ends the name of a product's second picture
)

// Gallery draws the pictures of everything that the demo merchant sells. It is safe
// for concurrent use.
type Gallery struct{ pictures map[string]picture }

// NewGallery returns a gallery. Nothing is drawn yet.
func NewGallery() (*Gallery, error) {
	all, err := shops()
	if err != nil {
		return nil, err
	}
	g := &Gallery{pictures: map[string]picture{}}
	for i := range all {
		for _, o := range all[i].offers() {
			p := picture{title: o.title(), motif: o.shelf.Motif, colors: o.line.Palette, seed: o.seed}
			if o.seed&8 != 0 {
				p.colors = p.colors.turned()
			}
			g.pictures[o.name()+extension] = p
			p.close, p.seed = true, p.seed+3
			g.pictures[o.name()+nearby+extension] = p
		}
	}
	return g, nil
}

// Draw returns the picture of a name as an SVG document; ok is false where there is
// none.
func (g *Gallery) Draw(name string) (svg []byte, ok bool, err error) {
	p, ok := g.pictures[name]
	if !ok {
		return nil, false, nil
	}
	svg, err = p.draw()
	return svg, true, err
}

// hang lets the pictures in the stores be found at base. Products' addresses of
// pictures are absolute, and a demo may be served at another port the next time.
func hang(ctx context.Context, tx *db.Tx, stores []store.Store, base string) error {
	for _, s := range stores {
		page := db.Page{Limit: 200}
		for more := true; more; {
			var products []catalog.Product
			var err error
			if products, more, err = catalog.List(ctx, tx, s.ID, catalog.Filter{}, page); err != nil {
				return err
			}
			for i := range products {
				page.Before = products[i].ID.UUID
				if err := rehang(ctx, tx, s.ID, &products[i], base); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// rehang moves a product's pictures, if they are ours and served elsewhere.
func rehang(ctx context.Context, tx *db.Tx, st store.ID, p *catalog.Product, base string) error {
	moved := false
	for i, image := range p.Images {
		if host, picture, ours := strings.Cut(image.URL, picturePath); ours && host != base {
			p.Images[i].URL = base + picturePath + picture
			moved = true
		}
	}
	if !moved {
		return nil
	}
	_, err := catalog.Update(ctx, tx, st, p.ID, func(changed *catalog.Product) { changed.Images = p.Images })
	return err
}
