package picture

import (
	"bytes"
	"image"
	"image/draw"
	"io"
	"sync"

	encoder "github.com/deepteams/webp"
	decoder "golang.org/x/image/webp"
)

// quality is where nobody sees steps in a soft light, and a file is a third smaller
// than the JPEG that looks the same.
const quality = 87

// ready has the encoder fill its tables, which it does when they are first needed and
// without a lock: two first pictures at once would get wrong colors.
var ready = sync.OnceFunc(func() {
	for _, corner := range []uint8{0, 0xff} { // with transparency and without
		first := image.NewNRGBA(image.Rect(0, 0, 16, 16))
		for i := 3; i < len(first.Pix); i += 4 {
			first.Pix[i] = 0xff
		}
		first.Pix[3] = corner
		_ = encoder.Encode(io.Discard, first, encoder.DefaultOptions())
	}
})

// encode writes a picture as a WebP.
func encode(m *image.RGBA) ([]byte, error) {
	ready()
	options := encoder.DefaultOptions()
	options.Quality = quality
	var b bytes.Buffer
	if m.Opaque() { // the same bytes, whether multiplied by it or not
		err := encoder.Encode(&b, &image.NRGBA{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect}, options)
		return b.Bytes(), err
	}
	straight := image.NewNRGBA(m.Rect)
	draw.Draw(straight, m.Rect, m, m.Rect.Min, draw.Src)
	if err := encoder.Encode(&b, straight, options); err != nil {
		return nil, err
	}
	return withAlpha(b.Bytes(), straight)
}

// decodeWebP reads a WebP in its true colors. Its brightness goes from 16 to 235, as
// on television, and the decoder hands it out as if it went from 0 to 255.
func decodeWebP(r io.Reader) (image.Image, error) {
	m, err := decoder.Decode(r)
	if err != nil {
		return nil, err
	}
	switch m := m.(type) {
	case *image.YCbCr:
		return fromTelevision(m, nil, 0), nil
	case *image.NYCbCrA:
		return fromTelevision(&m.YCbCr, m.A, m.AStride), nil
	default:
		return m, nil
	}
}

// fromTelevision converts after ITU-R BT.601. alpha is nil for a picture without.
func fromTelevision(m *image.YCbCr, alpha []byte, stride int) *image.NRGBA {
	to := image.NewNRGBA(image.Rectangle{Max: m.Rect.Size()})
	for y := range to.Rect.Dy() {
		row := to.Pix[y*to.Stride:]
		for x := range to.Rect.Dx() {
			at, chroma := m.YOffset(m.Rect.Min.X+x, m.Rect.Min.Y+y), m.COffset(m.Rect.Min.X+x, m.Rect.Min.Y+y)
			light := 76_309 * (int(m.Y[at]) - 16)
			blue, red := int(m.Cb[chroma])-128, int(m.Cr[chroma])-128
			p := row[4*x : 4*x+4 : 4*x+4]
			p[0] = clamped(light + 104_597*red)
			p[1] = clamped(light - 25_675*blue - 53_279*red)
			p[2] = clamped(light + 132_201*blue)
			if p[3] = 0xff; alpha != nil {
				p[3] = alpha[y*stride+x]
			}
		}
	}
	return to
}

// clamped is a value of 16 binary decimals as a byte.
func clamped(v int) byte { return byte(min(max((v+1<<15)>>16, 0), 255)) } //nolint:gosec // within a byte
