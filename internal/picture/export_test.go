package picture

// For tests: what reads a WebP without the library that writes it, and what writes one.
var (
	DecodeWebP = decodeWebP
	Encode     = encode
)
