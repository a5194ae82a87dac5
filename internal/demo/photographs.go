package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"vitrine/internal/catalog"
	"vitrine/internal/media"
	"vitrine/internal/store"
)

// photographs draws a still life of some offers and keeps them as if the merchant had
// uploaded them, by the offers' names. No store has them yet.
func photographs(ctx context.Context, m *media.Service, all []shop) (map[string]store.Picture, error) {
	var mu sync.Mutex
	kept := map[string]store.Picture{}
	draw, ctx := errgroup.WithContext(ctx)
	draw.SetLimit(runtime.GOMAXPROCS(0))
	for i := range all {
		for motif, o := range all[i].photographed() {
			draw.Go(func() error {
				p, err := o.photograph(ctx, m, things[motif])
				if err != nil {
					return fmt.Errorf("photograph %s: %w", o.title(), err)
				}
				mu.Lock()
				defer mu.Unlock()
				kept[o.name()] = p
				return nil
			})
		}
	}
	return kept, draw.Wait()
}

// photographed are the offers of which there is a photograph, by their motifs: the
// newest one of each that can be drawn.
func (s *shop) photographed() map[string]offer {
	newest := map[string]offer{}
	for _, o := range s.offers() {
		if _, is := things[o.shelf.Motif]; is && o.status() == catalog.Active {
			newest[o.shelf.Motif] = o
		}
	}
	return newest
}

func (o offer) photograph(ctx context.Context, m *media.Service, t turned) (store.Picture, error) {
	drawn, err := photograph(t, o.line.Palette)
	if err != nil {
		return store.Picture{}, err
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, drawn, &jpeg.Options{Quality: 95}); err != nil {
		return store.Picture{}, err
	}
	u, err := m.Receive(&file)
	if err != nil {
		return store.Picture{}, err
	}
	p, err := m.Keep(ctx, u)
	return p, errors.Join(err, u.Close())
}

// show puts the photograph of an offer before its other pictures, if there is one.
func (f *filler) show(ctx context.Context, o offer, p *catalog.Product) error {
	photo, ok := f.photos[o.name()]
	if !ok {
		return nil
	}
	added, err := f.media.Add(ctx, f.tx, f.store, f.owner, photo)
	if err != nil {
		return err
	}
	p.Images = append([]catalog.Image{{URL: added.Address().String(), Alt: p.Title + " on a table"}}, p.Images...)
	return nil
}
