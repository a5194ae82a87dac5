// Package resellerclub buys names at ResellerClub, over the HTTP API of LogicBoxes.
//
// The API has no keys against doing a thing twice: a name can be registered once, and
// a renewal names the end that it moves. Its answers come with any status, its success
// can mean that an order is queued, and what really happened stands in the details of
// the name. Registrations never renew themselves there: the platform does it.
package resellerclub

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/money"
	"vitrine/internal/registrar"
)

// Settings are what an account at ResellerClub is reached with.
type Settings struct {
	Endpoint   string // https://httpapi.com/api/
	ResellerID string
	Key        string
	Currency   money.Currency // that the account sells in: the API does not say
	Timeout    time.Duration  // of one call; 0: 15 s
	Poll       time.Duration  // between two looks at an order; 0: 2 s
	Clock      clock.Clock
}

// Provider implements registrar.Provider, registrar.Suggester and registrar.Picky.
type Provider struct {
	Settings
	endpoint string
	client   *http.Client

	mu    sync.Mutex
	goods *catalogue
}

// New returns a provider.
func New(s Settings) *Provider {
	if s.Timeout == 0 {
		s.Timeout = 15 * time.Second
	}
	if s.Poll == 0 {
		s.Poll = 2 * time.Second
	}
	// The key is in addresses: nobody else gets one.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Provider{Settings: s, endpoint: strings.TrimSuffix(s.Endpoint, "/") + "/", client: &http.Client{CheckRedirect: stay}}
}

// sold are the TLDs that need no attributes of their own; which of them an account
// sells stands in its catalogue.
var sold = strings.Fields(`com net org info biz mobi io co me cc tv xyz online site store shop tech app dev club top icu live blog art design
	agency boutique business center city cloud company consulting digital directory email events fashion fun gallery global group guru
	international life marketing media network news one page photography plus press pub rocks run services site social software
	solutions space studio support systems team technology today tools top training vip website work works world zone`)

// Capabilities implements registrar.Provider.
func (p *Provider) Capabilities() registrar.Capabilities {
	return registrar.Capabilities{TLDs: sold, MaxFirstTerm: registrar.MaxYears, EarlyRenewal: true, Asynchronous: true, Premium: true, Currency: p.Currency}
}

// PurchaseDomain implements registrar.Provider.
func (p *Provider) PurchaseDomain(ctx context.Context, order registrar.Purchase) (registrar.Registration, error) {
	if there, err := p.look(ctx, order.Domain); registrar.KindOf(err) != registrar.NotOurs {
		return ofOurs(order, there, err)
	}
	if err := p.sells(ctx, order); err != nil {
		return registrar.Registration{}, err
	}
	customer, err := p.customer(ctx, order.Contact)
	if err != nil {
		return registrar.Registration{}, before(err)
	}
	contact, err := p.contact(ctx, customer, order.Contact)
	if err != nil {
		return registrar.Registration{}, before(err)
	}
	params := url.Values{
		"domain-name": {order.Domain}, "years": {strconv.Itoa(order.Years)}, "ns": order.Nameservers, "customer-id": {customer},
		"reg-contact-id": {contact}, "admin-contact-id": {contact}, "tech-contact-id": {contact}, "billing-contact-id": {contact},
		"invoice-option": {"NoInvoice"}, "auto-renew": {"false"},
	}
	asPremium(params, order.Offer)
	_, err = p.post(ctx, "domains/register", params)
	return p.became(ctx, order.Domain, err, func(details) bool { return true })
}

// ofOurs is what becomes of an order of a name that is ours already: it is this one,
// or the name is taken.
func ofOurs(order registrar.Purchase, there details, err error) (registrar.Registration, error) {
	switch {
	case err != nil:
		return registrar.Registration{}, before(err)
	case there.created().Before(order.Since.Truncate(time.Second)):
		return registrar.Registration{}, registrar.Errorf(registrar.Taken, "%s is taken.", order.Domain)
	}
	return there.registration()
}

