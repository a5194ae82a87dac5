package picture

import (
	"errors"
	"image"
	"io"

	"github.com/bep/imagemeta"
)

// orientation says how a picture's pixels lie, as Exif counts it: 1 is upright, and
// above 4 rows are columns.
type orientation int

const upright orientation = 1

// orientation reads how a picture is turned. One that says nothing, or nonsense, is
// upright.
func (k kind) orientation(file io.ReadSeeker) orientation {
	if k.meta == 0 {
		return upright
	}
	turn, err := rewound(file, func() (turn orientation, err error) {
		defer survive(&err)
		turn = upright
		_, err = imagemeta.Decode(imagemeta.Options{
			R: file, ImageFormat: k.meta, Sources: imagemeta.EXIF,
			ShouldHandleTag: func(tag imagemeta.TagInfo) bool { return tag.Tag == "Orientation" && tag.Namespace == "IFD0" },
			HandleTag: func(tag imagemeta.TagInfo) error {
				if n, ok := tag.Value.(uint16); ok {
					turn = orientation(n)
				}
				return imagemeta.ErrStopWalking
			},
		})
		return turn, err
	})
	if err != nil && !errors.Is(err, imagemeta.ErrStopWalking) || turn < upright || turn > 8 {
		return upright
	}
	return turn
}

// lies tells whether the picture lies on its side.
func (o orientation) lies() bool { return o > 4 }

// size is how large something is once it was turned, and the other way round.
func (o orientation) size(p image.Point) image.Point {
	if o.lies() {
		return image.Pt(p.Y, p.X)
	}
	return p
}

// apply turns a picture upright.
func (o orientation) apply(m *image.RGBA) *image.RGBA {
	if o == upright {
		return m
	}
	size := m.Rect.Size()
	to := image.NewRGBA(image.Rectangle{Max: o.size(size)})
	for y := range to.Rect.Dy() {
		for x := range to.Rect.Dx() {
			from := o.from(x, y, size)
			copy(to.Pix[to.PixOffset(x, y):][:4], m.Pix[m.PixOffset(from.X, from.Y):][:4])
		}
	}
	return to
}

// from is where a pixel of the upright picture comes from in one of a size.
func (o orientation) from(x, y int, size image.Point) image.Point {
	right, bottom := size.X-1, size.Y-1
	switch o {
	case 2:
		return image.Pt(right-x, y)
	case 3:
		return image.Pt(right-x, bottom-y)
	case 4:
		return image.Pt(x, bottom-y)
	case 5:
		return image.Pt(y, x)
	case 6:
		return image.Pt(y, bottom-x)
	case 7:
		return image.Pt(right-y, bottom-x)
	case 8:
		return image.Pt(right-y, x)
	default:
		return image.Pt(x, y)
	}
}
