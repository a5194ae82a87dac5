package resellerclub_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/registrar"
	"vitrine/internal/registrar/registrartest"
	"vitrine/internal/registrar/resellerclub"
	"vitrine/internal/registrar/resellerclub/resellerclubtest"
)

var began = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

func settings(address string, c clock.Clock) resellerclub.Settings {
	return resellerclub.Settings{
		Endpoint: address + "/api/", ResellerID: resellerclubtest.ResellerID, Key: resellerclubtest.Key, Currency: "USD", Poll: time.Millisecond, Clock: c,
	}
}

// start returns a registrar in front of which a wire can cut the connection.
func start(t *testing.T) (*resellerclubtest.Server, *registrartest.Wire, *resellerclub.Provider, *clock.Fixed) {
	t.Helper()
	c := clock.At(began)
	s := resellerclubtest.New(c, 0)
	w := registrartest.NewWire(t, s, 0)
	return s, w, resellerclub.New(settings(w.URL, c)), c
}

func TestResellerClub_conforms(t *testing.T) {
	t.Parallel()
	registrartest.Run(t, func(t *testing.T) registrartest.Subject {
		s, w, p, c := start(t)
		return registrartest.Subject{
			Provider: p, Clock: c, TLD: "com", Taken: "mystore.io", Raise: s.Raise, Hold: s.Hold, Settle: s.Settle,
			Lose: func(late bool) { w.Lose(resellerclubtest.IsOrder, late) },
		}
	})
}

func order(t *testing.T, p *resellerclub.Provider, domain string) registrar.Purchase {
	t.Helper()
	offer, err := p.CheckAvailability(t.Context(), domain)
	if err != nil {
		t.Fatal(err)
	}
	return registrar.Purchase{Offer: offer, Years: 1, Contact: registrartest.Contact, Nameservers: registrartest.Servers, Since: began}
}

// What the API is known to say to an order, and what it means: only what is surely a
// refusal lets go of the money.
func TestResellerClub_errorsMeanWhatTheyAreKnownToMean(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]registrar.Kind{
		"Insufficient balance in your account":              registrar.Pending,
		"Low funds":                                         registrar.Pending,
		"INSUFFICIENT FUNDS":                                registrar.Pending,
		"Credit limit exceeded":                             registrar.Pending,
		"Please contact support":                            registrar.Pending,
		"Order Locked for processing":                       registrar.Pending,
		"x.com already exists in our database":              registrar.Pending,
		"There is a pending order":                          registrar.Pending,
		"There is already an action pending on this Order.": registrar.Pending,
		"A Domain Name cannot be extended beyond 10 years":  registrar.Refused,
		"Domain already renewed.":                           registrar.Refused,
		"NameServer ns1.x is not a valid Nameserver":        registrar.Refused,
		"Invalid contact-id":                                registrar.BadContact,
		"Something that nobody has ever seen":               registrar.Refused, // the details say that nothing happened
	} {
		s, _, p, _ := start(t)
		o := order(t, p, "mystore.com")
		s.Refuse(text)
		if _, err := p.PurchaseDomain(t.Context(), o); err == nil || registrar.KindOf(err) != want || !strings.Contains(err.Error(), text) {
			t.Errorf("%q means %v, of kind %d, want %d", text, err, registrar.KindOf(err), want)
		}
	}
}

// reply serves one answer to everything.
func reply(t *testing.T, status int, kind, body string) *resellerclub.Provider {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	return resellerclub.New(settings(s.URL, clock.At(began)))
}

