package api

import (
	"context"
	"net/http"

	"vitrine/internal/db"
	"vitrine/internal/domain"
	"vitrine/internal/store"
)

// Configuration is what auto-configure did.
type Configuration struct {
	RecordsCreated int         `json:"records_created" doc:"How many of the records are new." example:"2"`
	Records        []DNSRecord `json:"records" doc:"The managed records: A for the domain and CNAME for its www."`
}

func toConfiguration(c domain.Configuration) *answer[Configuration] {
	return ok(Configuration{c.Created, each(c.Records, toRecord)})
}

// DNSDifference is something that the records here and at the DNS provider do not
// have in common.
type DNSDifference struct {
	Action   string                   `json:"action" enum:"create,update,adopt" doc:"What sync does: create or update it at the provider, or adopt here what is only there."`
	Record   nullable[DNSRecord]      `json:"record" doc:"As it is here; null when it is only there."`
	Observed nullable[ObservedRecord] `json:"observed" doc:"As it is at the provider; null when it is only here."`
}

// ObservedRecord is a record as the DNS provider has it.
type ObservedRecord struct {
	RecordType       string `json:"record_type"`
	Name             string `json:"name"`
	Value            string `json:"value"`
	TTL              int    `json:"ttl"`
	Priority         *int   `json:"priority"`
	ProviderRecordID string `json:"provider_record_id"`
}

func toDifference(x domain.Difference) DNSDifference {
	out := DNSDifference{Action: string(x.Action)}
	if x.Record != nil {
		r := toRecord(*x.Record)
		out.Record.Value = &r
	}
	if o := x.Observed; o != nil {
		out.Observed.Value = &ObservedRecord{string(o.Type), o.Name, o.Value, o.TTL, o.Priority, o.ID}
	}
	return out
}

func toDifferences(all []domain.Difference) *answer[[]DNSDifference] {
	return ok(each(all, toDifference))
}

// DNSStatus is the short answer to how a domain stands.
type DNSStatus struct {
	Domain            string  `json:"domain" example:"mystore.com"`
	DNSConfigured     bool    `json:"dns_configured"`
	SSLProvisioned    bool    `json:"ssl_provisioned"`
	RecordsCount      int     `json:"records_count" doc:"Of all records, also those made by hand."`
	PropagationStatus string  `json:"propagation_status" enum:"not_configured,pending,partial,propagated" doc:"Of the managed records."`
	NextStep          *string `json:"next_step" doc:"The one thing to do or to know now; null when all is done."`
	WaitSeconds       *int    `json:"wait_seconds" doc:"How long it may take until the records are seen, from what the servers said; null when they are, or when nobody knows."`
}

func toStatus(s domain.State) DNSStatus {
	out := DNSStatus{
		Domain: s.Domain.Name, DNSConfigured: s.Domain.AutoConfigured, SSLProvisioned: s.Domain.Certified,
		RecordsCount: s.Records, PropagationStatus: string(s.Spread), NextStep: orNull(s.Next),
	}
	if seconds := int(s.Wait.Seconds()); seconds > 0 {
		out.WaitSeconds = &seconds
	}
	return out
}

// Propagation says who sees the managed records of a domain.
type Propagation struct {
	Propagated      bool    `json:"propagated"`
	TotalRecords    int     `json:"total_records" doc:"Managed records."`
	VerifiedRecords int     `json:"verified_records" doc:"Those that everybody sees who was asked."`
	Details         []Sight `json:"details" doc:"What each server says of each record."`
}

// Sight is what one server says of a record.
type Sight struct {
	RecordID    string   `json:"record_id" format:"uuid"`
	RecordType  string   `json:"record_type"`
	Name        string   `json:"name"`
	Expected    string   `json:"expected"`
	Observed    []string `json:"observed"`
	Resolver    string   `json:"resolver" doc:"Who was asked."`
	Propagated  bool     `json:"propagated"`
	Cause       *string  `json:"cause" doc:"Why it is not seen, in words; null when it is."`
	WaitSeconds *int     `json:"wait_seconds" doc:"How long it may take; null when nobody knows."`
}

