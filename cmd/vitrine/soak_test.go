package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
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
	"vitrine/internal/id"
	"vitrine/internal/order"
	"vitrine/internal/seal"
	"vitrine/internal/store"
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

// use is a time of use at one rate.
type use struct {
	name  string
	nodes int
	end   time.Time
}

// step has everybody at work, so many times over, while so many kills happen.
func (s *soak) step(nodes, rate int, lasts time.Duration, vitrine, postgres int) {
	u := &use{name: fmt.Sprintf("%d × rate %d", nodes, rate), nodes: nodes, end: time.Now().Add(lasts)}
	s.inUse(u, rate, func() { s.disturb(u, lasts, vitrine, postgres) })
}

// inUse has everybody at work, so many times over, while something happens: about 160
// requests a second times the rate, if they are answered in time.
func (s *soak) inUse(u *use, rate int, happens func()) {
	var all sync.WaitGroup
	loop := func(workers int, pause time.Duration, do func(*use, int)) {
		for i := range workers {
			all.Go(func() {
				for time.Now().Before(u.end) {
					do(u, i)
					time.Sleep(rand.N(2 * pause)) //nolint:gosec // any
				}
			})
		}
	}
	loop(4*rate, 50*time.Millisecond, s.browse)
	loop(3*rate, 150*time.Millisecond, s.buy)
	loop(2*rate, 100*time.Millisecond, s.adjust)
	loop(len(s.dnsStores), 400*time.Millisecond/time.Duration(rate), s.changeRecords)
	loop(1, time.Second/time.Duration(rate), s.clone)
	loop(1, time.Second/time.Duration(rate), s.bringIn)
	happens()
	all.Wait()
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

func (s *soak) browse(u *use, _ int) {
	path := []string{"/s/" + s.slug, "/s/" + s.slug + "/products/" + s.product, "/api/v1/storefront/" + s.slug + "/products", "/s/" + s.slug + "/products"}[rand.IntN(4)] //nolint:gosec // any
	s.try(u, "browse", http.StatusOK, "GET", path, "text/plain", nil)
}

func (s *soak) buy(u *use, _ int) {
	var o struct{ ID string }
	wanted := map[string]any{
		"customer": map[string]string{"email": fmt.Sprintf("c%d@example.com", rand.IntN(200))}, //nolint:gosec // anybody
		"items":    []any{map[string]any{"variant_id": s.variant, "quantity": 1}},
	}
	if !s.json(u, "order", http.StatusCreated, "POST", "/stores/"+s.store+"/orders", wanted, &o) {
		return
	}
	s.note(s.bought, o.ID, true)
	of, err := id.Parse(o.ID)
	if err != nil {
		s.t.Error(err)
		return
	}
	shop, err := id.Parse(s.store)
	if err != nil {
		s.t.Error(err)
		return
	}
	page := "/s/" + s.slug + "/orders/" + s.links.Token(store.ID{UUID: shop}, order.ID{UUID: of})
	if _, ok := s.try(u, "pay", http.StatusSeeOther, "POST", page+"/pay", "application/x-www-form-urlencoded", []byte(url.Values{}.Encode())); !ok {
		return
	}
	var is struct {
		PaymentStatus string `json:"payment_status"`
	}
	if s.json(u, "look", http.StatusOK, "GET", "/stores/"+s.store+"/orders/"+o.ID, nil, &is) && is.PaymentStatus == "paid" {
		s.note(s.paid, o.ID, true)
	}
}

func (s *soak) adjust(u *use, _ int) {
	reference := fmt.Sprintf("soak-%d", s.number.Add(1))
	change := map[string]any{"quantity_change": 1, "reason": "received", "reference_id": reference}
	if s.json(u, "adjust", http.StatusOK, "POST", "/stores/"+s.store+"/inventory/"+s.level+"/adjust", change, nil) {
		s.note(s.adjusted, reference, true)
	}
}

func (s *soak) clone(u *use, _ int) {
	var made struct{ Store struct{ ID string } }
	if !s.json(u, "clone", http.StatusCreated, "POST", "/stores/"+s.dnsStores[0]+"/clone", map[string]any{}, &made) {
		return
	}
	s.note(s.cloned, made.Store.ID, true)
	s.try(u, "delete", http.StatusNoContent, "DELETE", "/api/v1/stores/"+made.Store.ID, "application/json", nil)
}

func (s *soak) bringIn(u *use, _ int) {
	n := s.number.Add(1)
	file := fmt.Sprintf("Handle,Title,Variant SKU,Variant Price\nbrought-%d,Brought,B-%d,3.50\n", n, n)
	answered, ok := s.try(u, "import", http.StatusAccepted, "POST", "/api/v1/stores/"+s.store+"/products/import", "text/csv", []byte(file))
	var job struct {
		JobID string `json:"job_id"`
	}
	if ok && json.Unmarshal(answered, &job) == nil {
		s.note(s.imported, job.JobID, true)
	}
}

// changeRecords makes a record, and takes it away again but for every eighth: a domain
// has room for a thousand.
func (s *soak) changeRecords(u *use, i int) {
	n := s.number.Add(1)
	path := "/stores/" + s.dnsStores[i] + "/domain/dns/records"
	var made struct{ ID string }
	record := map[string]any{"record_type": "TXT", "name": fmt.Sprintf("t%d", n), "value": "soak"}
	if !s.json(u, "record", http.StatusCreated, "POST", path, record, &made) {
		return
	}
	s.note(s.records, made.ID, true)
	if n%8 == 0 {
		return
	}
	s.mu.Lock()
	delete(s.records, made.ID) // unknown, until it is answered
	s.mu.Unlock()
	if _, ok := s.try(u, "unrecord", http.StatusNoContent, "DELETE", "/api/v1"+path+"/"+made.ID, "application/json", nil); ok {
		s.note(s.records, made.ID, false)
	}
}

// settle waits until nothing is left to be done.
func (s *soak) settle() {
	s.t.Helper()
	waitForJobs(s.t, s.db)
	if s.clock == nil {
		return // payments and unpaid orders have some seconds more
	}
	soon := db.Time{Time: s.db.Now().Add(10 * time.Minute)}
	s.waitForNone("payments are to be looked at in an hour, as the clock was, and", `SELECT count(*) FROM charge WHERE next_at > $1`, soon)
	s.clock.set(int64((4 * ahead).Seconds())) // what nobody has paid is over
	s.waitForNone("payments", `SELECT count(*) FROM charge WHERE next_at IS NOT NULL`)
	s.waitForNone("orders", `SELECT count(*) FROM shop_order WHERE hold_until IS NOT NULL`)
}

// waitForNone waits until a query counts nothing.
func (s *soak) waitForNone(what, query string, args ...any) {
	s.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
		left, err := db.One(s.t.Context(), s.db, db.Value[int], query, args...)
		if err != nil {
			s.t.Fatal(err)
		}
		if left == 0 {
			return
		}
		if time.Now().After(deadline) {
			s.t.Errorf("%d %s are not over after two minutes", left, what)
			return
		}
	}
}

