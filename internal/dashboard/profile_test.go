package dashboard_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"vitrine/internal/account"
	"vitrine/internal/db"
)

func TestToken_isShownOnceAndOnlyToItsOwner(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		made := m.post("/dashboard/account/tokens", "name", "Robot", "days", "30").want(t, http.StatusOK)
		secret := regexp.MustCompile(`vtr_[\w-]{40,}`).FindString(made.body)
		if secret == "" || made.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("no secret in %s", made.body)
		}
		if list := m.get("/dashboard/account").want(t, http.StatusOK, "Robot"); strings.Contains(list.body, secret) {
			t.Error("the secret is shown again")
		}
		m.post("/dashboard/account/tokens", "name", " ", "days", "soon").want(t, http.StatusUnprocessableEntity)
		tokens, _, err := account.ListTokens(t.Context(), s.db, m.user.ID, db.Page{Limit: 10})
		if err != nil || len(tokens) != 1 || tokens[0].ExpiresAt == nil {
			t.Fatalf("tokens %+v, %v", tokens, err)
		}
		s.merchant(t).post("/dashboard/account/tokens/"+tokens[0].ID.String()+"/delete").want(t, http.StatusNotFound)
		m.post("/dashboard/account/tokens/"+tokens[0].ID.String()+"/delete").want(t, http.StatusSeeOther)
	})
}
