package main_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/id"
	"vitrine/internal/registrar"
	"vitrine/internal/registrar/resellerclub/resellerclubtest"
)

// gate stands before a registrar, and never answers the request that it is set to,
// before that has had its effect or after.
type gate struct {
	next http.Handler

	mu   sync.Mutex
	at   point
	late bool
	shut chan struct{} // closed when the request is there; nil: all pass
}

// point is a request to a registrar: the one after some others whose path has a text.
type point struct {
	path  string
	after int
}

// set returns what is closed when the request is there.
func (g *gate) set(at point, late bool) <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.at, g.late, g.shut = at, late, make(chan struct{})
	return g.shut
}

// open lets everything pass.
func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = nil
}

func (g *gate) stops(r *http.Request) (shut chan struct{}, late bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut == nil || !strings.Contains(r.URL.Path, g.at.path) {
		return nil, false
	}
	if g.at.after--; g.at.after >= 0 {
		return nil, false
	}
	shut, g.shut = g.shut, nil
	return shut, g.late
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	shut, late := g.stops(r)
	if shut == nil {
		g.next.ServeHTTP(w, r)
		return
	}
	if late {
		g.next.ServeHTTP(httptest.NewRecorder(), r)
	}
	_, _ = io.Copy(io.Discard, r.Body) // only then does the server see that the client has gone
	close(shut)
	<-r.Context().Done() // until whoever asked is dead
}

// killedAt are the requests of a purchase at which the server is killed: all of them,
// or those that matter most.
func killedAt() []point {
	points := []point{{"domains/register", 0}}
	if os.Getenv("VITRINE_TEST_ACCEPT") != "" {
		for after := range 13 {
			points = append(points, point{"", after})
		}
		points = append(points, point{"domains/modify-ns", 0}, point{"domains/details-by-name", 1})
	}
	return points
}

// TestKill_atEveryStateOfAPurchase kills the server while the registrar has each of the
// requests of a purchase, before and after its effect, and while what is left of them
// is carried on with.
func TestKill_atEveryStateOfAPurchase_buysEachNameOnceAndChargesForIt(t *testing.T) {
	t.Parallel()
	binary := build(t)
	dbtest.EachURL(t, func(t *testing.T, address string) {
		names := resellerclubtest.New(clock.System{}, 0)
		g := &gate{next: names}
		listening := httptest.NewServer(g)
		t.Cleanup(listening.Close)
		s := &server{t: t, binary: binary, address: address, env: []string{
			"VITRINE_DOMAIN_PROVIDER_MODE=resellerclub", "VITRINE_RESELLERCLUB_ENDPOINT=" + listening.URL + "/api/",
			"VITRINE_RESELLERCLUB_RESELLER_ID=" + resellerclubtest.ResellerID, "VITRINE_RESELLERCLUB_API_KEY=" + resellerclubtest.Key,
		}}
		s.start()
		defer func() { s.kill() }()
		token, _ := s.newUser()
		d := dbtest.Open(t, address, clock.System{})
		change(t, d, `UPDATE account SET plan_id = 'scale'`)
		for _, at := range killedAt() {
			for _, late := range []bool{false, true} {
				s.killWhileBuying(g, token, at, late)
			}
		}
		rewind(t, d)
		for range killedAt() { // and while they are carried on with
			passTime(t, d)
			shut := g.set(point{}, true)
			select {
			case <-shut:
				s.kill()
				s.start()
			case <-time.After(8 * time.Second):
			}
		}
		g.open()
		waitForPurchases(t, d)
		checkPurchases(t, d, names)
	})
}

