package squarespace_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/registrar"
	"vitrine/internal/registrar/registrartest"
	"vitrine/internal/registrar/squarespace"
	"vitrine/internal/registrar/squarespace/squarespacetest"
)

var began = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// start returns a registrar in front of which a wire can cut the connection. What goes
// over it is held against Google's own description of the API.
func start(t *testing.T) (*squarespacetest.Server, *registrartest.Wire, *squarespace.Provider, *clock.Fixed) {
	t.Helper()
	c := clock.At(began)
	s := squarespacetest.New(c, 0)
	w := registrartest.NewWire(t, &described{t: t, api: discovery(t), next: s}, 0)
	return s, w, provider(t, s, w.URL, c), c
}

func provider(t *testing.T, s *squarespacetest.Server, address string, c clock.Clock) *squarespace.Provider {
	t.Helper()
	p, err := squarespace.New(squarespace.Settings{Endpoint: address, Account: s.Account(address), Currency: "USD", Poll: time.Millisecond, Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSquarespace_conforms(t *testing.T) {
	t.Parallel()
	registrartest.Run(t, func(t *testing.T) registrartest.Subject {
		s, w, p, c := start(t)
		return registrartest.Subject{
			Provider: p, Clock: c, TLD: "com", Taken: "mystore.io", Raise: s.Raise, Hold: s.Hold, Settle: s.Settle,
			Lose: func(late bool) { w.Lose(squarespacetest.IsOrder, late) },
		}
	})
}

func order(t *testing.T, p *squarespace.Provider, domain string) registrar.Purchase {
	t.Helper()
	offer, err := p.CheckAvailability(t.Context(), domain)
	if err != nil {
		t.Fatal(err)
	}
	return registrar.Purchase{Offer: offer, Years: 1, Contact: registrartest.Contact, Nameservers: registrartest.Servers, Key: "key", Since: began}
}

func TestSquarespace_saysBackWhatANameDemands(t *testing.T) {
	t.Parallel()
	_, _, p, _ := start(t)
	for name, price := range map[string]int64{"mystore.dev": 1250, "shop.io": 6000, "mystore.store": 2499} { // HSTS, no privacy, cents
		o := order(t, p, name)
		if int64(o.Price) != price {
			t.Errorf("%s costs %d", name, o.Price)
		}
		if _, err := p.PurchaseDomain(t.Context(), o); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSquarespace_aRegistrationThatFailedCanBeTriedAgain(t *testing.T) {
	t.Parallel()
	s, _, p, _ := start(t)
	for reason, kind := range map[string]registrar.Kind{
		"DOMAIN_NOT_AVAILABLE": registrar.Taken, "INVALID_CONTACTS": registrar.BadContact, "REGISTER_FAILURE_REASON_UNKNOWN": registrar.NotOurs,
	} {
		o := order(t, p, strings.ToLower(strings.ReplaceAll(reason, "_", "-"))+".com")
		s.Fail(reason)
		if _, err := p.PurchaseDomain(t.Context(), o); err == nil || registrar.KindOf(err) != kind {
			t.Errorf("%s is %v", reason, err)
		}
		if got, err := p.PurchaseDomain(t.Context(), o); err != nil || got.Domain != o.Domain {
			t.Errorf("again after %s: %+v, %v", reason, got, err)
		}
	}
}

func TestSquarespace_googleDoesNotRenewByItself(t *testing.T) {
	t.Parallel()
	s, _, p, _ := start(t)
	if _, err := p.PurchaseDomain(t.Context(), order(t, p, "mystore.com")); err != nil || !s.RenewsItself("mystore.com") {
		t.Fatal(err)
	}
	if err := p.SetNameservers(t.Context(), "mystore.com", registrartest.Servers); err != nil || s.RenewsItself("mystore.com") {
		t.Errorf("it renews itself: %v", err)
	}
}

func TestSquarespace_aRenewalThatIsUnderWayIsPending(t *testing.T) {
	t.Parallel()
	s, _, p, c := start(t)
	first, err := p.PurchaseDomain(t.Context(), order(t, p, "mystore.com"))
	if err != nil {
		t.Fatal(err)
	}
	c.Advance(first.Expires.Sub(began) + 29*24*time.Hour)
	s.Hold()
	_, err = p.RenewDomain(t.Context(), registrar.Renewal{Offer: order(t, p, "mystore.com").Offer, Years: 1, Expires: first.Expires})
	if registrar.KindOf(err) != registrar.Pending {
		t.Errorf("while it is under way: %v", err)
	}
	if _, err := p.GetDomainInfo(t.Context(), "mystore.com"); registrar.KindOf(err) != registrar.Pending {
		t.Errorf("asked about: %v", err)
	}
	s.Settle()
	if got, err := p.GetDomainInfo(t.Context(), "mystore.com"); err != nil || !got.Expires.Equal(registrar.After(first.Expires, 1)) {
		t.Errorf("then: %+v, %v", got, err)
	}
}

func TestSquarespace_knowsServiceAccounts(t *testing.T) {
	t.Parallel()
	s, w, _, c := start(t)
	for _, bad := range []string{"", "AIzaSyPlainKey", "{}", `{"type":"service_account","private_key":"secret-key"}`, `{"type":"authorized_user","client_id":"secret-key"}`} {
		if _, err := squarespace.New(squarespace.Settings{Endpoint: w.URL, Account: []byte(bad), Clock: c}); err == nil || strings.Contains(err.Error(), "secret-key") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	p, secrets := provider(t, s, w.URL, c), s.Secrets()
	s.Rekey()
	_, err := p.CheckAvailability(t.Context(), "mystore.com")
	if registrar.KindOf(err) != registrar.Unreachable {
		t.Errorf("with another key: %v", err)
	}
	for _, secret := range append(s.Secrets(), secrets...) {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error has a secret: %v", err)
		}
	}
}

func TestSquarespace_errorsTellWhatHappened(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		status int
		body   string
		want   registrar.Kind
	}{
		{400, `{"error":{"code":400,"message":"No.","status":"FAILED_PRECONDITION"}}`, registrar.Refused},
		{400, `{"error":{"code":400,"message":"The yearly_price is wrong","status":"INVALID_ARGUMENT"}}`, registrar.PriceChanged},
		{400, `{"error":{"code":400,"message":"Invalid contact","status":"INVALID_ARGUMENT"}}`, registrar.BadContact},
		{403, `{"error":{"code":403,"message":"The caller does not have permission","status":"PERMISSION_DENIED"}}`, registrar.Unreachable},
		{404, `{"error":{"code":404,"message":"Not found","status":"NOT_FOUND"}}`, registrar.NotOurs},
		{409, `{"error":{"code":409,"message":"It exists","status":"ALREADY_EXISTS"}}`, registrar.Taken},
		{429, `{"error":{"code":429,"message":"Quota exceeded","status":"RESOURCE_EXHAUSTED"}}`, registrar.Limited},
		{500, `{"error":{"code":500,"message":"Internal","status":"INTERNAL"}}`, registrar.Unanswered},
		{503, `<html>`, registrar.Unanswered},
		{200, `<html>`, registrar.Unanswered},
	} {
		c := clock.At(began)
		s := squarespacetest.New(c, 0)
		listening := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/token" {
				s.ServeHTTP(w, r)
				return
			}
			w.WriteHeader(x.status)
			_, _ = w.Write([]byte(x.body))
		}))
		p := provider(t, s, listening.URL, c)
		if _, err := p.GetDomainInfo(t.Context(), "mystore.com"); err == nil || registrar.KindOf(err) != x.want {
			t.Errorf("%d %s is %v, of kind %d, want %d", x.status, x.body, err, registrar.KindOf(err), x.want)
		}
		listening.Close()
		if _, err := p.GetDomainInfo(t.Context(), "mystore.com"); registrar.KindOf(err) != registrar.Unanswered {
			t.Errorf("nobody there: %v", err)
		}
	}
}

