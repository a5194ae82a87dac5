// Package stripetest is a Stripe to test against: it keeps customers, cards, payments
// and pages, honours idempotency keys as Stripe does, and can fail in each way that a
// network does.
package stripetest

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v85/webhook"

	"vitrine/internal/clock"
)

// Key is the secret key that the server takes.
const Key = "sk_test_51VitrineSecretOfTheTests"

// The cards that a customer can keep or pay with.
const (
	Good     = "pm_good"
	Declines = "pm_declines"
	Confirms = "pm_confirms" // only with its owner there
)

// Fault is how a request goes wrong.
type Fault int

// The faults.
const (
	None  Fault = iota
	Fails       // it is answered with 500, and has no effect
	Cut         // the connection ends before it has an effect
	Lost        // and after it had one
)

type object = map[string]any

// Server is a Stripe.
type Server struct {
	URL string

	clock  clock.Clock
	mu     sync.Mutex
	made   int
	kept   map[string]answer // by idempotency key
	cards  map[string][]string
	intent map[string]object
	page   map[string]object
	faults []Fault
	seen   []string // what was asked: "POST /v1/refunds"
}

type answer struct {
	params [32]byte
	status int
	body   object
}

// New starts a server that ends with the test.
func New(t testing.TB, c clock.Clock) *Server {
	t.Helper()
	s, stop := Start(c)
	t.Cleanup(stop)
	return s
}

// Start starts a server that ends with stop.
func Start(c clock.Clock) (_ *Server, stop func()) {
	s := &Server{clock: c, kept: map[string]answer{}, cards: map[string][]string{}, intent: map[string]object{}, page: map[string]object{}}
	server := httptest.NewUnstartedServer(s)
	server.Config.SetKeepAlivesEnabled(false) // a request that a connection was kept for would be sent again by itself
	server.Start()
	s.URL = server.URL
	return s, server.Close
}

// Fail has the next requests that change something go wrong, one after the other, and
// no others.
func (s *Server) Fail(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = faults
}

// KeepCard gives a customer a card, as they would on the page of KeepCard.
func (s *Server) KeepCard(pageURL, card string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	page := s.page[pageURL[strings.LastIndex(pageURL, "/")+1:]]
	customer := page["customer"].(string)
	s.cards[customer] = append([]string{card}, s.cards[customer]...)
	page["status"] = "complete"
}

// Pay pays on a page, as its payer would. It tells whether that was possible.
func (s *Server) Pay(pageURL string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pay(s.page[pageURL[strings.LastIndex(pageURL, "/")+1:]])
}

func (s *Server) pay(page object) bool {
	if page == nil || page["status"] != "open" {
		return false
	}
	made := s.newIntent(page["intent"].(object))
	made["status"] = "requires_capture"
	page["status"], page["payment_intent"] = "complete", made
	return true
}

// Expire ends a page, as Stripe does after a day.
func (s *Server) Expire(pageURL string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.page[pageURL[strings.LastIndex(pageURL, "/")+1:]]["status"] = "expired"
}

// Sign returns the signature of a webhook's body.
func Sign(body []byte, secret string, at time.Time) string {
	signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: secret, Timestamp: at})
	return signed.Header
}

// Pages are the addresses of those that were opened.
func (s *Server) Pages() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, page := range s.page {
		all = append(all, page["url"].(string))
	}
	return all
}

var onPage = template.Must(template.New("page").Parse(`<!DOCTYPE html><html lang="en"><title>Stripe</title><h1>Stripe</h1>
<form method="post"><button name="do" value="pay">Pay</button><button name="do" value="end">Let it end</button></form><a href="{{.}}">Back</a>`))

// showPage is the page on which somebody says how they pay.
func (s *Server) showPage(w http.ResponseWriter, r *http.Request, id string) {
	page := s.page[id]
	switch {
	case page == nil:
		http.NotFound(w, r)
	case r.Method == http.MethodPost && r.PostForm.Get("do") == "end":
		page["status"] = "expired"
		http.Redirect(w, r, page["back"].(string), http.StatusSeeOther)
	case r.Method == http.MethodPost:
		s.pay(page)
		http.Redirect(w, r, page["back"].(string), http.StatusSeeOther)
	default:
		_ = onPage.Execute(w, page["back"])
	}
}

