package web

import (
	"cmp"

	"github.com/a-h/templ"
)

func or(s, fallback string) string { return cmp.Or(s, fallback) }

// described ties a field to the sentence below it.
func described(f Form, in Input) templ.Attributes {
	switch {
	case f.Error(in.Name) != "":
		return templ.Attributes{"aria-invalid": "true", "aria-describedby": in.Name + "-error"}
	case in.Hint != "":
		return templ.Attributes{"aria-describedby": in.Name + "-hint"}
	}
	return nil
}
