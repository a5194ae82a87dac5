// Package squarespace buys names at Squarespace, over the API of Google Cloud Domains,
// which it took over.
//
// Names are registered for one year, and are renewed one by one once they have ended:
// before that only Google itself renews, which is turned off, so that nothing is
// renewed twice. Every order is an operation that takes minutes.
package squarespace

import (
	"context"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
	"google.golang.org/api/domains/v1"
	"google.golang.org/api/option"

	"vitrine/internal/clock"
	"vitrine/internal/money"
	"vitrine/internal/registrar"
)

// Settings are what a project at Google is reached with.
type Settings struct {
	Endpoint string // https://domains.googleapis.com/
	Account  []byte // the key of a service account, as JSON
	Project  string // empty: that of the service account
	Currency money.Currency
	Timeout  time.Duration // of one call; 0: 15 s
	Poll     time.Duration // between two looks at an order; 0: 3 s
	Clock    clock.Clock
}

// Provider implements registrar.Provider and registrar.Picky.
type Provider struct {
	Settings
	parent        string
	registrations *domains.ProjectsLocationsRegistrationsService
	operations    *domains.ProjectsLocationsOperationsService

	mu     sync.Mutex
	prices map[string]price // by TLDs
}

// New returns a provider.
func New(s Settings) (*Provider, error) {
	if s.Timeout == 0 {
		s.Timeout = 15 * time.Second
	}
	if s.Poll == 0 {
		s.Poll = 3 * time.Second
	}
	account, err := google.JWTConfigFromJSON(s.Account, domains.CloudPlatformScope)
	if err != nil {
		return nil, errAccount // what the library says may quote the key
	}
	if s.Project == "" {
		s.Project = projectOf(s.Account)
	}
	if s.Project == "" || account.TokenURL == "" {
		return nil, errAccount
	}
	plain := &http.Client{Timeout: s.Timeout}
	tokens := account.TokenSource(context.WithValue(context.Background(), oauth2.HTTPClient, plain))
	client := &http.Client{Timeout: s.Timeout, Transport: &oauth2.Transport{Source: tokens}}
	service, err := domains.NewService(context.Background(), option.WithHTTPClient(client), option.WithEndpoint(strings.TrimSuffix(s.Endpoint, "/")+"/"))
	if err != nil {
		return nil, err
	}
	return &Provider{
		Settings: s, parent: "projects/" + s.Project + "/locations/global", prices: map[string]price{},
		registrations: service.Projects.Locations.Registrations, operations: service.Projects.Locations.Operations,
	}, nil
}

// sold are TLDs that Cloud Domains knows. One that it does not sell any more is
// UNSUPPORTED there.
var sold = strings.Fields(`com net org info biz app dev page io co me cc tv xyz online site store shop tech club live blog design
	agency boutique business center city company consulting digital directory email events gallery global group guru international
	life marketing media network news photography press pub rocks services social software solutions space studio support systems
	team technology today tools training vip website world zone`)

// Capabilities implements registrar.Provider.
func (p *Provider) Capabilities() registrar.Capabilities {
	return registrar.Capabilities{TLDs: sold, MaxFirstTerm: 1, Asynchronous: true, Currency: p.Currency}
}

// attempt is the label that an order's key is kept in.
const attempt = "vitrine-attempt"

// PurchaseDomain implements registrar.Provider.
func (p *Provider) PurchaseDomain(ctx context.Context, order registrar.Purchase) (registrar.Registration, error) {
	if order.Years != 1 {
		return registrar.Registration{}, registrar.Errorf(registrar.Unsupported, "Names are registered here for one year at a time.")
	}
	there, err := p.get(ctx, order.Domain)
	switch {
	case err == nil && slices.Contains(dead, there.State):
		err = p.bury(ctx, order.Domain)
	case err == nil:
		return ofOurs(order, there)
	case registrar.KindOf(err) == registrar.NotOurs:
		err = nil
	}
	var asked *domains.RegisterParameters
	if err == nil {
		asked, err = p.sells(ctx, order)
	}
	if err != nil {
		return registrar.Registration{}, before(err)
	}
	_, err = p.registrations.Register(p.parent, p.request(order, asked)).Context(ctx).Do()
	if err = told(err); err != nil {
		if there, again := p.get(ctx, order.Domain); again == nil && registrar.KindOf(err) == registrar.Taken {
			return ofOurs(order, there)
		}
		return registrar.Registration{}, err
	}
	return p.became(ctx, order.Domain, func(*domains.Registration) bool { return true })
}

