package api

import (
	"context"
	"net/http"

	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/domain"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// DNSRecord is a record of a store's domain.
type DNSRecord struct {
	ID               string `json:"id" format:"uuid"`
	DomainID         string `json:"domain_id" format:"uuid"`
	RecordType       string `json:"record_type" enum:"A,AAAA,CNAME,MX,TXT,NS,SRV,CAA"`
	Name             string `json:"name" doc:"Relative to the domain; @ is the domain itself." example:"www"`
	Value            string `json:"value" example:"proxy.platform.app"`
	TTL              int    `json:"ttl" doc:"In seconds. Records of one name and type share it." example:"3600"`
	Priority         *int   `json:"priority" doc:"Of MX and SRV records; null elsewhere."`
	ProviderRecordID string `json:"provider_record_id" doc:"The DNS provider's own."`
	IsManaged        bool   `json:"is_managed" doc:"Made by auto-configure."`
	CreatedAt        string `json:"created_at" format:"date-time"`
	UpdatedAt        string `json:"updated_at" format:"date-time"`
}

func toRecord(r domain.Record) DNSRecord {
	return DNSRecord{
		ID: r.ID.String(), DomainID: r.Domain.String(), RecordType: string(r.Type), Name: r.Name, Value: r.Value, TTL: r.TTL, Priority: r.Priority,
		ProviderRecordID: r.ProviderID, IsManaged: r.Managed, CreatedAt: utc(r.CreatedAt), UpdatedAt: utc(r.UpdatedAt),
	}
}

// RecordFields are what can be left out of a record.
type RecordFields struct {
	TTL      Opt[int]     `json:"ttl,omitempty" doc:"In seconds, 60 to 86400; default 3600. It becomes that of all records of this name and type."`
	Priority OptNull[int] `json:"priority,omitempty" doc:"Needed for MX and SRV records, and for no others."`
}

func (b RecordFields) apply(r *domain.Record) {
	b.TTL.to(&r.TTL)
	b.Priority.to(&r.Priority)
}

type createRecordInput struct {
	StorePath
	Body struct {
		RecordType string `json:"record_type" enum:"A,AAAA,CNAME,MX,TXT,NS,SRV,CAA"`
		Name       string `json:"name" doc:"@ for the domain itself, a name relative to it, or one in full."`
		Value      string `json:"value" doc:"An address, a host name, or a text; of SRV \"weight port target\", of CAA \"flags tag \\\"value\\\"\"."`
		RecordFields
	}
}

type updateRecordInput struct {
	RecordPath
	Body struct {
		RecordType Opt[string] `json:"record_type,omitempty" doc:"It cannot be changed."`
		Name       Opt[string] `json:"name,omitempty"`
		Value      Opt[string] `json:"value,omitempty"`
		RecordFields
	}
}

func (in *updateRecordInput) apply(r *domain.Record) {
	if in.Body.RecordType.Set {
		r.Type = dns.Type(in.Body.RecordType.Value)
	}
	in.Body.Name.to(&r.Name)
	in.Body.Value.to(&r.Value)
	in.Body.RecordFields.apply(r)
}

// RecordPath is the path of one DNS record.
type RecordPath struct {
	StorePath
	ID domain.RecordID `path:"record_id" format:"uuid" doc:"The record's id."`
}

const recordsPath = domainPath + "/dns/records"

func (a *API) dnsRecordRoutes() {
	const tag, one = "DNS", recordsPath + "/{record_id}"
	there, recordThere := a.domainThere, exists(a, "record_id", domain.GetRecord)
	atProvider := []int{http.StatusBadGateway}
	register(a, route{
		method: http.MethodGet, path: recordsPath, id: "list-dns-records", tag: tag, guard: there,
		summary: "List DNS records", detail: "The managed ones first, then by name and type.",
	}, a.listRecords)
	register(a, route{
		method: http.MethodPost, path: recordsPath, id: "create-dns-record", tag: tag, role: store.Admin, status: http.StatusCreated, guard: there, errors: atProvider,
		summary: "Create a DNS record", detail: "At the DNS provider, and here when it is there.",
	}, a.createRecord)
	register(a, route{
		method: http.MethodPatch, path: one, id: "update-dns-record", tag: tag, role: store.Admin, guard: recordThere, errors: []int{http.StatusBadGateway, http.StatusConflict},
		summary: "Change a DNS record", detail: "A managed one too, though the store may not be found any more then; auto-configure puts it right.",
	}, a.updateRecord)
	register(a, route{
		method: http.MethodDelete, path: one, id: "delete-dns-record", tag: tag, role: store.Admin, status: http.StatusNoContent, guard: recordThere, errors: []int{http.StatusBadGateway, http.StatusConflict},
		summary: "Delete a DNS record",
	}, a.deleteRecord)
}

func (a *API) listRecords(ctx context.Context, in *listInput) (*listed[DNSRecord], error) {
	found, more, err := domain.ListRecords(ctx, a.DB, shop(ctx).ID, in.page())
	if err != nil {
		return nil, err
	}
	return list(&in.PageQuery, found, more, toRecord, func(r domain.Record) id.UUID { return r.ID.UUID }), nil
}

func (a *API) createRecord(ctx context.Context, in *createRecordInput) (*answer[DNSRecord], error) {
	r := domain.Record{Type: dns.Type(in.Body.RecordType), Name: in.Body.Name, Value: in.Body.Value, TTL: domain.DefaultTTL}
	in.Body.apply(&r)
	return onceWith(ctx, a, func(then func(context.Context, *db.Tx, domain.Record) error) (domain.Record, error) {
		return a.Domains.CreateRecord(ctx, shop(ctx).ID, caller(ctx).ID, r, then)
	}, func(r domain.Record) *answer[DNSRecord] { return created(toRecord(r)) })
}

func (a *API) updateRecord(ctx context.Context, in *updateRecordInput) (*answer[DNSRecord], error) {
	r, err := a.Domains.UpdateRecord(ctx, shop(ctx).ID, caller(ctx).ID, in.ID, in.apply)
	return shown(r, err, toRecord)
}

func (a *API) deleteRecord(ctx context.Context, in *RecordPath) (*nothing, error) {
	return &nothing{}, a.Domains.DeleteRecord(ctx, shop(ctx).ID, caller(ctx).ID, in.ID)
}
