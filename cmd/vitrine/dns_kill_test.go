package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	wire "github.com/miekg/dns"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/dns"
	"vitrine/internal/dns/cloudflare"
	"vitrine/internal/dns/cloudflare/cloudflaretest"
	"vitrine/internal/dns/google"
	"vitrine/internal/dns/google/googletest"
)

const killedDomain = "mystore.example"

// dnsPeer is a DNS provider that outlives the server: where its records can be read,
// and the settings that lead there.
type dnsPeer func(t *testing.T) (dns.Provider, []string)

var dnsPeers = map[string]dnsPeer{
	"google": func(t *testing.T) (dns.Provider, []string) {
		t.Helper()
		fake := googletest.New()
		fake.Zone(killedDomain, false)
		url := slowly(t, fake)
		p, err := google.New(google.Settings{Endpoint: url, Project: googletest.Project, Credentials: fake.Credentials(url)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return p, []string{"VITRINE_DNS_PROVIDER_MODE=google", "VITRINE_GOOGLE_DNS_PROJECT_ID=" + googletest.Project, "VITRINE_GOOGLE_DNS_CREDENTIALS_JSON=" + fake.Credentials(url), "VITRINE_GOOGLE_DNS_ENDPOINT=" + url}
	},
	"cloudflare": func(t *testing.T) (dns.Provider, []string) {
		t.Helper()
		fake := cloudflaretest.New()
		fake.Zone(killedDomain, "active")
		url := slowly(t, fake)
		return cloudflare.New(url, cloudflaretest.Token, nil), []string{"VITRINE_DNS_PROVIDER_MODE=cloudflare", "VITRINE_CLOUDFLARE_API_TOKEN=" + cloudflaretest.Token, "VITRINE_CLOUDFLARE_ENDPOINT=" + url}
	},
}

// slowly serves what a fake does, which takes a while before and after the effect, so
// that a kill comes at either time.
func slowly(t *testing.T, fake http.Handler) string {
	t.Helper()
	listening := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(time.Duration(rand.IntN(15)) * time.Millisecond) //nolint:gosec // any time
		done := httptest.NewRecorder()
		fake.ServeHTTP(done, r)
		time.Sleep(time.Duration(rand.IntN(15)) * time.Millisecond) //nolint:gosec // any time
		for name, values := range done.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(done.Code)
		_, _ = w.Write(done.Body.Bytes())
	}))
	t.Cleanup(listening.Close)
	return listening.URL
}

// proving is a resolver that answers every question for a TXT record with one text.
func proving(t *testing.T, text *string) string {
	t.Helper()
	packets, err := net.ListenPacket("udp", "127.0.0.1:0") //nolint:noctx // closed below
	if err != nil {
		t.Fatal(err)
	}
	server := &wire.Server{PacketConn: packets, Handler: wire.HandlerFunc(func(w wire.ResponseWriter, q *wire.Msg) {
		m := new(wire.Msg).SetReply(q)
		if q.Question[0].Qtype == wire.TypeTXT {
			m.Answer = []wire.RR{&wire.TXT{Hdr: wire.RR_Header{Name: q.Question[0].Name, Rrtype: wire.TypeTXT, Class: wire.ClassINET, Ttl: 1}, Txt: []string{*text}}}
		}
		_ = w.WriteMsg(m)
	})}
	go func() { _ = server.ActivateAndServe() }()
	t.Cleanup(func() { _ = server.Shutdown() })
	return packets.LocalAddr().String()
}

// send is post with another method; 0 is an answer that did not come.
func (s *server) send(method, path, token string, body, into any) int {
	raw, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	req, err := http.NewRequest(method, s.url+"/api/v1"+path, bytes.NewReader(raw)) //nolint:noctx // dies with the server
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	if into != nil && json.NewDecoder(res.Body).Decode(into) != nil {
		return 0
	}
	return res.StatusCode
}

// TestKill_whileDNSIsChanged kills the server again and again while records are made,
// changed and deleted at a provider that lives on.
func TestKill_whileDNSIsChanged_databaseAndProviderEndEqual(t *testing.T) {
	t.Parallel()
	binary := build(t)
	long := os.Getenv("VITRINE_TEST_ACCEPT") != ""
	for mode, start := range dnsPeers {
		t.Run(mode, func(t *testing.T) {
			if mode != "google" && !long {
				t.Skip("in the acceptance run")
			}
			t.Parallel()
			dbtest.EachURL(t, func(t *testing.T, address string) {
				provider, env := start(t)
				var proof string
				s := &server{t: t, binary: binary, address: address, env: append(env, "VITRINE_DNS_RESOLVERS="+proving(t, &proof))}
				s.start()
				defer func() { s.kill() }()
				k := s.killedDNS(&proof)
				hit := 0
				for range killsOfDNS(long) {
					stopped := make(chan struct{})
					go func() { defer close(stopped); k.change() }()
					eventually(t, "something is changed", func() bool { return k.done.Load() > 0 })
					time.Sleep(time.Duration(100+rand.IntN(300)) * time.Millisecond) //nolint:gosec // any moment
					s.kill()
					<-stopped
					d := dbtest.Open(t, address, clock.System{})
					hit += openChanges(t, d)
					later(t, d)
					s.start()
					if !long { // whoever changes something next settles what is open, as the job does every ten seconds
						k.send(http.MethodPost, k.path+"/ssl/provision", k.token, struct{}{}, nil)
					}
					for deadline := time.Now().Add(time.Minute); openChanges(t, d) > 0; time.Sleep(50 * time.Millisecond) {
						if time.Now().After(deadline) {
							t.Fatal("changes stay open")
						}
					}
					k.check(provider)
				}
				t.Logf("%d of %d kills left a change open", hit, killsOfDNS(long))
			})
		})
	}
}

