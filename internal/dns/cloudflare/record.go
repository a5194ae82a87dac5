package cloudflare

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	records "github.com/cloudflare/cloudflare-go/v6/dns"

	"vitrine/internal/dns"
)

// automaticTTL is what resolvers see of a record whose TTL is 1 at Cloudflare.
const automaticTTL = 300

// record is a record as Cloudflare takes it. What is left out stays as it is.
type record struct {
	ID       string `json:"id,omitempty"`
	Name     string `json:"name,omitempty"`
	Type     string `json:"type,omitempty"`
	Content  string `json:"content,omitempty"`
	Data     any    `json:"data,omitempty"`
	Priority *int   `json:"priority,omitempty"`
	TTL      int    `json:"ttl"`
	Proxied  *bool  `json:"proxied,omitempty"`
}

// service is the data of an SRV record, authority that of a CAA record.
type (
	service struct {
		Priority int    `json:"priority"`
		Weight   int    `json:"weight"`
		Port     int    `json:"port"`
		Target   string `json:"target"`
	}
	authority struct {
		Flags int    `json:"flags"`
		Tag   string `json:"tag"`
		Value string `json:"value"`
	}
)

// write says a record as Cloudflare does.
func write(r dns.Record) record {
	w := record{Name: r.Name, Type: string(r.Type), TTL: r.TTL}
	fields := strings.Fields(r.Data())
	switch r.Type {
	case dns.TXT:
		w.Content = dns.QuoteText(r.Value)
	case dns.MX:
		w.Content, w.Priority = r.Value, r.Priority
	case dns.SRV:
		w.Data = service{number(fields[0]), number(fields[1]), number(fields[2]), fields[3]}
	case dns.CAA:
		text, _ := dns.UnquoteText(strings.TrimPrefix(r.Value, fields[0]+" "+fields[1]+" "))
		w.Data = authority{number(fields[0]), fields[1], text}
	default:
		w.Content = r.Value
	}
	return w
}

func number(s string) int {
	n, _ := strconv.Atoi(s) // a record that was checked has one
	return n
}

// there is a record at Cloudflare.
type there struct {
	dns.Record
	proxied bool
}

// read reads a record. ok is false for one that is malformed, or of a type that
// merchants cannot have.
func read(w records.RecordResponse) (r there, ok bool) {
	name, t, ttl := strings.ToLower(strings.TrimSuffix(w.Name, ".")), dns.Type(w.Type), int(w.TTL)
	if ttl == 1 {
		ttl = automaticTTL
	}
	rdata := w.Content
	switch t {
	case dns.MX:
		rdata = fmt.Sprintf("%d %s", int(w.Priority), w.Content)
	case dns.TXT:
		if !strings.HasPrefix(rdata, `"`) {
			rdata = dns.QuoteText(rdata)
		}
	case dns.SRV:
		var s service
		if !into(w.Data, &s) {
			return there{}, false
		}
		rdata = fmt.Sprintf("%d %d %d %s", s.Priority, s.Weight, s.Port, s.Target)
	case dns.CAA:
		var a authority
		if !into(w.Data, &a) {
			return there{}, false
		}
		rdata = fmt.Sprintf("%d %s %s", a.Flags, a.Tag, dns.QuoteText(a.Value))
	case dns.A, dns.AAAA, dns.CNAME, dns.NS:
	default:
		return there{}, false
	}
	is, ok := dns.ParseRData(name, t, ttl, rdata)
	is.ID = w.ID
	return there{is, w.Proxied}, ok
}

// into reads what the SDK has read without knowing its type.
func into(data, target any) bool {
	text, err := json.Marshal(data)
	return err == nil && json.Unmarshal(text, target) == nil
}
