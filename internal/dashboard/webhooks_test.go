package dashboard_test

import (
	"net/http"
	"regexp"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/webhook"
)

func (m *merchant) webhooks() []webhook.Webhook {
	m.t.Helper()
	found, _, err := webhook.List(m.t.Context(), m.site.db, m.store.ID, db.Page{Limit: 10})
	if err != nil {
		m.t.Fatal(err)
	}
	return found
}

func (m *merchant) deliveries(w webhook.Webhook) []webhook.Delivery {
	m.t.Helper()
	found, _, err := webhook.ListDeliveries(m.t.Context(), m.site.db, m.store.ID, w.ID, "", db.Page{Limit: 10})
	if err != nil {
		m.t.Fatal(err)
	}
	return found
}

func TestWebhooks_areAddedTriedAndDeleted(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		list := m.at + "/settings/webhooks"
		m.get(list).want(t, http.StatusOK, "No webhooks yet")
		m.post(list, "url", "ftp://example.com", "is_active", "true").want(t, http.StatusUnprocessableEntity, `id="url-error"`, "Must name at least one event.", `value="ftp://example.com"`)
		secret := regexp.MustCompile(`value="(whsec_[^"]+)"`)
		made := m.post(list, "url", "http://127.0.0.1:1/hook", "event", "product.created", "event", "order.paid", "is_active", "true").want(t, http.StatusOK)
		if secret.FindString(made.body) == "" {
			t.Error("the secret is not shown")
		}
		hook := m.webhooks()[0]
		at := list + "/" + hook.ID.String()
		if shown := secret.FindString(m.get(at).want(t, http.StatusOK, "order.paid, product.created").body); shown != "" {
			t.Error("the secret is shown again")
		}

		m.product("Mug")
		m.post(at+"/test").want(t, http.StatusSeeOther)
		sent := m.deliveries(hook)
		if len(sent) != 2 || sent[0].Event != webhook.Test || sent[1].Event != webhook.ProductCreated {
			t.Fatalf("deliveries %+v", sent)
		}
		m.get(at).want(t, http.StatusOK, "webhook.test", "Waiting", `hx-trigger="every 2s"`)
		one := at + "/deliveries/" + sent[1].ID.String()
		m.get(one).want(t, http.StatusOK, "&#34;title&#34;: &#34;Mug&#34;")
		m.post(one+"/redeliver").want(t, http.StatusSeeOther)
		m.get(at+"/deliveries/"+s.db.NewID().String()).want(t, http.StatusNotFound)

		m.post(at+"/edit", "url", "http://127.0.0.1:1/hook", "event", "order.paid").want(t, http.StatusSeeOther)
		if changed := m.webhooks()[0]; changed.Active || len(changed.Events) != 1 {
			t.Errorf("webhook %+v", changed)
		}
		m.post(at+"/test").want(t, http.StatusBadRequest, "switch it on first")
		m.post(at+"/delete").want(t, http.StatusSeeOther)
		m.get(at).want(t, http.StatusNotFound)
	})
}

func TestWebhooks_areForAdmins(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		owner := s.merchant(t)
		staff, admin := owner.member("staff"), owner.member("admin")
		list := owner.at + "/settings/webhooks"
		staff.get(list).want(t, http.StatusForbidden, "it takes an admin")
		admin.get(list).want(t, http.StatusOK)
		if tabs := staff.get(owner.at + "/settings"); regexp.MustCompile(`/settings/webhooks`).MatchString(tabs.body) {
			t.Error("staff are led to the webhooks")
		}
		admin.post(list, "url", "http://127.0.0.1:1/hook", "event", "order.paid", "is_active", "true").want(t, http.StatusOK)
		other := s.merchant(t)
		other.get(other.at+"/settings/webhooks/"+owner.webhooks()[0].ID.String()).want(t, http.StatusNotFound)
	})
}
