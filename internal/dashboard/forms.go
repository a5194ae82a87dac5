package dashboard

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/web"
)

// errNoForm says that a body is no form.
var errNoForm = errors.New("the body is no form")

// form reads the form of a request.
func form(r *http.Request) error { return formOf(r, 1<<20) }

// formOf reads a form of up to limit bytes.
func formOf(r *http.Request, limit int64) error {
	r.Body = http.MaxBytesReader(nil, r.Body, limit)
	if err := r.ParseForm(); err != nil {
		return fault.Invalidf("form", "could not be read: %s", errNoForm)
	}
	return nil
}

// optional returns what a field holds, or nil when it is blank.
func optional(r *http.Request, name string) *string {
	s := strings.TrimSpace(r.PostForm.Get(name))
	if s == "" {
		return nil
	}
	return &s
}

// number reads a whole number. What is no number goes to f.
func number(f *fault.Form, r *http.Request, name string) int {
	return wholeNumber(f, name, r.PostForm.Get(name))
}

// wholeNumber reads what the field name holds.
func wholeNumber(f *fault.Form, name, s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil {
		f.Addf(name, nil, "must be a whole number")
	}
	return n
}

// optionalNumber reads a whole number, or nil when the field is blank.
func optionalNumber(f *fault.Form, r *http.Request, name string) *int {
	if optional(r, name) == nil {
		return nil
	}
	n := number(f, r, name)
	return &n
}

// pathID reads an id of the path. A malformed one names nothing.
func pathID(r *http.Request, name, what string) (id.UUID, error) {
	u, err := id.Parse(r.PathValue(name))
	if err != nil {
		return u, fault.Missing(what)
	}
	return u, nil
}

// atField lets a rule that says no stand at the field that it is about, by its code.
func atField(err error, fields map[string]string) error {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || fields[e.Code] == "" {
		return err
	}
	told := *e
	told.Fields = []fault.Field{{Path: fields[e.Code], Message: e.Message}}
	return &told
}

// formPage shows a form: in a drawer over the list when htmx asks, alone after it
// was refused, and otherwise on a page of its own.
func (d *Dashboard) formPage(w http.ResponseWriter, v *visit, title, current string, back web.Crumb, refused bool, form templ.Component) error {
	switch {
	case web.Partial(v.Request) && refused:
		return web.Render(w, v.Request, http.StatusUnprocessableEntity, form)
	case web.Partial(v.Request):
		return web.Render(w, v.Request, http.StatusOK, inside(web.Drawer(title, ""), form))
	}
	frame, err := d.frame(w, v, title, current)
	if err != nil {
		return err
	}
	frame.Narrow, frame.Crumbs = true, []web.Crumb{back}
	status := http.StatusOK
	if refused {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, v.Request, status, formAlone(frame, form))
}

// overlay is what opens over a list, and is a page of its own without JavaScript.
type overlay struct {
	title, about string
	current      string // the entry of the sidebar
	back         web.Crumb
	drawer       bool // a dialog otherwise
	refused      bool // the form in it was
}

// overlayPage shows an overlay, or after a refusal its form alone.
func (d *Dashboard) overlayPage(w http.ResponseWriter, v *visit, o overlay, content templ.Component) error {
	status := http.StatusOK
	if o.refused {
		status = http.StatusUnprocessableEntity
	}
	if web.Partial(v.Request) {
		if o.refused {
			return web.Render(w, v.Request, status, content)
		}
		outer := web.Dialog(o.title, o.about)
		if o.drawer {
			outer = web.Drawer(o.title, o.about)
		}
		return web.Render(w, v.Request, status, inside(outer, content))
	}
	frame, err := d.frame(w, v, o.title, o.current)
	if err != nil {
		return err
	}
	frame.Narrow, frame.Crumbs = true, []web.Crumb{o.back}
	return web.Render(w, v.Request, status, overlayAlone(frame, o.about, content))
}

// backTo is the page of the store that a form was opened from, or fallback, so that
// saving leads back to the list as it was filtered.
func backTo(v *visit, fallback string) string {
	from := v.PostForm.Get("back")
	if v.Method == http.MethodGet {
		from = cmp.Or(v.Header.Get("Hx-Current-Url"), v.Referer())
	}
	u, err := url.Parse(from)
	if err != nil || v.Method == http.MethodGet && u.Host != v.Host || u.Path == v.URL.Path {
		return fallback
	}
	to := web.LocalPath(u.RequestURI(), fallback)
	if to != v.at("") && !strings.HasPrefix(to, v.at("/")) {
		return fallback
	}
	return to
}

// confirmPage asks before something is lost: in a dialog, or on a page of its own.
func (d *Dashboard) confirmPage(w http.ResponseWriter, v *visit, current string, f web.Form, c web.Confirmation) error {
	refused := f.Values != nil
	question := web.Confirm(f, c)
	switch {
	case web.Partial(v.Request) && refused:
		return web.Render(w, v.Request, http.StatusUnprocessableEntity, question)
	case web.Partial(v.Request):
		return web.Render(w, v.Request, http.StatusOK, inside(web.Dialog(c.Title, c.About), question))
	}
	frame, err := d.frame(w, v, c.Title, current)
	if err != nil {
		return err
	}
	frame.Narrow = true
	status := http.StatusOK
	if refused {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, v.Request, status, questionAlone(frame, c, question))
}

// refuseQuestion asks again, and tells why nothing was lost yet.
func (d *Dashboard) refuseQuestion(w http.ResponseWriter, v *visit, current string, err error, c web.Confirmation) error {
	f, err := web.Refill(v.Request, err)
	if err != nil {
		return err
	}
	return d.confirmPage(w, v, current, f, c)
}

// done tells that a form was taken, and leads on.
func done(w http.ResponseWriter, v *visit, to, message string) error {
	web.Flash(w, message)
	return web.Redirect(w, v.Request, to)
}

// at is a path below the visited store.
func (v *visit) at(path string) string { return web.StorePath(v.store) + path }
