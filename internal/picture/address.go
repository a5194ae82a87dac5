// Package picture makes what merchants upload fit for pages: upright, in a few
// widths, without what cameras write beside the picture. It also knows the addresses
// under which pictures of our own are served.
package picture

import (
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"vitrine/internal/blob"
	"vitrine/internal/fault"
	"vitrine/internal/text"
)

const (
	// Path is where pictures of our own are served, on every host.
	Path = "/media/"

	extension = ".webp"
)

// Widths are what a picture is made in, but for those that are larger than it.
var Widths = []int{160, 320, 640, 1280}

// MaxWidth is how wide the largest version is at most.
const MaxWidth = 1280

// Sum names a picture: the SHA-256 of the file that was uploaded.
type Sum [32]byte

func (s Sum) String() string { return hex.EncodeToString(s[:]) }

// Value implements driver.Valuer.
func (s Sum) Value() (driver.Value, error) { return s.String(), nil }

// Scan implements sql.Scanner.
func (s *Sum) Scan(src any) error {
	text, ok := src.(string)
	if n, err := hex.Decode(s[:], []byte(text)); !ok || err != nil || n != len(s) {
		return fmt.Errorf("scan %T into a picture's sum", src)
	}
	return nil
}

// Address is where a version of a picture of our own is served. What lies there never
// changes. A picture goes by the address of its widest version, from which those of
// the others follow: they have all Widths below it.
type Address struct {
	Sum   Sum
	Width int
}

// ParseAddress reads what String writes, and nothing else.
func ParseAddress(s string) (Address, bool) {
	rest, ours := strings.CutPrefix(s, Path)
	sum, name, found := strings.Cut(rest, "/")
	number, webp := strings.CutSuffix(name, extension)
	if !ours || !found || !webp || len(sum) != hex.EncodedLen(len(Sum{})) {
		return Address{}, false
	}
	var a Address
	if _, err := hex.Decode(a.Sum[:], []byte(sum)); err != nil {
		return Address{}, false
	}
	width, err := strconv.Atoi(number)
	if a.Width = width; err != nil || width < 1 || width > MaxWidth || a.String() != s {
		return Address{}, false
	}
	return a, true
}

func (a Address) String() string {
	return Path + a.Sum.String() + "/" + strconv.Itoa(a.Width) + extension
}

// Versions are the addresses of the picture and of all that is narrower, the narrowest
// first.
func (a Address) Versions() []Address {
	var all []Address
	for _, width := range widths(a.Width) {
		all = append(all, Address{a.Sum, width})
	}
	return all
}

// Key is where the version lies in a storage.
func (a Address) Key() blob.Key {
	return blob.Key{Sum: a.Sum, Name: strconv.Itoa(a.Width) + extension}
}

// For is the version for a place of so many pixels: the first one that fills it, or
// else the widest.
func (a Address) For(pixels int) Address {
	all := a.Versions()
	for _, v := range all {
		if v.Width >= pixels {
			return v
		}
	}
	return all[len(all)-1]
}

// widths are those of a picture whose widest version is so wide.
func widths(widest int) []int {
	var all []int
	for _, width := range Widths {
		if width < widest {
			all = append(all, width)
		}
	}
	return append(all, widest)
}

// URL checks the address of a picture, ours or an http or https one, and returns it
// trimmed.
func URL(f *fault.Form, path, s string) string {
	trimmed := strings.TrimSpace(s)
	if _, ours := ParseAddress(trimmed); ours {
		return trimmed
	}
	if strings.HasPrefix(trimmed, Path) {
		f.Addf(path, nil, "must be the address of a picture as its upload tells it")
		return trimmed
	}
	return text.URL(f, path, s)
}

// OptionalURL is URL for a nullable field: blank becomes nil.
func OptionalURL(f *fault.Form, path string, s *string) *string {
	if s == nil || strings.TrimSpace(*s) == "" {
		return nil
	}
	checked := URL(f, path, *s)
	return &checked
}
