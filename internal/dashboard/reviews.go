package dashboard

import (
	"net/http"
	"slices"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/review"
	"vitrine/internal/web"
)

func (d *Dashboard) reviewRoutes() {
	d.inStore("GET", "/reviews", d.listReviews)
	d.inStore("POST", "/reviews/{id}", d.moderateReview)
}

// reviewList is what the page of reviews shows.
type reviewList struct {
	at          string // where the list is
	products    string // where the products are
	here        string // the list's address as it is narrowed now
	filter      review.Filter
	reviews     []review.Review
	tabs        []web.Tab
	first, next string
}

// reviewTabs are the ways to look at reviews, by what a merchant has to do.
var reviewTabs = []struct {
	label  string
	status review.Status
}{
	{"All", ""},
	{"Waiting", review.Pending},
	{"Approved", review.Approved},
	{"Rejected", review.Rejected},
}

// reviewFilter reads what the address narrows the list to. What it does not know
// narrows nothing.
func reviewFilter(r *http.Request) review.Filter {
	var f review.Filter
	for _, t := range reviewTabs {
		if string(t.status) == r.URL.Query().Get("status") {
			f.Status = t.status
		}
	}
	if p, err := id.Parse(r.URL.Query().Get("product")); err == nil {
		f.Product = &catalog.ProductID{UUID: p}
	}
	return f
}

func (d *Dashboard) listReviews(w http.ResponseWriter, v *visit) error {
	l := reviewList{at: v.at("/reviews"), products: v.at("/products"), here: v.URL.RequestURI(), filter: reviewFilter(v.Request)}
	for _, t := range reviewTabs {
		l.tabs = append(l.tabs, web.Tab{Label: t.label, Href: with(v.Request, map[string]string{"status": string(t.status), "after": ""}), Current: t.status == l.filter.Status})
	}
	page, err := listed(v.Request, func(p db.Page) ([]review.Review, bool, error) {
		return review.List(v.Context(), d.DB, v.store.ID, l.filter, p)
	}, func(x review.Review) id.UUID { return x.ID.UUID })
	if err != nil {
		return err
	}
	l.reviews, l.first, l.next = page.rows, page.first, page.next
	frame, err := d.frame(w, v, "Reviews", "reviews")
	if err != nil {
		return err
	}
	return web.Render(w, v.Request, http.StatusOK, reviewsPage(frame, l))
}

// verdict is what becomes of a review.
type verdict struct {
	status review.Status
	button string
	done   string
}

var verdicts = []verdict{
	{review.Approved, "Approve", "The review shows in your storefront now."},
	{review.Rejected, "Reject", "The review does not show."},
}

// verdictsOn are those that change something.
func verdictsOn(r review.Review) []verdict {
	return slices.DeleteFunc(slices.Clone(verdicts), func(v verdict) bool { return v.status == r.Status })
}

func (d *Dashboard) moderateReview(w http.ResponseWriter, v *visit) error {
	u, err := pathID(v.Request, "id", "review")
	if err != nil {
		return err
	}
	if err := form(v.Request); err != nil {
		return err
	}
	to := review.Status(v.PostForm.Get("status"))
	_, err = write(v.Context(), d, func(tx *db.Tx) (review.Review, error) {
		return review.Moderate(v.Context(), tx, v.store.ID, review.ID{UUID: u}, func(s *review.Status) { *s = to })
	})
	if err != nil {
		return err
	}
	message := "The review waits again."
	for _, known := range verdicts {
		if known.status == to {
			message = known.done
		}
	}
	return done(w, v, backTo(v, v.at("/reviews")), message)
}