func TestResellerClub_readsEveryFormOfAnswer(t *testing.T) {
	t.Parallel()
	const isJSON, isHTML = "application/json", "text/html; charset=UTF-8"
	for _, x := range []struct {
		status     int
		kind, body string
		want       registrar.Kind
	}{
		{200, isJSON, `{"status":"ERROR","message":"Website doesn't exist for mystore.com"}`, registrar.NotOurs},
		{500, isJSON, `{"status":"ERROR","message":"Website doesn't exist for mystore.com"}`, registrar.NotOurs},
		{500, isJSON, `{"status":"error","error":"No Entity found for Entityid: 1"}`, registrar.NotOurs},
		{200, isJSON, `{"status":"Failed","actionstatusdesc":"It did not work"}`, registrar.Refused},
		{200, isJSON, `{"status":"InvoicePaid","error":"Something"}`, registrar.Pending},
		{500, isJSON, `{"status":"ERROR"}`, registrar.Refused},
		{403, isHTML, `<html>Cloudflare</html>`, registrar.Unreachable},
		{429, isJSON, `{}`, registrar.Limited},
		{502, isHTML, `<html>Bad gateway</html>`, registrar.Unanswered},
		{500, isJSON, `{}`, registrar.Unanswered},
		{200, isJSON, `{"orderid":`, registrar.Unanswered},
		{200, isJSON, `[]`, registrar.Unanswered},
		{200, isJSON, `33566240`, registrar.Unanswered},
		{200, isJSON, `{"orderid":1,"currentstatus":"InActive"}`, registrar.Pending},
		{200, isJSON, `{"orderid":"1","currentstatus":"Active","endtime":"1800000000","actiontype":"RenewDomain","actionstatus":"PENDING_SOMETHING"}`, registrar.Pending},
		{200, isJSON, `{"orderid":"1","currentstatus":"Deleted","endtime":"1800000000"}`, registrar.NotOurs},
		{200, isJSON, `{"orderid":"1","currentstatus":"Active"}`, registrar.Unanswered},
	} {
		_, err := reply(t, x.status, x.kind, x.body).GetDomainInfo(t.Context(), "mystore.com")
		if err == nil || registrar.KindOf(err) != x.want {
			t.Errorf("%d %s is %v, of kind %d, want %d", x.status, x.body, err, registrar.KindOf(err), x.want)
		}
	}
	good := `{"error":"NoError","orderid":12,"currentstatus":"Active","creationtime":1700000000,"endtime":"1800000000","cns":[],"ns1":"NS1.x.com","ns2":"ns2.x.com","actiontype":"ModNS","actionstatus":"Pending"}`
	got, err := reply(t, 200, isJSON, good).GetDomainInfo(t.Context(), "mystore.com")
	if err != nil || got.OrderID != "12" || !got.Expires.Equal(time.Unix(1800000000, 0)) || len(got.Nameservers) != 2 || got.Nameservers[0] != "ns1.x.com" {
		t.Errorf("%+v, %v", got, err)
	}
}

// The key is in addresses, and a server may say it back: no error has it.
func TestResellerClub_keepsItsKeyToItself(t *testing.T) {
	t.Parallel()
	providers := []*resellerclub.Provider{
		reply(t, 500, "application/json", `{"status":"ERROR","message":"bad key `+resellerclubtest.Key+`"}`),
		reply(t, 302, "text/html", "elsewhere"),
		resellerclub.New(settings("http://127.0.0.1:1", clock.At(began))),
		resellerclub.New(settings("http://\x7f", clock.At(began))),
	}
	cut := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(cut.Close)
	providers = append(providers, resellerclub.New(settings(cut.URL, clock.At(began))))
	for _, p := range providers {
		_, info := p.GetDomainInfo(t.Context(), "mystore.com")
		_, search := p.SearchDomains(t.Context(), "mystore", []string{"com"})
		set := p.SetNameservers(t.Context(), "mystore.com", registrartest.Servers)
		for _, err := range []error{info, search, set} {
			if err == nil || strings.Contains(err.Error(), resellerclubtest.Key) || strings.Contains(err.Error(), url.QueryEscape(resellerclubtest.Key)) {
				t.Errorf("the error %v", err)
			}
		}
	}
}

