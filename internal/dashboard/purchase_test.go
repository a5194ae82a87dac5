package dashboard_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// contact fills the form that buys a name.
var contact = []string{
	"first_name", "Ada", "last_name", "Lovelace", "email", "ada@example.com", "phone", "+44 20 7946 0958",
	"address", "12 St James's Square", "city", "London", "zip_code", "SW1Y 4JH", "country", "gb",
}

func TestPurchase_fromTheSearchToTheRenewal(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		at, name := m.at+"/domain", m.store.Slug+"-buys.com"
		m.get(at).want(t, http.StatusOK, "Search for a Domain")
		m.get(at+"/search?q="+strings.TrimSuffix(name, ".com")).want(t, http.StatusOK, name, "Available", "12.99", at+"/buy?domain="+name)
		m.get(at+"/search?q=not+a+name").want(t, http.StatusUnprocessableEntity, "letters, digits and hyphens")
		m.get(at+"/search?q=mystore.io").want(t, http.StatusOK, "Taken")
		m.get(at+"/buy?domain="+name).want(t, http.StatusOK, "2 years – 25.98 USD", "Purchase")
		m.get(at+"/buy?domain=nonsense").want(t, http.StatusUnprocessableEntity)
		order := append([]string{"domain", name, "years", "2", "price", "12.99"}, contact...)
		m.post(at+"/buy", but(order, "phone", "no number")...).want(t, http.StatusUnprocessableEntity, `id="phone-error"`, "Lovelace")
		m.post(at+"/buy", but(order, "price", "11.99")...).want(t, http.StatusUnprocessableEntity, "costs 12.99 USD by now")
		m.post(at+"/buy", order...).want(t, http.StatusSeeOther)
		m.get(at).want(t, http.StatusOK, "Registration", "Turn Auto-Renew on", "The name servers are set.", "Let’s Encrypt")
		m.post(at+"/auto-renew", "auto_renew", "true").want(t, http.StatusSeeOther)
		m.get(at).want(t, http.StatusOK, "Turn Auto-Renew off")
		m.get(at+"/renew").want(t, http.StatusOK, "1 year, until ")
		m.post(at+"/renew", "years", "9").want(t, http.StatusUnprocessableEntity, "ten years")
		m.post(at+"/renew", "years", "1").want(t, http.StatusSeeOther)
		m.get("/dashboard/domains").want(t, http.StatusOK, name, "On")
		s.merchant(t).get("/dashboard/domains").want(t, http.StatusOK, "No domains yet")
	})
}

// but is a form with another value for one of its fields.
func but(form []string, name, value string) []string {
	form = slices.Clone(form)
	form[slices.Index(form, name)+1] = value
	return form
}
