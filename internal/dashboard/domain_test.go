package dashboard_test

import (
	"net/http"
	"strings"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/domain"
	"vitrine/internal/store"
)

func (m *merchant) records() []domain.Record {
	m.t.Helper()
	all, _, err := domain.ListRecords(m.t.Context(), m.site.db, m.store.ID, db.Page{Limit: 100})
	if err != nil {
		m.t.Fatal(err)
	}
	return all
}

func TestDomain_goesFromConnectedToLiveAndAway(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		at, name := m.at+"/domain", "www-"+m.store.Slug+".com"
		m.get(at).want(t, http.StatusOK, "Connect domain")
		m.post(at, "domain", "co.uk").want(t, http.StatusUnprocessableEntity, `id="domain-error"`, `value="co.uk"`)
		for _, step := range []string{"/verify", "/configure", "/ssl", "/detach"} {
			m.post(at+step).want(t, http.StatusNotFound)
		}
		m.post(at, "domain", strings.ToUpper(name)).want(t, http.StatusSeeOther)
		m.post(at, "domain", "another.com").want(t, http.StatusUnprocessableEntity, "already has a custom domain")
		s.merchant(t).take(name).want(t, http.StatusUnprocessableEntity, "already in use")
		m.get(at).want(t, http.StatusOK, name, "_vitrine-challenge."+name, "Verify Ownership", "Not yet")
		m.post(at+"/configure").want(t, http.StatusUnprocessableEntity, `data-state="failed"`, `role="alert"`)
		m.post(at+"/ssl").want(t, http.StatusUnprocessableEntity, "is not configured yet")
		m.post(at+"/verify").want(t, http.StatusSeeOther)
		m.post(at+"/configure").want(t, http.StatusSeeOther)
		if all := m.records(); len(all) != 2 || !all[0].Managed || !all[1].Managed {
			t.Errorf("records %+v", all)
		}
		m.get(at).want(t, http.StatusOK, "192.0.2.1", "proxy.platform.app", "Matches", "Provision SSL")
		m.post(at+"/ssl").want(t, http.StatusSeeOther)
		m.get(at).want(t, http.StatusOK, "Your store is live at", "Let’s Encrypt")
		m.post(at+"/detach", "confirm", "no").want(t, http.StatusUnprocessableEntity, "Must be the domain")
		m.post(at+"/detach", "confirm", name).want(t, http.StatusSeeOther)
		m.get(at).want(t, http.StatusOK, "Connect domain")
		m.get(at+"/records").want(t, http.StatusNotFound)
	})
}

// take connects a domain and returns the answer.
func (m *merchant) take(name string) answer {
	m.t.Helper()
	return m.post(m.at+"/domain", "domain", name)
}

// connected is a merchant with a domain whose DNS is configured.
func (s *site) connected(t *testing.T) *merchant {
	t.Helper()
	m := s.merchant(t)
	m.take(m.store.Slug+"-shop.com").want(t, http.StatusSeeOther)
	for _, step := range []string{"/verify", "/configure"} {
		m.post(m.at+"/domain"+step).want(t, http.StatusSeeOther)
	}
	return m
}

func TestRecords_areAddedChangedAndDeleted(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.connected(t)
		list := m.at + "/domain/records"
		m.post(list, "record_type", "MX", "name", "@", "value", "not a host", "ttl", "5").
			want(t, http.StatusUnprocessableEntity, `id="value-error"`, `id="ttl-error"`, `id="priority-error"`, `value="not a host"`)
		m.post(list, "record_type", "TXT", "name", "@", "value", "v=spf1 -all", "ttl", "3600", "priority", "10").want(t, http.StatusSeeOther)
		m.post(list, "record_type", "TXT", "name", "@", "value", "v=spf1 -all", "ttl", "3600").want(t, http.StatusUnprocessableEntity, "has this value already")
		m.post(list, "record_type", "CNAME", "name", "@", "value", "a.example.com", "ttl", "3600").want(t, http.StatusUnprocessableEntity, "A CNAME cannot stand at the root")
		m.get(list).want(t, http.StatusOK, "v=spf1 -all", "Managed", "The same")
		var txt, managed domain.Record
		for _, r := range m.records() {
			if txt = r; r.Managed {
				managed = r
			}
		}
		m.get(list+"/"+managed.ID.String()).want(t, http.StatusOK, "leads shoppers to your store")
		m.post(list+"/"+txt.ID.String(), "name", "@", "value", "v=spf1 mx -all", "ttl", "600").want(t, http.StatusSeeOther)
		m.get(list).want(t, http.StatusOK, "v=spf1 mx -all", ">600<")
		m.get(list+"/"+managed.ID.String()+"/delete").want(t, http.StatusOK, "was made by Auto-Configure DNS")
		m.post(list+"/"+managed.ID.String()+"/delete").want(t, http.StatusSeeOther)
		m.post(list+"/"+managed.ID.String()+"/delete").want(t, http.StatusNotFound)
		if all := m.records(); len(all) != 2 {
			t.Errorf("records %+v", all)
		}
	})
}

