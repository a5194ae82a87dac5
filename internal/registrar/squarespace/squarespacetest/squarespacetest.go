// Package squarespacetest is a stand-in for the API of Google Cloud Domains, and for
// the server that gives its tokens: strict about what it takes, with operations that
// take a while.
package squarespacetest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"google.golang.org/api/domains/v1"

	"vitrine/internal/clock"
	"vitrine/internal/registrar"
)

// Project is the project of the service account.
const Project = "vitrine-test"

const parent = "projects/" + Project + "/locations/global"

// Taken are names that somebody else has.
var Taken = []string{"mystore.io", "google.com", "example.com"}

// Server is a project at Google.
type Server struct {
	mu         sync.Mutex
	clock      clock.Clock
	takes      time.Duration
	key        *rsa.PrivateKey
	token      string
	extra      int64 // that every year costs more
	hold       bool
	fails      string // why the next registration fails
	next       int
	names      map[string]*name
	operations []*operation
}

type name struct {
	*domains.Registration
	renewed int
}

type operation struct {
	*domains.Operation
	target string
	ready  time.Time
	held   bool
	effect func()
}

// sharedKey is that of every server: making one takes a while.
var sharedKey = sync.OnceValue(newKey)

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err) // the machine has no randomness
	}
	return key
}

// Rekey forgets the service accounts that were known.
func (s *Server) Rekey() { s.locked(func() { s.key = newKey() }) }

// New returns a server that goes by a clock and takes a while for each order.
func New(c clock.Clock, takes time.Duration) *Server {
	return &Server{clock: c, takes: takes, key: sharedKey(), token: "ya29." + rand.Text(), names: map[string]*name{}}
}

// Account is the key of a service account that the server knows, whose tokens come
// from the server at an address.
func (s *Server) Account(address string) []byte {
	der, _ := x509.MarshalPKCS8PrivateKey(s.key) // it is one
	account, _ := json.Marshal(map[string]string{
		"type": "service_account", "project_id": Project, "private_key_id": "1", "client_email": "vitrine@" + Project + ".iam.gserviceaccount.com",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "token_uri": address + "/token",
	})
	return account
}

// Secrets are what nobody else may hear of.
func (s *Server) Secrets() []string {
	der, _ := x509.MarshalPKCS8PrivateKey(s.key)
	return []string{s.token, base64.StdEncoding.EncodeToString(der)[40:80]}
}

// Raise makes every year cost a dollar more.
func (s *Server) Raise() { s.locked(func() { s.extra++ }) }

// Hold keeps the next order pending until Settle.
func (s *Server) Hold() { s.locked(func() { s.hold = true }) }

// Fail makes the next registration fail, for one of the API's reasons.
func (s *Server) Fail(reason string) { s.locked(func() { s.fails = reason }) }

// Settle is through with what is pending.
func (s *Server) Settle() {
	s.locked(func() {
		for _, op := range s.operations {
			op.held, op.ready = false, time.Time{}
		}
		s.settle()
	})
}

func (s *Server) locked(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

// Order is a name in the project.
type Order struct {
	Domain, Key      string
	Created, Expires time.Time
	Renewed          int // how many times
}

// Orders are the names in the project.
func (s *Server) Orders() map[string]Order {
	all := map[string]Order{}
	s.locked(func() {
		s.settle()
		for domain, n := range s.names {
			if n.State == "REGISTRATION_FAILED" {
				continue
			}
			created, _ := time.Parse(time.RFC3339, n.CreateTime)
			expires, _ := time.Parse(time.RFC3339, n.ExpireTime)
			all[domain] = Order{domain, n.Labels["vitrine-attempt"], created, expires, n.renewed}
		}
	})
	return all
}

// IsOrder tells whether a request buys or renews.
func IsOrder(r *http.Request) bool {
	return strings.HasSuffix(r.URL.Path, ":register") || strings.HasSuffix(r.URL.Path, ":renewDomain")
}

// refusal is an error of the API.
type refusal struct {
	code         int
	status, text string
}

func (r *refusal) Error() string { return r.text }

func refuse(code int, status, format string, args ...any) error {
	return &refusal{code, status, fmt.Sprintf(format, args...)}
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.URL.Path == "/token" {
		s.grant(w, r)
		return
	}
	s.settle()
	got, err := s.do(r)
	if err != nil {
		bad := err.(*refusal) //nolint:errorlint,forcetypeassert // made here
		answer(w, bad.code, map[string]any{"error": map[string]any{"code": bad.code, "message": bad.text, "status": bad.status, "details": []any{}}})
		return
	}
	answer(w, http.StatusOK, got)
}

func answer(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body) // whoever has gone does not need it
}

