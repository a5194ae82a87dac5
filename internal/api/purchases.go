package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/domain"
	"vitrine/internal/fault"
	"vitrine/internal/money"
	"vitrine/internal/purchase"
	"vitrine/internal/registrar"
	"vitrine/internal/store"
)

// DomainOffer is a name and what it costs.
type DomainOffer struct {
	Domain       string `json:"domain" example:"mystore.com"`
	Available    bool   `json:"available"`
	Price        string `json:"price" example:"12.99" doc:"Of the first year."`
	RenewalPrice string `json:"renewal_price" example:"12.99" doc:"Of each year after it."`
	Currency     string `json:"currency" example:"USD"`
	PeriodYears  int    `json:"period_years" example:"1" doc:"For how many years price is."`
	Premium      bool   `json:"premium" doc:"It costs more than others of its top-level domain: it is bought only with its price in the order."`
	Unknown      bool   `json:"unknown" doc:"The registry has not said in time whether it is available: try again later."`
}

// DomainSearch is what a search found.
type DomainSearch struct {
	Results     []DomainOffer `json:"results" nullable:"false" doc:"One for each top-level domain, in the order they were asked for."`
	Suggestions []DomainOffer `json:"suggestions" nullable:"false" doc:"Other names that are available, where the registrar can think of some."`
	Unsupported []string      `json:"unsupported" nullable:"false" doc:"Top-level domains that are not sold here."`
	Warning     string        `json:"warning,omitempty" doc:"What is strange about the name, such as letters of several scripts."`
}

func toOffer(o registrar.Offer) DomainOffer {
	return DomainOffer{
		Domain: o.Domain, Available: o.Available, Price: o.Currency.Format(o.Price), RenewalPrice: o.Currency.Format(o.Renewal),
		Currency: string(o.Currency), PeriodYears: 1, Premium: o.Premium, Unknown: o.Unknown,
	}
}

func toSearch(f purchase.Found) *answer[DomainSearch] {
	return ok(DomainSearch{Results: each(f.Offers, toOffer), Suggestions: each(f.Suggestions, toOffer), Unsupported: f.Unsupported, Warning: f.Warning})
}

// ContactInfo is whom a name is registered for.
type ContactInfo struct {
	FirstName string `json:"first_name" example:"Ada"`
	LastName  string `json:"last_name" example:"Lovelace"`
	Email     string `json:"email" example:"ada@example.com"`
	Phone     string `json:"phone" doc:"With the country code." example:"+12125550100"`
	Address   string `json:"address" example:"123 Main St"`
	City      string `json:"city" example:"New York"`
	State     string `json:"state,omitempty" example:"NY"`
	Country   string `json:"country" doc:"ISO 3166-1 alpha-2." example:"US"`
	ZIPCode   string `json:"zip_code" example:"10001"`
}

func (c ContactInfo) parse() registrar.Contact {
	return registrar.Contact{
		FirstName: c.FirstName, LastName: c.LastName, Email: c.Email, Phone: c.Phone, Address: c.Address, City: c.City, State: c.State, Country: c.Country, ZIP: c.ZIPCode,
	}
}

// DomainPurchase is what came of buying a name.
type DomainPurchase struct {
	Domain            string `json:"domain" example:"mystore.com"`
	OrderID           string `json:"order_id" doc:"The registrar's."`
	Status            string `json:"status" enum:"success"`
	ExpiryDate        string `json:"expiry_date" format:"date-time"`
	AutoDNSConfigured bool   `json:"auto_dns_configured" doc:"false: it could not be done yet, and is tried again."`
	SSLProvisioned    bool   `json:"ssl_provisioned" doc:"false: it could not be done yet, and is tried again."`
}

func toPurchase(b purchase.Bought) *answer[DomainPurchase] {
	return created(DomainPurchase{
		Domain: b.Domain.Name, OrderID: orEmpty(b.Purchase.OrderID), Status: "success", ExpiryDate: utc(*b.Purchase.Expires),
		AutoDNSConfigured: b.Domain.AutoConfigured, SSLProvisioned: b.Domain.Certified,
	})
}

// DomainRenewal is what came of renewing a name.
type DomainRenewal struct {
	Domain        string `json:"domain" example:"mystore.com"`
	NewExpiryDate string `json:"new_expiry_date" format:"date-time"`
	OrderID       string `json:"order_id" doc:"The registrar's."`
}

