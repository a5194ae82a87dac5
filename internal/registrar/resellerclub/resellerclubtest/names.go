package resellerclubtest

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"vitrine/internal/registrar"
)

// cents are what a year costs under each TLD, by product keys.
var cents = map[string]struct {
	tld   string
	cents int
}{
	"domcno": {"com", 1299}, "dotnet": {"net", 1399}, "domorg": {"org", 1299}, "dotio": {"io", 3999}, "dotstore": {"store", 2499},
	"dominfo": {"info", 999}, "donuts1": {"boutique", 2699}, "dotxyz": {"xyz", 1199}, "domus": {"us", 999},
}

func productOf(tld string) (key string, price int) {
	for key, p := range cents {
		if p.tld == tld {
			return key, p.cents
		}
	}
	return "", 0
}

func (s *Server) available(q url.Values) (any, error) {
	all := map[string]any{}
	for _, label := range q["domain-name"] {
		for _, tld := range q["tlds"] {
			key, _ := productOf(tld)
			domain := label + "." + tld
			status := "available"
			switch {
			case key == "", slices.Contains(s.mute, tld):
				status = "unknown"
			case s.find(domain) != nil:
				status = "regthroughus"
			case slices.Contains(Taken, domain):
				status = "regthroughothers"
			}
			all[domain] = map[string]string{"classkey": key, "status": status}
		}
	}
	if len(q["tlds"]) > 5 { // some registries say nothing then
		return map[string]any{}, nil
	}
	return all, nil
}

func (s *Server) premiumCheck(q url.Values) (any, error) {
	price, premium := s.premium[q.Get("domain-name")]
	if !premium {
		return map[string]any{"premium": "false"}, nil
	}
	cost := map[string]string{"create": dollars(price), "renew": dollars(price), "transfer": dollars(price), "sellingCurrencySymbol": "USD"}
	return map[string]any{"premium": "true", "costHash": cost, "resellerCostPriceHash": []string{}}, nil
}

func (s *Server) suggest(q url.Values) (any, error) {
	all := map[string]any{}
	for i, word := range []string{"shop", "online", "get"} {
		for _, tld := range q["tld-only"] {
			domain := q.Get("keyword") + word + "." + tld
			status := "available"
			if s.find(domain) != nil {
				status = "notavailable"
			}
			all[domain] = map[string]string{"status": status, "score": fmt.Sprintf("0.%d", 9-i), "spin": "yes", "in_ga": "true"}
		}
	}
	return all, nil
}

func dollars(cents int) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }

// prices says them as numbers, as the API does, and restoring as texts.
func (s *Server) prices(url.Values) (any, error) {
	all := map[string]any{"privacy-protection": "0.0", "emailhosting": map[string]any{"plans": []int{1}}}
	for key, p := range cents {
		years := map[string]any{}
		for n := 1; n <= registrar.MaxYears; n++ {
			years[strconv.Itoa(n)] = number(dollars(p.cents + s.cents))
		}
		all[key] = map[string]any{"addnewdomain": years, "renewdomain": years, "addtransferdomain": map[string]any{"1": number("9.5")}, "restoredomain": map[string]any{"1": "80.00"}}
	}
	return all, nil
}

// number is a number that is written as it stands.
type number string

// MarshalJSON implements json.Marshaler.
func (n number) MarshalJSON() ([]byte, error) { return []byte(n), nil }

func (s *Server) products(url.Values) (any, error) {
	all := map[string]any{"freeservices": []string{"dns", "mail"}}
	for key, p := range cents {
		all[key] = map[string]any{
			"tldlist": []string{p.tld}, "minregistrationyear": "1", "maxregistrationyear": "10", "minrenewalperiod": "1", "maxrenewalperiod": "9", "minns": "2", "maxns": "13",
		}
	}
	return all, nil
}

// ordered refuses an order where the test wants that.
func (s *Server) ordered() error {
	text := s.refuse
	s.refuse = ""
	if text == "" {
		return nil
	}
	return refusal{"error", text}
}

func (s *Server) register(q url.Values) (any, error) {
	domain := strings.ToLower(q.Get("domain-name"))
	_, tld, _ := strings.Cut(domain, ".")
	key, _ := productOf(tld)
	years, err := strconv.Atoi(q.Get("years"))
	there := s.find(domain)
	_, premium := s.premium[domain]
	switch {
	case key == "" || err != nil || years < 1 || years > registrar.MaxYears || q.Get("invoice-option") != "NoInvoice":
		return nil, refusal{"error", "Invalid parameters"}
	case s.contacts[q.Get("reg-contact-id")] == "" || s.contacts[q.Get("reg-contact-id")] != q.Get("customer-id"):
		return nil, refusal{"error", "Invalid contact-id"}
	case there != nil && there.action != "":
		return nil, refusal{"error", domain + " already exists in our database, with a pending order"}
	case there != nil || slices.Contains(Taken, domain):
		return nil, refusal{"error", domain + " is not available for registration"}
	case premium && (q.Get("attr-name1") != "premium" || q.Get("attr-value1") != "true"):
		return nil, refusal{"error", "Premium domain: the attribute premium is missing"}
	}
	if err := checkServers(q["ns"]); err != nil {
		return nil, err
	}
	if err := s.ordered(); err != nil {
		return nil, err
	}
	now := s.clock.Now().Truncate(time.Second)
	o := &order{id: s.newID(), customer: q.Get("customer-id"), created: now, ends: registrar.After(now, years), servers: q["ns"]}
	s.orders[domain] = o
	s.begin(o, "AddNewDomain", 0)
	return s.acted(o, domain, "AddNewDomain", "Domain registration completed Successfully"), nil
}

