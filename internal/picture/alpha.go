package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"

	encoder "github.com/deepteams/webp"
)

// The encoder's own account of what is transparent cannot be read by libwebp, and so
// by no browser; what it writes for lossless pictures can. So we put in its place a
// lossless picture of the transparency, which is what the format asks for.

// Parts of a WebP file: its own beginning, and that of each chunk.
const (
	riffHead  = 12
	chunkHead = 8
	alphaName = "ALPH"
)

var errNoChunk = errors.New("the encoder wrote no such chunk")

// withAlpha is the WebP of a picture with the transparency that it has.
func withAlpha(file []byte, m *image.NRGBA) ([]byte, error) {
	content, err := alphaChunk(m)
	if err != nil {
		return nil, err
	}
	start, end, err := chunk(file, alphaName)
	if err != nil {
		return nil, err
	}
	out := bytes.Clone(file[:start])
	out = append(out, alphaName...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(content))) //nolint:gosec // far below 4 GB
	out = append(out, content...)
	out = append(out, make([]byte, len(content)%2)...) // chunks begin at even places
	out = append(out, file[end:]...)
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-chunkHead)) //nolint:gosec // far below 4 GB
	return out, nil
}

// alphaChunk is the content of the chunk that tells what is transparent: a byte that
// says how, and a lossless picture whose green is that, without its header of five
// bytes.
func alphaChunk(m *image.NRGBA) ([]byte, error) {
	const lossless, header = 1, 5
	green := image.NewNRGBA(m.Rect)
	for i := 0; i < len(m.Pix); i += 4 {
		green.Pix[i+1], green.Pix[i+3] = m.Pix[i+3], 0xff
	}
	options := encoder.DefaultOptions()
	options.Lossless = true
	var b bytes.Buffer
	if err := encoder.Encode(&b, green, options); err != nil {
		return nil, err
	}
	start, end, err := chunk(b.Bytes(), "VP8L")
	if err != nil {
		return nil, err
	}
	return append([]byte{lossless}, b.Bytes()[start+chunkHead+header:end]...), nil
}

// chunk returns where a chunk of a WebP begins and ends.
func chunk(file []byte, name string) (start, end int, err error) {
	for at := riffHead; at+chunkHead <= len(file); at = end {
		length := int(binary.LittleEndian.Uint32(file[at+4:]))
		if end = at + chunkHead + length + length%2; end > len(file) {
			break
		}
		if string(file[at:at+4]) == name {
			return at, end, nil
		}
	}
	return 0, 0, errNoChunk
}
