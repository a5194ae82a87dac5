package picture

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"log/slog"

	"github.com/bep/imagemeta"
	"golang.org/x/image/webp"

	"vitrine/internal/fault"
)

// kind is a type of file that is taken.
type kind struct {
	name   string
	begins func(head []byte) bool
	config func(io.Reader) (image.Config, error)
	pixels func(io.Reader) (image.Image, error)
	meta   imagemeta.ImageFormat // 0: nothing in it says how the picture is turned
}

// kinds are what is taken, by how the files begin: what somebody calls a file says
// nothing.
func kinds() []kind {
	starts := func(with string) func([]byte) bool {
		return func(head []byte) bool { return bytes.HasPrefix(head, []byte(with)) }
	}
	isWebP := func(head []byte) bool {
		return bytes.HasPrefix(head, []byte("RIFF")) && len(head) >= 12 && string(head[8:12]) == "WEBP"
	}
	return []kind{
		{"JPEG", starts("\xff\xd8\xff"), jpeg.DecodeConfig, jpeg.Decode, imagemeta.JPEG},
		{"PNG", starts("\x89PNG\r\n\x1a\n"), png.DecodeConfig, png.Decode, imagemeta.PNG},
		{"GIF", starts("GIF8"), gif.DecodeConfig, gif.Decode, 0},
		{"WebP", isWebP, webp.DecodeConfig, decodeWebP, imagemeta.WebP},
	}
}

// headSize is how much of a file is looked at to tell what it is.
const headSize = 1024

// sniff tells what a file is.
func sniff(file io.ReadSeeker) (kind, error) {
	head := make([]byte, headSize)
	n, err := rewound(file, func() (int, error) { return io.ReadFull(file, head) })
	if head = head[:n]; err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return kind{}, fmt.Errorf("read a picture: %w", err)
	}
	for _, k := range kinds() {
		if k.begins(head) {
			return k, nil
		}
	}
	switch text := bytes.ToLower(bytes.TrimLeft(head, "\xef\xbb\xbf \t\r\n")); {
	case n == 0:
		return kind{}, fault.Invalidf("file", "is empty")
	case bytes.HasPrefix(text, []byte("<")) && bytes.Contains(text, []byte("<svg")):
		return kind{}, ErrSVG()
	}
	return kind{}, ErrType()
}

// ErrType says what can be sent.
func ErrType() error {
	return &fault.Error{Kind: fault.Unsupported, Code: "unsupported_media_type", Message: "This is no picture of a type that is taken. Send a PNG, JPEG, GIF or WebP."}
}

// ErrSVG says why an SVG is none of it.
func ErrSVG() error {
	return &fault.Error{Kind: fault.Unsupported, Code: "svg_refused", Message: "SVG is not taken, since it can hold scripts. Send the picture as PNG, JPEG, GIF or WebP."}
}

// rewound reads a file from its beginning.
func rewound[T any](file io.Seeker, read func() (T, error)) (T, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		var none T
		return none, err
	}
	return read()
}

// size reads how many pixels a picture has.
func (k kind) size(file io.ReadSeeker) (image.Point, error) {
	c, err := rewound(file, func() (c image.Config, err error) {
		defer survive(&err)
		return k.config(bufio.NewReader(file))
	})
	if err != nil {
		return image.Point{}, k.unreadable(err)
	}
	return image.Pt(c.Width, c.Height), nil
}

// decode reads the pixels, and how they are to be turned.
func (k kind) decode(file io.ReadSeeker) (image.Image, orientation, error) {
	m, err := rewound(file, func() (m image.Image, err error) {
		defer survive(&err)
		return k.pixels(bufio.NewReaderSize(file, 64<<10))
	})
	if err != nil {
		return nil, 0, k.unreadable(err)
	}
	return m, k.orientation(file), nil
}

func (k kind) unreadable(err error) error {
	slog.Debug("a picture cannot be read", "kind", k.name, "error", err)
	return broken("is no " + k.name + " that can be read: it is damaged, or of a rare sort")
}

// survive makes an error of a panic. Decoders are there for foreign bytes, and one
// that has a fault must not take a request with it.
func survive(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%w: %v", errPanic, p)
	}
}