func toSight(s domain.Sight) Sight {
	out := Sight{
		RecordID: s.Record.ID.String(), RecordType: string(s.Record.Type), Name: s.Record.Name, Expected: s.Record.Value,
		Observed: append([]string{}, s.Observed...), Resolver: s.Resolver, Propagated: s.Seen, Cause: orNull(s.Cause),
	}
	if seconds := int(s.Wait.Seconds()); seconds > 0 {
		out.WaitSeconds = &seconds
	}
	return out
}

func toPropagation(p domain.Propagation) Propagation {
	return Propagation{p.Spread() == domain.Propagated, p.Total, p.Verified, each(p.Details, toSight)}
}

type configureInput struct {
	StorePath
	Replace bool `query:"replace" doc:"Take records away that were made by hand and are in the way."`
}

func (a *API) dnsRoutes() {
	const tag, path = "DNS", domainPath + "/dns"
	there, atProvider := a.domainThere, []int{http.StatusBadGateway}
	register(a, route{
		method: http.MethodPost, path: path + "/auto-configure", id: "auto-configure-dns", tag: tag, role: store.Admin, guard: there, errors: atProvider,
		summary: "Have the DNS records made", detail: "An A record for the domain and a CNAME for its `www`. Doing it again makes none twice.",
	}, a.autoConfigure)
	register(a, route{
		method: http.MethodPost, path: path + "/plan", id: "plan-dns", tag: tag, role: store.Admin, guard: there, errors: atProvider,
		summary: "Show what a sync would do",
	}, a.planDNS)
	register(a, route{
		method: http.MethodPost, path: path + "/sync", id: "sync-dns", tag: tag, role: store.Admin, guard: there, errors: atProvider,
		summary: "Bring the records here and at the DNS provider together", detail: "Nothing is deleted: what is here is made there, and what is only there is adopted here.",
	}, a.syncDNS)
	register(a, route{method: http.MethodGet, path: path + "/status", id: "get-dns-status", tag: tag, guard: there, errors: atProvider, summary: "Show how a domain stands"}, a.dnsStatus)
	register(a, route{method: http.MethodGet, path: path + "/propagation", id: "get-dns-propagation", tag: tag, guard: there, errors: atProvider, summary: "Show who sees the records"}, a.dnsPropagation)
}

func (a *API) autoConfigure(ctx context.Context, in *configureInput) (*answer[Configuration], error) {
	return onceWith(ctx, a, func(then func(context.Context, *db.Tx, domain.Configuration) error) (domain.Configuration, error) {
		return a.Domains.Configure(ctx, shop(ctx).ID, caller(ctx).ID, in.Replace, then)
	}, toConfiguration)
}

func (a *API) planDNS(ctx context.Context, _ *StorePath) (*answer[[]DNSDifference], error) {
	all, err := a.Domains.Plan(ctx, shop(ctx).ID)
	if err != nil {
		return nil, err
	}
	return toDifferences(all), nil
}

func (a *API) syncDNS(ctx context.Context, _ *StorePath) (*answer[[]DNSDifference], error) {
	return onceWith(ctx, a, func(then func(context.Context, *db.Tx, []domain.Difference) error) ([]domain.Difference, error) {
		return a.Domains.Sync(ctx, shop(ctx).ID, caller(ctx).ID, then)
	}, toDifferences)
}

func (a *API) dnsStatus(ctx context.Context, _ *StorePath) (*answer[DNSStatus], error) {
	s, err := a.Domains.Status(ctx, shop(ctx).ID)
	return shown(s, err, toStatus)
}

func (a *API) dnsPropagation(ctx context.Context, _ *StorePath) (*answer[Propagation], error) {
	p, err := a.Domains.Propagation(ctx, shop(ctx).ID)
	return shown(p, err, toPropagation)
}
