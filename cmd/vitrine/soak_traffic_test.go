package main_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"

	"vitrine/internal/id"
	"vitrine/internal/order"
	"vitrine/internal/store"
)

// use is a time of use at one rate.
type use struct {
	name  string
	nodes int
	end   time.Time
}

// inUse has everybody at work, so many times over, while something happens: about 160
// requests a second times the rate, if they are answered in time.
func (s *soak) inUse(u *use, rate int, happens func()) {
	var all sync.WaitGroup
	loop := func(workers int, pause time.Duration, do func(*use, int)) {
		for i := range workers {
			all.Go(func() {
				for time.Now().Before(u.end) {
					do(u, i)
					time.Sleep(rand.N(2 * pause)) //nolint:gosec // any
				}
			})
		}
	}
	loop(4*rate, 50*time.Millisecond, s.browse)
	loop(3*rate, 150*time.Millisecond, s.buy)
	loop(2*rate, 100*time.Millisecond, s.adjust)
	loop(len(s.dnsStores), 400*time.Millisecond/time.Duration(rate), s.changeRecords)
	loop(1, time.Second/time.Duration(rate), s.clone)
	loop(1, time.Second/time.Duration(rate), s.bringIn)
	happens()
	all.Wait()
}

func (s *soak) browse(u *use, _ int) {
	path := []string{"/s/" + s.slug, "/s/" + s.slug + "/products/" + s.product, "/api/v1/storefront/" + s.slug + "/products", "/s/" + s.slug + "/products"}[rand.IntN(4)] //nolint:gosec // any
	s.try(u, "browse", http.StatusOK, "GET", path, "text/plain", nil)
}

func (s *soak) buy(u *use, _ int) {
	var o struct{ ID string }
	wanted := map[string]any{
		"customer": map[string]string{"email": fmt.Sprintf("c%d@example.com", rand.IntN(200))}, //nolint:gosec // anybody
		"items":    []any{map[string]any{"variant_id": s.variant, "quantity": 1}},
	}
	if !s.json(u, "order", http.StatusCreated, "POST", "/stores/"+s.store+"/orders", wanted, &o) {
		return
	}
	s.note(s.bought, o.ID, true)
	of, err := id.Parse(o.ID)
	if err != nil {
		s.t.Error(err)
		return
	}
	shop, err := id.Parse(s.store)
	if err != nil {
		s.t.Error(err)
		return
	}
	page := "/s/" + s.slug + "/orders/" + s.links.Token(store.ID{UUID: shop}, order.ID{UUID: of})
	if _, ok := s.try(u, "pay", http.StatusSeeOther, "POST", page+"/pay", "application/x-www-form-urlencoded", []byte(url.Values{}.Encode())); !ok {
		return
	}
	var is struct {
		PaymentStatus string `json:"payment_status"`
	}
	if s.json(u, "look", http.StatusOK, "GET", "/stores/"+s.store+"/orders/"+o.ID, nil, &is) && is.PaymentStatus == "paid" {
		s.note(s.paid, o.ID, true)
	}
}

func (s *soak) adjust(u *use, _ int) {
	reference := fmt.Sprintf("soak-%d", s.number.Add(1))
	change := map[string]any{"quantity_change": 1, "reason": "received", "reference_id": reference}
	if s.json(u, "adjust", http.StatusOK, "POST", "/stores/"+s.store+"/inventory/"+s.level+"/adjust", change, nil) {
		s.note(s.adjusted, reference, true)
	}
}

func (s *soak) clone(u *use, _ int) {
	var made struct{ Store struct{ ID string } }
	if !s.json(u, "clone", http.StatusCreated, "POST", "/stores/"+s.dnsStores[0]+"/clone", map[string]any{}, &made) {
		return
	}
	s.note(s.cloned, made.Store.ID, true)
	s.try(u, "delete", http.StatusNoContent, "DELETE", "/api/v1/stores/"+made.Store.ID, "application/json", nil)
}

func (s *soak) bringIn(u *use, _ int) {
	n := s.number.Add(1)
	file := fmt.Sprintf("Handle,Title,Variant SKU,Variant Price\nbrought-%d,Brought,B-%d,3.50\n", n, n)
	answered, ok := s.try(u, "import", http.StatusAccepted, "POST", "/api/v1/stores/"+s.store+"/products/import", "text/csv", []byte(file))
	var job struct {
		JobID string `json:"job_id"`
	}
	if ok && json.Unmarshal(answered, &job) == nil {
		s.note(s.imported, job.JobID, true)
	}
}

// changeRecords makes a record, and takes it away again but for every eighth: a domain
// has room for a thousand.
func (s *soak) changeRecords(u *use, i int) {
	n := s.number.Add(1)
	path := "/stores/" + s.dnsStores[i] + "/domain/dns/records"
	var made struct{ ID string }
	record := map[string]any{"record_type": "TXT", "name": fmt.Sprintf("t%d", n), "value": "soak"}
	if !s.json(u, "record", http.StatusCreated, "POST", path, record, &made) {
		return
	}
	s.note(s.records, made.ID, true)
	if n%8 == 0 {
		return
	}
	s.mu.Lock()
	delete(s.records, made.ID) // unknown, until it is answered
	s.mu.Unlock()
	if _, ok := s.try(u, "unrecord", http.StatusNoContent, "DELETE", "/api/v1"+path+"/"+made.ID, "application/json", nil); ok {
		s.note(s.records, made.ID, false)
	}
}
