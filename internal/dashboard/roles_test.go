package dashboard_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/store"
)

// member is somebody who may do what r may in m's store.
func (m *merchant) member(r store.Role) *merchant {
	m.t.Helper()
	member := m.site.merchant(m.t)
	err := m.site.db.InTx(m.t.Context(), func(tx *db.Tx) error {
		_, err := store.Invite(m.t.Context(), tx, m.store.ID, m.user.ID, member.user.Email, r)
		return err
	})
	if err != nil {
		m.t.Fatal(err)
	}
	member.store, member.at = m.store, m.at
	return member
}

var parameter = regexp.MustCompile(`\{[a-z]+\}`)

// pathsInStore are the paths below m's store that pages are registered for, with an
// id of nothing in them.
func (m *merchant) pathsInStore(method string) []string {
	var paths []string
	for _, pattern := range m.site.patterns {
		verb, path, _ := strings.Cut(pattern, " ")
		if rest, below := strings.CutPrefix(path, "/dashboard/stores/{slug}"); below && verb == method {
			paths = append(paths, m.at+parameter.ReplaceAllString(rest, m.site.db.NewID().String()))
		}
	}
	return paths
}

func TestRoles_aViewerChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		owner := s.merchant(t)
		viewer, stranger, nobody := owner.member(store.Viewer), s.merchant(t), &merchant{t: t, site: s}
		posts := owner.pathsInStore("POST")
		if len(posts) < 20 {
			t.Fatalf("only %d paths take forms", len(posts))
		}
		for _, path := range posts {
			viewer.post(path).want(t, http.StatusForbidden, "Your role in this store does not allow this: it takes ")
			stranger.post(path).want(t, http.StatusNotFound)
			nobody.post(path).want(t, http.StatusSeeOther)
		}
		for _, path := range owner.pathsInStore("GET") {
			stranger.get(path).want(t, http.StatusNotFound)
			nobody.get(path).want(t, http.StatusSeeOther)
		}
	})
}

func TestRoles_aViewerSeesNoButtonThatWrites(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		owner := s.merchant(t)
		p := owner.product("Mug")
		owner.post(owner.at+"/suppliers", "name", "Potter").want(t, http.StatusSeeOther)
		owner.post(owner.at+"/categories", "name", "Cups").want(t, http.StatusSeeOther)
		owner.post(owner.at+"/tax-rules", "name", "VAT", "country", "DE", "rate", "19").want(t, http.StatusSeeOther)
		owner.post(owner.at+"/discounts", "code", "TEN", "type", "percentage", "value", "10", "applies_to", "all", "status", "active").want(t, http.StatusSeeOther)
		viewer := owner.member(store.Viewer)
		writes := regexp.MustCompile(`class="btn( danger| outline| ghost square small|)( small)?"[^>]*>\s*(?s:<svg.*?</svg>)?\s*(Add|Edit|Delete|Save|Import|Clone|Activate|Make|Find|Set)`)
		found := 0
		for _, path := range []string{"", "/products", "/products/" + p.ID.String(), "/categories", "/suppliers", "/discounts", "/tax-rules", "/themes", "/settings"} {
			page := viewer.get(owner.at+path).want(t, http.StatusOK).body
			if button := writes.FindString(page); button != "" {
				t.Errorf("%s has a viewer press %s", path, button)
			}
			found += len(writes.FindAllString(owner.get(owner.at+path).body, -1))
		}
		if found < 15 {
			t.Errorf("the owner sees %d buttons only", found)
		}
		for _, path := range []string{"/products/new", "/import", "/suppliers/new", "/clone", "/delete"} {
			viewer.get(owner.at+path).want(t, http.StatusForbidden, "Your role in this store")
		}
	})
}

func TestRoles_eachReachesAsFarAsInTheAPI(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		owner := s.merchant(t)
		staff, admin := owner.member(store.Staff), owner.member(store.Admin)
		settings := []string{"name", "Shop", "store_type", "dropshipping", "status", "active", "currency", "USD"}
		staff.post(owner.at+"/suppliers", "name", "Potter").want(t, http.StatusSeeOther)
		staff.get(owner.at+"/settings").want(t, http.StatusOK, "<fieldset class=\"stack\" disabled>")
		staff.post(owner.at+"/settings", settings...).want(t, http.StatusForbidden, "it takes an admin")
		admin.post(owner.at+"/settings", settings...).want(t, http.StatusSeeOther)
		for _, path := range []string{"/clone", "/delete"} {
			admin.get(owner.at+path).want(t, http.StatusForbidden, "it takes the owner")
			admin.post(owner.at+path, "confirm", "Shop").want(t, http.StatusForbidden, "it takes the owner")
		}
		admin.get(owner.at+"/settings/activity").want(t, http.StatusForbidden, "it takes the owner")
		owner.get(owner.at+"/settings/activity").want(t, http.StatusOK, "Member invited")
		admin.get("/dashboard/stores").want(t, http.StatusOK, "Shared with you")
		found := admin.get("/dashboard/search?q=clone&store=" + owner.store.Slug)
		if strings.Contains(found.want(t, http.StatusOK).body, "Clone Store") {
			t.Error("the palette leads an admin to a page that takes the owner")
		}
		owner.get("/dashboard/search?q=clone&store="+owner.store.Slug).want(t, http.StatusOK, "Clone Store")
	})
}

func TestRoles_endAtTheNextRequest(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		owner := s.merchant(t)
		staff := owner.member(store.Staff)
		staff.get(owner.at+"/products").want(t, http.StatusOK)
		err := s.db.InTx(t.Context(), func(tx *db.Tx) error {
			members, _, err := store.ListMembers(t.Context(), tx, owner.store.ID, db.Page{Limit: 1})
			if err != nil {
				return err
			}
			return store.Remove(t.Context(), tx, owner.store.ID, owner.user.ID, members[0].ID)
		})
		if err != nil {
			t.Fatal(err)
		}
		staff.get(owner.at+"/products").want(t, http.StatusNotFound)
		staff.post(owner.at+"/suppliers", "name", "Potter").want(t, http.StatusNotFound)
	})
}
