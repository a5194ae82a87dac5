// Package googletest is a stand-in for the API of Google Cloud DNS: sets of records
// in pages, changes that must name what they delete exactly and that take their
// time, credentials that it checks, and its limit of requests.
package googletest

import (
	"cmp"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	wire "github.com/miekg/dns"
)

// Project is the one that the server has.
const Project = "vitrine-test"

const mostSets = 100 // in a page

// Server is a Cloud DNS with one project.
type Server struct {
	Limit int  // requests that are answered before it is too many; 0: no limit
	Slow  bool // changes are pending until it is false

	mu      sync.Mutex
	key     *rsa.PrivateKey
	tokens  []string
	asked   int
	changes int
	zones   []*zone
	mux     *http.ServeMux
}

type zone struct {
	id            int
	name, dnsName string
	private       bool
	sets          []Set
}

// Set is a set of records as the API says it.
type Set struct {
	Kind    string          `json:"kind,omitempty"`
	Name    string          `json:"name,omitempty"`
	Type    string          `json:"type,omitempty"`
	TTL     int             `json:"ttl,omitempty"`
	RData   []string        `json:"rrdatas,omitempty"`
	Routing json.RawMessage `json:"routingPolicy,omitempty"`
}

const setKind = "dns#resourceRecordSet"

// New returns a Server without zones.
func New() *Server {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	s := &Server{key: key, mux: http.NewServeMux()}
	const project, in = "/dns/v1/projects/" + Project + "/managedZones", "/dns/v1/projects/" + Project + "/managedZones/{zone}"
	s.mux.HandleFunc("GET "+project, s.listZones)
	s.mux.HandleFunc("GET "+in+"/rrsets", s.in(listSets))
	s.mux.HandleFunc("POST "+in+"/changes", s.in(s.change))
	s.mux.HandleFunc("GET "+in+"/changes/{change}", s.in(func(w http.ResponseWriter, r *http.Request, z *zone) {
		answer(w, http.StatusOK, s.changeInfo(r.PathValue("change"), nil, nil))
	}))
	s.mux.HandleFunc("/dns/v1/projects/{project}/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusNotFound, "notFound", "The 'parameters.project' resource named '"+r.PathValue("project")+"' does not exist.")
	})
	s.mux.HandleFunc("/", http.NotFound)
	return s
}

// Credentials are those of a service account that the server, which is at a URL,
// knows.
func (s *Server) Credentials(url string) string {
	der, err := x509.MarshalPKCS8PrivateKey(s.key)
	if err != nil {
		panic(err)
	}
	text, err := json.Marshal(map[string]string{
		"type": "service_account", "project_id": Project, "private_key_id": "k1", "client_email": account, "client_id": "1",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "token_uri": url + "/token",
	})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// Zone makes a zone, which begins with its name servers, and returns its id.
func (s *Server) Zone(name string, private bool) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	z := &zone{id: len(s.zones) + 1, name: fmt.Sprintf("zone-%d", len(s.zones)+1), dnsName: name + ".", private: private}
	z.sets = []Set{
		{setKind, z.dnsName, "NS", 21600, []string{"ns-cloud-a1.example."}, nil},
		{setKind, z.dnsName, "SOA", 21600, []string{"ns-cloud-a1.example. cloud-dns-hostmaster.google.com. 1 21600 3600 259200 300"}, nil},
	}
	s.zones = append(s.zones, z)
	return z.name
}

// Put puts a set into a zone by hand.
func (s *Server) Put(id string, set Set) {
	s.mu.Lock()
	defer s.mu.Unlock()
	set.Kind = setKind
	for _, z := range s.zones {
		if z.name == id {
			z.sets = append(z.sets, set)
			z.sort()
		}
	}
}

