package picture_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"strings"
	"sync"
	"testing"

	encoder "github.com/deepteams/webp"

	"vitrine/internal/fault"
	"vitrine/internal/picture"
)

// corners are the colors of a picture's quarters, row by row.
var corners = [4]color.NRGBA{{220, 30, 30, 255}, {30, 190, 60, 255}, {40, 60, 210, 255}, {230, 200, 40, 255}}

// quarters draws a picture of four colors.
func quarters(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, corners[2*(2*y/h)+2*x/w])
		}
	}
	return m
}

func encoded(t testing.TB, how func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := how(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, m) })
}

func asJPEG(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, m, &jpeg.Options{Quality: 95}) })
}

func asGIF(t testing.TB, m image.Image) []byte {
	few := image.NewPaletted(m.Bounds(), color.Palette{corners[0], corners[1], corners[2], corners[3]})
	draw.Draw(few, few.Rect, m, image.Point{}, draw.Src)
	return encoded(t, func(b *bytes.Buffer) error { return gif.Encode(b, few, nil) })
}

// partOfGIF is a GIF that shows one color in a part of its canvas alone.
func partOfGIF(t testing.TB, canvas image.Point, part image.Rectangle, with color.Color) []byte {
	return encoded(t, func(b *bytes.Buffer) error {
		return gif.EncodeAll(b, &gif.GIF{
			Image:  []*image.Paletted{image.NewPaletted(part, color.Palette{with})},
			Delay:  []int{0},
			Config: image.Config{Width: canvas.X, Height: canvas.Y},
		})
	})
}

func asWebP(t testing.TB, m *image.NRGBA, lossless bool) []byte {
	if !lossless {
		multiplied := image.NewRGBA(m.Rect)
		draw.Draw(multiplied, m.Rect, m, image.Point{}, draw.Src)
		file, err := picture.Encode(multiplied)
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	options := encoder.DefaultOptions()
	options.Lossless = lossless
	return encoded(t, func(b *bytes.Buffer) error { return encoder.Encode(b, m, options) })
}

func maker(t testing.TB, file []byte) (picture.Made, error) {
	t.Helper()
	return picture.NewMaker().Make(t.Context(), bytes.NewReader(file))
}

// made makes a picture, and reads the versions as a browser does.
func made(t testing.TB, file []byte) (picture.Made, []image.Image) {
	t.Helper()
	m, err := maker(t, file)
	if err != nil {
		t.Fatal(err)
	}
	var all []image.Image
	for _, v := range m.Versions {
		got, err := picture.DecodeWebP(bytes.NewReader(v.Content)) // not by who wrote it
		if err != nil {
			t.Fatal(err)
		}
		if got.Bounds().Dx() != v.Width {
			t.Errorf("the version of %d has %v", v.Width, got.Bounds())
		}
		all = append(all, got)
	}
	return m, all
}

// near tells whether a pixel looks like a color.
func near(got color.Color, want color.NRGBA) bool {
	c := color.NRGBAModel.Convert(got).(color.NRGBA)
	for _, d := range []float64{float64(c.R) - float64(want.R), float64(c.G) - float64(want.G), float64(c.B) - float64(want.B), float64(c.A) - float64(want.A)} {
		if math.Abs(d) > 16 {
			return false
		}
	}
	return true
}

// wantQuarters looks at the middle of each quarter.
func wantQuarters(t *testing.T, m image.Image, want [4]color.NRGBA) {
	t.Helper()
	size := m.Bounds().Size()
	for i, c := range want {
		x, y := size.X/4+(i%2)*size.X/2, size.Y/4+(i/2)*size.Y/2
		if got := m.At(m.Bounds().Min.X+x, m.Bounds().Min.Y+y); !near(got, c) {
			t.Errorf("of %v, quarter %d is %v, want %v", size, i, got, c)
		}
	}
}

func TestMake_takesEveryTypeInEveryWidth(t *testing.T) {
	t.Parallel()
	m := quarters(1400, 700)
	for name, file := range map[string][]byte{
		"PNG": asPNG(t, m), "JPEG": asJPEG(t, m), "GIF": asGIF(t, m), "WebP": asWebP(t, m, false), "lossless WebP": asWebP(t, m, true),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, all := made(t, file)
			if got.Width != 1280 || got.Height != 640 || len(all) != 4 {
				t.Errorf("%d × %d in %d versions", got.Width, got.Height, len(all))
			}
			for i, width := range picture.Widths {
				if all[i].Bounds().Size() != image.Pt(width, width/2) {
					t.Errorf("version %d has %v", i, all[i].Bounds())
				}
				wantQuarters(t, all[i], corners)
			}
		})
	}
}