// killWhileBuying buys a name for a new store, and kills the server at a request.
func (s *server) killWhileBuying(g *gate, token string, at point, late bool) {
	s.t.Helper()
	var shop struct{ ID id.UUID }
	if status, err := s.post("/stores", token, map[string]string{"name": "Shop"}, &shop); status != http.StatusCreated {
		s.t.Fatalf("a store: %d, %v", status, err)
	}
	shut, done := g.set(at, late), make(chan struct{})
	go func() {
		defer close(done)
		var got any
		_, _ = s.post("/stores/"+shop.ID.String()+"/domain/purchase", token, map[string]any{
			"domain": victim(at, late), "years": 1, "contact_info": map[string]string{
				"first_name": "John", "last_name": "Doe", "email": "john@example.com", "phone": "+12125550100", "address": "123 Main St",
				"city": "New York", "state": "NY", "country": "US", "zip_code": "10001",
			},
		}, &got)
	}()
	select {
	case <-shut:
	case <-done: // fewer requests than that
		g.open()
	}
	s.kill()
	<-done
	s.start()
}

// victim is the name that is bought when the server is killed at a request.
func victim(at point, late bool) string {
	return fmt.Sprintf("killed-%s-%d-%v.com", strings.ReplaceAll(at.path, "/", "-"), at.after, late)
}

func change(t *testing.T, d *db.DB, query string, args ...any) {
	t.Helper()
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := db.Exec(t.Context(), tx, query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// rewind makes the attempts that nobody has carried on yet look, one as that of a
// process which died just before it asked, the others as they are: between the two
// steps nobody else is asked, so no request can be waited for.
func rewind(t *testing.T, d *db.DB) {
	t.Helper()
	change(t, d, `
		UPDATE purchase SET state = 'authorised', asked_at = NULL
		WHERE domain = $1 AND state = 'registering'`, victim(killedAt()[0], false))
}

// passTime lets the leases of dead processes run out, and whoever waits go on.
func passTime(t *testing.T, d *db.DB) {
	t.Helper()
	past := db.Time{Time: d.Now().Add(-3 * time.Minute)}
	change(t, d, `UPDATE purchase SET lease = NULL, lease_until = NULL, next_at = $1 WHERE next_at IS NOT NULL`, past)
	change(t, d, `UPDATE purchase SET asked_at = $1 WHERE next_at IS NOT NULL AND asked_at IS NOT NULL`, past)
}

func waitForPurchases(t *testing.T, d *db.DB) {
	t.Helper()
	for range 20 {
		passTime(t, d)
		for range 60 {
			left, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM purchase WHERE next_at IS NOT NULL`)
			if err != nil {
				t.Fatal(err)
			}
			if left == 0 {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
	t.Fatal("the purchases do not end")
}

// checkPurchases checks that each name is registered once or not at all, and that the
// charges are for those that are.
func checkPurchases(t *testing.T, d *db.DB, names *resellerclubtest.Server) {
	t.Helper()
	there := names.Orders()
	bought, attempts := map[string]int{}, 0
	err := db.Each(t.Context(), d, func(row db.Row) error {
		var name, state, charge string
		if err := row.Scan(&name, &state, &charge); err != nil {
			return err
		}
		attempts++
		switch state + " " + charge {
		case "done captured":
			bought[name]++
		case "released cancelled", "released ":
		default:
			t.Errorf("%s is %s, and its charge %s", name, state, charge)
		}
		return nil
	}, `SELECT p.domain, p.state, coalesce((SELECT c.state FROM test_charge c WHERE c.about = p.domain), '') FROM purchase p`)
	if err != nil {
		t.Fatal(err)
	}
	for name, n := range bought {
		if _, is := there[name]; n != 1 || !is {
			t.Errorf("%s was bought %d times, and is at the registrar: %v", name, n, is)
		}
	}
	for name, o := range there {
		if bought[name] != 1 || !o.Expires.Equal(registrar.After(o.Created, 1)) {
			t.Errorf("%s is at the registrar until %v, and was bought %d times", name, o.Expires, bought[name])
		}
	}
	if attempts != 2*len(killedAt()) || len(bought) == 0 {
		t.Errorf("%d attempts, %d names bought", attempts, len(bought))
	}
	t.Logf("%d attempts, %d names bought", attempts, len(bought))
}
