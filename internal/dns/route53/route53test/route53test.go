// Package route53test is a stand-in for the API of Amazon Route 53: sets of records
// in pages and in its order, batches of changes that must name what they delete
// exactly, changes that take their time, and its limit of requests.
package route53test

import (
	"cmp"
	"crypto/rand"
	"encoding/base32"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The account.
const (
	AccessKeyID     = "AKIDEXAMPLE"
	SecretAccessKey = "secret"
)

const (
	namespace = "https://route53.amazonaws.com/doc/2013-04-01/"
	mostSets  = 300 // in a page
)

// Server is a Route 53 with one account.
type Server struct {
	Limit int  // requests that are answered before it is too many; 0: no limit
	Slow  bool // changes are pending until it is false

	mu    sync.Mutex
	asked int
	zones []*zone
	mux   *http.ServeMux
}

type zone struct {
	id, name string
	private  bool
	sets     []Set
}

// Set is a set of records as the API says it.
type Set struct {
	Name          string
	Type          string
	SetIdentifier string `xml:",omitempty"`
	Weight        *int   `xml:",omitempty"`
	TTL           int
	Records       []Record `xml:"ResourceRecords>ResourceRecord"`
}

// Record is one of a set.
type Record struct{ Value string }

// Values makes records.
func Values(values ...string) []Record {
	var all []Record
	for _, v := range values {
		all = append(all, Record{v})
	}
	return all
}

func (s Set) sorted() []Record {
	return slices.SortedFunc(slices.Values(s.Records), func(a, b Record) int { return cmp.Compare(a.Value, b.Value) })
}

// New returns a Server without zones.
func New() *Server {
	s := &Server{mux: http.NewServeMux()}
	s.mux.HandleFunc("GET /2013-04-01/hostedzonesbyname", s.listZones)
	s.mux.HandleFunc("GET /2013-04-01/hostedzone/{zone}/rrset", s.in(listSets))
	s.mux.HandleFunc("POST /2013-04-01/hostedzone/{zone}/rrset", s.in(s.change))
	s.mux.HandleFunc("POST /2013-04-01/hostedzone/{zone}/rrset/{$}", s.in(s.change)) // as Amazon's SDK for Python writes it
	s.mux.HandleFunc("GET /2013-04-01/change/{change}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, http.StatusOK, "GetChangeResponse", s.info(r.PathValue("change")))
	})
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusBadRequest, "InvalidInput", r.URL.Path)
	})
	return s
}

// Zone makes a zone, which begins with its name servers, and returns its id.
func (s *Server) Zone(name string, private bool) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	z := &zone{id: newID(), name: name + ".", private: private}
	z.sets = []Set{{Name: z.name, Type: "NS", TTL: 172800, Records: Values("ns-1.awsdns-01.example.")}, {Name: z.name, Type: "SOA", TTL: 900, Records: Values("ns-1.awsdns-01.example. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400")}}
	s.zones = append(s.zones, z)
	slices.SortStableFunc(s.zones, func(a, b *zone) int { return cmp.Compare(order(a.name), order(b.name)) })
	return z.id
}

// Put puts a set into a zone by hand.
func (s *Server) Put(id string, set Set) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, z := range s.zones {
		if z.id == id {
			z.sets = append(z.sets, set)
			z.sort()
		}
	}
}

func newID() string {
	random := make([]byte, 10)
	_, _ = rand.Read(random) // it never fails
	return "Z" + base32.StdEncoding.EncodeToString(random)
}

// order is by labels from the last to the first.
func order(name string) string {
	labels := strings.Split(strings.TrimSuffix(strings.ToLower(name), "."), ".")
	slices.Reverse(labels)
	return strings.Join(labels, ".") + "."
}

