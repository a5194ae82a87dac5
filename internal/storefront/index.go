package storefront

import (
	"bufio"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"net/http"
	"time"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
)

func (s *Storefront) indexRoutes() {
	s.page("GET /robots.txt", s.robots)
	s.page("GET /sitemap.xml", s.sitemap)
	s.page("GET /sitemap-products.xml", s.sitemapPart)
}

func (s *Storefront) robots(w http.ResponseWriter, v *visit) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	if !v.open() {
		_, err := fmt.Fprintf(w, "User-agent: *\nDisallow: %s/\n", v.base) //nolint:gosec // text, and a path of ours
		return err
	}
	_, err := fmt.Fprintf(w, "User-agent: *\nDisallow: %[1]s/cart\nDisallow: %[1]s/checkout\nDisallow: %[1]s/orders/\n\nSitemap: %[2]s\n", v.base, s.public(v, "/sitemap.xml")) //nolint:gosec // text, and addresses of ours
	return err
}

// maxEntries is how many products one file of a sitemap has. 50,000 addresses are
// allowed (sitemaps.org), the home page and the categories among them.
const maxEntries = 45_000

const (
	xmlHead = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	mapSpec = `xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"`
)

// sitemap names all pages of a shop or, where they are too many for one file, the
// files that do.
func (s *Storefront) sitemap(w http.ResponseWriter, v *visit) error {
	if !v.open() {
		return fault.Missing("page")
	}
	var starts []catalog.ProductID
	err := catalog.EachNth(v.Context(), s.DB, v.ID, s.partSize(), func(p catalog.ProductID) error {
		starts = append(starts, p)
		return nil
	})
	if err != nil {
		return err
	}
	out := beginXML(w)
	if len(starts) == 0 {
		return s.writePart(out, v, db.Page{}, true)
	}
	out.line("<sitemapindex " + mapSpec + ">")
	out.element("sitemap", s.public(v, "/sitemap-products.xml"), time.Time{})
	for _, p := range starts {
		out.element("sitemap", s.public(v, "/sitemap-products.xml")+"?after="+base64.RawURLEncoding.EncodeToString(p.UUID[:]), time.Time{})
	}
	out.line("</sitemapindex>")
	return out.Flush()
}

// partSize is maxEntries, or less for tests.
func (s *Storefront) partSize() int {
	if s.sitemapSize > 0 {
		return s.sitemapSize
	}
	return maxEntries
}

// sitemapPart names the products from one on, and what is no product in the first
// part.
func (s *Storefront) sitemapPart(w http.ResponseWriter, v *visit) error {
	var p db.Page
	if cursor := v.URL.Query().Get("after"); cursor != "" {
		raw, err := base64.RawURLEncoding.DecodeString(cursor)
		if err != nil || len(raw) != len(p.Before) {
			return fault.Missing("page")
		}
		p.Before = id.UUID(raw)
	}
	if !v.open() {
		return fault.Missing("page")
	}
	return s.writePart(beginXML(w), v, p, p.Before.IsZero())
}

// entriesAtOnce is how many products one query reads.
const entriesAtOnce = 1000

// writePart writes a part of the sitemap while it is read.
func (s *Storefront) writePart(out xmlWriter, v *visit, p db.Page, first bool) error {
	out.line("<urlset " + mapSpec + ">")
	if first {
		out.element("url", s.public(v, "/"), time.Time{})
		out.element("url", s.public(v, "/products"), time.Time{})
		for _, c := range v.categories {
			out.element("url", s.public(v, "/categories/"+c.Slug), c.UpdatedAt)
		}
	}
	for written, more := 0, true; more && written < s.partSize(); {
		p.Limit = min(entriesAtOnce, s.partSize()-written)
		var entries []catalog.Entry
		var err error
		if entries, more, err = catalog.Entries(v.Context(), s.DB, v.ID, p); err != nil {
			return err
		}
		for _, e := range entries {
			out.element("url", s.public(v, "/products/"+e.Slug), e.UpdatedAt)
			p.Before = e.ID.UUID
		}
		written += len(entries)
	}
	out.line("</urlset>")
	return out.Flush()
}

// xmlWriter writes the lines of a sitemap. An error stays until Flush tells it.
type xmlWriter struct{ *bufio.Writer }

func beginXML(w http.ResponseWriter) xmlWriter {
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	out := xmlWriter{bufio.NewWriter(w)}
	_, _ = out.WriteString(xmlHead) // Flush tells
	return out
}

func (w xmlWriter) line(s string) { _, _ = w.WriteString(s + "\n") } // Flush tells

func (w xmlWriter) element(name, address string, changed time.Time) {
	_, _ = w.WriteString("<" + name + "><loc>") // Flush tells
	_ = xml.EscapeText(w, []byte(address))      // so here
	_, _ = w.WriteString("</loc>")              // and here
	if !changed.IsZero() {
		_, _ = w.WriteString("<lastmod>" + changed.UTC().Format(time.RFC3339) + "</lastmod>") // and here
	}
	w.line("</" + name + ">")
}