func TestMake_makesNothingLargerThanTheOriginal(t *testing.T) {
	t.Parallel()
	for size, want := range map[image.Point][]int{
		{100, 50}: {100}, {160, 160}: {160}, {161, 3000}: {160, 161}, {1, 1}: {1}, {1, 20}: {1}, {640, 333}: {160, 320, 640}, {3000, 150}: picture.Widths, {1280, 2}: nil,
	} {
		m, err := maker(t, asPNG(t, quarters(size.X, size.Y)))
		if want == nil {
			fault.AssertCode(t, err, "invalid")
			continue
		}
		var widths []int
		for _, v := range m.Versions {
			widths = append(widths, v.Width)
		}
		if err != nil || fmt.Sprint(widths) != fmt.Sprint(want) || m.Width != want[len(want)-1] {
			t.Errorf("%v: %v, %v", size, widths, err)
		}
	}
}

func TestMake_keepsWhatIsTransparent(t *testing.T) {
	t.Parallel()
	m := quarters(400, 400)
	for y := range 200 {
		for x := range 200 {
			m.SetNRGBA(x, y, color.NRGBA{})
		}
	}
	for name, file := range map[string][]byte{"PNG": asPNG(t, m), "WebP": asWebP(t, m, false), "lossless WebP": asWebP(t, m, true)} {
		_, all := made(t, file)
		for _, got := range all {
			_, _, _, clear := got.At(50, 50).RGBA()
			_, _, _, solid := got.At(got.Bounds().Dx()-10, 10).RGBA()
			if clear != 0 || solid != 0xffff {
				t.Errorf("%s of %v: alpha %x and %x", name, got.Bounds(), clear, solid)
			}
		}
	}
}

// exif is what a camera writes: the orientation, and where it was.
func exif(orientation int) []byte {
	b := []byte("II*\x00\x08\x00\x00\x00\x02\x00")
	b = binary.LittleEndian.AppendUint16(b, 0x010e) // ImageDescription
	b = binary.LittleEndian.AppendUint16(b, 2)
	b = binary.LittleEndian.AppendUint32(b, 20)
	b = binary.LittleEndian.AppendUint32(b, 38)
	b = binary.LittleEndian.AppendUint16(b, 0x0112)
	b = binary.LittleEndian.AppendUint16(b, 3)
	b = binary.LittleEndian.AppendUint32(b, 1)
	b = binary.LittleEndian.AppendUint32(b, uint32(orientation)) //nolint:gosec // 1 to 8
	return append(b, "\x00\x00\x00\x00taken at my own home\x00"...)
}

// withExif puts it into a JPEG, behind its first two bytes.
func withExif(file []byte, orientation int) []byte {
	content := append([]byte("Exif\x00\x00"), exif(orientation)...)
	b := append([]byte{}, file[:2]...)
	b = append(b, 0xff, 0xe1)
	b = binary.BigEndian.AppendUint16(b, uint16(len(content)+2)) //nolint:gosec // short
	return append(append(b, content...), file[2:]...)
}

// pngWithExif puts it into a PNG, behind the header.
func pngWithExif(file []byte, orientation int) []byte {
	const header = 8 + 25
	chunk := append([]byte("eXIf"), exif(orientation)...)
	b := append([]byte{}, file[:header]...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(chunk)-4)) //nolint:gosec // short
	b = append(b, chunk...)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(chunk))
	return append(b, file[header:]...)
}

func TestMake_keepsAPartOfAGIFInItsPlace(t *testing.T) {
	m, all := made(t, partOfGIF(t, image.Pt(60, 40), image.Rect(30, 0, 60, 20), corners[0]))
	if m.Width != 60 || m.Height != 40 {
		t.Fatalf("made %d × %d", m.Width, m.Height)
	}
	wantQuarters(t, all[len(all)-1], [4]color.NRGBA{{}, corners[0], {}, {}})
}

