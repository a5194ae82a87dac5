package purchase_test

import (
	"net/url"
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/registrar"
	"vitrine/internal/registrar/mock"
	"vitrine/internal/registrar/registrartest"
	"vitrine/internal/registrar/resellerclub"
	"vitrine/internal/registrar/resellerclub/resellerclubtest"
	"vitrine/internal/registrar/squarespace"
	"vitrine/internal/registrar/squarespace/squarespacetest"
)

// peer is a registrar, what stands between it and us, and what it has.
type peer struct {
	mode     string
	provider registrar.Provider
	wire     *registrartest.Wire         // where it speaks HTTP
	orders   func() map[string]time.Time // the ends of the names that are ours there
	secrets  []string
}

// peers are the registrars by their modes. Over the wire one request in twelve fails.
var peers = map[string]func(t *testing.T, d *db.DB, c clock.Clock) peer{
	"mock":         startMock,
	"resellerclub": startResellerClub,
	"squarespace":  startSquarespace,
}

// patience is how long a provider that is on the same machine may take.
const patience = 250 * time.Millisecond

func startMock(t *testing.T, d *db.DB, _ clock.Clock) peer {
	t.Helper()
	return peer{mode: "mock", provider: mock.New(d), orders: func() map[string]time.Time {
		all := map[string]time.Time{}
		err := db.Each(t.Context(), d, func(row db.Row) error {
			var name string
			var until db.Time
			err := row.Scan(&name, &until)
			all[name] = until.Time.Truncate(time.Second)
			return err
		}, `SELECT domain, expires_at FROM mock_registration`)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}}
}

// takes is how long an order takes at a registrar: longer than a caller waits for it.
const takes = 90 * time.Second

func startResellerClub(t *testing.T, _ *db.DB, c clock.Clock) peer {
	t.Helper()
	s := resellerclubtest.New(c, takes)
	w := registrartest.NewWire(t, s, 3)
	p := resellerclub.New(resellerclub.Settings{
		Endpoint: w.URL + "/api", ResellerID: resellerclubtest.ResellerID, Key: resellerclubtest.Key, Currency: "USD", Timeout: patience, Poll: time.Millisecond, Clock: c,
	})
	return peer{
		mode: "resellerclub", provider: p, wire: w, secrets: []string{resellerclubtest.Key, url.QueryEscape(resellerclubtest.Key)},
		orders: func() map[string]time.Time {
			all := map[string]time.Time{}
			for name, o := range s.Orders() {
				all[name] = o.Expires
			}
			return all
		},
	}
}

func startSquarespace(t *testing.T, _ *db.DB, c clock.Clock) peer {
	t.Helper()
	s := squarespacetest.New(c, takes)
	w := registrartest.NewWire(t, s, 5)
	p, err := squarespace.New(squarespace.Settings{Endpoint: w.URL, Account: s.Account(w.URL), Currency: "USD", Timeout: patience, Poll: time.Millisecond, Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	return peer{
		mode: "squarespace", provider: p, wire: w, secrets: s.Secrets(),
		orders: func() map[string]time.Time {
			all := map[string]time.Time{}
			for name, o := range s.Orders() {
				all[name] = o.Expires
			}
			return all
		},
	}
}