func (z *zone) sort() {
	slices.SortStableFunc(z.sets, func(a, b Set) int {
		return cmp.Or(cmp.Compare(order(a.Name), order(b.Name)), cmp.Compare(a.Type, b.Type), cmp.Compare(a.SetIdentifier, b.SetIdentifier))
	})
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	signed := r.Header.Get("Authorization")
	switch {
	case s.Limit > 0 && s.asked > s.Limit:
		refuse(w, http.StatusBadRequest, "Throttling", "Rate exceeded")
	case !strings.HasPrefix(signed, "AWS4-HMAC-SHA256 Credential="+AccessKeyID+"/") || !strings.Contains(signed, "/us-east-1/route53/aws4_request"):
		refuse(w, http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid.")
	default:
		s.mux.ServeHTTP(w, r)
	}
}

func answer(w http.ResponseWriter, status int, root string, content any) {
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	e := xml.NewEncoder(w)
	_ = e.EncodeElement(content, xml.StartElement{Name: xml.Name{Local: root, Space: namespace}}) // whoever has gone does not need it
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	type problem struct{ Type, Code, Message string }
	answer(w, status, "ErrorResponse", struct {
		Error     problem
		RequestID string `xml:"RequestId"`
	}{problem{"Sender", code, message}, "b25f48e8"})
}

// listZones lists from a name on, as the real one does: others follow.
func (s *Server) listZones(w http.ResponseWriter, r *http.Request) {
	type config struct{ PrivateZone bool }
	type zoneXML struct {
		ID              string `xml:"Id"`
		Name            string
		CallerReference string
		Config          config
	}
	var out struct {
		HostedZones []zoneXML `xml:"HostedZones>HostedZone"`
		IsTruncated bool
		MaxItems    int
	}
	out.MaxItems = 100
	for _, z := range s.zones {
		if order(z.name) >= order(r.URL.Query().Get("dnsname")) && len(out.HostedZones) < out.MaxItems {
			out.HostedZones = append(out.HostedZones, zoneXML{"/hostedzone/" + z.id, z.name, z.id, config{z.private}})
		}
	}
	answer(w, http.StatusOK, "ListHostedZonesByNameResponse", out)
}

// in finds the zone of a request.
func (s *Server) in(serve func(http.ResponseWriter, *http.Request, *zone)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		i := slices.IndexFunc(s.zones, func(z *zone) bool { return z.id == r.PathValue("zone") })
		if i < 0 {
			refuse(w, http.StatusNotFound, "NoSuchHostedZone", "No hosted zone found with ID: "+r.PathValue("zone"))
			return
		}
		serve(w, r, s.zones[i])
	}
}

func listSets(w http.ResponseWriter, r *http.Request, z *zone) {
	var out struct {
		Sets           []Set `xml:"ResourceRecordSets>ResourceRecordSet"`
		IsTruncated    bool
		MaxItems       int
		NextRecordName string `xml:",omitempty"`
		NextRecordType string `xml:",omitempty"`
		Next           string `xml:"NextRecordIdentifier,omitempty"`
	}
	q := r.URL.Query()
	out.MaxItems = mostSets
	if n, err := strconv.Atoi(q.Get("maxitems")); err == nil {
		out.MaxItems = min(n, mostSets)
	}
	from := order(strings.ReplaceAll(q.Get("name"), "*", `\052`))
	for _, set := range z.sets {
		before := cmp.Or(cmp.Compare(order(set.Name), from), cmp.Compare(set.Type, q.Get("type")), cmp.Compare(set.SetIdentifier, q.Get("identifier"))) < 0
		switch {
		case q.Has("name") && before:
		case len(out.Sets) == out.MaxItems:
			out.IsTruncated, out.NextRecordName, out.NextRecordType, out.Next = true, set.Name, set.Type, set.SetIdentifier
			answer(w, http.StatusOK, "ListResourceRecordSetsResponse", out)
			return
		default:
			out.Sets = append(out.Sets, set)
		}
	}
	answer(w, http.StatusOK, "ListResourceRecordSetsResponse", out)
}

type changeInfo struct {
	ID          string `xml:"ChangeInfo>Id"`
	Status      string `xml:"ChangeInfo>Status"`
	SubmittedAt string `xml:"ChangeInfo>SubmittedAt"`
}

func (s *Server) info(id string) changeInfo {
	status := "INSYNC"
	if s.Slow {
		status = "PENDING"
	}
	return changeInfo{fmt.Sprintf("/change/%s", id), status, "2026-01-15T12:00:00Z"}
}
