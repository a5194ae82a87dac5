package dashboard_test

import (
	"net/http"
	"strings"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/review"
	"vitrine/internal/store"
)

func (m *merchant) members() []store.Member {
	m.t.Helper()
	found, _, err := store.ListMembers(m.t.Context(), m.site.db, m.store.ID, db.Page{Limit: 10})
	if err != nil {
		m.t.Fatal(err)
	}
	return found
}

func TestMembers_areInvitedChangedAndRemoved(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		owner, guest := s.merchant(t), s.merchant(t)
		list := owner.at + "/settings/members"
		owner.post(list, "email", "nonsense", "role", "staff").want(t, http.StatusUnprocessableEntity, `id="email-error"`, `value="nonsense"`)
		owner.post(list, "email", guest.user.Email, "role", "owner").want(t, http.StatusUnprocessableEntity, "Must be admin, staff or viewer.")
		owner.post(list, "email", guest.user.Email, "role", "viewer").want(t, http.StatusSeeOther)
		owner.post(list, "email", strings.ToUpper(guest.user.Email), "role", "staff").want(t, http.StatusUnprocessableEntity, "has been invited already")
		owner.post(list, "email", "later@example.com", "role", "staff").want(t, http.StatusSeeOther)
		owner.get(list).want(t, http.StatusOK, guest.user.Email, "later@example.com", "Invited, not registered yet", "Owner")

		guest.get(owner.at+"/settings/members").want(t, http.StatusOK)
		guest.post(list, "email", "x@example.com", "role", "staff").want(t, http.StatusForbidden)
		at := list + "/" + owner.members()[1].ID.String()
		owner.post(at, "role", "admin").want(t, http.StatusSeeOther)
		guest.post(list, "email", "x@example.com", "role", "staff").want(t, http.StatusSeeOther)
		guest.post(at, "role", "staff").want(t, http.StatusSeeOther)
		guest.post(at, "role", "admin").want(t, http.StatusForbidden)

		all := owner.members()
		mine := list + "/" + all[len(all)-1].ID.String()
		owner.post(mine, "role", "viewer").want(t, http.StatusUnprocessableEntity, "The owner of a store stays its owner.")
		owner.post(mine+"/delete").want(t, http.StatusUnprocessableEntity, "The owner of a store stays its owner.")
		owner.post(at+"/delete").want(t, http.StatusSeeOther)
		guest.get(owner.at).want(t, http.StatusNotFound)
		s.merchant(t).get(at).want(t, http.StatusNotFound)
	})
}

// reviewed submits a review of a product.
func (m *merchant) reviewed(slug string, rating int, title string) review.Review {
	m.t.Helper()
	var made review.Review
	err := m.site.db.InTx(m.t.Context(), func(tx *db.Tx) (err error) {
		made, err = review.Submit(m.t.Context(), tx, m.store, slug, review.Review{Rating: rating, Title: &title, Author: "Ada <b>"})
		return err
	})
	if err != nil {
		m.t.Fatal(err)
	}
	return made
}

func TestReviews_showOnceTheyAreApproved(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		m.get(m.at+"/reviews").want(t, http.StatusOK, "No reviews yet")
		p := m.product("Mug")
		good, bad := m.reviewed(p.Slug, 5, "Holds tea"), m.reviewed(p.Slug, 1, "Leaks")
		m.get(m.at+"/reviews?status=pending").want(t, http.StatusOK, "Holds tea", "Leaks", "5 of 5 stars", "Ada &lt;b&gt;")

		m.post(m.at+"/reviews/"+good.ID.String(), "status", "approved", "back", m.at+"/reviews?status=pending").want(t, http.StatusSeeOther)
		m.post(m.at+"/reviews/"+good.ID.String(), "status", "approved").want(t, http.StatusSeeOther) // counts once
		m.post(m.at+"/reviews/"+bad.ID.String(), "status", "rejected").want(t, http.StatusSeeOther)
		m.post(m.at+"/reviews/"+bad.ID.String(), "status", "nonsense").want(t, http.StatusUnprocessableEntity)
		if p := m.products()[0]; p.ReviewCount != 1 || *p.RatingAverage() != 5 {
			t.Errorf("%d reviews count, %v stars", p.ReviewCount, p.RatingAverage())
		}
		page := m.get(m.at+"/reviews?status=approved").want(t, http.StatusOK, "Holds tea")
		if strings.Contains(page.body, "Leaks") {
			t.Error("a rejected review is among those that are approved")
		}
		s.merchant(t).post(m.at+"/reviews/"+bad.ID.String(), "status", "approved").want(t, http.StatusNotFound)
	})
}