func toRenewal(b purchase.Bought) *answer[DomainRenewal] {
	return ok(DomainRenewal{b.Domain.Name, utc(*b.Purchase.Expires), orEmpty(b.Purchase.OrderID)})
}

// AutoRenewal says whether a name is renewed before it ends.
type AutoRenewal struct {
	Domain    string `json:"domain" example:"mystore.com"`
	AutoRenew bool   `json:"auto_renew"`
}

func toAutoRenewal(d domain.Domain) AutoRenewal { return AutoRenewal{d.Name, d.Purchase.AutoRenew} }

// OwnedDomain is a name that was bought here.
type OwnedDomain struct {
	ID                string  `json:"id" format:"uuid"`
	StoreID           *string `json:"store_id" format:"uuid" doc:"null: no store stands under it."`
	StoreName         *string `json:"store_name"`
	Domain            string  `json:"domain" example:"mystore.com"`
	Status            string  `json:"status" enum:"pending,verified,active,error"`
	PurchaseProvider  *string `json:"purchase_provider"`
	PurchaseDate      *string `json:"purchase_date" format:"date-time"`
	ExpiryDate        *string `json:"expiry_date" format:"date-time"`
	DaysToExpiry      int     `json:"days_to_expiry" doc:"Whole days; 0 when it has ended."`
	AutoRenew         bool    `json:"auto_renew"`
	IsPurchased       bool    `json:"is_purchased"`
	RegistrarOrderID  *string `json:"registrar_order_id"`
	SSLProvisioned    bool    `json:"ssl_provisioned"`
	AutoDNSConfigured bool    `json:"auto_dns_configured"`
}

// OwnedDomains are the names that an account has bought.
type OwnedDomains struct {
	Domains []OwnedDomain `json:"domains" nullable:"false" doc:"Newest first."`
}

func toOwned(now time.Time) func(domain.Owning) OwnedDomain {
	return func(o domain.Owning) OwnedDomain {
		d := toDomain(o.Domain)
		out := OwnedDomain{
			ID: d.ID, StoreID: d.StoreID, StoreName: o.StoreName, Domain: d.Domain, Status: d.Status, PurchaseProvider: d.PurchaseProvider,
			PurchaseDate: d.PurchaseDate, ExpiryDate: d.ExpiryDate, AutoRenew: d.AutoRenew, IsPurchased: d.IsPurchased,
			RegistrarOrderID: d.RegistrarOrderID, SSLProvisioned: d.SSLProvisioned, AutoDNSConfigured: d.AutoDNSConfigured,
		}
		if o.Purchase.Expires != nil {
			out.DaysToExpiry = purchase.Days(*o.Purchase.Expires, now)
		}
		return out
	}
}

// PurchaseStep is something that was done to buy or to renew a name.
type PurchaseStep struct {
	State  string `json:"state" example:"registered"`
	Detail string `json:"detail" example:"mystore.com is registered until 2027-02-14."`
	At     string `json:"at" format:"date-time"`
}

// PurchaseSteps are what was done to buy and to renew a name.
type PurchaseSteps struct {
	Steps []PurchaseStep `json:"steps" nullable:"false" doc:"The first one first; none where the name was not bought here."`
}

func toStep(e purchase.Event) PurchaseStep {
	return PurchaseStep{string(e.State), e.Detail, utc(e.At)}
}

type searchDomainsInput struct {
	Query string `query:"q" required:"true" doc:"A name without an ending, or with one: mystore, mystore.com."`
	TLDs  string `query:"tlds" doc:"Top-level domains, separated by commas; com,io,store where there are none." example:"com,io,store"`
}

type ownedDomainsInput struct {
	All bool `query:"all" doc:"Those too that no store stands under, because it was deleted or has another domain now."`
}

type buyDomainInput struct {
	StorePath
	Body struct {
		Domain      string      `json:"domain" example:"mystore.com"`
		Years       int         `json:"years" doc:"1 to 10."`
		ContactInfo ContactInfo `json:"contact_info"`
		Price       *Decimal    `json:"price,omitempty" doc:"Of the first year, as it was shown: at another price nothing is bought."`
	}
}

type renewDomainInput struct {
	StorePath
	Body struct {
		Years int `json:"years" doc:"1 to 10, and not past ten years from today."`
	}
}

type autoRenewInput struct {
	StorePath
	Body struct {
		AutoRenew bool `json:"auto_renew"`
	}
}

