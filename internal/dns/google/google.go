// Package google keeps records in Google Cloud DNS.
package google

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	api "google.golang.org/api/dns/v1"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"

	"vitrine/internal/dns"
)

// Settings are the project that has the zones.
type Settings struct {
	Endpoint    string // "" is Google's own
	Project     string
	Credentials string // JSON, as Google gives it for a service account
}

const timeout = 15 * time.Second

// backend implements dns.Backend. The id of a zone is its name within the project.
type backend struct {
	*dns.Pending
	api     *api.Service
	project string
}

// New returns a provider.
func New(s Settings, v dns.Verifier) (dns.Provider, error) {
	var credentials struct {
		Type option.CredentialsType `json:"type"`
	}
	if err := json.Unmarshal([]byte(s.Credentials), &credentials); err != nil {
		return nil, fmt.Errorf("the credentials are not JSON: %w", err)
	}
	options := []option.ClientOption{option.WithAuthCredentialsJSON(credentials.Type, []byte(s.Credentials)), option.WithTelemetryDisabled()}
	if s.Endpoint != "" {
		options = append(options, option.WithEndpoint(strings.TrimSuffix(s.Endpoint, "/")+"/"))
	}
	service, err := api.NewService(context.Background(), options...)
	if err != nil {
		return nil, err
	}
	b := &backend{api: service, project: s.Project}
	b.Pending = &dns.Pending{Verifier: v, Provider: "Google Cloud DNS", Ask: b.pending}
	return dns.NewOfSets(b), nil
}

// request is a call that is not made yet.
type request[R, Answer any] interface {
	Context(ctx context.Context) R
	Do(options ...googleapi.CallOption) (Answer, error)
}

// ask makes a call.
func ask[R request[R, Answer], Answer any](ctx context.Context, r R) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	answer, err := r.Context(ctx).Do()
	return answer, told(err)
}

// ZoneID implements dns.Backend. Private zones, which the world does not see, do not
// count.
func (b *backend) ZoneID(ctx context.Context, domain string) (string, error) {
	for _, name := range dns.Enclosing(domain) {
		found, err := ask(ctx, b.api.ManagedZones.List(b.project).DnsName(name+"."))
		if err != nil {
			return "", err
		}
		public := slices.DeleteFunc(found.ManagedZones, func(z *api.ManagedZone) bool { return z.DnsName != name+"." || z.Visibility == "private" })
		switch len(public) {
		case 0:
		case 1:
			return public[0].Name, nil
		default:
			return "", dns.Errorf(dns.Refused, "Google Cloud DNS has %d zones called %s: delete those that the domain is not delegated to", len(public), name)
		}
	}
	return "", dns.Errorf(dns.NoZone, "Google Cloud DNS has no zone for %s", domain)
}

// Sets implements dns.Backend.
func (b *backend) Sets(ctx context.Context, zone string) ([]dns.Set, error) {
	var all []dns.Set
	list := b.api.ResourceRecordSets.List(b.project, zone)
	for {
		page, err := ask(ctx, list)
		if err != nil {
			return nil, err
		}
		for _, s := range page.Rrsets {
			if set, ok := read(s); ok {
				all = append(all, set)
			}
		}
		if page.NextPageToken == "" {
			return all, nil
		}
		list.PageToken(page.NextPageToken)
	}
}

// Set implements dns.Backend.
func (b *backend) Set(ctx context.Context, zone, name string, t dns.Type) (dns.Set, error) {
	page, err := ask(ctx, b.api.ResourceRecordSets.List(b.project, zone).Name(name+".").Type(string(t)))
	if err != nil {
		return dns.Set{}, err
	}
	for _, s := range page.Rrsets {
		if set, ok := read(s); ok && set.Name == name && set.Type == t {
			return set, nil
		}
	}
	return dns.Set{Name: name, Type: t}, nil
}

// read reads a set. ok is false for those whose answers Google chooses itself, by
// weight or place, and for types that merchants cannot have.
func read(s *api.ResourceRecordSet) (set dns.Set, ok bool) {
	if s.RoutingPolicy != nil || !slices.Contains(dns.Types, dns.Type(s.Type)) {
		return dns.Set{}, false
	}
	name := strings.ToLower(strings.TrimSuffix(s.Name, "."))
	return dns.Set{Name: name, Type: dns.Type(s.Type), TTL: int(s.Ttl), RData: s.Rrdatas, Own: s.Rrdatas}, true
}

// write says a set as Google does, or as it has said it before.
func write(s dns.Set) *api.ResourceRecordSet {
	values := s.Own
	if values == nil {
		values = s.RData
	}
	return &api.ResourceRecordSet{Name: s.Name + ".", Type: string(s.Type), Ttl: int64(s.TTL), Rrdatas: values}
}

// Replace implements dns.Backend. What is deleted has to be told exactly, so that
// another's change in between makes Google refuse.
func (b *backend) Replace(ctx context.Context, zone string, before, after dns.Set) error {
	var change api.Change
	if len(before.RData) > 0 {
		change.Deletions = []*api.ResourceRecordSet{write(before)}
	}
	if len(after.RData) > 0 {
		change.Additions = []*api.ResourceRecordSet{write(after)}
	}
	done, err := ask(ctx, b.api.Changes.Create(b.project, zone, &change))
	if err != nil {
		return err
	}
	underway := ""
	if done.Status == "pending" {
		underway = zone + "/" + done.Id
	}
	b.Remember(after, underway)
	return nil
}

// pending tells whether Google is still telling its name servers of a change.
func (b *backend) pending(ctx context.Context, change string) (bool, error) {
	zone, id, _ := strings.Cut(change, "/")
	is, err := ask(ctx, b.api.Changes.Get(b.project, zone, id))
	return err == nil && is.Status == "pending", err
}