func TestResellerClub_readsItsPricesOnceAnHour(t *testing.T) {
	t.Parallel()
	c := clock.At(began)
	s := resellerclubtest.New(c, 0)
	asked := 0
	counting := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "customer-price.json") {
			asked++
		}
		s.ServeHTTP(w, r)
	}))
	t.Cleanup(counting.Close)
	p := resellerclub.New(settings(counting.URL, c))
	for range 20 {
		c.Advance(5 * time.Minute)
		if _, err := p.SearchDomains(t.Context(), "mystore", []string{"com", "net"}); err != nil {
			t.Fatal(err)
		}
	}
	if asked != 2 {
		t.Errorf("in 95 minutes it asked for prices %d times", asked)
	}
	s.Raise()
	offers, err := p.SearchDomains(t.Context(), "mystore", []string{"com"})
	counting.Close()
	c.Advance(2 * time.Hour)
	if err != nil || offers[0].Price != 1299 {
		t.Errorf("%+v, %v", offers, err)
	}
}

func TestResellerClub_whatARegistryDoesNotSayIsUnknown(t *testing.T) {
	t.Parallel()
	s, _, p, _ := start(t)
	s.Mute("io")
	offers, err := p.SearchDomains(t.Context(), "mystore", strings.Fields("com us io store net org info xyz boutique nosuchtld"))
	if err != nil || len(offers) != 8 {
		t.Fatalf("%d offers, %v", len(offers), err)
	}
	for _, o := range offers {
		if unknown := o.Domain == "mystore.io"; o.Unknown != unknown || o.Available == unknown {
			t.Errorf("%+v", o)
		}
	}
}

func TestResellerClub_premiumNamesHaveTheirPrice(t *testing.T) {
	t.Parallel()
	s, _, p, _ := start(t)
	s.Premium("gold.com", 250_000)
	o := order(t, p, "gold.com")
	if !o.Premium || o.Price != 250_000 || o.Renewal != 250_000 {
		t.Errorf("the offer %+v", o.Offer)
	}
	if got, err := p.PurchaseDomain(t.Context(), o); err != nil || got.Domain != "gold.com" {
		t.Errorf("%+v, %v", got, err)
	}
	s.Premium("silver.com", 100_000)
	o = order(t, p, "silver.com")
	s.Premium("silver.com", 200_000)
	if _, err := p.PurchaseDomain(t.Context(), o); registrar.KindOf(err) != registrar.PriceChanged {
		t.Errorf("at another price: %v", err)
	}
}

func TestResellerClub_suggestsNamesThatAreFree(t *testing.T) {
	t.Parallel()
	_, _, p, _ := start(t)
	offers, err := p.Suggest(t.Context(), "mystore", []string{"com", "io"})
	if err != nil || len(offers) != 6 || offers[0].Domain != "mystoreshop.com" || offers[0].Price != 1299 {
		t.Errorf("%+v, %v", offers, err)
	}
}

func TestResellerClub_takesContactsThatItsRegistriesTake(t *testing.T) {
	t.Parallel()
	_, _, p, _ := start(t)
	for number, good := range map[string]bool{"+12125550100": true, "+35312345678": true, "+4930123": true, "+441": false, "+999123": false, "+1123456789012": true, "+11234567890123": false} {
		c := registrartest.Contact
		c.Phone = number
		if wrong := p.CheckContact(c); (wrong["phone"] == "") != good {
			t.Errorf("%s: %v", number, wrong)
		}
	}
	c := registrartest.Contact
	c.LastName, c.Address = strings.Repeat("x", 61), strings.Repeat("street ", 40)
	if wrong := p.CheckContact(c); wrong["last_name"] == "" || wrong["address"] == "" {
		t.Errorf("%v", wrong)
	}
	o := order(t, p, "mystore.com")
	o.Contact.Phone, o.Contact.State, o.Contact.Address = "+35312345678", "", strings.Repeat("street ", 20)
	if _, err := p.PurchaseDomain(t.Context(), o); err != nil {
		t.Error(err)
	}
}
