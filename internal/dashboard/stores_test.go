package dashboard_test

import (
	"net/http"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/order"
)

func TestStores_tellTheirLastOrderAndTheirDomain(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		m := s.merchant(t)
		m.get("/dashboard/stores").want(t, http.StatusOK, "None yet", m.store.Slug+".localhost")
		p := m.product("Mug")
		for range 2 {
			_, err := s.orders.Place(t.Context(), m.store, order.Request{Email: "ada@example.com", Items: []order.Wanted{{Variant: p.Variants[0].ID, Quantity: 1}}}, nil)
			if err != nil {
				t.Fatal(err)
			}
		}
		err := s.db.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := s.domains.Attach(t.Context(), tx, m.store, "tea-"+m.store.Slug+".com")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		m.get("/dashboard/stores").want(t, http.StatusOK, "#1002</a>", "tea-"+m.store.Slug+".com", "Pending")
	})
}
