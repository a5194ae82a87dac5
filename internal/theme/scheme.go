package theme

// Scheme are the colors of a page. Every text has a contrast of at least 4.5 on the
// grounds that it stands on, and every line around a field one of at least 3, whatever
// the merchant chose (WCAG 2.2, level AA).
type Scheme struct {
	Dark                                bool
	Background, Surface, Fill           Color // grounds: of the page, of fields and boxes, of what stands back
	Text, Muted, Link                   Color // on all three
	Sale, Good, Bad                     Color // on all three
	Line, FieldLine                     Color
	Accent, AccentHover, OnAccent, Star Color
}

const (
	readable = 4.5 // text
	visible  = 3.0 // what is no text and has to be seen
	safe     = 4.6 // a little more than readable, for what is rounded later
)

// Light returns the colors that the merchant chose, and what is made from them.
func (c Colors) Light() Scheme { return scheme(c) }

// Dark returns the colors for who wants dark pages: of the same hues. Pages that are
// dark anyway stay as they are.
func (c Colors) Dark() Scheme {
	if isDark(c.Background) {
		return scheme(c)
	}
	ground, ink := c.Background.shade(), c.Text.shade()
	ground.c, ink.c = min(ground.c, 0.015), min(ink.c, 0.02)
	dark := Colors{Background: ground.at(0.19), Text: ink.at(0.94), Accent: c.Accent}
	dark.Accent = legible(c.Accent, readable, dark.Background)
	return scheme(dark)
}

func isDark(ground Color) bool { return onto(ground) == white }

// scheme makes all colors of a page.
func scheme(c Colors) Scheme {
	s := Scheme{Background: c.Background, Dark: isDark(c.Background)}
	grounds(&s)
	on := []Color{s.Background, s.Surface, s.Fill}
	s.Text = legible(c.Text, safe, on...)
	s.Muted = legible(mix(s.Text, s.Background, 0.32), safe, on...)
	s.Link = legible(c.Accent, safe, on...)
	s.Sale = legible(Color{0xb4, 0x2b, 0x12}, safe, on...)
	s.Bad = legible(Color{0xb3, 0x1d, 0x2b}, safe, on...)
	s.Good = legible(Color{0x1e, 0x6e, 0x42}, safe, on...)
	s.Star = legible(Color{0xb9, 0x7a, 0x0b}, visible, on...)
	s.Line = mix(s.Background, s.Text, 0.14)
	s.FieldLine = legible(mix(s.Background, s.Text, 0.5), visible, on...)
	s.Accent = c.Accent
	s.OnAccent = onto(c.Accent)
	s.AccentHover = hover(c.Accent, s.OnAccent)
	return s
}

// grounds makes the other grounds from the page's: a little towards what is written on
// them, or away from it where the page's own is no lighter or darker than can be read.
func grounds(s *Scheme) {
	ground, ink := s.Background.shade(), onto(s.Background)
	up, down := 0.035, -0.03
	if s.Dark {
		up, down = 0.035, 0.07
	}
	s.Surface, s.Fill = ground.at(ground.l+up), ground.at(ground.l+down)
	if worst(ink, []Color{s.Surface, s.Fill}) < safe+1 {
		away := 0.03
		if s.Dark {
			away = -0.03
		}
		s.Surface, s.Fill = ground.at(ground.l+away), ground.at(ground.l+away/2)
	}
}

// OnSale is black or white, whichever is read more easily on the color of what is cheaper.
func (s Scheme) OnSale() Color { return onto(s.Sale) }

// hover is a little darker or lighter than a color: away from what is written on it.
func hover(c, ink Color) Color {
	s := c.shade()
	if ink == white {
		return s.at(s.l - 0.06)
	}
	return s.at(s.l + 0.06)
}