func TestSquarespace_wantsAStateWhereAddressesHaveOne(t *testing.T) {
	t.Parallel()
	_, _, p, _ := start(t)
	c := registrartest.Contact
	c.State = ""
	if wrong := p.CheckContact(c); wrong["state"] == "" {
		t.Error("an address in the US without a state is taken")
	}
	c.Country = "IE"
	if wrong := p.CheckContact(c); len(wrong) > 0 {
		t.Errorf("%v", wrong)
	}
}

func TestSquarespace_aRegistryThatIsSilentHoldsUpNobody(t *testing.T) {
	t.Parallel()
	c := clock.At(began)
	s := squarespacetest.New(c, 0)
	gone := make(chan struct{})
	listening := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Query().Get("domainName"), ".io") {
			select {
			case <-r.Context().Done():
			case <-gone:
			}
			return
		}
		s.ServeHTTP(w, r)
	}))
	t.Cleanup(listening.Close)
	t.Cleanup(func() { close(gone) })
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second) // which the others have to answer
	defer cancel()
	offers, err := provider(t, s, listening.URL, c).SearchDomains(ctx, "mystore", []string{"com", "io", "nosuchtld", "store"})
	if err != nil || len(offers) != 3 {
		t.Fatalf("%+v, %v", offers, err)
	}
	for _, o := range offers {
		if silent := o.Domain == "mystore.io"; o.Unknown != silent || o.Available == silent {
			t.Errorf("%+v", o)
		}
	}
}