// say adds a line to what is told in the end.
func (s *soak) say(format string, a ...any) { fmt.Fprintf(&s.table, format+"\n", a...) }

// leaseLife is how long a domain stays busy whose changes a process has died with.
const leaseLife = 50 * time.Second

// during tells whether a request ran while what it was sent to was dead.
func (s *soak) during(a answer) bool { return slices.ContainsFunc(s.outages, a.meets) }

func (a answer) meets(o outage) bool {
	end := o.to
	if a.busy {
		end = end.Add(leaseLife)
	}
	return (o.node < 0 || o.node == a.node || a.busy) && !a.to.Before(o.from) && !a.from.After(end)
}

// report prints what it was like, and fails for what went wrong while nothing was dead.
func (s *soak) report() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	byStep := map[string][]answer{}
	var steps []string
	for _, a := range s.answers {
		if byStep[a.rate] == nil {
			steps = append(steps, a.rate)
		}
		byStep[a.rate] = append(byStep[a.rate], a)
	}
	outside := map[string]int{}
	s.say("%-26s %9s %9s %9s %9s   %s", "processes × what", "requests", "per s", "failed in", "and out", "of outages; outside of them p50/p99:")
	for _, step := range steps {
		s.tellStep(step, byStep[step], outside)
	}
	for _, what := range []string{"vitrine", "postgres"} {
		var dead, restart []time.Duration
		for _, o := range s.outages {
			if o.what == what {
				dead, restart = append(dead, o.to.Sub(o.from)), append(restart, o.restart)
			}
		}
		if len(dead) > 0 {
			s.say("%s was killed %d times; ready again after %v at most, the median %v; after PostgreSQL answered: %v at most", what, len(dead), slices.Max(dead).Round(time.Millisecond), median(dead), slices.Max(restart).Round(time.Millisecond))
		}
	}
	for _, wrong := range slices.Sorted(maps.Keys(outside)) {
		s.t.Errorf("while nothing was dead, %d times: %s", outside[wrong], wrong)
	}
}

