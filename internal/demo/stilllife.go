package demo

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"strconv"
	"strings"
)

// A still life is a thing on a table in the light of a window, as a photographer would
// take it: drawn point by point, the same everywhere. The things are round: each is a
// profile that is turned about its axis.

// side is how many pixels a still life has each way.
const side = 640

// turned is a thing by its profile: how thick it is at heights from its foot (0) to
// its top (1).
type turned struct {
	width, height float64      // of the whole picture
	profile       [][2]float64 // height, radius; both from 0 to 1
	glazed        float64      // up to where it has the accent's color
	open          bool         // one looks into it
}

// things are what can be photographed, by their motifs.
var things = map[string]turned{
	"vase":   {.36, .58, [][2]float64{{0, .46}, {.03, .5}, {.28, .92}, {.44, 1}, {.66, .72}, {.82, .4}, {.92, .37}, {1, .52}}, .34, true},
	"bowl":   {.62, .3, [][2]float64{{0, .34}, {.1, .34}, {.16, .42}, {.5, .8}, {.8, .96}, {1, 1}}, .3, true},
	"candle": {.26, .46, [][2]float64{{0, .96}, {.03, 1}, {.5, .99}, {.97, .98}, {1, .95}}, .62, true},
	"bottle": {.26, .68, [][2]float64{{0, .92}, {.03, 1}, {.6, 1}, {.7, .9}, {.79, .56}, {.84, .5}, {.85, .58}, {.98, .58}, {1, .54}}, .12, false},
	"teatin": {.36, .46, [][2]float64{{0, .97}, {.02, 1}, {.74, 1}, {.75, 1.04}, {.98, 1.04}, {1, 1.01}}, .6, false},
	"ink":    {.36, .38, [][2]float64{{0, .95}, {.04, 1}, {.44, .97}, {.58, .8}, {.68, .52}, {.7, .5}, {.72, .58}, {.97, .58}, {1, .54}}, .4, false},
}

// tilt is how far one looks down on the table: how flat circles on it are seen.
const tilt = .17

// radius is the thickness at a height, and its slope there. Between the points of the
// profile it is a cubic that overshoots none of them, as Fritsch and Carlson have it.
func (t *turned) radius(h float64) (r, slope float64) {
	p := t.profile
	h = min(max(h, 0), 1)
	i := 1
	for i < len(p)-1 && p[i][0] < h {
		i++
	}
	span, from, to := p[i][0]-p[i-1][0], t.tangent(i-1), t.tangent(i)
	u := (h - p[i-1][0]) / span
	rise := p[i][1] - p[i-1][1]
	r = p[i-1][1] + rise*u*u*(3-2*u) + span*(from*u*(1-u)*(1-u)-to*u*u*(1-u))
	slope = rise/span*6*u*(1-u) + from*(1-u)*(1-3*u) - to*u*(2-3*u)
	return r, slope
}

// tangent is the slope at a point of the profile: 0 where it turns.
func (t *turned) tangent(i int) float64 {
	p := t.profile
	if i == 0 || i == len(p)-1 {
		return 0
	}
	before, after := (p[i][1]-p[i-1][1])/(p[i][0]-p[i-1][0]), (p[i+1][1]-p[i][1])/(p[i+1][0]-p[i][0])
	if before*after <= 0 {
		return 0
	}
	return 2 * before * after / (before + after)
}

// vector is a direction, or a color by its light.
type vector [3]float64

func (v vector) dot(w vector) float64 { return v[0]*w[0] + v[1]*w[1] + v[2]*w[2] }

func (v vector) times(f float64) vector { return vector{v[0] * f, v[1] * f, v[2] * f} }

func (v vector) plus(w vector) vector { return vector{v[0] + w[0], v[1] + w[1], v[2] + w[2]} }

func (v vector) unit() vector { return v.times(1 / math.Sqrt(v.dot(v))) }

// mixed is v with a part of w in its place.
func (v vector) mixed(w vector, part float64) vector { return v.times(1 - part).plus(w.times(part)) }

// light comes from the upper left, and from the reader a little.
var light = vector{-.55, -.62, .56}.unit()

// scene is a still life that is being drawn.
type scene struct {
	turned
	paper, shade, main, deep, accent, pale, ink vector
	foot                                        float64 // where the thing stands, from above
	tone                                        [tones]float64
}

// grid is how many points a pixel at an edge has each way.
const grid = 4

// tones is how many shades of light are told apart.
const tones = 1 << 14

// photograph draws a thing in the colors of its line.
func photograph(t turned, p palette) (*image.NRGBA, error) {
	s := scene{turned: t, foot: .5 + t.height/2 + .1}
	for _, c := range []struct {
		to   *vector
		from string
	}{{&s.paper, p.Paper}, {&s.shade, p.Shade}, {&s.main, p.Main}, {&s.deep, p.Deep}, {&s.accent, p.Accent}, {&s.pale, p.Light}, {&s.ink, p.Ink}} {
		var err error
		if *c.to, err = lightOf(c.from); err != nil {
			return nil, err
		}
	}
	for i := range s.tone {
		s.tone[i] = 255 * math.Pow(float64(i)/(tones-1), 1/2.2)
	}
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			m.SetNRGBA(x, y, s.pixel(x, y))
		}
	}
	return m, nil
}

// lightOf reads a color such as "#2f5d7c" as the light that it sends.
func lightOf(hex string) (vector, error) {
	n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 24)
	if err != nil || len(hex) != 7 {
		return vector{}, fmt.Errorf("%q is no color", hex)
	}
	v := vector{float64(n >> 16), float64(n >> 8 & 0xff), float64(n & 0xff)}
	for i := range v {
		v[i] = math.Pow(v[i]/255, 2.2)
	}
	return v, nil
}