// ofOurs is what becomes of an order of a name that is ours already: it is this one,
// or the name is taken.
func ofOurs(order registrar.Purchase, there *domains.Registration) (registrar.Registration, error) {
	if there.Labels[attempt] != order.Key {
		return registrar.Registration{}, registrar.Errorf(registrar.Taken, "%s is taken.", order.Domain)
	}
	return read(there)
}

// dead are the states of what is no registration any more, or never was one.
var dead = []string{"REGISTRATION_FAILED", "TRANSFER_FAILED", "EXPORTED"}

// bury deletes what is left of a registration that failed: only then can the name be
// registered.
func (p *Provider) bury(ctx context.Context, domain string) error {
	if _, err := p.registrations.Delete(p.name(domain)).Context(ctx).Do(); err != nil {
		return told(err)
	}
	for try := 0; ; try++ {
		_, err := p.get(ctx, domain)
		switch {
		case registrar.KindOf(err) == registrar.NotOurs:
			return nil
		case err == nil && try+1 < looks:
			err = pause(ctx, p.Poll)
		case err == nil:
			err = registrar.Errorf(registrar.Unreachable, "What is left of an earlier order of %s is being removed: please try again in a moment.", domain)
		}
		if err != nil {
			return err
		}
	}
}

func (p *Provider) name(domain string) string { return p.parent + "/registrations/" + domain }

// sells checks that a name is still sold as it was agreed to.
func (p *Provider) sells(ctx context.Context, order registrar.Purchase) (*domains.RegisterParameters, error) {
	asked, err := p.parameters(ctx, order.Domain)
	if err != nil {
		return nil, err
	}
	switch asked.Availability {
	case available:
	case unsupported:
		return nil, registrar.Errorf(registrar.Unsupported, "%s is not sold here.", order.Domain)
	case unavailable:
		return nil, registrar.Errorf(registrar.Taken, "%s is taken.", order.Domain)
	default:
		return nil, registrar.Errorf(registrar.Unreachable, "The registry of %s does not answer.", order.Domain)
	}
	now, err := p.amount(asked.YearlyPrice)
	if err == nil && now != order.Price {
		err = registrar.Errorf(registrar.PriceChanged, "%s costs %s %s a year by now.", order.Domain, p.Currency.Format(now), p.Currency)
	}
	return asked, err
}

// request is an order as the API wants it: the price and what it has said of the name
// are said back.
func (p *Provider) request(order registrar.Purchase, asked *domains.RegisterParameters) *domains.RegisterDomainRequest {
	contact := contactOf(order.Contact)
	settings := &domains.ContactSettings{AdminContact: contact, RegistrantContact: contact, TechnicalContact: contact, Privacy: "REDACTED_CONTACT_DATA"}
	r := &domains.RegisterDomainRequest{
		DomainNotices: asked.DomainNotices, YearlyPrice: asked.YearlyPrice,
		Registration: &domains.Registration{
			DomainName: order.Domain, ContactSettings: settings, Labels: map[string]string{attempt: order.Key},
			DnsSettings: &domains.DnsSettings{CustomDns: &domains.CustomDns{NameServers: order.Nameservers}},
		},
	}
	if !slices.Contains(asked.SupportedPrivacy, settings.Privacy) {
		settings.Privacy, r.ContactNotices = "PUBLIC_CONTACT_DATA", []string{"PUBLIC_CONTACT_DATA_ACKNOWLEDGEMENT"}
	}
	return r
}

func contactOf(c registrar.Contact) *domains.Contact {
	return &domains.Contact{Email: c.Email, PhoneNumber: c.Phone, PostalAddress: &domains.PostalAddress{
		Recipients: []string{c.FirstName + " " + c.LastName}, AddressLines: []string{c.Address}, Locality: c.City,
		AdministrativeArea: c.State, PostalCode: c.ZIP, RegionCode: c.Country,
	}}
}