func killsOfDNS(long bool) int {
	if long {
		return 25
	}
	return 3
}

// openChanges counts those of which nobody knows whether they were made.
func openChanges(t *testing.T, d *db.DB) int {
	t.Helper()
	n, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM dns_change WHERE state = 'open'`)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// later is the database as it would be when the leases of the dead have run out and
// what they asked for cannot happen any more.
func later(t *testing.T, d *db.DB) {
	t.Helper()
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		past := db.Time{Time: tx.Now().Add(-time.Minute)}
		_, err := db.Exec(t.Context(), tx, `UPDATE custom_domain SET lease_until = $1 WHERE lease IS NOT NULL`, past)
		if err == nil {
			_, err = db.Exec(t.Context(), tx, `UPDATE dns_change SET created_at = $1 WHERE state = 'open'`, past)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// killedDNS is a merchant who changes records, and what they were told of them.
type killedDNS struct {
	*server
	token string
	path  string
	told  map[string]string // the values of the records by their names; "" of one that is gone
	asked string            // the record whose answer did not come
	done  atomic.Int64
}

type recordJSON struct {
	ID         string `json:"id"`
	Type       string `json:"record_type"`
	Name       string `json:"name"`
	Value      string `json:"value"`
	TTL        int    `json:"ttl"`
	ProviderID string `json:"provider_record_id"`
}

func (s *server) killedDNS(proof *string) *killedDNS {
	s.t.Helper()
	k := &killedDNS{server: s, told: map[string]string{}}
	k.token, _ = s.newUser()
	var store struct{ ID string }
	s.send(http.MethodPost, "/stores", k.token, map[string]string{"name": "Shop"}, &store)
	k.path = "/stores/" + store.ID + "/domain"
	var attached struct {
		Token string `json:"verification_token"`
	}
	s.send(http.MethodPost, k.path, k.token, map[string]string{"domain": killedDomain}, &attached)
	*proof = attached.Token
	var verified struct{ Verified bool }
	s.send(http.MethodPost, k.path+"/verify", k.token, struct{}{}, &verified)
	if !verified.Verified {
		s.t.Fatal("the domain is not verified")
	}
	return k
}

func (k *killedDNS) records() []recordJSON {
	k.t.Helper()
	var all []recordJSON
	if status := k.send(http.MethodGet, k.path+"/dns/records?limit=200", k.token, nil, &all); status != http.StatusOK {
		k.t.Fatalf("the records: %d", status)
	}
	return all
}

// change makes, changes and deletes records until no answer comes.
func (k *killedDNS) change() {
	ids := map[string]string{}
	var all []recordJSON
	if k.send(http.MethodGet, k.path+"/dns/records?limit=200", k.token, nil, &all) == 0 {
		return
	}
	for _, r := range all {
		ids[r.Name] = r.ID
	}
	for {
		name, value := fmt.Sprintf("n%d", rand.IntN(6)), fmt.Sprintf("192.0.2.%d", rand.IntN(250)) //nolint:gosec // any of them
		k.asked = name
		var made recordJSON
		var status int
		switch one := k.path + "/dns/records/" + ids[name]; {
		case ids[name] == "":
			status = k.send(http.MethodPost, k.path+"/dns/records", k.token, map[string]any{"record_type": "A", "name": name, "value": value}, &made)
		case rand.IntN(3) == 0: //nolint:gosec // now and then
			if status, value = k.send(http.MethodDelete, one, k.token, nil, nil), ""; status != 0 {
				made.ID = ""
			}
		default:
			status = k.send(http.MethodPatch, one, k.token, map[string]any{"value": value}, &made)
		}
		switch {
		case status == 0:
			return
		case status < 300:
			ids[name], k.told[name], k.asked = made.ID, value, ""
			k.done.Add(1)
		default:
			k.t.Errorf("%s: %d", name, status)
			return
		}
	}
}

// check compares the records here with those at the provider, and with what the
// merchant was told.
func (k *killedDNS) check(provider dns.Provider) {
	k.t.Helper()
	zone, err := provider.ZoneID(k.t.Context(), killedDomain)
	if err != nil {
		k.t.Fatal(err)
	}
	found, err := provider.ListRecords(k.t.Context(), zone)
	if err != nil {
		k.t.Fatal(err)
	}
	var here, there []string
	now := map[string]string{}
	for _, r := range k.records() {
		here = append(here, fmt.Sprint(r.Name, " ", r.Type, " ", r.Value, " ", r.TTL, " ", r.ProviderID))
		now[r.Name] = r.Value
	}
	for _, r := range found {
		if r.Type != dns.NS {
			there = append(there, fmt.Sprint(strings.TrimSuffix(r.Name, "."+killedDomain), " ", r.Type, " ", r.Value, " ", r.TTL, " ", r.ID))
		}
	}
	slices.Sort(here)
	slices.Sort(there)
	if !slices.Equal(here, there) {
		k.t.Errorf("here:\n%s\nat the provider:\n%s", strings.Join(here, "\n"), strings.Join(there, "\n"))
	}
	for name, value := range k.told {
		if name != k.asked && now[name] != value {
			k.t.Errorf("%s is %q, and the merchant was told %q", name, now[name], value)
		}
	}
	k.told = now
	for n := range 6 {
		if name := fmt.Sprintf("n%d", n); now[name] == "" {
			k.told[name] = ""
		}
	}
}