// pixel is the mean of two points or, where those differ, of a grid of them, with a
// grain that keeps soft light from showing steps.
func (s *scene) pixel(x, y int) color.NRGBA {
	point := func(across, down float64) vector { return s.at((float64(x)+across)/side, (float64(y)+down)/side) }
	a, b := point(.25, .25), point(.75, .75)
	mean := a.mixed(b, .5)
	if apart := a.plus(b.times(-1)); apart.dot(apart) > 2e-4 {
		mean = vector{}
		for i := range grid * grid {
			mean = mean.plus(point((float64(i%grid)+.5)/grid, (float64(i/grid)+.5)/grid).times(1. / (grid * grid)))
		}
	}
	grain := float64((uint32(x)*0x9e3779b1^uint32(y)*0x85ebca6b)*0x2c1b3c6d>>24)/255*2.4 - 1.2 //nolint:gosec // any bits
	var out [3]uint8
	for i := range out {
		out[i] = uint8(min(max(s.tone[int(min(max(mean[i], 0), 1)*(tones-1))]+grain+.5, 0), 255))
	}
	return color.NRGBA{out[0], out[1], out[2], 255}
}

// at is the light that comes from a point of the picture.
func (s *scene) at(x, y float64) vector {
	if c, hit := s.thing(x-.5, y); hit {
		return c
	}
	return s.room(x, y)
}

// room is the wall, brighter where the window is, and the table with the thing's
// shadow on it.
func (s *scene) room(x, y float64) vector {
	edge := s.foot - tilt*s.width*.5 - .09
	glow := math.Exp(-4 * ((x-.24)*(x-.24) + (y-.2)*(y-.2)))
	wall := s.shade.mixed(s.paper, .25+.75*glow)
	onTable := smooth((y - edge) / .004)
	if onTable == 0 {
		return wall
	}
	table := s.pale.mixed(s.shade, .18+.3*(y-edge)/(1-edge)).times(.86 + .14*(1-x))
	c := wall.mixed(table, onTable)
	// A pool of shade below the thing, and its long shadow to the right.
	dx, dy := x-.5, (y-s.foot+.01)/tilt*.5
	r, _ := s.radius(0)
	away := (dx*dx + dy*dy) / (r * s.width * .62 * r * s.width * .62)
	pool := math.Exp(-away * away)
	along := (dx - .16) / (.2 + s.height*.25)
	beside := (dy + dx*.25) / (s.width * .34)
	cast := math.Exp(-along*along-beside*beside) * smooth(dx/.12)
	return c.mixed(s.ink.mixed(s.shade, .45), onTable*min(.62*pool+.34*cast, .75))
}

// thing is the light that comes from the thing itself, where it is at a point; x counts
// from its axis. A circle about the axis is seen as an ellipse, so that the height which
// is seen at a point depends on how far around it lies: it is found step by step.
func (s *scene) thing(x, y float64) (vector, bool) {
	top, _ := s.radius(1)
	top *= s.width / 2
	lid := s.foot - s.height
	if d := x*x/(top*top) + (y-lid)*(y-lid)/(top*tilt*top*tilt); d < 1 {
		return s.opening(x/top, d), true
	}
	h := (s.foot - y) / s.height
	for range 8 {
		r, _ := s.radius(h)
		r *= s.width / 2
		if math.Abs(x) >= r {
			break
		}
		h = (s.foot + tilt*r*math.Sqrt(1-x*x/(r*r)) - y) / s.height
	}
	r, slope := s.radius(h)
	r *= s.width / 2
	if h < 0 || h > 1 || math.Abs(x) >= r {
		return vector{}, false
	}
	across := x / r
	around := math.Sqrt(1 - across*across)
	lean := slope * s.width / 2 / s.height // the thicker above, the more it looks down
	return s.lit(vector{across, lean, around}.unit(), h), true
}

// lit is the light of the surface that faces somewhere.
func (s *scene) lit(normal vector, h float64) vector {
	edge := s.glazed + .012*math.Sin(normal[0]*7) + .006*math.Sin(normal[0]*17)
	base := s.main.mixed(s.accent, 1-smooth((h-edge)/.012))
	facing := normal.dot(light)
	diffuse := math.Pow(max(0, .5+.5*facing), 1.7)
	c := s.deep.times(.25).mixed(base, .16+.84*diffuse)
	c = c.mixed(s.pale, .16*max(0, normal[1])*(1-h)) // what the table sends back
	c = c.mixed(s.ink, .5*math.Exp(-h*26))           // and where it meets the table
	half := light.plus(vector{0, -tilt, 1}).unit()
	mirrored := max(0, normal.dot(half))
	shine := math.Pow(mirrored, 46)*.5 + math.Pow(mirrored, 9)*.1
	rim := (1 - normal[2]) * (1 - normal[2]) * (1 - normal[2]) * .16
	return c.plus(s.pale.times(shine)).mixed(s.paper, rim)
}

// opening is what is seen on top: the inside behind a lip, or a lid.
func (s *scene) opening(across, d float64) vector {
	if !s.open {
		return s.main.mixed(s.pale, .3-.22*across).times(.95)
	}
	lip := smooth((d - .84) / .05)
	inside := s.deep.mixed(s.ink, .5+.3*across).times(.5 + .3*d)
	return inside.mixed(s.main.mixed(s.pale, .42-.2*across), lip)
}

// smooth goes from 0 to 1 as v does, without a corner.
func smooth(v float64) float64 {
	v = min(max(v, 0), 1)
	return v * v * (3 - 2*v)
}