// asPremium says that a name costs more than others.
func asPremium(params url.Values, o registrar.Offer) {
	if o.Premium {
		params.Set("attr-name1", "premium")
		params.Set("attr-value1", "true")
	}
}

// sells checks that a name is still sold as it was agreed to.
func (p *Provider) sells(ctx context.Context, order registrar.Purchase) error {
	now, good, err := p.offer(ctx, order.Domain, freshPrices)
	switch {
	case err != nil:
		return before(err)
	case now.Unknown:
		return registrar.Errorf(registrar.Unreachable, "The registry of %s does not answer.", order.Domain)
	case !now.Available:
		return registrar.Errorf(registrar.Taken, "%s is taken.", order.Domain)
	case order.Years < good.years[0] || order.Years > good.years[1]:
		return registrar.Errorf(registrar.Unsupported, "%s is sold for %d to %d years.", order.Domain, good.years[0], good.years[1])
	case now.Total(order.Years) != order.Total(order.Years):
		return registrar.Errorf(registrar.PriceChanged, "%s costs %s %s by now.", order.Domain, p.Currency.Format(now.Price), p.Currency)
	}
	return nil
}

// RenewDomain implements registrar.Provider.
func (p *Provider) RenewDomain(ctx context.Context, order registrar.Renewal) (registrar.Registration, error) {
	there, err := p.look(ctx, order.Domain)
	if err == nil {
		_, err = there.registration()
	}
	if err == nil {
		err = p.renews(ctx, there, order)
	}
	if err != nil {
		return registrar.Registration{}, before(err)
	}
	params := url.Values{
		"order-id": {string(there.OrderID)}, "years": {strconv.Itoa(order.Years)}, "exp-date": {string(there.EndTime)},
		"invoice-option": {"NoInvoice"}, "auto-renew": {"false"},
	}
	asPremium(params, order.Offer)
	r, err := p.post(ctx, "domains/renew", params)
	got, err := p.became(ctx, order.Domain, err, func(now details) bool { return now.expires().After(order.Expires) })
	var done struct {
		Action scalar `json:"eaqid"`
	}
	if err == nil && r != nil && r.as(&done) == nil && done.Action != "" {
		got.OrderID = string(done.Action)
	}
	return got, err
}

// renews checks that a name of ours can be renewed as it was agreed to.
func (p *Provider) renews(ctx context.Context, there details, order registrar.Renewal) error {
	if !there.expires().Equal(order.Expires.Truncate(time.Second)) {
		return registrar.Errorf(registrar.Refused, "Domain already renewed.")
	}
	if registrar.After(order.Expires, order.Years).After(registrar.After(p.Clock.Now(), registrar.MaxYears)) {
		return registrar.Errorf(registrar.Refused, "A domain name cannot be extended beyond ten years.")
	}
	now, good, err := p.offer(ctx, order.Domain, freshPrices)
	switch {
	case err != nil:
		return err
	case order.Years < good.renewals[0] || order.Years > good.renewals[1]:
		return registrar.Errorf(registrar.Unsupported, "%s is renewed for %d to %d years.", order.Domain, good.renewals[0], good.renewals[1])
	case now.Renewal != order.Renewal:
		return registrar.Errorf(registrar.PriceChanged, "%s costs %s %s a year by now.", order.Domain, p.Currency.Format(now.Renewal), p.Currency)
	}
	return nil
}

// looks is how often an order is looked at before it counts as pending.
const looks = 3

// became tells what became of an order that was answered with err. Success can mean
// that it is queued, and words that nobody knows can mean anything: what counts is
// what the details say.
func (p *Provider) became(ctx context.Context, domain string, err error, done func(details) bool) (registrar.Registration, error) {
	if err != nil && (registrar.KindOf(err) != strange || understood(err)) {
		return registrar.Registration{}, err
	}
	for try := range looks {
		there, lookErr := p.look(ctx, domain)
		if lookErr == nil {
			if got, notYet := there.registration(); notYet == nil && done(there) {
				return got, nil
			}
		}
		if err != nil {
			return registrar.Registration{}, refusedWhere(there, lookErr, err)
		}
		if try < looks-1 && pause(ctx, p.Poll) != nil {
			break
		}
	}
	return registrar.Registration{}, errPending
}

