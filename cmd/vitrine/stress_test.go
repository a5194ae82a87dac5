package main_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
)

// accept tells whether the long proofs are asked for.
func accept() bool { return os.Getenv("VITRINE_TEST_ACCEPT") != "" }

// command runs the binary on the server's database and returns what it printed.
func (s *server) command(arguments ...string) string {
	s.t.Helper()
	c := exec.Command(s.binary, arguments...) //nolint:gosec,noctx // our own binary
	c.Env = append(append(os.Environ(), "VITRINE_DATABASE_URL="+s.address), s.env...)
	out, err := c.CombinedOutput()
	if err != nil {
		s.t.Errorf("%s: %v\n%s", strings.Join(arguments, " "), err, out)
	}
	return string(out)
}

// figure reads a number of what vitrine stress printed.
func figure(out, name string) string {
	for line := range strings.Lines(out) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func TestStress_sellsWhatThereIsAndNoMore(t *testing.T) {
	t.Parallel()
	binary := build(t)
	stock, orders := 50, 400
	if accept() {
		stock, orders = 500, 5000
	}
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s := &server{t: t, binary: binary, address: address}
		s.start()
		defer func() { s.kill() }()
		out := s.command("stress", "--url", s.url, "--shoppers", "64", "--stock", strconv.Itoa(stock), "--orders", strconv.Itoa(orders))
		checkStress(t, out, stock, orders)
		t.Logf("%s", out)
		if said := s.command("doctor"); !strings.Contains(said, "no differences") {
			t.Errorf("doctor: %s", said)
		}
	})
}

func TestStress_throughTwoProcessesOnOneDatabase_oversellsNothing(t *testing.T) {
	t.Parallel()
	address := dbtest.OnlyPostgres(t)
	stock, orders := 50, 400
	if accept() {
		stock, orders = 500, 5000
	}
	one := &server{t: t, binary: build(t), address: address}
	two := &server{t: t, binary: one.binary, address: address}
	one.start()
	defer func() { one.kill() }()
	two.start()
	defer func() { two.kill() }()
	out := one.command("stress", "--url", one.url+", "+two.url, "--shoppers", "64", "--stock", strconv.Itoa(stock), "--orders", strconv.Itoa(orders))
	checkStress(t, out, stock, orders)
	t.Logf("%s", out)
	if said := one.command("doctor"); !strings.Contains(said, "no differences") {
		t.Errorf("doctor: %s", said)
	}
}

func TestDoctor_namesEachDifferenceAndFails(t *testing.T) {
	t.Parallel()
	binary := build(t)
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s := &shoppers{server: &server{t: t, binary: binary, address: address}}
		s.start()
		s.open(10)
		s.kill()
		if said := s.command("doctor"); said != "stock, orders, payments and purchases: no differences\n" {
			t.Errorf("of a sound platform: %q", said)
		}
		d := dbtest.Open(t, address, clock.System{})
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := db.Exec(t.Context(), tx, `UPDATE inventory_level SET quantity = 11`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		c := exec.Command(binary, "doctor") //nolint:gosec,noctx // our own binary
		c.Env = append(os.Environ(), "VITRINE_DATABASE_URL="+address)
		said, err := c.CombinedOutput()
		if _, failed := errors.AsType[*exec.ExitError](err); !failed || !strings.Contains(string(said), "it has 11 on hand and 0 reserved, its ledger 10 and 0") {
			t.Errorf("of a broken one: %v, %s", err, said)
		}
	})
}

// checkStress checks that all there is was sold and no more, and that nothing else
// went wrong.
func checkStress(t *testing.T, out string, stock, orders int) {
	t.Helper()
	for name, want := range map[string]int{"attempts": orders, "sold": stock, "refused": orders - stock, "oversold units": 0, "ledger differences": 0} {
		if got := figure(out, name); got != strconv.Itoa(want) {
			t.Errorf("%s: %s, not %d", name, got, want)
		}
	}
	if slowest, err := time.ParseDuration(figure(out, "slowest")); accept() && (err != nil || slowest > 2*time.Second) {
		t.Errorf("the slowest order took %s (%v)", slowest, err)
	}
}

// shoppers order from a server until it is killed, and remember what they were told.
type shoppers struct {
	*server
	token, store, variant string

	mu     sync.Mutex
	bought map[string]bool // ids of orders that were answered with 201
	paid   map[string]bool // of those that were paid and answered with 200
}

// order makes orders until there is no answer, and pays for one in four.
func (s *shoppers) order() {
	for {
		var made struct{ ID string }
		status, err := s.post("/stores/"+s.store+"/orders", s.token, map[string]any{
			"customer": map[string]any{"email": fmt.Sprintf("c%d@example.com", rand.IntN(20))}, //nolint:gosec // anybody
			"items":    []any{map[string]any{"variant_id": s.variant, "quantity": 1}},
		}, &made)
		if err != nil {
			return
		}
		switch status {
		case http.StatusCreated:
			s.mu.Lock()
			s.bought[made.ID] = true
			s.mu.Unlock()
			if rand.IntN(4) == 0 && !s.pay(made.ID) { //nolint:gosec // anybody
				return
			}
		case http.StatusBadRequest:
			return // sold out
		}
	}
}