func (s *soak) tellStep(name string, all []answer, outside map[string]int) {
	took := map[string][]time.Duration{}
	in, out := 0, 0
	first, last := all[0].from, all[0].to
	for _, a := range all {
		if a.to.After(last) {
			last = a.to
		}
		switch {
		case a.wrong == "" && !s.during(a) && !slices.ContainsFunc(s.stalls, a.meets):
			took[a.what] = append(took[a.what], a.to.Sub(a.from))
		case a.wrong == "":
		case s.during(a):
			in++
		default:
			out++
			outside[a.what+": "+a.wrong]++
		}
	}
	line := fmt.Sprintf("%-26s %9d %9.0f %9d %9d  ", name, len(all), float64(len(all))/last.Sub(first).Seconds(), in, out)
	for _, what := range []string{"browse", "order", "pay", "adjust", "record", "clone"} {
		if each := took[what]; len(each) > 0 {
			slices.Sort(each)
			line += fmt.Sprintf(" %s %v/%v", what, round(each[len(each)/2]), round(each[len(each)*99/100]))
		}
	}
	s.say("%s", line)
	if len(took["browse"]) == 0 || len(took["order"]) == 0 {
		s.t.Errorf("%s: nothing was answered", name)
	}
}

func round(d time.Duration) time.Duration {
	if d > 100*time.Millisecond {
		return d.Round(time.Millisecond)
	}
	return d.Round(100 * time.Microsecond)
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2].Round(time.Millisecond)
}

// verify looks for everything that was acknowledged, and has the doctor look at the rest.
func (s *soak) verify() {
	s.t.Helper()
	is := func(query string) map[string]string {
		found := map[string]string{}
		err := db.Each(s.t.Context(), s.db, func(row db.Row) error {
			var key, value string
			err := row.Scan(&key, &value)
			if found[key] != "" {
				s.t.Errorf("%s is there twice", key)
			}
			found[key] = value
			return err
		}, query)
		if err != nil {
			s.t.Fatal(err)
		}
		return found
	}
	lost := 0
	look := func(what string, acknowledged map[string]bool, found map[string]string, good func(state string, is bool) bool) {
		for key, is := range acknowledged {
			if !good(found[key], is) {
				if lost++; lost < 20 {
					s.t.Errorf("%s %s was acknowledged (%v) and is %q", what, key, is, found[key])
				}
			}
		}
		s.say("%d × %s acknowledged", len(acknowledged), what)
	}
	there := func(state string, is bool) bool { return (state != "") == is }
	orders := is(`SELECT CAST(id AS TEXT), payment_status FROM shop_order`)
	look("order", s.bought, orders, there)
	look("payment", s.paid, orders, func(state string, _ bool) bool { return state == "paid" })
	look("adjustment", s.adjusted, is(`SELECT reference_id, 'there' FROM inventory_adjustment WHERE reference_id LIKE 'soak-%'`), there)
	look("clone", s.cloned, is(`SELECT CAST(id AS TEXT), 'there' FROM store`), there)
	look("import", s.imported, is(`SELECT CAST(id AS TEXT), status FROM job WHERE kind LIKE 'import%'`), func(state string, _ bool) bool { return state == "succeeded" })
	look("record", s.records, is(`SELECT CAST(id AS TEXT), 'there' FROM dns_record`), there)
	c := exec.Command(s.binary, "doctor") //nolint:gosec,noctx // our own binary
	c.Env = append(os.Environ(), s.env...)
	said, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(said), "no differences") {
		s.t.Errorf("doctor: %v\n%s", err, said)
	}
	s.say("lost: %d; doctor: %s", lost, said)
	if s.t.Failed() {
		s.keepLogs()
	}
}

// keepLogs keeps what is to be read after a failure.
func (s *soak) keepLogs() {
	folder, err := os.MkdirTemp("", "vitrine-soak-logs-")
	if err != nil {
		return
	}
	for i, n := range s.nodes {
		if content, err := os.ReadFile(n.log); err == nil {
			_ = os.WriteFile(filepath.Join(folder, fmt.Sprintf("vitrine-%d.log", i)), content, 0o600)
		}
	}
	if content, err := os.ReadFile(filepath.Join(s.cluster.home, "log")); err == nil {
		_ = os.WriteFile(filepath.Join(folder, "postgres.log"), content, 0o600)
	}
	s.t.Logf("the logs are in %s", folder)
}