func TestRecords_thatDifferAtTheProviderAreToldAndBroughtInStep(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.connected(t)
		first := m.records()[0]
		now, err := domain.Get(t.Context(), s.db, m.store.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.names.DeleteRecord(t.Context(), *now.Zone, first.ProviderID); err != nil {
			t.Fatal(err)
		}
		m.get(m.at+"/domain/records").want(t, http.StatusOK, "Changed outside", "Missing at the provider:", ">Missing<")
		m.post(m.at+"/domain/sync").want(t, http.StatusSeeOther)
		if body := m.get(m.at+"/domain/records").want(t, http.StatusOK).body; strings.Contains(body, "Changed outside") {
			t.Error("a sync leaves them apart")
		}
	})
}

func TestRecords_whatWasChangedOutsideIsAdoptedRestoredOrIgnored(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.connected(t)
		list := m.at + "/domain/records"
		now, err := domain.Get(t.Context(), s.db, m.store.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"one", "two", "three"} {
			r := dns.Record{Name: now.Name, Type: dns.TXT, Value: text, TTL: 300}
			if _, err := s.names.CreateRecord(t.Context(), *now.Zone, r); err != nil {
				t.Fatal(err)
			}
		}
		m.get(list).want(t, http.StatusOK, "Changed outside", "Only at the provider:", "Adopt<", "Restore<", "Ignore<")
		all, err := s.domains.Drift(t.Context(), m.store.ID)
		if err != nil || len(all) != 3 {
			t.Fatalf("%v, %v", all, err)
		}
		for i, how := range []string{"adopt", "restore", "ignore"} {
			at := m.at + "/domain/drift/" + all[i].ID().String()
			m.post(at, "how", "nonsense").want(t, http.StatusUnprocessableEntity)
			m.member(store.Staff).post(at, "how", how).want(t, http.StatusForbidden)
			m.post(at, "how", how).want(t, http.StatusSeeOther)
		}
		m.post(m.at+"/domain/drift/"+all[0].ID().String(), "how", "adopt").want(t, http.StatusNotFound)
		body := m.get(list).want(t, http.StatusOK, "Ignored", "three").body
		if strings.Contains(body, "Changed outside") || strings.Contains(body, "two") || len(m.records()) != 3 {
			t.Errorf("%d records, and the page is %s", len(m.records()), body)
		}
	})
}

func TestChanges_areShownAndUndone(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.connected(t)
		list := m.at + "/domain/changes"
		m.post(m.at+"/domain/records", "record_type", "TXT", "name", "@", "value", "v=spf1 -all", "ttl", "3600").want(t, http.StatusSeeOther)
		m.get(list).want(t, http.StatusOK, "Created TXT @", "v=spf1 -all, TTL 3600", "Created CNAME www", "by you", "Undo<")
		all, _, err := domain.ListChanges(t.Context(), s.db, m.store.ID, db.Page{Limit: 10})
		if err != nil || len(all) != 3 {
			t.Fatalf("%v, %v", all, err)
		}
		undo := list + "/" + all[0].ID.String() + "/undo"
		m.member(store.Staff).post(undo).want(t, http.StatusForbidden)
		m.post(undo).want(t, http.StatusSeeOther)
		m.get(list).want(t, http.StatusOK, "Deleted TXT @", ">Undone<", ">Undo<")
		m.post(undo).want(t, http.StatusUnprocessableEntity, "was changed since")
		m.post(list+"/none/undo").want(t, http.StatusNotFound)
		if left := m.records(); len(left) != 2 {
			t.Errorf("left: %+v", left)
		}
	})
}

func TestDomain_isTheAdminsToChange(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.connected(t)
		staff, stranger := m.member(store.Staff), s.merchant(t)
		for _, path := range []string{"/domain", "/domain/records"} {
			body := staff.get(m.at+path).want(t, http.StatusOK).body
			for _, button := range []string{"Auto-Configure DNS</button>", "Disconnect domain", "Add Record"} {
				if strings.Contains(body, button) {
					t.Errorf("%s has staff press %s", path, button)
				}
			}
			stranger.get(m.at+path).want(t, http.StatusNotFound)
		}
		for _, path := range []string{"/domain/verify", "/domain/configure", "/domain/ssl", "/domain/sync", "/domain/detach", "/domain/records"} {
			staff.post(m.at+path).want(t, http.StatusForbidden)
			stranger.post(m.at+path).want(t, http.StatusNotFound)
		}
		stranger.take(stranger.store.Slug+"-x.com").want(t, http.StatusSeeOther)
		r := m.records()[0].ID.String()
		stranger.get(stranger.at+"/domain/records/"+r).want(t, http.StatusNotFound)
		stranger.post(stranger.at+"/domain/records/"+r+"/delete").want(t, http.StatusNotFound)
	})
}
