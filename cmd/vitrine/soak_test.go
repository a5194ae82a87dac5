package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/order"
	"vitrine/internal/seal"
)

// soakPlan is how long merchants and shoppers use a platform that is killed again and
// again: make soak says.
func soakPlan(t *testing.T) (lasts time.Duration, kills int, rates []int) {
	t.Helper()
	if os.Getenv("VITRINE_SOAK") == "" {
		return 6 * time.Second, 1, []int{1}
	}
	lasts, err := time.ParseDuration(os.Getenv("VITRINE_SOAK"))
	if err != nil {
		t.Fatal(err)
	}
	if kills, err = strconv.Atoi(os.Getenv("VITRINE_SOAK_KILLS")); err != nil {
		t.Fatal(err)
	}
	return lasts, kills, []int{1, 2, 4}
}

// TestSoak uses one process and then two on a PostgreSQL of their own, at rising rates,
// while Vitrine and PostgreSQL are killed and PostgreSQL stands still. Nothing that was
// acknowledged is lost, everything is accounted for, and no request fails but those to
// what is dead.
func TestSoak_losesNothingAndFailsOnlyWhileSomethingIsDead(t *testing.T) {
	if os.Getenv("TEST_POSTGRES_DSN") == "" {
		t.Skip("TEST_POSTGRES_DSN is not set: it asks for what needs PostgreSQL")
	}
	if os.Getenv("VITRINE_SOAK") == "" {
		t.Parallel()
	}
	lasts, kills, rates := soakPlan(t)
	s := newSoak(t)
	for i, nodes := range []int{1, 2} {
		for len(s.nodes) < nodes {
			s.nodes = append(s.nodes, newNode(t, s.binary, s.env...))
		}
		for j, rate := range rates {
			step := i*len(rates) + j
			of := func(n int) int { return n*(step+1)/(2*len(rates)) - n*step/(2*len(rates)) }
			vitrine, postgres := of(kills), of(kills)
			if kills == 1 { // one each, the one in the first step and the other in the second
				vitrine, postgres = 1-i, i
			}
			s.step(nodes, rate, lasts/time.Duration(2*len(rates)), vitrine, postgres)
		}
	}
	if s.clock != nil {
		s.trouble(lasts / 30)
	}
	s.settle()
	s.report()
	s.verify()
	s.t.Logf("\n%s", s.table.String())
}

// soak is a platform in use.
type soak struct {
	t       *testing.T
	cluster *cluster
	clock   *shared // by how many seconds Vitrine's clock is wrong; nil: it cannot be
	table   strings.Builder
	binary  string
	env     []string
	nodes   []*node
	client  *http.Client
	db      *db.DB
	links   order.Links

	token, store, slug, product, variant, level string
	dnsStores                                   []string

	number atomic.Int64

	mu       sync.Mutex
	answers  []answer
	outages  []outage
	stalls   []outage        // in which requests wait, and do not fail
	bought   map[string]bool // orders that were answered with 201
	paid     map[string]bool // that a shopper saw paid
	adjusted map[string]bool // references of adjustments
	cloned   map[string]bool // stores
	imported map[string]bool // jobs
	records  map[string]bool // dns records: there (true), gone (false), or unknown (not in it)
}

// answer is what came of a request.
type answer struct {
	what     string
	node     int
	rate     string
	from, to time.Time
	wrong    string // "": it was as it should be
	busy     bool   // what a dead process has begun with a domain is not over
}

// outage is when something was dead.
type outage struct {
	what     string
	node     int // -1: all
	from, to time.Time
	restart  time.Duration // of PostgreSQL alone
}