func (z *zone) sort() {
	slices.SortStableFunc(z.sets, func(a, b Set) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Type, b.Type)) })
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Method == http.MethodPost && r.URL.Path == "/token" {
		s.token(w, r)
		return
	}
	s.asked++
	switch {
	case s.Limit > 0 && s.asked > s.Limit:
		refuse(w, http.StatusForbidden, "rateLimitExceeded", "Quota exceeded for quota metric 'Write requests'.")
	case !s.knows(r.Header.Get("Authorization")):
		refuse(w, http.StatusUnauthorized, "authError", "Request had invalid authentication credentials.")
	default:
		s.mux.ServeHTTP(w, r)
	}
}

func answer(w http.ResponseWriter, status int, content any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(content) // whoever has gone does not need it
}

func refuse(w http.ResponseWriter, status int, reason, message string) {
	type item struct {
		Message string `json:"message"`
		Domain  string `json:"domain"`
		Reason  string `json:"reason"`
	}
	type problem struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Errors  []item `json:"errors"`
	}
	answer(w, status, map[string]problem{"error": {status, message, []item{{message, "global", reason}}}})
}

// in finds the zone of a request.
func (s *Server) in(serve func(http.ResponseWriter, *http.Request, *zone)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		i := slices.IndexFunc(s.zones, func(z *zone) bool { return z.name == r.PathValue("zone") || strconv.Itoa(z.id) == r.PathValue("zone") })
		if i < 0 {
			refuse(w, http.StatusNotFound, "notFound", "The 'parameters.managedZone' resource named '"+r.PathValue("zone")+"' does not exist.")
			return
		}
		serve(w, r, s.zones[i])
	}
}

func (s *Server) listZones(w http.ResponseWriter, r *http.Request) {
	type zoneJSON struct {
		Kind       string `json:"kind"`
		ID         string `json:"id"`
		Name       string `json:"name"`
		DNSName    string `json:"dnsName"`
		Visibility string `json:"visibility"`
	}
	out := struct {
		Kind  string     `json:"kind"`
		Zones []zoneJSON `json:"managedZones"`
	}{Kind: "dns#managedZonesListResponse", Zones: []zoneJSON{}}
	if only := r.URL.Query().Get("dnsName"); only != "" && !strings.HasSuffix(only, ".") {
		refuse(w, http.StatusBadRequest, "invalid", "Invalid value for 'parameters.dnsName': '"+only+"'")
		return
	}
	for _, z := range s.zones {
		if only := r.URL.Query().Get("dnsName"); only != "" && z.dnsName != only {
			continue
		}
		visibility := "public"
		if z.private {
			visibility = "private"
		}
		out.Zones = append(out.Zones, zoneJSON{"dns#managedZone", strconv.Itoa(z.id), z.name, z.dnsName, visibility})
	}
	answer(w, http.StatusOK, out)
}

func listSets(w http.ResponseWriter, r *http.Request, z *zone) {
	q := r.URL.Query()
	name, kind := q.Get("name"), q.Get("type")
	from, err := strconv.Atoi(cmp.Or(strings.TrimPrefix(q.Get("pageToken"), "from-"), "0"))
	switch {
	case kind != "" && name == "":
		refuse(w, http.StatusBadRequest, "invalid", "Invalid value for 'parameters.type': a name is needed too")
		return
	case name != "" && !wire.IsFqdn(name):
		refuse(w, http.StatusBadRequest, "invalid", "Invalid value for 'parameters.name': '"+name+"'")
		return
	case err != nil:
		refuse(w, http.StatusBadRequest, "invalid", "Invalid value for 'parameters.pageToken'")
		return
	}
	found := slices.DeleteFunc(slices.Clone(z.sets), func(s Set) bool {
		return name != "" && s.Name != strings.ToLower(name) || kind != "" && s.Type != kind
	})
	out := struct {
		Kind string `json:"kind"`
		Sets []Set  `json:"rrsets"`
		Next string `json:"nextPageToken,omitempty"`
	}{Kind: "dns#resourceRecordSetsListResponse", Sets: found[min(from, len(found)):]}
	if len(out.Sets) > mostSets {
		out.Sets, out.Next = out.Sets[:mostSets], "from-"+strconv.Itoa(from+mostSets)
	}
	answer(w, http.StatusOK, out)
}
