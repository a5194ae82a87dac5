package cloudflaretest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	wire "github.com/miekg/dns"
)

// data is what SRV and CAA records have in the place of their content.
type data struct {
	Priority *int   `json:"priority,omitempty"`
	Weight   *int   `json:"weight,omitempty"`
	Port     *int   `json:"port,omitempty"`
	Target   string `json:"target,omitempty"`
	Flags    *int   `json:"flags,omitempty"`
	Tag      string `json:"tag,omitempty"`
	Value    string `json:"value,omitempty"`
}

func listRecords(w http.ResponseWriter, r *http.Request, z *zone) {
	q := r.URL.Query()
	if !query(w, q, "name.exact", "name", "type", "page", "per_page") {
		return
	}
	name := cmp.Or(q.Get("name.exact"), q.Get("name")) // the latter is how it was called before
	var all []Record
	for _, is := range z.records {
		if (name == "" || strings.EqualFold(is.Name, name)) && (!q.Has("type") || is.Type == q.Get("type")) {
			all = append(all, *is)
		}
	}
	page(w, q, 100, 5000000, all)
}

// find returns where a record stands, or -1 after it has refused.
func (z *zone) find(w http.ResponseWriter, id string) int {
	i := slices.IndexFunc(z.records, func(r *Record) bool { return r.ID == id })
	if i < 0 {
		refuse(w, http.StatusNotFound, 81044, "Record does not exist.")
	}
	return i
}

func getRecord(w http.ResponseWriter, r *http.Request, z *zone) {
	if i := z.find(w, r.PathValue("record")); i >= 0 {
		give(w, z.records[i], nil)
	}
}

func deleteRecord(w http.ResponseWriter, r *http.Request, z *zone) {
	if i := z.find(w, r.PathValue("record")); i >= 0 {
		give(w, map[string]string{"id": z.records[i].ID}, nil)
		z.records = slices.Delete(z.records, i, i+1)
	}
}

// change is a record in a batch. What a patch leaves out stays.
type change struct {
	ID       string  `json:"id"`
	Name     *string `json:"name"`
	Type     *string `json:"type"`
	Content  *string `json:"content"`
	Data     *data   `json:"data"`
	Priority *int    `json:"priority"`
	TTL      *int    `json:"ttl"`
	Proxied  *bool   `json:"proxied"`
}

// doBatch does all of a batch or nothing of it.
func doBatch(w http.ResponseWriter, r *http.Request, z *zone) {
	var batch struct {
		Deletes, Patches, Puts, Posts []change
	}
	read := json.NewDecoder(r.Body)
	read.DisallowUnknownFields()
	if err := read.Decode(&batch); err != nil || len(batch.Deletes)+len(batch.Puts) > 0 {
		refuse(w, http.StatusBadRequest, 9207, fmt.Sprintf("Failed to parse JSON: %v", err))
		return
	}
	next := &zone{name: z.name}
	for _, is := range z.records {
		same := *is
		next.records = append(next.records, &same)
	}
	done := map[string][]*Record{"deletes": {}, "patches": {}, "puts": {}, "posts": {}}
	for _, c := range batch.Patches {
		i := next.find(w, c.ID)
		if i < 0 {
			return
		}
		if c.Type != nil && *c.Type != next.records[i].Type {
			refuse(w, http.StatusBadRequest, 9021, "The record type cannot be changed.")
			return
		}
		next.records[i].edit(c)
		done["patches"] = append(done["patches"], next.records[i])
	}
	for _, c := range batch.Posts {
		fresh := &Record{ID: newID()}
		fresh.edit(c)
		next.records = append(next.records, fresh)
		done["posts"] = append(done["posts"], fresh)
	}
	for _, changed := range append(done["patches"], done["posts"]...) {
		if code, problem := next.check(changed); code != 0 {
			refuse(w, http.StatusBadRequest, code, problem)
			return
		}
	}
	z.records = next.records
	give(w, done, nil)
}

func (r *Record) edit(c change) {
	set(&r.Name, c.Name)
	set(&r.Type, c.Type)
	set(&r.Content, c.Content)
	set(&r.TTL, c.TTL)
	set(&r.Proxied, c.Proxied)
	if c.Priority != nil {
		r.Priority = c.Priority
	}
	if c.Data != nil {
		r.Data = c.Data
	}
}

func set[T any](target, value *T) {
	if value != nil {
		*target = *value
	}
}

// rdata is what a record says, as a zone file does; "" where it says it in the wrong
// place.
func (r *Record) rdata() string {
	d := r.Data
	switch {
	case r.Type == "SRV" && d != nil && d.Priority != nil && d.Weight != nil && d.Port != nil:
		return fmt.Sprintf("%d %d %d %s", *d.Priority, *d.Weight, *d.Port, wire.Fqdn(d.Target))
	case r.Type == "CAA" && d != nil && d.Flags != nil:
		return fmt.Sprintf("%d %s %q", *d.Flags, d.Tag, d.Value)
	case r.Type == "SRV" || r.Type == "CAA" || d != nil:
		return ""
	case r.Type == "MX" && r.Priority != nil:
		return fmt.Sprintf("%d %s", *r.Priority, wire.Fqdn(r.Content))
	case r.Type == "MX":
		return ""
	case r.Type == "CNAME" || r.Type == "NS":
		return wire.Fqdn(r.Content)
	}
	return r.Content
}

// check refuses what cannot stand in the zone, and writes a record as Cloudflare
// keeps it.
func (z *zone) check(r *Record) (code int, problem string) {
	r.Name = strings.ToLower(r.Name)
	if r.Name != z.name && !strings.HasSuffix(r.Name, "."+z.name) {
		r.Name += "." + z.name // as the real one does
	}
	if r.TTL != 1 && (r.TTL < 60 || r.TTL > 86400) {
		return 9021, "TTL must be between 60 and 86400 seconds, or 1 for Automatic."
	}
	if r.Proxied {
		r.TTL = 1
	}
	rr, err := wire.NewRR(fmt.Sprintf("%s 60 IN %s %s", wire.Fqdn(r.Name), r.Type, r.rdata()))
	if err != nil || rr == nil || r.rdata() == "" {
		return 9005, fmt.Sprintf("Content for %s record is invalid: %v", r.Type, err)
	}
	said := strings.TrimPrefix(rr.String(), rr.Header().String())
	switch r.Type {
	case "TXT", "SRV", "CAA":
		r.Content = said
	}
	for _, other := range z.records {
		if other.ID == r.ID || other.Name != r.Name {
			continue
		}
		switch {
		case other.Type == r.Type && other.rdata() == r.rdata():
			return 81058, "An identical record already exists."
		case r.Type == "CNAME" && other.Type == "CNAME":
			return 81053, "An A, AAAA, or CNAME record with that host already exists."
		case r.Type == "CNAME" || other.Type == "CNAME":
			return 81054, "A CNAME record with that host already exists."
		}
	}
	return 0, ""
}