// Held is how much is authorised, and neither captured nor let go of.
func (s *Server) Held() int64 { return s.sum("requires_capture") }

// Taken is how much was captured, and not given back.
func (s *Server) Taken() int64 { return s.sum("succeeded") }

func (s *Server) sum(status string) (n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.intent {
		if i["status"] == status && !i["latest_charge"].(object)["refunded"].(bool) {
			n += i["amount"].(int64)
		}
	}
	return n
}

// Seen is what was asked for so far, as "POST /v1/refunds".
func (s *Server) Seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.seen...)
}

// ServeHTTP answers as the API does.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	s.mu.Lock()
	defer s.mu.Unlock()
	if id, ok := strings.CutPrefix(r.URL.Path, "/c/pay/"); ok {
		s.showPage(w, r, id)
		return
	}
	s.seen = append(s.seen, r.Method+" "+r.URL.Path)
	if r.Header.Get("Authorization") != "Bearer "+Key {
		reply(w, refusal(http.StatusUnauthorized, "invalid_request_error", "", "Invalid API Key provided: "+strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")))
		return
	}
	fault := None
	if r.Method == http.MethodPost && len(s.faults) > 0 {
		fault, s.faults = s.faults[0], s.faults[1:]
	}
	switch fault {
	case Fails:
		reply(w, refusal(http.StatusInternalServerError, "api_error", "", "Something went wrong on our side."))
	case Cut:
		panic(http.ErrAbortHandler)
	case Lost:
		s.once(r)
		panic(http.ErrAbortHandler)
	default:
		reply(w, s.once(r))
	}
}

func reply(w http.ResponseWriter, a answer) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Request-Id", "req_test")
	w.WriteHeader(a.status)
	_ = json.NewEncoder(w).Encode(a.body)
}

// once answers a request, and one with the same key as it was answered first.
func (s *Server) once(r *http.Request) answer {
	key := r.Header.Get("Idempotency-Key")
	if r.Method != http.MethodPost || key == "" {
		return s.answer(r)
	}
	params := sha256.Sum256([]byte(r.URL.Path + "\n" + r.PostForm.Encode()))
	if was, again := s.kept[key]; again {
		if was.params != params {
			return refusal(http.StatusBadRequest, "idempotency_error", "", "Keys for idempotent requests can only be used with the same parameters they were first used with.")
		}
		return was
	}
	a := s.answer(r)
	a.params = params
	s.kept[key] = a
	return a
}

func ok(body object) answer { return answer{status: http.StatusOK, body: body} }

func refusal(status int, kind, code, message string) answer {
	return answer{status: status, body: object{"error": object{"type": kind, "code": code, "message": message}}}
}

func (s *Server) answer(r *http.Request) answer {
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/v1/"), "/")
	form := r.PostForm
	switch route := r.Method + " " + parts[0]; {
	case route == "POST customers":
		return ok(object{"id": s.newID("cus"), "object": "customer", "email": form.Get("email")})
	case route == "GET customers" && len(parts) == 3:
		return ok(list(s.methods(parts[1])))
	case route == "POST checkout" && len(parts) == 2:
		return s.openPage(form)
	case parts[0] == "checkout" && len(parts) > 2:
		return s.onPage(parts)
	case route == "POST payment_intents" && len(parts) == 1:
		return s.charge(form)
	case route == "GET payment_intents" && len(parts) == 1:
		return ok(list(s.intents(r.URL.Query().Get("customer"))))
	case parts[0] == "payment_intents":
		return s.onIntent(parts)
	case route == "POST refunds":
		return s.refund(form.Get("payment_intent"))
	}
	return refusal(http.StatusNotFound, "invalid_request_error", "", "Unrecognized request URL.")
}

func list(data []object) object {
	return object{"object": "list", "data": data, "has_more": false, "url": "/v1"}
}

func (s *Server) newID(prefix string) string {
	s.made++
	return fmt.Sprintf("%s_test_%04d", prefix, s.made)
}

