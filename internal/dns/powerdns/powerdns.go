// Package powerdns keeps records in PowerDNS Authoritative Server, over its HTTP
// API.
package powerdns

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"vitrine/internal/dns"
)

// backend implements dns.Backend. The id of a zone is PowerDNS's own.
type backend struct {
	dns.Verifier
	endpoint string // up to /api/v1/servers/localhost
	key      string
	client   *http.Client
}

// New returns a provider for the server whose API is at the endpoint, such as
// http://127.0.0.1:8081.
func New(endpoint, key string, v dns.Verifier) dns.Provider {
	return dns.NewOfSets(&backend{
		Verifier: v, endpoint: strings.TrimSuffix(endpoint, "/") + "/api/v1/servers/localhost", key: key,
		client: &http.Client{Timeout: 15 * time.Second},
	})
}

type zoneJSON struct {
	ID     string    `json:"id,omitempty"`
	RRSets []setJSON `json:"rrsets"`
}

type setJSON struct {
	Name       string       `json:"name"`
	Type       string       `json:"type"`
	TTL        int          `json:"ttl,omitempty"`
	ChangeType string       `json:"changetype,omitempty"`
	Records    []recordJSON `json:"records"`
}

type recordJSON struct {
	Content  string `json:"content"`
	Disabled bool   `json:"disabled"`
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 64 << 20

// do sends a request and reads the answer into out.
func (b *backend) do(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, b.endpoint+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("X-API-Key", b.key)
	req.Header.Set("Content-Type", "application/json")
	res, err := b.client.Do(req)
	if err != nil {
		return dns.Errorf(dns.Unanswered, "PowerDNS does not answer: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return dns.Errorf(dns.Unanswered, "PowerDNS does not answer to the end: %w", err)
	}
	if res.StatusCode >= http.StatusBadRequest {
		return refusal(res, text)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return dns.Errorf(dns.Unanswered, "PowerDNS answers something strange: %w", err)
	}
	return nil
}

// refusal is an answer that is an error.
func refusal(res *http.Response, text []byte) error {
	var said struct {
		Error string `json:"error"`
	}
	_ = json.Unmarshal(text, &said) // it may be a proxy's page
	if said.Error == "" {
		said.Error = res.Status
	}
	kind := dns.Refused
	switch {
	case res.StatusCode == http.StatusNotFound:
		kind = dns.NoZone
	case res.StatusCode == http.StatusTooManyRequests:
		kind = dns.Limited
	case res.StatusCode >= http.StatusInternalServerError:
		kind = dns.Unanswered
	}
	e := dns.Errorf(kind, "PowerDNS: %s", said.Error)
	if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && kind == dns.Limited {
		e.RetryAfter = time.Duration(seconds) * time.Second
	}
	return e
}

// ZoneID implements dns.Backend: it asks for the zones of the domain and of what it
// lies in, the longest first.
func (b *backend) ZoneID(ctx context.Context, domain string) (string, error) {
	for _, name := range dns.Enclosing(domain) {
		var found []zoneJSON
		if err := b.do(ctx, http.MethodGet, "/zones?zone="+url.QueryEscape(name+"."), nil, &found); err != nil {
			return "", err
		}
		if len(found) > 0 {
			return found[0].ID, nil
		}
	}
	return "", dns.Errorf(dns.NoZone, "PowerDNS has no zone for %s", domain)
}

func zonePath(zone string) string { return "/zones/" + url.PathEscape(zone) }

// Sets implements dns.Backend.
func (b *backend) Sets(ctx context.Context, zone string) ([]dns.Set, error) {
	return b.read(ctx, zonePath(zone))
}

// Set implements dns.Backend. An older server gives the whole zone.
func (b *backend) Set(ctx context.Context, zone, name string, t dns.Type) (dns.Set, error) {
	all, err := b.read(ctx, zonePath(zone)+"?rrset_name="+url.QueryEscape(name+".")+"&rrset_type="+string(t))
	if err != nil {
		return dns.Set{}, err
	}
	for _, s := range all {
		if s.Name == name && s.Type == t {
			return s, nil
		}
	}
	return dns.Set{Name: name, Type: t}, nil
}

func (b *backend) read(ctx context.Context, path string) ([]dns.Set, error) {
	var found zoneJSON
	if err := b.do(ctx, http.MethodGet, path, nil, &found); err != nil {
		return nil, err
	}
	var all []dns.Set
	for _, s := range found.RRSets {
		if !slices.Contains(dns.Types, dns.Type(s.Type)) {
			continue
		}
		set := dns.Set{Name: strings.ToLower(strings.TrimSuffix(s.Name, ".")), Type: dns.Type(s.Type), TTL: s.TTL}
		for _, r := range s.Records {
			if !r.Disabled {
				set.RData = append(set.RData, r.Content)
			}
		}
		if len(set.RData) > 0 {
			all = append(all, set)
		}
	}
	return all, nil
}

// Replace implements dns.Backend. The API takes the new set whatever was there, so
// that another process's change between the look and the write would be lost: it
// looks once more just before.
func (b *backend) Replace(ctx context.Context, zone string, before, after dns.Set) error {
	now, err := b.Set(ctx, zone, after.Name, after.Type)
	if err != nil {
		return err
	}
	if !now.Same(before) {
		return dns.Errorf(dns.Refused, "%s %s was changed by somebody else just now", after.Name, after.Type)
	}
	s := setJSON{Name: after.Name + ".", Type: string(after.Type), TTL: after.TTL, ChangeType: "REPLACE", Records: []recordJSON{}}
	if len(after.RData) == 0 {
		s.ChangeType, s.TTL = "DELETE", 0
	}
	for _, rdata := range after.RData {
		s.Records = append(s.Records, recordJSON{Content: rdata})
	}
	return b.do(ctx, http.MethodPatch, zonePath(zone), zoneJSON{RRSets: []setJSON{s}}, nil)
}