// grant gives a token to whoever has signed with the account's key.
func (s *Server) grant(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(r.FormValue("assertion"), ".")
	if len(parts) != 3 || r.FormValue("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	signature, _ := base64.RawURLEncoding.DecodeString(parts[2])
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	claims, _ := base64.RawURLEncoding.DecodeString(parts[1])
	if rsa.VerifyPKCS1v15(&s.key.PublicKey, crypto.SHA256, sum[:], signature) != nil || !strings.Contains(string(claims), domains.CloudPlatformScope) {
		answer(w, http.StatusUnauthorized, map[string]string{"error": "invalid_grant", "error_description": "Invalid JWT Signature."})
		return
	}
	answer(w, http.StatusOK, map[string]any{"access_token": s.token, "token_type": "Bearer", "expires_in": 1 << 30})
}

func (s *Server) do(r *http.Request) (any, error) {
	if r.Header.Get("Authorization") != "Bearer "+s.token {
		return nil, refuse(http.StatusUnauthorized, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
	}
	path, ours := strings.CutPrefix(r.URL.Path, "/v1/"+parent+"/")
	thing, verb, _ := strings.Cut(path, ":")
	kind, rest, _ := strings.Cut(thing, "/")
	q := r.URL.Query()
	switch route := r.Method + " " + kind + ":" + verb; {
	case !ours:
	case route == "GET registrations:retrieveRegisterParameters":
		return s.retrieve(q.Get("domainName"))
	case route == "POST registrations:register":
		return s.register(r)
	case route == "GET operations:":
		return s.list(), nil
	case kind == "registrations" && rest != "":
		return s.onName(r, rest, verb)
	}
	return nil, refuse(http.StatusNotFound, "NOT_FOUND", "Method not found.")
}

func (s *Server) onName(r *http.Request, domain, verb string) (any, error) {
	n := s.names[domain]
	if n == nil {
		return nil, refuse(http.StatusNotFound, "NOT_FOUND", "Resource '%s/registrations/%s' was not found", parent, domain)
	}
	if n.State == "ACTIVE" && expired(n, s.clock.Now()) {
		n.State = "EXPIRED"
	}
	switch r.Method + " " + verb {
	case "GET ":
		return n.Registration, nil
	case "DELETE ":
		return s.remove(domain, n)
	case "POST renewDomain":
		return s.renew(r, domain, n)
	case "POST configureDnsSettings":
		return s.configureDNS(r, domain, n)
	case "POST configureManagementSettings":
		return s.configureManagement(r, domain, n)
	}
	return nil, refuse(http.StatusNotFound, "NOT_FOUND", "Method not found.")
}

// body reads what was sent, without members that nobody knows.
func body(r *http.Request, into any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return refuse(http.StatusBadRequest, "INVALID_ARGUMENT", "Invalid JSON payload received: %v", err)
	}
	return nil
}

// begin starts an operation that has its effect once it is done.
func (s *Server) begin(domain, verb string, takes time.Duration, effect func()) *domains.Operation {
	s.next++
	now := s.clock.Now()
	target := parent + "/registrations/" + domain
	metadata, _ := json.Marshal(map[string]string{"target": target, "verb": verb, "createTime": now.Format(time.RFC3339Nano), "apiVersion": "v1"})
	op := &operation{
		Operation: &domains.Operation{Name: parent + "/operations/operation-" + strconv.Itoa(s.next), Metadata: metadata},
		target:    target, ready: now.Add(takes), held: s.hold, effect: effect,
	}
	s.hold = false
	s.operations = append(s.operations, op)
	s.settle()
	return op.Operation
}

// settle ends the operations whose time has come.
func (s *Server) settle() {
	s.operations = slices.DeleteFunc(s.operations, func(op *operation) bool {
		if op.held || s.clock.Now().Before(op.ready) {
			return false
		}
		op.effect()
		op.Done = true
		return true
	})
}

func (s *Server) list() *domains.ListOperationsResponse {
	all := &domains.ListOperationsResponse{}
	for _, op := range s.operations {
		all.Operations = append(all.Operations, op.Operation)
	}
	return all
}

func expired(n *name, now time.Time) bool {
	until, err := time.Parse(time.RFC3339, n.ExpireTime)
	return err == nil && !until.After(now)
}

func later(n *name, years int) string {
	until, _ := time.Parse(time.RFC3339, n.ExpireTime)
	return registrar.After(until, years).Format(time.RFC3339)
}