func TestMake_takesAGIFWhoseFirstPictureHasNoPixels(t *testing.T) {
	m, _ := made(t, partOfGIF(t, image.Pt(60, 40), image.Rect(10, 0, 10, 20), corners[0]))
	if m.Width != 60 || m.Height != 40 {
		t.Fatalf("made %d × %d", m.Width, m.Height)
	}
}

func TestMake_turnsPicturesUpright(t *testing.T) {
	t.Parallel()
	a, b, c, d := corners[0], corners[1], corners[2], corners[3]
	for orientation, want := range map[int][4]color.NRGBA{
		1: {a, b, c, d}, 2: {b, a, d, c}, 3: {d, c, b, a}, 4: {c, d, a, b}, 5: {a, c, b, d}, 6: {c, a, d, b}, 7: {d, b, c, a}, 8: {b, d, a, c},
		0: {a, b, c, d}, 9: {a, b, c, d},
	} {
		for name, file := range map[string][]byte{
			"JPEG": withExif(asJPEG(t, quarters(700, 350)), orientation), "PNG": pngWithExif(asPNG(t, quarters(700, 350)), orientation),
		} {
			m, all := made(t, file)
			size := image.Pt(700, 350)
			if orientation > 4 && orientation < 9 {
				size = image.Pt(350, 700)
			}
			if m.Width != size.X || m.Height != size.Y {
				t.Errorf("%s turned %d: %d × %d", name, orientation, m.Width, m.Height)
			}
			for _, got := range all {
				wantQuarters(t, got, want)
			}
		}
	}
}

func TestMake_leavesOutWhatCamerasWrite(t *testing.T) {
	t.Parallel()
	for _, file := range [][]byte{withExif(asJPEG(t, quarters(700, 350)), 1), pngWithExif(asPNG(t, quarters(700, 350)), 6)} {
		if !bytes.Contains(file, []byte("my own home")) {
			t.Fatal("nothing is written")
		}
		m, _ := made(t, file)
		for _, v := range m.Versions {
			for _, word := range []string{"my own home", "EXIF", "Exif", "XMP ", "ICCP"} {
				if bytes.Contains(v.Content, []byte(word)) {
					t.Errorf("the version of %d has %q", v.Width, word)
				}
			}
		}
	}
}

// claim is a PNG that says how large it is and has no pixels.
func claim(w, h uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")
	b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, w), h)
	b = append(b, 8, 6, 0, 0, 0)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[12:]))
}

