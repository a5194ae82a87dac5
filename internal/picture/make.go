package picture

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"math"

	"golang.org/x/image/draw"
	"golang.org/x/sync/semaphore"

	"vitrine/internal/fault"
)

// Bounds of what is taken apart. A file of a few bytes can be a picture of billions of
// pixels: how many there are is read before any of them.
const (
	maxPixels = 40_000_000 // the best telephones make 50 at most, and 12 as a rule
	maxSide   = 16_000     // what a WebP can have, with some air

	// maxShape is how many times as long as wide a picture can be, or the other way
	// round.
	maxShape = 20
)

// Made is a picture that is fit for pages.
type Made struct {
	Width, Height int       // of the widest version
	Versions      []Version // the narrowest first; all that Address.Versions tells
}

// Version is a picture in one width.
type Version struct {
	Width   int
	Content []byte // a WebP
}

// Bytes is how large all versions are together.
func (m *Made) Bytes() int64 {
	var n int64
	for _, v := range m.Versions {
		n += int64(len(v.Content))
	}
	return n
}

// Maker makes pictures fit for pages. It is safe for concurrent use: what it takes
// apart at a time has maxPixels together; others wait. A photograph of 12 million
// pixels takes 180 MB for two thirds of a second, and the worst that is taken, with 16
// bits a channel, 600 MB for some seconds.
type Maker struct{ room *semaphore.Weighted }

// NewMaker returns a maker. A process needs one.
func NewMaker() *Maker { return &Maker{semaphore.NewWeighted(maxPixels)} }

// Make reads a PNG, JPEG, GIF or WebP from its beginning and returns it upright, in
// every width that is not larger than it, and without anything that stood beside the
// pixels, such as the place where it was taken. Of a moving picture it takes the first
// one. What it cannot take is a fault: Unsupported for another type, Invalid for the
// rest.
func (m *Maker) Make(ctx context.Context, file io.ReadSeeker) (Made, error) {
	k, err := sniff(file)
	if err != nil {
		return Made{}, err
	}
	size, err := k.size(file)
	if err != nil {
		return Made{}, err
	}
	if err := checkSize(size); err != nil {
		return Made{}, err
	}
	pixels := int64(size.X) * int64(size.Y)
	if err := m.room.Acquire(ctx, pixels); err != nil {
		return Made{}, err
	}
	defer m.room.Release(pixels)
	whole, turn, err := k.decode(file)
	if err != nil {
		return Made{}, err
	}
	return versions(ctx, onCanvas(whole, size), turn)
}

// onCanvas is a picture that fills its size. The first one of a GIF may be a part of
// what is shown, or have no pixels at all.
func onCanvas(m image.Image, size image.Point) image.Image {
	whole := image.Rectangle{Max: size}
	if m.Bounds() == whole {
		return m
	}
	canvas := image.NewNRGBA(whole)
	draw.Draw(canvas, m.Bounds(), m, m.Bounds().Min, draw.Src)
	return canvas
}

func checkSize(size image.Point) error {
	pixels := int64(size.X) * int64(size.Y)
	switch {
	case size.X < 1 || size.Y < 1:
		return broken("has no pixels")
	case size.X > maxSide || size.Y > maxSide || pixels > maxPixels:
		return refused("has %d × %d pixels; a picture can have %d million, and %d on a side", size.X, size.Y, maxPixels/1_000_000, maxSide)
	case size.X > size.Y*maxShape || size.Y > size.X*maxShape:
		return refused("has %d × %d pixels; a picture can be %d times as long as it is wide", size.X, size.Y, maxShape)
	}
	return nil
}

// refused says why a file is not taken that is a picture.
func refused(format string, args ...any) error { return fault.Invalidf("file", format, args...) }

// broken says that a file only looks like a picture.
func broken(why string) error { return fault.Invalidf("file", "%s", why) }

// versions makes a picture in every width. Each is made from the next wider one, which
// looks the same and takes a fraction of the time.
func versions(ctx context.Context, whole image.Image, turn orientation) (Made, error) {
	size := turn.size(whole.Bounds().Size())
	all := widths(min(size.X, MaxWidth))
	widest := image.Pt(all[len(all)-1], 0)
	widest.Y = scaled(size, widest.X)
	now := turn.apply(scale(whole, turn.size(widest)))
	m := Made{Width: widest.X, Height: widest.Y, Versions: make([]Version, len(all))}
	for i := len(all) - 1; i >= 0; i-- {
		if err := ctx.Err(); err != nil {
			return Made{}, err
		}
		if width := all[i]; width != now.Rect.Dx() {
			now = scale(now, image.Pt(width, scaled(widest, width)))
		}
		content, err := encode(now)
		if err != nil {
			return Made{}, fmt.Errorf("encode a picture of %v: %w", now.Rect.Max, err)
		}
		m.Versions[i] = Version{Width: all[i], Content: content}
	}
	return m, nil
}

// scaled is the height of something of a size when it is so wide.
func scaled(size image.Point, width int) int {
	return max(1, int(math.Round(float64(size.Y)*float64(width)/float64(size.X))))
}

// scale draws a picture in a size.
func scale(m image.Image, size image.Point) *image.RGBA {
	to := image.NewRGBA(image.Rectangle{Max: size})
	if m.Bounds().Size() == size {
		draw.Draw(to, to.Rect, m, m.Bounds().Min, draw.Src)
	} else {
		draw.CatmullRom.Scale(to, to.Rect, m, m.Bounds(), draw.Src, nil)
	}
	return to
}

// errPanic is what a decoder's panic is told as, in the log.
var errPanic = errors.New("the decoder gave up")