// withStates are countries whose addresses name a state.
var withStates = []string{"US", "CA", "AU"}

// CheckContact implements registrar.Picky.
func (p *Provider) CheckContact(c registrar.Contact) map[string]string {
	if slices.Contains(withStates, c.Country) && c.State == "" {
		return map[string]string{"state": "must not be empty for an address in this country"}
	}
	return nil
}

// renewWithin is how long after its end a name can be renewed.
const renewWithin = 30 * 24 * time.Hour

// RenewDomain implements registrar.Provider.
func (p *Provider) RenewDomain(ctx context.Context, order registrar.Renewal) (registrar.Registration, error) {
	there, err := p.get(ctx, order.Domain)
	if err == nil {
		err = p.renews(ctx, there, order)
	}
	if err != nil {
		return registrar.Registration{}, before(err)
	}
	op, err := p.registrations.RenewDomain(p.name(order.Domain), &domains.RenewDomainRequest{YearlyPrice: p.money(order.Renewal)}).Context(ctx).Do()
	if err = told(err); err != nil {
		return registrar.Registration{}, err
	}
	got, err := p.became(ctx, order.Domain, func(now *domains.Registration) bool { return expires(now).After(order.Expires) })
	if err == nil {
		got.OrderID = path.Base(op.Name)
	}
	return got, err
}

// renews checks that a name of ours can be renewed as it was agreed to.
func (p *Provider) renews(ctx context.Context, there *domains.Registration, order registrar.Renewal) error {
	until, now := expires(there), p.Clock.Now()
	switch {
	case slices.Contains(dead, there.State):
		return registrar.Errorf(registrar.NotOurs, "There is no registration of %s any more.", order.Domain)
	case !until.Equal(order.Expires.Truncate(time.Second)):
		return registrar.Errorf(registrar.Refused, "The domain was renewed already.")
	case order.Years != 1:
		return registrar.Errorf(registrar.Unsupported, "Names are renewed here for one year at a time.")
	case now.Before(until):
		return registrar.Errorf(registrar.Unsupported, "Names are renewed here only once they have ended.")
	case now.After(until.Add(renewWithin)):
		return registrar.Errorf(registrar.Refused, "The domain ended more than 30 days ago.")
	}
	costs, err := p.costs(ctx, order.Domain, freshPrices)
	if err == nil && costs != order.Renewal {
		err = registrar.Errorf(registrar.PriceChanged, "%s costs %s %s a year by now.", order.Domain, p.Currency.Format(costs), p.Currency)
	}
	return err
}

// looks is how often an order is looked at before it counts as pending.
const looks = 3

// became waits a little for what becomes of an order.
func (p *Provider) became(ctx context.Context, domain string, done func(*domains.Registration) bool) (registrar.Registration, error) {
	for range looks {
		there, err := p.get(ctx, domain)
		if err == nil {
			got, err := read(there)
			if err == nil && done(there) || err != nil && !registrar.Open(err) {
				return got, err
			}
		}
		if pause(ctx, p.Poll) != nil {
			break
		}
	}
	return registrar.Registration{}, errPending
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return registrar.Errorf(registrar.Unanswered, "Google does not answer: %w", ctx.Err())
	}
}

var errPending = registrar.Errorf(registrar.Pending, "The registrar has the order and is not through with it.")