// acted is how the API tells that it has an order, whether it is through with it or not.
func (s *Server) acted(o *order, domain, action, text string) any {
	return map[string]string{
		"actiontypedesc": action + " of " + domain, "entityid": o.id, "actionstatus": "Success", "status": "Success", "eaqid": s.newID(),
		"description": domain, "actiontype": action, "actionstatusdesc": text,
	}
}

func checkServers(servers []string) error {
	if len(servers) < 2 {
		return refusal{"error", "At least two name servers are needed"}
	}
	for _, ns := range servers {
		if !strings.Contains(ns, ".") || strings.HasSuffix(ns, ".invalid") {
			return refusal{"error", "NameServer " + ns + " is not a valid Nameserver"}
		}
	}
	return nil
}

// byID returns the order with a number.
func (s *Server) byID(id string) (string, *order, error) {
	for domain, o := range s.orders {
		if o.id == id {
			return domain, s.find(domain), nil
		}
	}
	return "", nil, refusef("No Entity found for Entityid: %s", id)
}

func (s *Server) renew(q url.Values) (any, error) {
	domain, o, err := s.byID(q.Get("order-id"))
	if err != nil {
		return nil, err
	}
	years, err := strconv.Atoi(q.Get("years"))
	switch {
	case err != nil || years < 1 || years > 9:
		return nil, refusef("Invalid years")
	case o.action != "":
		return nil, refusef("There is already an action pending on this Order.")
	case q.Get("exp-date") != strconv.FormatInt(o.ends.Unix(), 10):
		return nil, refusef("Domain already renewed.")
	case registrar.After(o.ends, years).After(registrar.After(s.clock.Now(), registrar.MaxYears)):
		return nil, refusef("A Domain Name cannot be extended beyond 10 years")
	}
	if err := s.ordered(); err != nil {
		return nil, err
	}
	s.begin(o, "RenewDomain", years)
	return s.acted(o, domain, "RenewDomain", "Domain renewed successfully"), nil
}

func (s *Server) modifyNS(q url.Values) (any, error) {
	domain, o, err := s.byID(q.Get("order-id"))
	if err == nil {
		err = checkServers(q["ns"])
	}
	switch {
	case err != nil:
		return nil, err
	case slices.Equal(o.servers, q["ns"]):
		return nil, refusef("Same value for new and old NameServers")
	}
	o.servers = q["ns"]
	return s.acted(o, domain, "ModNS", "Modification Completed Successfully."), nil
}

func (s *Server) details(q url.Values) (any, error) {
	domain := q.Get("domain-name")
	o := s.find(domain)
	if o == nil {
		return nil, refusef("Website doesn't exist for %s", domain)
	}
	seconds := func(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
	all := map[string]any{
		"orderid": o.id, "entityid": o.id, "domainname": domain, "description": domain, "currentstatus": "Active", "orderstatus": []string{"transferlock"},
		"domainstatus": []string{}, "creationtime": seconds(o.created), "endtime": seconds(o.ends), "customerid": o.customer, "cns": []string{},
		"noOfNameServers": strconv.Itoa(len(o.servers)), "isprivacyprotected": "false", "recurring": "false", "domsecret": "transfer-secret",
	}
	for i, ns := range o.servers {
		all["ns"+strconv.Itoa(i+1)] = ns
	}
	if o.action != "" {
		all["actiontype"], all["actionstatus"], all["eaqid"] = o.action, "AdminApproved", "1"
		if o.action == "AddNewDomain" {
			all["currentstatus"] = "InActive"
			delete(all, "endtime")
		}
	}
	return all, nil
}

func (s *Server) customer(q url.Values) (any, error) {
	email := q.Get("username")
	id := s.customers[email]
	if id == "" {
		return nil, refusef("Customer %s not found", email)
	}
	return map[string]string{"customerid": id, "username": email, "useremail": email, "customerstatus": "Active"}, nil
}

func (s *Server) signup(q url.Values) (any, error) {
	email, password := q.Get("username"), q.Get("passwd")
	switch {
	case s.customers[email] != "":
		return nil, refusef("%s is already a customer", email)
	case len(password) < 9 || len(password) > 16 || !strings.ContainsAny(password, "~*!@$#%_+.?:,{}"):
		return nil, refusef("Invalid password")
	}
	if err := checkPhone(q); err != nil {
		return nil, err
	}
	s.customers[email] = s.newID()
	return word(s.customers[email]), nil
}

func checkPhone(q url.Values) error {
	if cc, phone := q.Get("phone-cc"), q.Get("phone"); len(cc) > 3 || len(phone) < 4 || len(phone) > 12 {
		return refusef("Invalid phone")
	}
	if len(q.Get("country")) != 2 {
		return refusef("Invalid country")
	}
	return nil
}

func (s *Server) addContact(q url.Values) (any, error) {
	if err := checkPhone(q); err != nil {
		return nil, err
	}
	for _, id := range s.customers {
		if id == q.Get("customer-id") && q.Get("type") == "Contact" {
			contact := s.newID()
			s.contacts[contact] = id
			return word(contact), nil
		}
	}
	return nil, refusef("Invalid customer-id")
}
