package squarespacetest

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"google.golang.org/api/domains/v1"

	"vitrine/internal/registrar"
)

// prices are what a year costs under each TLD, in dollars and billionths.
var prices = map[string]domains.Money{
	"com": {Units: 12}, "net": {Units: 12}, "org": {Units: 12}, "io": {Units: 60}, "store": {Units: 24, Nanos: 990_000_000}, "app": {Units: 14}, "dev": {Units: 12, Nanos: 500_000_000},
}

func (s *Server) price(tld string) *domains.Money {
	m, sold := prices[tld]
	if !sold {
		return nil
	}
	return &domains.Money{CurrencyCode: "USD", Units: m.Units + s.extra, Nanos: m.Nanos}
}

// retrieve says what it takes to register a name. Of one that somebody has it says no
// price.
func (s *Server) retrieve(domain string) (any, error) {
	_, tld, dotted := strings.Cut(domain, ".")
	if !dotted || domain != strings.ToLower(domain) {
		return nil, refuse(http.StatusBadRequest, "INVALID_ARGUMENT", "Invalid domain name %q", domain)
	}
	p := &domains.RegisterParameters{DomainName: domain, Availability: "UNSUPPORTED"}
	if price := s.price(tld); price != nil {
		p.Availability = "UNAVAILABLE"
		if s.names[domain] == nil && !slices.Contains(Taken, domain) {
			p.Availability, p.YearlyPrice, p.SupportedPrivacy = "AVAILABLE", price, []string{"PUBLIC_CONTACT_DATA", "REDACTED_CONTACT_DATA"}
			if tld == "app" || tld == "dev" {
				p.DomainNotices = []string{"HSTS_PRELOADED"}
			}
			if tld == "io" {
				p.SupportedPrivacy = p.SupportedPrivacy[:1]
			}
		}
	}
	return &domains.RetrieveRegisterParametersResponse{RegisterParameters: p}, nil
}

func invalid(format string, args ...any) error {
	return refuse(http.StatusBadRequest, "INVALID_ARGUMENT", format, args...)
}

func precondition(format string, args ...any) error {
	return refuse(http.StatusBadRequest, "FAILED_PRECONDITION", format, args...)
}

func (s *Server) register(r *http.Request) (any, error) {
	var ask domains.RegisterDomainRequest
	if err := body(r, &ask); err != nil {
		return nil, err
	}
	if ask.Registration == nil {
		return nil, invalid("registration is required")
	}
	domain := ask.Registration.DomainName
	if s.names[domain] != nil {
		return nil, refuse(http.StatusConflict, "ALREADY_EXISTS", "Resource '%s/registrations/%s' already exists", parent, domain)
	}
	_, tld, _ := strings.Cut(domain, ".")
	said, err := s.retrieve(domain)
	if err != nil {
		return nil, err
	}
	want := said.(*domains.RetrieveRegisterParametersResponse).RegisterParameters //nolint:forcetypeassert // made above
	switch {
	case want.Availability != "AVAILABLE":
		return nil, precondition("Domain %s is not available", domain)
	case ask.YearlyPrice == nil || !same(ask.YearlyPrice, s.price(tld)):
		return nil, invalid("The yearly_price does not match the current price")
	case !slices.Equal(ask.DomainNotices, want.DomainNotices):
		return nil, invalid("The domain_notices must be acknowledged: %v", want.DomainNotices)
	}
	if err := checkContacts(&ask, want.SupportedPrivacy); err != nil {
		return nil, err
	}
	if d := ask.Registration.DnsSettings; d == nil || d.CustomDns == nil || len(d.CustomDns.NameServers) < 2 {
		return nil, invalid("dns_settings are required")
	}
	if m := ask.Registration.ManagementSettings; m != nil && m.PreferredRenewalMethod == "RENEWAL_DISABLED" {
		return nil, invalid("RENEWAL_DISABLED cannot be used when a Registration is created")
	}
	n := &name{Registration: ask.Registration}
	n.Name, n.State, n.CreateTime = parent+"/registrations/"+domain, "REGISTRATION_PENDING", s.clock.Now().Format(time.RFC3339Nano)
	n.ManagementSettings = &domains.ManagementSettings{PreferredRenewalMethod: "AUTOMATIC_RENEWAL", RenewalMethod: "AUTOMATIC_RENEWAL", TransferLockState: "LOCKED"}
	s.names[domain] = n
	until, why := registrar.After(s.clock.Now(), 1).Truncate(time.Second).Format(time.RFC3339), s.fails
	s.fails = ""
	return s.begin(domain, "register", s.takes, func() {
		if n.State, n.ExpireTime = "ACTIVE", until; why != "" {
			n.State, n.ExpireTime, n.RegisterFailureReason = "REGISTRATION_FAILED", "", why
		}
	}), nil
}