// SetNameservers implements registrar.Provider. It sees to it, too, that Google does
// not renew the name: that cannot be said when it is registered.
func (p *Provider) SetNameservers(ctx context.Context, domain string, nameservers []string) error {
	there, err := p.get(ctx, domain)
	if err != nil {
		return before(err)
	}
	if _, err := read(there); err != nil {
		return err
	}
	if !slices.Equal(serversOf(there), nameservers) {
		_, err := p.registrations.ConfigureDnsSettings(p.name(domain), &domains.ConfigureDnsSettingsRequest{
			DnsSettings: &domains.DnsSettings{CustomDns: &domains.CustomDns{NameServers: nameservers}}, UpdateMask: "custom_dns",
		}).Context(ctx).Do()
		if err != nil {
			return told(err)
		}
	}
	if m := there.ManagementSettings; (m == nil || m.PreferredRenewalMethod != manual) && slices.Contains([]string{"ACTIVE", "SUSPENDED"}, there.State) {
		_, err := p.registrations.ConfigureManagementSettings(p.name(domain), &domains.ConfigureManagementSettingsRequest{
			ManagementSettings: &domains.ManagementSettings{PreferredRenewalMethod: manual}, UpdateMask: "preferred_renewal_method",
		}).Context(ctx).Do()
		if err != nil {
			return told(err)
		}
	}
	_, err = p.became(ctx, domain, func(now *domains.Registration) bool { return slices.Equal(serversOf(now), nameservers) })
	return err
}

// manual is that nobody renews a name but who asks for it.
const manual = "RENEWAL_DISABLED"

// GetDomainInfo implements registrar.Provider.
func (p *Provider) GetDomainInfo(ctx context.Context, domain string) (registrar.Registration, error) {
	there, err := p.get(ctx, domain)
	if err != nil {
		return registrar.Registration{}, err
	}
	if there.State == "EXPIRED" {
		if err := p.renewing(ctx, domain); err != nil {
			return registrar.Registration{}, err
		}
	}
	return read(there)
}

// renewing is Pending while a renewal of a name is under way: the name itself does not
// say so.
func (p *Provider) renewing(ctx context.Context, domain string) error {
	err := p.operations.List(p.parent).Context(ctx).Pages(ctx, func(page *domains.ListOperationsResponse) error {
		for _, op := range page.Operations {
			if !op.Done && strings.Contains(string(op.Metadata), `/registrations/`+domain+`"`) {
				return errPending
			}
		}
		return nil
	})
	return told(err)
}

func (p *Provider) get(ctx context.Context, domain string) (*domains.Registration, error) {
	there, err := p.registrations.Get(p.name(domain)).Context(ctx).Do()
	return there, told(err)
}

// read takes over a registration that is ours.
func read(there *domains.Registration) (registrar.Registration, error) {
	switch there.State {
	case "REGISTRATION_PENDING", "TRANSFER_PENDING", "IMPORT_PENDING":
		return registrar.Registration{}, errPending
	case "REGISTRATION_FAILED":
		return registrar.Registration{}, failed(there)
	}
	until := expires(there)
	switch {
	case slices.Contains(dead, there.State):
		return registrar.Registration{}, registrar.Errorf(registrar.NotOurs, "There is no registration of %s any more.", there.DomainName)
	case until.IsZero():
		return registrar.Registration{}, registrar.Errorf(registrar.Unanswered, "Google does not say when %s ends.", there.DomainName)
	}
	created, _ := time.Parse(time.RFC3339, there.CreateTime)
	return registrar.Registration{
		Domain: there.DomainName, OrderID: "registrations/" + there.DomainName, Key: there.Labels[attempt], Created: created, Expires: until, Nameservers: serversOf(there),
	}, nil
}

// failed says why a registration was not made.
func failed(there *domains.Registration) error {
	switch there.RegisterFailureReason {
	case "DOMAIN_NOT_AVAILABLE":
		return registrar.Errorf(registrar.Taken, "%s is taken.", there.DomainName)
	case "INVALID_CONTACTS":
		return registrar.Errorf(registrar.BadContact, "The registry of %s does not accept the contact.", there.DomainName)
	}
	return registrar.Errorf(registrar.NotOurs, "The registration of %s failed.", there.DomainName)
}

func serversOf(there *domains.Registration) []string {
	if there.DnsSettings == nil || there.DnsSettings.CustomDns == nil {
		return nil
	}
	return there.DnsSettings.CustomDns.NameServers
}

// expires is the end of a registration in whole seconds; zero where nothing is said.
func expires(there *domains.Registration) time.Time {
	until, _ := time.Parse(time.RFC3339, there.ExpireTime)
	return until.UTC().Truncate(time.Second)
}