func newSoak(t *testing.T) *soak {
	t.Helper()
	s := &soak{
		t:      t,
		client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 64}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		bought: map[string]bool{}, paid: map[string]bool{}, adjusted: map[string]bool{}, cloned: map[string]bool{}, imported: map[string]bool{}, records: map[string]bool{},
	}
	hold := "20s"
	if s.binary = build(t); os.Getenv("VITRINE_SOAK") != "" {
		s.binary, hold = buildWith(t, "clockjump"), (2 * ahead).String()
		s.clock = newShared(t, t.TempDir(), 8)
		s.env = []string{"CLOCK_JUMP=" + s.clock.path}
	}
	s.cluster = newCluster(t, s.clock != nil)
	s.env = append(s.env,
		"VITRINE_DATABASE_URL="+s.cluster.dsn("vitrine"), "VITRINE_STOREFRONT_RATE_LIMIT=0", "VITRINE_RESERVATION_TTL="+hold,
		"VITRINE_MEDIA_DIR="+t.TempDir(), "VITRINE_MOCK_DNS_PROPAGATION_SECONDS=0",
	)
	s.nodes = []*node{newNode(t, s.binary, s.env...)}
	s.open()
	return s
}

// open makes a merchant with a shop, and stores with domains.
func (s *soak) open() {
	s.t.Helper()
	s.db = dbtest.Open(s.t, s.cluster.dsn("vitrine"), clock.System{})
	key, err := seal.StoredKey(s.t.Context(), s.db, order.LinkKey)
	if err != nil {
		s.t.Fatal(err)
	}
	s.links = order.NewLinks(key)
	var login struct {
		AccessToken string `json:"access_token"`
	}
	s.must("POST", "/auth/register", map[string]string{"email": "soak@example.com", "password": "a long password"}, &login)
	s.token = login.AccessToken
	if err := s.db.InTx(s.t.Context(), func(tx *db.Tx) error {
		_, err := db.Exec(s.t.Context(), tx, `UPDATE account SET plan_id = 'scale'`)
		return err
	}); err != nil {
		s.t.Fatal(err)
	}
	var made struct{ ID, Slug string }
	s.must("POST", "/stores", map[string]string{"name": "Soak", "store_type": "ecommerce"}, &made)
	s.store, s.slug = made.ID, made.Slug
	var product struct {
		Slug     string
		Variants []struct{ ID string }
	}
	for range 8 {
		s.must("POST", "/stores/"+s.store+"/products", map[string]any{"title": "Mug", "status": "active", "variants": []any{map[string]string{"price": "12.50"}}}, &product)
		s.must("POST", "/stores/"+s.store+"/inventory", map[string]any{"variant_id": product.Variants[0].ID, "quantity": killStock}, &made)
	}
	s.product, s.variant, s.level = product.Slug, product.Variants[0].ID, made.ID
	for i := range 4 {
		s.must("POST", "/stores", map[string]string{"name": "Named"}, &made)
		s.must("POST", "/stores/"+made.ID+"/domain", map[string]string{"domain": fmt.Sprintf("soak-%d.example", i)}, &struct{}{})
		s.must("POST", "/stores/"+made.ID+"/domain/verify", nil, &struct{}{})
		s.dnsStores = append(s.dnsStores, made.ID)
	}
}

func (s *soak) must(method, path string, body, into any) {
	s.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	status, answer, err := s.send(s.t.Context(), 0, method, "/api/v1"+path, "application/json", raw)
	if err != nil || status >= http.StatusMultipleChoices {
		s.t.Fatalf("%s: %d, %s, %v", path, status, answer, err)
	}
	if err := json.Unmarshal(answer, into); err != nil {
		s.t.Fatal(err)
	}
}

func (s *soak) send(ctx context.Context, node int, method, path, kind string, body []byte) (status int, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, method, s.nodes[node].url()+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", kind)
	if strings.HasPrefix(path, "/api/") {
		req.Header.Set("Authorization", "Bearer "+s.token)
	}
	res, err := s.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}

// patience is how long after a step its last requests may take.
const patience = 3 * time.Second