func (s *Server) methods(customer string) []object {
	all := []object{}
	for _, card := range s.cards[customer] {
		all = append(all, object{"id": card, "object": "payment_method", "type": "card", "card": object{"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030}})
	}
	return all
}

func (s *Server) openPage(form url.Values) answer {
	id := s.newID("cs")
	page := object{
		"id": id, "object": "checkout.session", "status": "open", "mode": form.Get("mode"), "url": s.URL + "/c/pay/" + id, "back": form.Get("success_url"),
		"customer": form.Get("customer"), "client_reference_id": form.Get("client_reference_id"),
		"intent": intentOf(form.Get("line_items[0][price_data][unit_amount]"), form.Get("line_items[0][price_data][currency]"), "", form.Get("payment_intent_data[metadata][key]")),
	}
	if page["mode"] == "payment" && (form.Get("payment_intent_data[capture_method]") != "manual" || form.Get("success_url") == "") {
		return refusal(http.StatusBadRequest, "invalid_request_error", "parameter_missing", "A page needs more.")
	}
	s.page[id] = page
	return ok(page)
}

func (s *Server) onPage(parts []string) answer {
	page := s.page[parts[2]]
	switch {
	case page == nil:
		return refusal(http.StatusNotFound, "invalid_request_error", "resource_missing", "No such checkout.session: "+parts[2])
	case len(parts) == 4 && page["status"] != "open":
		return refusal(http.StatusBadRequest, "invalid_request_error", "", "Only Checkout Sessions with a status in [\"open\"] can be expired.")
	case len(parts) == 4:
		page["status"] = "expired"
	}
	return ok(page)
}

func intentOf(amount, currency, customer, key string) object {
	var n int64
	_, _ = fmt.Sscan(amount, &n)
	return object{
		"object": "payment_intent", "amount": n, "currency": currency, "customer": customer, "metadata": object{"key": key},
		"latest_charge": object{"id": "ch_test", "object": "charge", "refunded": false},
	}
}

func (s *Server) newIntent(made object) object {
	made["id"], made["created"] = s.newID("pi"), s.clock.Now().Unix()
	s.intent[made["id"].(string)] = made
	return made
}

func (s *Server) charge(form url.Values) answer {
	if form.Get("capture_method") != "manual" || form.Get("off_session") != "true" || form.Get("confirm") != "true" {
		return refusal(http.StatusBadRequest, "invalid_request_error", "parameter_missing", "A payment needs more.")
	}
	made := s.newIntent(intentOf(form.Get("amount"), form.Get("currency"), form.Get("customer"), form.Get("metadata[key]")))
	switch form.Get("payment_method") {
	case Declines:
		made["status"] = "requires_payment_method"
		return refusal(http.StatusPaymentRequired, "card_error", "card_declined", "Your card was declined.")
	case Confirms:
		made["status"] = "requires_payment_method"
		return refusal(http.StatusPaymentRequired, "card_error", "authentication_required", "Your card was declined. This transaction requires authentication.")
	}
	made["status"] = "requires_capture"
	return ok(made)
}

func (s *Server) intents(customer string) []object {
	all := []object{}
	for _, i := range s.intent {
		if i["customer"] == customer {
			all = append(all, i)
		}
	}
	return all
}

func (s *Server) onIntent(parts []string) answer {
	i := s.intent[parts[1]]
	if i == nil {
		return refusal(http.StatusNotFound, "invalid_request_error", "resource_missing", "No such payment_intent: "+parts[1])
	}
	if len(parts) == 2 {
		return ok(i)
	}
	if i["status"] != "requires_capture" {
		return refusal(http.StatusBadRequest, "invalid_request_error", "payment_intent_unexpected_state", "This PaymentIntent could not be moved.")
	}
	i["status"] = map[string]string{"capture": "succeeded", "cancel": "canceled"}[parts[2]]
	return ok(i)
}

func (s *Server) refund(intent string) answer {
	i := s.intent[intent]
	if i == nil || i["status"] != "succeeded" {
		return refusal(http.StatusBadRequest, "invalid_request_error", "resource_missing", "There is nothing to refund.")
	}
	charge := i["latest_charge"].(object)
	if charge["refunded"].(bool) {
		return refusal(http.StatusBadRequest, "invalid_request_error", "charge_already_refunded", "Charge has already been refunded.")
	}
	charge["refunded"] = true
	return ok(object{"id": s.newID("re"), "object": "refund", "status": "succeeded", "payment_intent": intent})
}
