// Package resellerclubtest is a stand-in for the HTTP API of ResellerClub: strict about
// what it takes, with its forms of answers, its texts and its statuses, which are 500
// for whatever it refuses.
package resellerclubtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/registrar"
)

// What a request must have.
const (
	ResellerID = "123456"
	Key        = "q7Yp+secret/key=Zw3"
)

// Taken are names that somebody else has.
var Taken = []string{"mystore.io", "google.com", "example.com"}

// Server is a ResellerClub with one account.
type Server struct {
	mu        sync.Mutex
	clock     clock.Clock
	takes     time.Duration
	next      int // the next number of anything
	cents     int // that every year costs more
	hold      bool
	refuse    string // what the next order is answered
	premium   map[string]int
	mute      []string // TLDs whose registries do not answer
	customers map[string]string
	contacts  map[string]string
	orders    map[string]*order
	commands  map[string]command
}

type order struct {
	id, customer  string
	created, ends time.Time
	servers       []string
	action        string // under way
	ready         time.Time
	held          bool
	years         int // that the action adds
	renewed       int
}

// command is one of the API's, with the parameters that it takes; those with a star
// must be there.
type command struct {
	method, params string
	do             func(q url.Values) (any, error)
}

// New returns a server that goes by a clock and takes a while for each order.
func New(c clock.Clock, takes time.Duration) *Server {
	s := &Server{
		clock: c, takes: takes, next: 80_000_000, premium: map[string]int{}, customers: map[string]string{}, contacts: map[string]string{}, orders: map[string]*order{},
	}
	const contact = "name* company* address-line-1* address-line-2 address-line-3 city* country* zipcode* phone-cc* phone* "
	s.commands = map[string]command{
		"domains/available":        {http.MethodGet, "domain-name* tlds* suggest-alternative", s.available},
		"domains/premium-check":    {http.MethodGet, "domain-name*", s.premiumCheck},
		"domains/v5/suggest-names": {http.MethodGet, "keyword* tld-only exact-match adult", s.suggest},
		"domains/details-by-name":  {http.MethodGet, "domain-name* options*", s.details},
		"domains/register": {
			http.MethodPost, "domain-name* years* ns* customer-id* reg-contact-id* admin-contact-id* tech-contact-id* billing-contact-id* invoice-option* auto-renew attr-name1 attr-value1", s.register,
		},
		"domains/renew":           {http.MethodPost, "order-id* years* exp-date* invoice-option* auto-renew* attr-name1 attr-value1", s.renew},
		"domains/modify-ns":       {http.MethodPost, "order-id* ns*", s.modifyNS},
		"products/customer-price": {http.MethodGet, "customer-id", s.prices},
		"products/details":        {http.MethodGet, "", s.products},
		"customers/details":       {http.MethodGet, "username*", s.customer},
		"customers/signup":        {http.MethodPost, contact + "username* passwd* state* lang-pref*", s.signup},
		"contacts/add":            {http.MethodPost, contact + "email* customer-id* type* state", s.addContact},
	}
	return s
}

// Raise makes every year cost a dollar more.
func (s *Server) Raise() { s.locked(func() { s.cents += 100 }) }

// Hold keeps the next order pending until Settle.
func (s *Server) Hold() { s.locked(func() { s.hold = true }) }

// Settle is through with what is pending.
func (s *Server) Settle() {
	s.locked(func() {
		for _, o := range s.orders {
			o.held, o.ready = false, time.Time{}
			o.settle(s.clock.Now())
		}
	})
}

// Refuse answers the next order with an error of its own, without doing anything.
func (s *Server) Refuse(text string) { s.locked(func() { s.refuse = text }) }

// Premium makes a name cost so many cents a year.
func (s *Server) Premium(domain string, cents int) { s.locked(func() { s.premium[domain] = cents }) }

// Mute has the registry of a TLD not answer.
func (s *Server) Mute(tld string) { s.locked(func() { s.mute = append(s.mute, tld) }) }

func (s *Server) locked(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

// Order is a name in the account.
type Order struct {
	Domain, Customer string
	Created, Expires time.Time
	Renewed          int // how many times
}

// Orders are the names in the account.
func (s *Server) Orders() map[string]Order {
	all := map[string]Order{}
	s.locked(func() {
		for domain, o := range s.orders {
			o.settle(s.clock.Now())
			all[domain] = Order{domain, o.customer, o.created, o.ends, o.renewed}
		}
	})
	return all
}

// IsOrder tells whether a request buys or renews.
func IsOrder(r *http.Request) bool {
	return strings.HasSuffix(r.URL.Path, "/domains/register.json") || strings.HasSuffix(r.URL.Path, "/domains/renew.json")
}

// refusal is an error of the API, and the member that it stands in.
type refusal struct{ member, text string }

func (r refusal) Error() string { return r.text }

func refusef(format string, args ...any) error {
	return refusal{"message", fmt.Sprintf(format, args...)}
}

// word is a bare word as an answer.
type word string

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path, isJSON := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/api/"), ".json")
	c, known := s.commands[path]
	if err := r.ParseForm(); err != nil || !known || !isJSON || r.Method != c.method {
		answer(w, nil, refusef("The command or the method is not there: %s %s", r.Method, path))
		return
	}
	q := r.PostForm
	if r.Method == http.MethodGet {
		q = r.Form
	} else if r.URL.RawQuery != "" {
		answer(w, nil, refusef("Parameters of an order go in its body."))
		return
	}
	if q.Get("auth-userid") != ResellerID || q.Get("api-key") != Key {
		answer(w, nil, refusef("Access Denied: You are not authorized to perform this action"))
		return
	}
	if err := c.check(q); err != nil {
		answer(w, nil, err)
		return
	}
	got, err := c.do(q)
	answer(w, got, err)
}

func (c command) check(q url.Values) error {
	known := []string{"auth-userid", "api-key"}
	for name := range strings.FieldsSeq(c.params) {
		bare, needed := strings.CutSuffix(name, "*")
		if known = append(known, bare); needed && q.Get(bare) == "" {
			return refusef("Required parameter missing: %s", bare)
		}
	}
	for name := range q {
		if !slices.Contains(known, name) {
			return refusef("Unknown parameter: %s", name)
		}
	}
	return nil
}

func answer(w http.ResponseWriter, got any, err error) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		member, status := "message", "ERROR"
		if r, ok := err.(refusal); ok && r.member == "error" { //nolint:errorlint // made here
			member, status = r.member, "error"
		}
		got = map[string]string{"status": status, member: err.Error()}
	}
	if bare, ok := got.(word); ok {
		_, _ = w.Write([]byte(bare))
		return
	}
	_ = json.NewEncoder(w).Encode(got) // whoever has gone does not need it
}

func (s *Server) newID() string {
	s.next += 7
	return strconv.Itoa(s.next)
}

// settle ends what is under way once its time has come.
func (o *order) settle(now time.Time) {
	if o.action == "" || o.held || now.Before(o.ready) {
		return
	}
	if o.action == "RenewDomain" {
		o.ends = registrar.After(o.ends, o.years)
		o.renewed++
	}
	o.action = ""
}

// begin puts an action under way.
func (s *Server) begin(o *order, action string, years int) {
	o.action, o.years, o.ready, o.held = action, years, s.clock.Now().Add(s.takes), s.hold
	s.hold = false
	o.settle(s.clock.Now())
}

// find returns the order of a name, as it is by now.
func (s *Server) find(domain string) *order {
	o := s.orders[strings.ToLower(domain)]
	if o != nil {
		o.settle(s.clock.Now())
	}
	return o
}
