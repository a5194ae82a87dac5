package web

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"strings"
	"time"

	"vitrine/internal/demo"
)

//go:embed pages/*.html
var pageFiles embed.FS

// Pages are what a browser gets that nobody has logged in with: the start, the
// reference of the API, what these load, and the pictures of the demo.
type Pages struct {
	gallery   *demo.Gallery
	templates *template.Template
}

// NewPages returns the pages.
func NewPages() (*Pages, error) {
	gallery, err := demo.NewGallery()
	if err != nil {
		return nil, err
	}
	templates, err := template.ParseFS(pageFiles, "pages/*.html")
	return &Pages{gallery: gallery, templates: templates}, err
}

// Register adds the paths of the pages.
func (p *Pages) Register(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", p.start)
	mux.HandleFunc("GET /docs", p.docs)
	mux.HandleFunc("GET /assets/{name}", ServeAsset)
	mux.HandleFunc("GET /demo/pictures/{name}", p.picture)
}

// publicPolicy is what a public page may load and do: everything from here, nothing inline.
const publicPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// page is what a template shows.
type page struct {
	Title, Description string
	Here               string // the page's place in the navigation
	Origin             string // of this server, as the browser calls it
	Pictures           []string
}

func (p *Pages) start(w http.ResponseWriter, r *http.Request) {
	p.show(w, r, http.StatusOK, "start.html", page{
		Title: "Vitrine", Description: "A commerce platform for people who run many shops.",
		Origin: Origin(r), Pictures: window,
	})
}

// window are the pictures on the start page.
var window = []string{
	"/demo/pictures/harbor-table-lamp.svg", "/demo/pictures/orchard-stoneware-teapot.svg", "/demo/pictures/ember-hiking-boot.svg",
	"/demo/pictures/fern-day-pack.svg", "/demo/pictures/plum-stoneware-mug.svg", "/demo/pictures/lighthouse-dotted-notebook.svg",
}

// Origin returns the scheme and host that the request was sent to.
func Origin(r *http.Request) string {
	if Secured(r.Context()) {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func (p *Pages) docs(w http.ResponseWriter, r *http.Request) {
	p.show(w, r, http.StatusOK, "docs.html", page{
		Title: "API reference · Vitrine", Description: "Every operation of Vitrine's API.", Here: "docs",
	})
}

// NotFound says that there is nothing at the address.
func (p *Pages) NotFound(w http.ResponseWriter, r *http.Request) {
	p.show(w, r, http.StatusNotFound, "lost.html", page{Title: "Not found · Vitrine", Description: "There is nothing here."})
}

// WantsPage tells whether the client is a browser that a person looks at: it asks
// for HTML, and not just for anything.
func WantsPage(r *http.Request) bool {
	return strings.Contains(strings.ToLower(r.Header.Get("Accept")), "text/html")
}

// show answers with a page. It is rendered before anything is sent.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, name string, content page) {
	var b bytes.Buffer
	if err := p.templates.ExecuteTemplate(&b, name, content); err != nil {
		panic(err) // a template of our own that does not fit its page
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", publicPolicy)
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-cache")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b.Bytes())
	}
}

// picture answers with a picture of the demo. An SVG can hold scripts: these hold
// none, and the policy would not let them run.
func (p *Pages) picture(w http.ResponseWriter, r *http.Request) {
	svg, ok, err := p.gallery.Draw(r.PathValue("name"))
	if err != nil {
		panic(err) // a motif of our own that is not there
	}
	if !ok {
		p.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "image/svg+xml")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // a store's pages have another name
	h.Set("Cache-Control", "public, max-age=86400")
	h.Set("ETag", `"`+tagOf(svg)+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(svg))
}