func same(a, b *domains.Money) bool {
	return a.CurrencyCode == b.CurrencyCode && a.Units == b.Units && a.Nanos == b.Nanos
}

func checkContacts(ask *domains.RegisterDomainRequest, privacy []string) error {
	c := ask.Registration.ContactSettings
	if c == nil || c.RegistrantContact == nil || c.AdminContact == nil || c.TechnicalContact == nil {
		return invalid("contact_settings are required")
	}
	if !slices.Contains(privacy, c.Privacy) {
		return invalid("privacy %s is not supported for this domain", c.Privacy)
	}
	if c.Privacy == "PUBLIC_CONTACT_DATA" && !slices.Contains(ask.ContactNotices, "PUBLIC_CONTACT_DATA_ACKNOWLEDGEMENT") {
		return invalid("The contact_notices must be acknowledged")
	}
	a := c.RegistrantContact.PostalAddress
	if a == nil || len(a.RegionCode) != 2 || len(a.AddressLines) == 0 || len(a.Recipients) == 0 || !strings.HasPrefix(c.RegistrantContact.PhoneNumber, "+") || c.RegistrantContact.Email == "" {
		return invalid("The registrant contact is incomplete")
	}
	return nil
}

// remove deletes a registration that is none.
func (s *Server) remove(domain string, n *name) (any, error) {
	if !slices.Contains([]string{"EXPORTED", "EXPIRED", "REGISTRATION_FAILED", "TRANSFER_FAILED"}, n.State) {
		return nil, precondition("A Registration in state %s cannot be deleted", n.State)
	}
	return s.begin(domain, "delete", 0, func() { delete(s.names, domain) }), nil
}

func (s *Server) renew(r *http.Request, domain string, n *name) (any, error) {
	var ask domains.RenewDomainRequest
	if err := body(r, &ask); err != nil {
		return nil, err
	}
	_, tld, _ := strings.Cut(domain, ".")
	until, _ := time.Parse(time.RFC3339, n.ExpireTime)
	target := parent + "/registrations/" + domain
	switch {
	case n.State != "EXPIRED" || s.clock.Now().After(until.Add(30*24*time.Hour)):
		return nil, precondition("Domain renewal is only allowed for domains that expired in the last 30 days")
	case slices.ContainsFunc(s.operations, func(op *operation) bool { return op.target == target }):
		return nil, precondition("Another operation is in progress on the resource")
	case ask.YearlyPrice == nil || !same(ask.YearlyPrice, s.price(tld)):
		return nil, invalid("The yearly_price does not match the expected price")
	}
	return s.begin(domain, "renewDomain", s.takes, func() {
		n.ExpireTime = later(n, 1)
		n.State = "ACTIVE"
		n.renewed++
	}), nil
}

func (s *Server) configureDNS(r *http.Request, domain string, n *name) (any, error) {
	var ask domains.ConfigureDnsSettingsRequest
	if err := body(r, &ask); err != nil {
		return nil, err
	}
	if ask.DnsSettings == nil || ask.DnsSettings.CustomDns == nil || len(ask.DnsSettings.CustomDns.NameServers) < 2 || ask.UpdateMask != "custom_dns" {
		return nil, invalid("dns_settings or update_mask is invalid")
	}
	return s.begin(domain, "configureDnsSettings", 0, func() { n.DnsSettings = ask.DnsSettings }), nil
}

func (s *Server) configureManagement(r *http.Request, domain string, n *name) (any, error) {
	var ask domains.ConfigureManagementSettingsRequest
	if err := body(r, &ask); err != nil {
		return nil, err
	}
	switch {
	case n.State != "ACTIVE" && n.State != "SUSPENDED":
		return nil, precondition("The renewal method can be changed only in ACTIVE or SUSPENDED")
	case ask.ManagementSettings == nil || ask.UpdateMask != "preferred_renewal_method":
		return nil, invalid("management_settings or update_mask is invalid")
	}
	method := ask.ManagementSettings.PreferredRenewalMethod
	return s.begin(domain, "configureManagementSettings", 0, func() {
		n.ManagementSettings.PreferredRenewalMethod, n.ManagementSettings.RenewalMethod = method, method
	}), nil
}

// RenewsItself tells whether Google would renew a name.
func (s *Server) RenewsItself(domain string) (yes bool) {
	s.locked(func() {
		n := s.names[domain]
		yes = n != nil && n.ManagementSettings.PreferredRenewalMethod != "RENEWAL_DISABLED"
	})
	return yes
}