// pay pays for an order and tells whether there was an answer.
func (s *shoppers) pay(order string) bool {
	var paid struct{ Status string }
	status, err := s.post("/stores/"+s.store+"/orders/"+order+"/pay", s.token, nil, &paid)
	if err == nil && status == http.StatusOK {
		s.mu.Lock()
		s.paid[order] = true
		s.mu.Unlock()
	}
	return err == nil
}

func (s *shoppers) hasPaid() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.paid) > 0
}

// killStock is more than can be sold before the last kill.
const killStock = 1_000_000

func TestKill_underALoadOfOrders_losesNothingAndSellsNothingTwice(t *testing.T) {
	t.Parallel()
	binary := build(t)
	times := 3
	if accept() {
		times = 100
	}
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s := &shoppers{server: &server{t: t, binary: binary, address: address}, bought: map[string]bool{}, paid: map[string]bool{}}
		s.env = []string{"VITRINE_RESERVATION_TTL=2s"}
		s.start()
		defer func() { s.kill() }()
		s.open(killStock)
		for range times {
			var all sync.WaitGroup
			for range 32 {
				all.Go(s.order)
			}
			eventually(t, "an order is paid", s.hasPaid)                     // a slow machine may acknowledge nothing for seconds
			time.Sleep(time.Duration(100+rand.IntN(400)) * time.Millisecond) //nolint:gosec // any moment
			s.kill()
			all.Wait()
			s.start()
			if said := s.command("doctor"); !strings.Contains(said, "no differences") {
				t.Fatalf("doctor: %s", said)
			}
		}
		s.settled()
		s.compare()
	})
}

// settled waits until no unpaid order holds stock: all of them have run out of time.
func (s *shoppers) settled() {
	s.t.Helper()
	for range 600 {
		var pending []struct{ ID string }
		s.read(s.url+"/api/v1/stores/"+s.store+"/orders?status=pending&limit=1", &pending)
		if len(pending) == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.t.Fatal("orders hold stock past their time")
}

// open makes a store with the stock of one item.
func (s *shoppers) open(stock int) {
	s.t.Helper()
	s.token, _ = s.newUser()
	must := func(path string, body, into any) {
		if status, err := s.post(path, s.token, body, into); status != http.StatusCreated {
			s.t.Fatalf("%s: %d, %v", path, status, err)
		}
	}
	var made struct{ ID string }
	must("/stores", map[string]any{"name": "Hot", "store_type": "ecommerce"}, &made)
	s.store = made.ID
	var product struct{ Variants []struct{ ID string } }
	must("/stores/"+s.store+"/products", map[string]any{"title": "Hot", "variants": []any{map[string]any{"sku": "HOT", "price": "1.00"}}}, &product)
	s.variant = product.Variants[0].ID
	must("/stores/"+s.store+"/inventory", map[string]any{"variant_id": s.variant, "quantity": stock}, &made)
}

// compare looks for every order that was acknowledged, and counts the units held: one
// for each paid order, acknowledged or not. The others were given up in time.
func (s *shoppers) compare() {
	s.t.Helper()
	states := s.lookUp()
	held := 0
	for _, state := range states {
		if state == "paid" {
			held++
		}
	}
	var levels []struct {
		Quantity int
		Reserved int `json:"reserved_quantity"`
	}
	s.read(s.url+"/api/v1/stores/"+s.store+"/inventory", &levels)
	if len(levels) != 1 || levels[0].Reserved != held || levels[0].Quantity != killStock {
		s.t.Errorf("%d paid orders of one unit of %d, the level is %+v", held, killStock, levels)
	}
	if len(s.bought) == 0 || len(s.paid) == 0 {
		s.t.Errorf("%d were bought, %d paid", len(s.bought), len(s.paid))
	}
	if said := s.command("doctor"); !strings.Contains(said, "no differences") {
		s.t.Errorf("doctor: %s", said)
	}
	s.t.Logf("%d orders, %d of them acknowledged, %d paid", len(states), len(s.bought), held)
}

// lookUp looks for every order that was acknowledged, and returns the states of all.
func (s *shoppers) lookUp() map[string]string {
	s.t.Helper()
	states := map[string]string{}
	next := s.url + "/api/v1/stores/" + s.store + "/orders?limit=200"
	for next != "" {
		var page []struct{ ID, Status string }
		next = s.read(next, &page)
		for _, o := range page {
			states[o.ID] = o.Status
		}
	}
	for o := range s.bought {
		if states[o] == "" {
			s.t.Errorf("order %s was acknowledged and is gone", o)
		}
	}
	for o := range s.paid {
		if states[o] != "paid" {
			s.t.Errorf("the payment of order %s was acknowledged, and it is %s", o, states[o])
		}
	}
	return states
}

// read gets an address as the merchant and returns that of the next page, or "".
func (s *shoppers) read(address string, into any) (next string) {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodGet, address, nil) //nolint:noctx // our own server
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(into); err != nil || res.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: %d, %v", address, res.StatusCode, err)
	}
	link, _, _ := strings.Cut(strings.TrimPrefix(res.Header.Get("Link"), "<"), ">")
	return link
}
