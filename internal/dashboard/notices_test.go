package dashboard_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"vitrine/internal/db"
)

// ends moves the end of the merchant's bought names.
func (m *merchant) ends(at time.Time) {
	m.t.Helper()
	err := m.site.db.InTx(m.t.Context(), func(tx *db.Tx) error {
		_, err := db.Exec(m.t.Context(), tx, `UPDATE custom_domain SET expiry_date = $2 WHERE account_id = $1`, m.user.ID, db.Time{Time: at})
		return err
	})
	if err != nil {
		m.t.Fatal(err)
	}
}

func TestHome_namesTheDomainsThatExpire(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		if page := m.get(m.at); page.StatusCode != http.StatusOK || strings.Contains(page.body, "Domains that expire") {
			t.Errorf("without a domain: %d", page.StatusCode)
		}
		order := append([]string{"domain", m.store.Slug + "-ends.com", "years", "1", "price", "12.99"}, contact...)
		m.post(m.at+"/domain/buy", order...).want(t, http.StatusSeeOther)
		const day = 24 * time.Hour
		for _, c := range []struct {
			left      time.Duration
			home, all string // what the pages say
		}{
			{90 * day, "", "Registered"},
			{45 * day, "Auto-Renew is off: renew it to keep it.", "Registered"},
			{20*day + time.Hour, "Expires in 20 days", "Expires in 20 days"},
			{-2 * day, "can be renewed until", "Expired: grace period"},
			{-40 * day, "only the registrar can bring it back", "Expired: redemption"},
			{-80 * day, "anybody can register it", "Expired"},
		} {
			m.ends(s.db.Now().Add(c.left))
			home := m.get(m.at).body
			if shown := strings.Contains(home, "Domains that expire"); shown != (c.home != "") || !strings.Contains(home, c.home) {
				t.Errorf("%v before its end, Home does not say %q", c.left, c.home)
			}
			if page := m.get("/dashboard/domains").body; !strings.Contains(page, c.all) {
				t.Errorf("%v before its end, Domains do not say %q", c.left, c.all)
			}
		}
	})
}

func TestOutbox_isForDevelopersAlone(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		if page := s.merchant(t).get("/dashboard/outbox"); page.StatusCode != http.StatusNotFound {
			t.Errorf("it is there: %d", page.StatusCode)
		}
	})
}