func TestMake_refusesWhatIsTooLargeBeforeItTakesItApart(t *testing.T) {
	t.Parallel()
	for name, file := range map[string][]byte{
		"billions of pixels": claim(60_000, 60_000), "a long side": claim(16_001, 1000), "many pixels": claim(8000, 5001), "no shape": claim(10_000, 499),
		"a GIF": []byte("GIF89a\xff\xff\xff\xff\x00\x00\x00"),
	} {
		_, err := maker(t, file)
		fault.AssertCode(t, err, "invalid")
		if !strings.Contains(fmt.Sprint(err), "pixels") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMake_saysWhatItDoesNotTake(t *testing.T) {
	t.Parallel()
	svg := `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`
	for content, code := range map[string]string{
		svg: "svg_refused", "\xef\xbb\xbf<?xml version=\"1.0\"?>\n<!-- a logo -->\n" + svg: "svg_refused", " \n<SVG>": "svg_refused",
		"%PDF-1.7": "unsupported_media_type", "<html>": "unsupported_media_type", "a": "unsupported_media_type", "BM": "unsupported_media_type", "\x00\x00\x00\x20ftypavif": "unsupported_media_type",
		"": "invalid", "\x89PNG\r\n\x1a\n": "invalid", "GIF89a": "invalid", "\xff\xd8\xff": "invalid", "RIFF\x00\x00\x00\x00WEBP": "invalid",
		string(claim(10, 10)): "invalid",
	} {
		_, err := maker(t, []byte(content))
		if fault.Code(err) != code {
			t.Errorf("%q: %v, want %s", content, err, code)
		}
	}
}

func TestMake_refusesHalfAFile(t *testing.T) {
	t.Parallel()
	m := quarters(400, 300)
	for name, file := range map[string][]byte{"PNG": asPNG(t, m), "GIF": asGIF(t, m), "WebP": asWebP(t, m, true), "JPEG": asJPEG(t, m)} {
		_, err := maker(t, file[:len(file)/2])
		if fault.Code(err) != "invalid" {
			t.Errorf("half a %s: %v", name, err)
		}
	}
}

// TestMaker_lastsNoLongerThanItsCaller has a caller go that waits for room.
func TestMaker_lastsNoLongerThanItsCaller(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := picture.NewMaker().Make(ctx, bytes.NewReader(asPNG(t, quarters(1400, 1000))))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestMake_isTheSameEveryTime(t *testing.T) {
	t.Parallel()
	file := asJPEG(t, quarters(900, 700))
	first, _ := made(t, file)
	for range 3 {
		again, _ := made(t, file)
		for i, v := range again.Versions {
			if !bytes.Equal(v.Content, first.Versions[i].Content) {
				t.Errorf("the version of %d differs", v.Width)
			}
		}
	}
}

// TestMaker_atOnce also looks, under the race detector, at the decoders and the encoder.
func TestMaker_atOnce_makesEachAsIfAlone(t *testing.T) {
	t.Parallel()
	clear := quarters(300, 200)
	clear.SetNRGBA(10, 10, color.NRGBA{})
	files := [][]byte{asJPEG(t, quarters(300, 200)), asPNG(t, clear), asWebP(t, quarters(200, 300), false), asGIF(t, quarters(64, 64))}
	alone := make([]picture.Made, len(files))
	for i, file := range files {
		alone[i], _ = made(t, file)
	}
	one := picture.NewMaker()
	var all sync.WaitGroup
	for k := range 24 {
		all.Go(func() {
			got, err := one.Make(t.Context(), bytes.NewReader(files[k%len(files)]))
			for i, v := range got.Versions {
				if !bytes.Equal(v.Content, alone[k%len(files)].Versions[i].Content) {
					t.Errorf("%d: the version of %d differs", k, v.Width)
				}
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// FuzzMake sees that no file does harm: it becomes a picture or is refused.
func FuzzMake(f *testing.F) {
	m := quarters(24, 16)
	for _, seed := range [][]byte{
		asPNG(f, m), asGIF(f, m), asJPEG(f, m), asWebP(f, m, false), asWebP(f, m, true), withExif(asJPEG(f, m), 6), pngWithExif(asPNG(f, m), 8),
		partOfGIF(f, image.Pt(9, 9), image.Rect(3, 0, 3, 9), corners[0]), claim(60_000, 60_000), []byte("<svg/>"),
		{},
	} {
		f.Add(seed)
	}
	makes := picture.NewMaker()
	f.Fuzz(func(t *testing.T, file []byte) {
		made, err := makes.Make(t.Context(), bytes.NewReader(file))
		if err != nil {
			if fault.Code(err) == "" {
				t.Errorf("not a fault: %v", err)
			}
			return
		}
		if made.Width < 1 || made.Width > picture.MaxWidth || made.Height < 1 || len(made.Versions) == 0 {
			t.Errorf("made %d × %d, %d versions", made.Width, made.Height, len(made.Versions))
		}
	})
}

// BenchmarkMake is a photograph of 12 million pixels, as telephones take them.
func BenchmarkMake(b *testing.B) {
	m := image.NewNRGBA(image.Rect(0, 0, 4000, 3000))
	for i := range m.Pix {
		x, y := i/4%4000, i/16000
		m.Pix[i] = byte(128 + 60*math.Sin(float64(x)/float64(80+40*(i%4))) + 50*math.Cos(float64(y)/70+float64(x)/200) + float64((i*2654435761)>>7&7))
		if i%4 == 3 {
			m.Pix[i] = 255
		}
	}
	file := asJPEG(b, m)
	if path := os.Getenv("PICTURE"); path != "" {
		var err error
		if file, err = os.ReadFile(path); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := maker(b, file); err != nil {
			b.Fatal(err)
		}
	}
}
