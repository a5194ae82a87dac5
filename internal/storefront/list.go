package storefront

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/money"
	"vitrine/internal/shelf"
	"vitrine/internal/text"
	"vitrine/internal/web"
)

func (s *Storefront) listRoutes() {
	parameters := []string{"q", "category", "sort", "min", "max", "in_stock", "after"}
	s.kept("GET /products", parameters, s.listProducts)
	s.kept("GET /categories/{slug}", parameters, s.listCategory)
}

// listSize is how many products a page shows: full rows of 2, 3 and 4.
const listSize = 24

// sorts are the orders that shoppers choose from.
var sorts = []struct {
	order catalog.Order
	label string
}{
	{catalog.Newest, "Newest first"},
	{catalog.PriceAsc, "Price, low to high"},
	{catalog.PriceDesc, "Price, high to low"},
	{catalog.TitleAsc, "Name, A to Z"},
	{catalog.TitleDesc, "Name, Z to A"},
}

// listing is a page of products beside each other.
type listing struct {
	title       string
	text        *string
	path        string           // of the list
	trail       []crumb          // to a category
	children    []catalog.Branch // of a category
	searchable  bool             // whether a category can be chosen
	category    string           // the slug of the one that was
	query       string
	order       catalog.Order
	inStock     bool
	form        web.Form // the prices as they were typed
	cards       []shelf.Card
	first, next string // addresses
}

// narrowed tells whether the list shows less than all.
func (l *listing) narrowed() bool {
	return l.query != "" || l.category != "" || l.inStock || l.form.Value("min") != "" || l.form.Value("max") != ""
}

func (s *Storefront) listProducts(w http.ResponseWriter, v *visit) error {
	l := listing{title: "All products", path: "/products", searchable: true, category: v.URL.Query().Get("category")}
	var f shelf.Filter
	if l.category != "" {
		c, found, err := s.category(v, l.category)
		if err != nil {
			return err
		}
		if !found {
			return s.showList(w, v, l, f, true)
		}
		_, f.Within = v.below(c.ID)
	}
	return s.showList(w, v, l, f, false)
}

func (s *Storefront) listCategory(w http.ResponseWriter, v *visit) error {
	c, found, err := s.category(v, v.PathValue("slug"))
	if err != nil {
		return err
	}
	if !found {
		return fault.Missing("category")
	}
	l := listing{title: c.Name, text: c.Description, path: "/categories/" + c.Slug}
	for _, b := range v.trail(c.ID) {
		l.trail = append(l.trail, crumb{b.Name, "/categories/" + b.Slug})
	}
	var f shelf.Filter
	l.children, f.Within = v.below(c.ID)
	return s.showList(w, v, l, f, false)
}

// category returns the category with a slug, also one that the pages have no room for.
func (s *Storefront) category(v *visit, slug string) (catalog.Category, bool, error) {
	at := slices.IndexFunc(v.categories, func(b catalog.Branch) bool { return b.Slug == slug })
	if at >= 0 {
		return v.categories[at].Category, true, nil
	}
	if !v.truncated || !text.Printable(slug) {
		return catalog.Category{}, false, nil
	}
	c, found, err := catalog.FindCategory(v.Context(), s.reads(v), v.ID, slug)
	if err != nil || !found {
		return catalog.Category{}, false, err
	}
	full, err := catalog.GetCategory(v.Context(), s.reads(v), v.ID, c)
	return full, true, err
}

// showList answers with a list, narrowed by what the query says. none tells that
// there can be nothing in it.
func (s *Storefront) showList(w http.ResponseWriter, v *visit, l listing, f shelf.Filter, none bool) error {
	after, status, err := l.read(v, &f)
	if err != nil {
		return err
	}
	if !none && status == http.StatusOK {
		var more bool
		if l.cards, more, err = shelf.List(v.Context(), s.reads(v), v.Store, f, l.order, after); err != nil {
			return err
		}
		if more {
			last := l.cards[len(l.cards)-1].ID
			l.next = v.with("after", base64.RawURLEncoding.EncodeToString(last.UUID[:]))
		}
	}
	if !after.Before.IsZero() {
		l.first = v.with("after", "")
	}
	h := s.head(v, l.path, l.title)
	if l.query != "" {
		h = s.head(v, l.path, "“"+l.query+"”")
	}
	if l.narrowed() || l.first != "" || l.order != catalog.Newest {
		h.canonical = ""
	}
	if l.text != nil {
		h.description = summary(*l.text)
	} else {
		h.description = l.title + " at " + v.Name + "."
	}
	if l.trail != nil {
		h.data = append(h.data, s.aboutTrail(v, append([]crumb{{v.Name, "/"}}, l.trail...)))
	}
	return s.show(w, v, status, listPage(v, h, l))
}

// read takes what the query says into the list and its filter. Amounts that are none
// are said at their fields.
func (l *listing) read(v *visit, f *shelf.Filter) (db.Page, int, error) {
	q := v.URL.Query()
	p := db.Page{Limit: listSize}
	if cursor := q.Get("after"); cursor != "" {
		raw, err := base64.RawURLEncoding.DecodeString(cursor)
		if err != nil || len(raw) != len(p.Before) {
			return p, 0, fault.Missing("page")
		}
		p.Before = id.UUID(raw)
	}
	l.query, l.order, l.inStock = q.Get("q"), catalog.Newest, q.Get("in_stock") != ""
	for _, o := range sorts {
		if string(o.order) == q.Get("sort") {
			l.order = o.order
		}
	}
	l.form = web.Form{Values: url.Values{"min": {q.Get("min")}, "max": {q.Get("max")}}, Errors: map[string]string{}}
	f.Query, f.InStock = l.query, l.inStock
	f.Min, f.Max = l.amount(v, "min"), l.amount(v, "max")
	if f.Min != nil && f.Max != nil && *f.Max < *f.Min {
		l.form.Errors["max"] = "Must not be less than the other price."
	}
	if len(l.form.Errors) > 0 {
		return p, http.StatusUnprocessableEntity, nil
	}
	return p, http.StatusOK, nil
}

func (l *listing) amount(v *visit, name string) *money.Amount {
	typed := l.form.Value(name)
	if typed == "" {
		return nil
	}
	a, err := v.Currency.Parse(typed)
	if err != nil || a < 0 {
		l.form.Errors[name] = "Must be an amount such as " + v.Currency.Format(2500) + "."
		return nil
	}
	return &a
}

// with is the address of a list with one of its parameters changed; "" takes it away.
func (v *visit) with(name, value string) string {
	q := v.URL.Query()
	if q.Set(name, value); value == "" {
		q.Del(name)
	}
	if len(q) == 0 {
		return v.at(v.URL.Path)
	}
	return v.at(v.URL.Path) + "?" + q.Encode()
}
