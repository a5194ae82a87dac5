package web

import (
	"context"
	"embed"
	"fmt"
	"io"

	"github.com/a-h/templ"
)

// The drawings of Lucide (ISC licence), without the element around them.
//
//go:embed icons/*.svg
var icons embed.FS

// Icon draws one of icons/ in the colour and at the size of the text around it. It
// says nothing to a screen reader: the text beside it, or its button's label, does.
func Icon(name string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		drawing, err := icons.ReadFile("icons/" + name + ".svg")
		if err != nil {
			return fmt.Errorf("there is no icon %q", name)
		}
		_, err = fmt.Fprintf(w, `<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">%s</svg>`, drawing)
		return err
	})
}