func (a *API) purchaseRoutes() {
	const tag = "Domain purchases"
	there, atRegistrar := a.domainThere, []int{http.StatusBadGateway}
	register(a, route{method: http.MethodGet, path: "/domains/search", id: "search-domains", tag: tag, summary: "Search for a name", errors: atRegistrar}, a.searchDomains)
	register(a, route{method: http.MethodGet, path: "/domains/owned", id: "list-owned-domains", tag: tag, summary: "List the names that you have bought"}, a.ownedDomains)
	register(a, route{
		method: http.MethodPost, path: domainPath + "/purchase", id: "purchase-domain", tag: tag, role: store.Owner, status: http.StatusCreated, errors: atRegistrar, long: true,
		summary: "Buy a name for a store",
		detail: "Registers the name, points it here, makes its records and gets its certificate. What fails after the registration does not undo it and is tried again. " +
			"Where the registrar is not through with the order the answer is 502 and it goes on by itself; the same request tells later what became of it.",
	}, a.buyDomain)
	register(a, route{
		method: http.MethodPost, path: domainPath + "/renew", id: "renew-domain", tag: tag, role: store.Owner, guard: there, errors: atRegistrar, long: true,
		summary: "Renew a store's name",
	}, a.renewDomain)
	register(a, route{
		method: http.MethodPatch, path: domainPath + "/auto-renew", id: "set-auto-renew", tag: tag, role: store.Owner, guard: there, keyed: true,
		summary: "Say whether a name is renewed before it ends", detail: "30 days before, for one year.",
	}, a.setAutoRenew)
	register(a, route{
		method: http.MethodGet, path: domainPath + "/purchase", id: "get-purchase-steps", tag: tag, guard: there,
		summary: "List what was done to buy and to renew a name", detail: "The first step first.",
	}, a.purchaseSteps)
}

func (a *API) searchDomains(ctx context.Context, in *searchDomainsInput) (*answer[DomainSearch], error) {
	found, err := a.Purchases.Search(ctx, in.Query, strings.FieldsFunc(in.TLDs, func(r rune) bool { return r == ',' }))
	if err != nil {
		return nil, inQuery(err)
	}
	return toSearch(found), nil
}

func (a *API) ownedDomains(ctx context.Context, in *ownedDomainsInput) (*answer[OwnedDomains], error) {
	all, err := domain.Owned(ctx, a.DB, caller(ctx).ID, in.All)
	return shown(all, err, func(all []domain.Owning) OwnedDomains { return OwnedDomains{each(all, toOwned(a.DB.Now()))} })
}

func (a *API) buyDomain(ctx context.Context, in *buyDomainInput) (*answer[DomainPurchase], error) {
	price, err := a.agreed(in.Body.Price)
	if err != nil {
		return nil, err
	}
	o := purchase.Order{Domain: in.Body.Domain, Years: in.Body.Years, Contact: in.Body.ContactInfo.parse(), Price: price}
	return onceWith(ctx, a, func(then func(context.Context, *db.Tx, purchase.Bought) error) (purchase.Bought, error) {
		return a.Purchases.Buy(ctx, shop(ctx), o, then)
	}, toPurchase)
}

// agreed reads the price that a merchant was shown, if they say it.
func (a *API) agreed(given *Decimal) (money.Amount, error) {
	if given == nil {
		return 0, nil
	}
	var f fault.Form
	price := given.amount(&f, "price", a.Purchases.Currency())
	return price, f.Err()
}

func (a *API) renewDomain(ctx context.Context, in *renewDomainInput) (*answer[DomainRenewal], error) {
	return onceWith(ctx, a, func(then func(context.Context, *db.Tx, purchase.Bought) error) (purchase.Bought, error) {
		return a.Purchases.Renew(ctx, shop(ctx).ID, in.Body.Years, then)
	}, toRenewal)
}

func (a *API) setAutoRenew(ctx context.Context, in *autoRenewInput) (*answer[AutoRenewal], error) {
	return once(ctx, a, func(tx *db.Tx) (*answer[AutoRenewal], error) {
		d, err := domain.SetAutoRenew(ctx, tx, shop(ctx).ID, in.Body.AutoRenew)
		return shown(d, err, toAutoRenewal)
	})
}

func (a *API) purchaseSteps(ctx context.Context, _ *StorePath) (*answer[PurchaseSteps], error) {
	all, err := purchase.History(ctx, a.DB, shop(ctx).ID)
	return shown(all, err, func(all []purchase.Event) PurchaseSteps { return PurchaseSteps{each(all, toStep)} })
}
