package theme

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Color is an opaque color of a screen (sRGB).
type Color struct{ R, G, B uint8 }

var (
	black = Color{}
	white = Color{255, 255, 255}
)

// ParseColor reads #rgb or #rrggbb, in any case.
func ParseColor(s string) (Color, bool) {
	digits, ok := strings.CutPrefix(strings.TrimSpace(s), "#")
	if len(digits) == 3 {
		digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	if !ok || err != nil || len(digits) != 6 {
		return Color{}, false
	}
	return Color{uint8(n >> 16), uint8(n >> 8), uint8(n)}, true //nolint:gosec // six hex digits
}

// String returns the color as #rrggbb.
func (c Color) String() string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// Contrast is how well two colors are told apart, from 1 to 21 (WCAG 2.2, contrast
// ratio).
func Contrast(a, b Color) float64 {
	la, lb := a.luminance(), b.luminance()
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// luminance is how bright a color is (WCAG 2.2, relative luminance).
func (c Color) luminance() float64 {
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

func linear(v uint8) float64 {
	s := float64(v) / 255
	if s <= 0.04045 {
		return s / 12.92
	}
	return math.Pow((s+0.055)/1.055, 2.4)
}

func gamma(v float64) uint8 {
	v = min(max(v, 0), 1)
	if v <= 0.0031308 {
		v *= 12.92
	} else {
		v = 1.055*math.Pow(v, 1/2.4) - 0.055
	}
	return uint8(math.Round(v * 255))
}

// shade is a color by lightness, chroma and hue (OKLCH, by Björn Ottosson), in which
// steps of lightness look alike.
type shade struct{ l, c, h float64 }

func (c Color) shade() shade {
	r, g, b := linear(c.R), linear(c.G), linear(c.B)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	x := 1.9779984951*l - 2.4285922050*m + 0.4505937099*s
	y := 0.0259040371*l + 0.7827717662*m - 0.8086757660*s
	return shade{0.2104542553*l + 0.7936177850*m - 0.0040720468*s, math.Hypot(x, y), math.Atan2(y, x)}
}

// at returns the shade with another lightness. What a screen cannot show is made paler.
func (s shade) at(lightness float64) Color {
	s.l = min(max(lightness, 0), 1)
	for range 24 {
		r, g, b := s.rgb()
		if min(r, g, b) >= -0.0005 && max(r, g, b) <= 1.0005 {
			break
		}
		s.c *= 0.9
	}
	r, g, b := s.rgb()
	return Color{gamma(r), gamma(g), gamma(b)}
}

func (s shade) rgb() (r, g, b float64) {
	x, y := s.c*math.Cos(s.h), s.c*math.Sin(s.h)
	l := cube(s.l + 0.3963377774*x + 0.2158037573*y)
	m := cube(s.l - 0.1055613458*x - 0.0638541728*y)
	n := cube(s.l - 0.0894841775*x - 1.2914855480*y)
	return 4.0767416621*l - 3.3077115913*m + 0.2309699292*n,
		-1.2684380046*l + 2.6097574011*m - 0.3413193965*n,
		-0.0041960863*l - 0.7034186147*m + 1.7076147010*n
}

func cube(v float64) float64 { return v * v * v }

// mix returns the color part of the way from a to b.
func mix(a, b Color, part float64) Color {
	between := func(x, y uint8) uint8 { return uint8(math.Round(float64(x) + (float64(y)-float64(x))*part)) }
	return Color{between(a.R, b.R), between(a.G, b.G), between(a.B, b.B)}
}

// worst is the least contrast of a color on some grounds.
func worst(c Color, grounds []Color) float64 {
	least := math.Inf(1)
	for _, ground := range grounds {
		least = min(least, Contrast(c, ground))
	}
	return least
}

// legible returns c, or the color of its hue next to it that has the contrast on all
// grounds. Where none has, it is black or white, whichever is read more easily.
func legible(c Color, contrast float64, grounds ...Color) Color {
	if worst(c, grounds) >= contrast {
		return c
	}
	s := c.shade()
	for step := 0.01; step <= 1; step += 0.01 {
		for _, lightness := range []float64{s.l - step, s.l + step} {
			if next := s.at(lightness); lightness >= 0 && lightness <= 1 && worst(next, grounds) >= contrast {
				return next
			}
		}
	}
	return onto(grounds...)
}

// onto is black or white, whichever is read more easily on all grounds.
func onto(grounds ...Color) Color {
	if worst(black, grounds) > worst(white, grounds) {
		return black
	}
	return white
}
