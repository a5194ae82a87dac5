package web

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"vitrine/internal/fault"
)

// Form is a form as it is shown: what was typed, and what is wrong with it. The
// zero value is an empty form.
type Form struct {
	Values  url.Values
	Errors  map[string]string // by the field's name
	Message string            // what is wrong with the whole
}

// Value returns what a field holds.
func (f Form) Value(name string) string { return f.Values.Get(name) }

// Or returns what was typed into a field, or what it held before anything was.
func (f Form) Or(name, stored string) string {
	if _, typed := f.Values[name]; typed {
		return f.Values.Get(name)
	}
	return stored
}

// Checked tells whether a check box is ticked; stored is its state before anything
// was sent.
func (f Form) Checked(name string, stored bool) bool {
	if f.Values == nil {
		return stored
	}
	return f.Values.Get(name) != ""
}

// Error returns what is wrong with a field, or "".
func (f Form) Error(name string) string { return f.Errors[name] }

// With returns the form with a sentence about a field.
func (f Form) With(name, message string) Form {
	errs := maps.Clone(f.Errors)
	if errs == nil {
		errs = map[string]string{}
	}
	errs[name] = message
	return Form{Values: f.Values, Errors: errs, Message: f.Message}
}

// Refill returns the form that a request sent, with what err says about it. A rule
// that says no is about the whole form; shown fields that err names have their own
// sentence. Errors that a form cannot tell are returned for ErrorPage.
func Refill(r *http.Request, err error, shown ...string) (Form, error) {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || e.Kind == fault.NotFound || e.Kind == fault.Internal {
		return Form{}, err
	}
	f := Form{Values: r.PostForm, Errors: map[string]string{}}
	for _, field := range e.Fields {
		if len(shown) > 0 && !slices.Contains(shown, field.Path) {
			f.Message = e.Message
			continue
		}
		if f.Errors[field.Path] == "" {
			f.Errors[field.Path] = capital(field.Message)
		}
	}
	if len(e.Fields) == 0 {
		f.Message = e.Message
	}
	return f, nil
}

// At returns the form with what is wrong with the whole said at one field: a rule
// that refuses a form with one number is about that number.
func (f Form) At(name string) Form {
	if f.Message != "" && f.Errors[name] == "" {
		f.Errors[name], f.Message = f.Message, ""
	}
	return f
}

func capital(s string) string {
	if s == "" {
		return s
	}
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(s[size:], ".") + "."
}