// refusedWhere is what words that nobody knows mean where the details say this.
func refusedWhere(there details, lookErr, said error) error {
	switch {
	case lookErr == nil && there.open():
		return errPending
	case lookErr == nil, registrar.KindOf(lookErr) == registrar.NotOurs:
		return said
	}
	return registrar.Errorf(registrar.Unanswered, "%w", said)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

var errPending = registrar.Errorf(registrar.Pending, "ResellerClub has the order and is not through with it.")

// SetNameservers implements registrar.Provider.
func (p *Provider) SetNameservers(ctx context.Context, domain string, nameservers []string) error {
	there, err := p.look(ctx, domain)
	if err != nil {
		return before(err)
	}
	_, err = p.post(ctx, "domains/modify-ns", url.Values{"order-id": {string(there.OrderID)}, "ns": nameservers})
	if err != nil && strings.Contains(strings.ToLower(err.Error()), "same value for new and old nameservers") {
		return nil
	}
	return err
}

// GetDomainInfo implements registrar.Provider.
func (p *Provider) GetDomainInfo(ctx context.Context, domain string) (registrar.Registration, error) {
	there, err := p.look(ctx, domain)
	if err != nil {
		return registrar.Registration{}, err
	}
	return there.registration()
}

// details are what the API says of a name in the account.
type details struct {
	Domain       string
	OrderID      scalar `json:"orderid"`
	Status       scalar `json:"currentstatus"`
	Created      scalar `json:"creationtime"`
	EndTime      scalar `json:"endtime"`
	ActionType   scalar `json:"actiontype"`
	ActionStatus scalar `json:"actionstatus"`
	servers      []string
}

// look reads the details of a name. A name that the account had once is not ours.
func (p *Provider) look(ctx context.Context, domain string) (details, error) {
	r, err := p.get(ctx, "domains/details-by-name", url.Values{"domain-name": {domain}, "options": {"OrderDetails", "NsDetails", "StatusDetails"}})
	if err != nil {
		return details{}, err
	}
	d := details{Domain: domain}
	if err := r.as(&d); err != nil {
		return details{}, err
	}
	var all map[string]scalar
	if err := r.as(&all); err != nil {
		return details{}, err
	}
	for i := 1; all["ns"+strconv.Itoa(i)] != ""; i++ {
		d.servers = append(d.servers, strings.ToLower(string(all["ns"+strconv.Itoa(i)])))
	}
	if d.Status == "Deleted" || d.Status == "Archived" {
		return details{}, registrar.Errorf(registrar.NotOurs, "ResellerClub: %s was deleted.", domain)
	}
	return d, nil
}

// opening are the actions that decide whether a name is ours, and for how long.
var opening = []string{"AddNewDomain", "AddTransferDomain", "RenewDomain", "RestoreDomain"}

// open tells whether an order of the name is under way. Whatever is neither a success
// nor a failure is.
func (d details) open() bool {
	if d.Status == "InActive" || d.OrderID == "" {
		return true
	}
	return d.ActionType != "" && slices.Contains(opening, string(d.ActionType)) && d.ActionStatus != "Success" && d.ActionStatus != "Failed"
}

func (d details) registration() (registrar.Registration, error) {
	switch {
	case d.open():
		return registrar.Registration{}, errPending
	case d.EndTime == "":
		return registrar.Registration{}, registrar.Errorf(registrar.Unanswered, "ResellerClub does not say when %s ends.", d.Domain)
	}
	return registrar.Registration{Domain: d.Domain, OrderID: string(d.OrderID), Created: d.created(), Expires: d.expires(), Nameservers: d.servers}, nil
}

func (d details) created() time.Time { return d.Created.time() }

func (d details) expires() time.Time { return d.EndTime.time() }

// time reads seconds since 1970.
func (s scalar) time() time.Time {
	seconds, err := strconv.ParseInt(string(s), 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}
