// Package cloudflare keeps records at Cloudflare.
//
// Only the parts of its SDK that are needed are imported: the root of the module
// takes minutes to compile.
package cloudflare

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	records "github.com/cloudflare/cloudflare-go/v6/dns"
	"github.com/cloudflare/cloudflare-go/v6/option"
	"github.com/cloudflare/cloudflare-go/v6/zones"

	"vitrine/internal/dns"
)

// provider implements dns.Provider. Records have ids of Cloudflare's own, which stay
// when a record changes. What belongs together is one batch, which Cloudflare does
// as a whole or not at all.
type provider struct {
	dns.Verifier
	records *records.RecordService
	zones   *zones.ZoneService
}

// New returns a provider. The endpoint is that of the API, such as
// https://api.cloudflare.com/client/v4.
func New(endpoint, token string, v dns.Verifier) dns.Provider {
	options := []option.RequestOption{
		option.WithBaseURL(strings.TrimSuffix(endpoint, "/") + "/"), option.WithAPIToken(token), option.WithMiddleware(judge),
		option.WithMaxRetries(0), // a change whose answer was lost is not asked for twice
		option.WithRequestTimeout(timeout),
	}
	return &provider{v, records.NewRecordService(options...), zones.NewZoneService(options...)}
}

// perPage is how many records are asked for at once.
const perPage = 500

// ZoneID implements dns.Provider. Of zones of one name, as several accounts can have
// them, the one that the world is delegated to counts.
func (p *provider) ZoneID(ctx context.Context, domain string) (string, error) {
	for _, name := range dns.Enclosing(domain) {
		var query zones.ZoneListParams
		query.Name.Value, query.Name.Present = name, true
		found, err := p.zones.List(ctx, query)
		if err != nil {
			return "", told(err)
		}
		id := ""
		for _, z := range found.Result {
			if id == "" || z.Status == zones.ZoneStatusActive {
				id = z.ID
			}
		}
		if id != "" {
			return id, nil
		}
	}
	return "", dns.Errorf(dns.NoZone, "Cloudflare has no zone for %s", domain)
}

// ListRecords implements dns.Provider.
func (p *provider) ListRecords(ctx context.Context, zone string) ([]dns.Record, error) {
	found, err := p.list(ctx, zone, "", "")
	all := []dns.Record{}
	for _, f := range found {
		all = append(all, f.Record)
	}
	return all, err
}

// list returns the records of a zone; of one name and type unless that is empty.
func (p *provider) list(ctx context.Context, zone, name string, t dns.Type) ([]there, error) {
	var query records.RecordListParams
	query.ZoneID.Value, query.ZoneID.Present = zone, true
	query.PerPage.Value, query.PerPage.Present = perPage, true
	if name != "" {
		query.Name.Value.Exact.Value, query.Name.Value.Exact.Present, query.Name.Present = name, true, true
		query.Type.Value, query.Type.Present = records.RecordListParamsType(t), true
	}
	pages := p.records.ListAutoPaging(ctx, query)
	var all []there
	for pages.Next() {
		if r, ok := read(pages.Current()); ok {
			all = append(all, r)
		}
	}
	return all, told(pages.Err())
}

// CreateRecord implements dns.Provider.
func (p *provider) CreateRecord(ctx context.Context, zone string, r dns.Record) (dns.Record, error) {
	siblings, err := p.list(ctx, zone, r.Name, r.Type)
	if err != nil {
		return dns.Record{}, err
	}
	for _, s := range siblings {
		if s.Same(r) {
			return dns.Record{}, dns.Errorf(dns.Refused, "an identical record already exists")
		}
	}
	direct := false
	fresh := write(r)
	fresh.Proxied = &direct
	done, err := p.batch(ctx, zone, batch{Posts: []record{fresh}, Patches: shareTTL(siblings, "", r.TTL)})
	if err != nil {
		return dns.Record{}, err
	}
	return made(done.Posts, r)
}

// UpdateRecord implements dns.Provider. A record that visitors reach through
// Cloudflare's own servers stays one.
func (p *provider) UpdateRecord(ctx context.Context, zone, id string, r dns.Record) (dns.Record, error) {
	var query records.RecordGetParams
	query.ZoneID.Value, query.ZoneID.Present = zone, true
	is, err := p.records.Get(ctx, id, query)
	if err != nil {
		return dns.Record{}, told(err)
	}
	if is.Proxied && r.TTL != automaticTTL {
		return dns.Record{}, dns.Errorf(dns.Refused, "Cloudflare answers for %s itself (it is proxied there), with a TTL of %d seconds", r.Name, automaticTTL)
	}
	siblings, err := p.list(ctx, zone, r.Name, r.Type)
	if err != nil {
		return dns.Record{}, err
	}
	for _, s := range siblings {
		if s.ID != id && s.Same(r) {
			return dns.Record{}, dns.Errorf(dns.Refused, "an identical record already exists")
		}
	}
	changed := write(r)
	changed.ID = id
	done, err := p.batch(ctx, zone, batch{Patches: append(shareTTL(siblings, id, r.TTL), changed)})
	if err != nil {
		return dns.Record{}, err
	}
	return made(done.Patches, r)
}

// DeleteRecord implements dns.Provider.
func (p *provider) DeleteRecord(ctx context.Context, zone, id string) error {
	var query records.RecordDeleteParams
	query.ZoneID.Value, query.ZoneID.Present = zone, true
	_, err := p.records.Delete(ctx, id, query)
	return told(err)
}

// batch is what Cloudflare does in one step.
type batch struct {
	Patches []record `json:"patches,omitempty"`
	Posts   []record `json:"posts,omitempty"`
}

func (p *provider) batch(ctx context.Context, zone string, b batch) (*records.RecordBatchResponse, error) {
	var query records.RecordBatchParams
	query.ZoneID.Value, query.ZoneID.Present = zone, true
	body, err := json.Marshal(b)
	if err != nil {
		return nil, told(err)
	}
	done, err := p.records.Batch(ctx, query, option.WithRequestBody("application/json", body))
	return done, told(err)
}

// shareTTL changes the TTL of records of one name and type, but for the one with an
// id: Cloudflare would keep several.
func shareTTL(siblings []there, except string, ttl int) []record {
	var all []record
	for _, s := range siblings {
		if s.TTL != ttl && s.ID != except && !s.proxied {
			all = append(all, record{ID: s.ID, TTL: ttl})
		}
	}
	return all
}

// made finds a record in what Cloudflare says it did.
func made(done []records.RecordResponse, r dns.Record) (dns.Record, error) {
	for _, d := range done {
		if is, ok := read(d); ok && is.Same(r) {
			return is.Record, nil
		}
	}
	return dns.Record{}, told(errors.New("the record is not in the answer"))
}
