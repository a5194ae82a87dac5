// Package cloudflaretest is a stand-in for Cloudflare's API of zones and DNS records:
// strict about what it takes, in pages, with its numbers of errors and its limit of
// requests.
package cloudflaretest

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
)

// Token is what a request must have.
const Token = "secret"

// Server is a Cloudflare with one user.
type Server struct {
	Limit int // requests that are answered before it says 429; 0: no limit

	mu    sync.Mutex
	asked int
	zones map[string]*zone
	mux   *http.ServeMux
}

type zone struct {
	id, name, status string
	records          []*Record
}

// Record is a record as the API says it.
type Record struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Type     string `json:"type"`
	Content  string `json:"content"`
	Data     *data  `json:"data,omitempty"`
	Priority *int   `json:"priority,omitempty"`
	TTL      int    `json:"ttl"`
	Proxied  bool   `json:"proxied"`
}

// New returns a Server without zones.
func New() *Server {
	s := &Server{zones: map[string]*zone{}, mux: http.NewServeMux()}
	s.mux.HandleFunc("GET /zones", s.listZones)
	s.mux.HandleFunc("GET /zones/{zone}/dns_records", s.in(listRecords))
	s.mux.HandleFunc("GET /zones/{zone}/dns_records/{record}", s.in(getRecord))
	s.mux.HandleFunc("DELETE /zones/{zone}/dns_records/{record}", s.in(deleteRecord))
	s.mux.HandleFunc("POST /zones/{zone}/dns_records/batch", s.in(doBatch))
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotFound, 7000, "No route for that URI")
	})
	return s
}

// Zone makes an empty zone and returns its id. status is active or pending.
func (s *Server) Zone(name, status string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	z := &zone{id: newID(), name: name, status: status}
	s.zones[z.id] = z
	return z.id
}

// Put puts a record into a zone by hand.
func (s *Server) Put(zone string, r Record) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.ID = newID()
	s.zones[zone].records = append(s.zones[zone].records, &r)
	return r.ID
}

// Records returns what a zone has.
func (s *Server) Records(zone string) []Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Record
	for _, r := range s.zones[zone].records {
		all = append(all, *r)
	}
	return all
}

func newID() string {
	random := make([]byte, 16)
	_, _ = rand.Read(random) // it never fails
	return hex.EncodeToString(random)
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	switch {
	case s.Limit > 0 && s.asked > s.Limit:
		w.Header().Set("Retry-After", "300")
		refuse(w, http.StatusTooManyRequests, 971, "Please wait and consider throttling your request speed")
	case r.Header.Get("Authorization") != "Bearer "+Token:
		refuse(w, http.StatusForbidden, 9109, "Invalid access token")
	default:
		s.mux.ServeHTTP(w, r)
	}
}

type message struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

type envelope struct {
	Success    bool      `json:"success"`
	Errors     []message `json:"errors"`
	Messages   []message `json:"messages"`
	Result     any       `json:"result"`
	ResultInfo *pageInfo `json:"result_info,omitempty"`
}

type pageInfo struct {
	Page       int `json:"page"`
	PerPage    int `json:"per_page"`
	Count      int `json:"count"`
	TotalCount int `json:"total_count"`
	TotalPages int `json:"total_pages"`
}

func refuse(w http.ResponseWriter, status, code int, text string) {
	answer(w, status, envelope{Errors: []message{{code, text}}, Messages: []message{}})
}

func give(w http.ResponseWriter, result any, info *pageInfo) {
	answer(w, http.StatusOK, envelope{Success: true, Errors: []message{}, Messages: []message{}, Result: result, ResultInfo: info})
}

func answer(w http.ResponseWriter, status int, e envelope) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(e) // whoever has gone does not need it
}

// query refuses parameters that the API does not know, or does not take so.
func query(w http.ResponseWriter, q url.Values, known ...string) bool {
	for name := range q {
		if !slices.Contains(known, name) {
			refuse(w, http.StatusBadRequest, 1001, "unknown parameter "+name)
			return false
		}
	}
	return true
}

// page cuts one page out of what was found.
func page[T any](w http.ResponseWriter, q url.Values, perPage, most int, all []T) {
	number := 1
	for name, target := range map[string]*int{"page": &number, "per_page": &perPage} {
		if !q.Has(name) {
			continue
		}
		n, err := strconv.Atoi(q.Get(name))
		if err != nil || n < 1 || name == "per_page" && n > most {
			refuse(w, http.StatusBadRequest, 9107, "invalid "+name)
			return
		}
		*target = n
	}
	from := min((number-1)*perPage, len(all))
	part := all[from:min(from+perPage, len(all))]
	give(w, append([]T{}, part...), &pageInfo{number, perPage, len(part), len(all), (len(all) + perPage - 1) / perPage})
}

func (s *Server) listZones(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if !query(w, q, "name", "status", "page", "per_page") {
		return
	}
	type zoneJSON struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		Status string `json:"status"`
	}
	all := []zoneJSON{}
	for _, id := range slices.Sorted(maps.Keys(s.zones)) {
		if z := s.zones[id]; (z.name == q.Get("name") || !q.Has("name")) && (z.status == q.Get("status") || !q.Has("status")) {
			all = append(all, zoneJSON{z.id, z.name, z.status})
		}
	}
	page(w, q, 20, 50, all)
}

// in finds the zone of a request.
func (s *Server) in(serve func(http.ResponseWriter, *http.Request, *zone)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		z := s.zones[r.PathValue("zone")]
		if z == nil {
			refuse(w, http.StatusNotFound, 7003, "Could not route to /zones/"+r.PathValue("zone")+", perhaps your object identifier is invalid?")
			return
		}
		serve(w, r, z)
	}
}
