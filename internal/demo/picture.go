package demo

import (
	"embed"
	"encoding/xml"
	"fmt"
	"hash/fnv"
	"strings"
)

//go:embed motifs/*.svg
var motifs embed.FS

// palette is what a picture is painted with. Motifs name their colors by these
// words: fill="main".
type palette struct {
	Paper  string // the background
	Shade  string // the shapes on it
	Main   string
	Deep   string // the main color in the shadow
	Accent string
	Under  string `toml:"accent_deep"` // the accent in the shadow
	Light  string
	Ink    string
}

// turned is the palette with the main color and the accent changed about, so that
// two products of one line do not look alike.
func (p palette) turned() palette {
	p.Main, p.Accent = p.Accent, p.Main
	p.Deep, p.Under = p.Under, p.Deep
	return p
}

func (p palette) words() *strings.Replacer {
	return strings.NewReplacer(
		`"paper"`, quoted(p.Paper), `"shade"`, quoted(p.Shade), `"main"`, quoted(p.Main), `"deep"`, quoted(p.Deep),
		`"accent"`, quoted(p.Accent), `"light"`, quoted(p.Light), `"ink"`, quoted(p.Ink))
}

func quoted(s string) string { return `"` + s + `"` }

// picture is what one image of a product shows.
type picture struct {
	title  string
	motif  string
	colors palette
	seed   uint32 // picks the composition
	close  bool   // the thing from nearby
}

// seedOf makes a number from a name: the same one everywhere and always.
func seedOf(name string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	n := h.Sum32()
	n ^= n >> 15 // FNV alone leaves neighboring names with neighboring low bits
	n *= 0x2c1b3c6d
	return n ^ n>>12
}

// draw returns the picture as an SVG document without script, style or links.
func (p picture) draw() ([]byte, error) {
	motif, err := motifs.ReadFile("motifs/" + p.motif + ".svg")
	if err != nil {
		return nil, fmt.Errorf("picture of %s: %w", p.title, err)
	}
	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 800" width="800" height="800" role="img"><title>`)
	if err := xml.EscapeText(&b, []byte(p.title)); err != nil {
		return nil, err
	}
	b.WriteString("</title>\n" + `<rect fill="paper" width="800" height="800"/>` + "\n")
	b.WriteString(backdrops[p.seed%uint32(len(backdrops))] + "\n") //nolint:gosec // a few
	b.WriteString(`<ellipse fill="ink" opacity=".16" cx="400" cy="648" rx="270" ry="26"/>` + "\n")
	b.WriteString(p.frame())
	b.Write(motif)
	b.WriteString("</g>\n</svg>\n")
	return []byte(p.colors.words().Replace(b.String())), nil
}

// frame opens the group that the motif stands in.
func (p picture) frame() string {
	if p.close {
		return `<g transform="translate(400 470) scale(1.5) rotate(-8) translate(-400 -430)">` + "\n"
	}
	return `<g transform="translate(400 430) scale(1.06) translate(-400 -430)">` + "\n"
}

// backdrops are what stands behind a product.
var backdrops = []string{
	// a sun over a table
	`<circle fill="shade" cx="400" cy="380" r="290"/><path fill="light" opacity=".55" d="M0 648h800v152H0z"/>`,
	// an arch
	`<path fill="shade" d="M150 800V390a250 250 0 0 1 500 0v410z"/><path fill="light" opacity=".45" d="M0 700h800v100H0z"/>`,
	// two walls that meet
	`<path fill="shade" d="M0 0h470v648H0z"/><path fill="light" opacity=".5" d="M0 648h800v152H0z"/>`,
	// hills
	`<path fill="shade" d="M0 470c150-120 300-120 430-10s250 60 370-60v400H0z"/><path fill="light" opacity=".5" d="M0 640c220-70 560-70 800 0v160H0z"/><circle fill="accent" opacity=".55" cx="640" cy="190" r="70"/>`,
	// stripes
	`<path fill="shade" d="M0 0h100v800H0zm200 0h100v800H200zm200 0h100v800H400zm200 0h100v800H600z"/><path fill="light" opacity=".8" d="M0 648h800v152H0z"/>`,
	// rings
	`<g fill="none" stroke="shade" stroke-width="44"><circle cx="400" cy="400" r="330"/><circle cx="400" cy="400" r="240"/><circle cx="400" cy="400" r="150"/></g><path fill="light" opacity=".5" d="M0 648h800v152H0z"/>`,
	// a quarter of a disk
	`<path fill="shade" d="M800 0v620A620 620 0 0 1 180 0z"/><path fill="light" opacity=".5" d="M0 648h800v152H0z"/><circle fill="accent" opacity=".5" cx="110" cy="520" r="56"/>`,
	// a plinth
	`<path fill="shade" d="M120 630h560v170H120z"/><path fill="light" opacity=".6" d="M90 610h620v46H90z"/><circle fill="shade" cx="600" cy="210" r="110"/>`,
}