// try sends a request and notes what came of it. It tells whether the answer was the
// one that is wanted.
func (s *soak) try(u *use, what string, want int, method, path, kind string, body []byte) (answered []byte, ok bool) {
	node := rand.IntN(u.nodes) //nolint:gosec // any
	a := answer{what: what, node: node, rate: u.name, from: time.Now()}
	ctx, cancel := context.WithDeadline(context.Background(), u.end.Add(patience))
	defer cancel()
	status, answered, err := s.send(ctx, node, method, path, kind, body)
	a.to = time.Now()
	switch {
	case ctx.Err() != nil && strings.HasSuffix(what, "record"):
		return nil, false // it waits for the lease of a dead process, which is not told
	case err != nil:
		a.wrong = err.Error()
	case status != want:
		a.wrong = fmt.Sprintf("%d %.200s", status, answered)
		a.busy = bytes.Contains(answered, []byte("domain_busy")) || bytes.Contains(answered, []byte("domain_unsettled"))
	}
	s.mu.Lock()
	s.answers = append(s.answers, a)
	s.mu.Unlock()
	return answered, a.wrong == ""
}

func (s *soak) json(u *use, what string, want int, method, path string, body, into any) bool {
	raw, err := json.Marshal(body)
	if err != nil {
		s.t.Error(err)
		return false
	}
	answered, ok := s.try(u, what, want, method, "/api/v1"+path, "application/json", raw)
	return ok && (into == nil || json.Unmarshal(answered, into) == nil)
}

func (s *soak) note(in map[string]bool, key string, is bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in[key] = is
}

// step has everybody at work, so many times over, while so many kills happen.
func (s *soak) step(nodes, rate int, lasts time.Duration, vitrine, postgres int) {
	u := &use{name: fmt.Sprintf("%d × rate %d", nodes, rate), nodes: nodes, end: time.Now().Add(lasts)}
	s.inUse(u, rate, func() { s.disturb(u, lasts, vitrine, postgres) })
}

// disturb spreads the kills over a step, in any order, and one standstill.
func (s *soak) disturb(u *use, lasts time.Duration, vitrine, postgres int) {
	events := slices.Concat(slices.Repeat([]string{"vitrine"}, vitrine), slices.Repeat([]string{"postgres"}, postgres), []string{"stall"})
	rand.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	each := lasts / time.Duration(len(events))
	for i, event := range events {
		begin := u.end.Add(-lasts + time.Duration(i)*each)
		time.Sleep(time.Until(begin) + each/10 + rand.N(each/4)) //nolint:gosec // any moment
		switch event {
		case "vitrine":
			s.killVitrine(rand.IntN(u.nodes)) //nolint:gosec // any
		case "postgres":
			s.killPostgres(u.nodes)
		case "stall":
			from := time.Now()
			s.cluster.stall(min(2*time.Second, each/4))
			s.mu.Lock()
			s.stalls = append(s.stalls, outage{what: "stall", node: -1, from: from, to: time.Now()})
			s.mu.Unlock()
		}
	}
}

func (s *soak) killVitrine(n int) {
	o := outage{what: "vitrine", node: n, from: time.Now()}
	s.nodes[n].kill()
	time.Sleep(rand.N(300 * time.Millisecond)) //nolint:gosec // any
	s.nodes[n].start()
	o.to = time.Now()
	s.mu.Lock()
	s.outages = append(s.outages, o)
	s.mu.Unlock()
}

func (s *soak) killPostgres(nodes int) {
	o := outage{what: "postgres", node: -1, from: time.Now()}
	s.cluster.kill()
	time.Sleep(rand.N(300 * time.Millisecond)) //nolint:gosec // any
	s.cluster.start()
	answers := time.Now()
	for _, n := range s.nodes[:nodes] {
		if !n.waitReady(30 * time.Second) {
			s.t.Errorf("vitrine does not come back after PostgreSQL has; its log is %s", n.log)
		}
	}
	o.to = time.Now()
	o.restart = o.to.Sub(answers)
	s.mu.Lock()
	s.outages = append(s.outages, o)
	s.mu.Unlock()
}
