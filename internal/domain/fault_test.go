package domain_test

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/certificate"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/dns"
	"vitrine/internal/dns/dnstest"
	"vitrine/internal/domain"
	"vitrine/internal/fault"
	"vitrine/internal/fixture"
	"vitrine/internal/store"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(ear{slog.DiscardHandler})) // thousands of faults that are meant
	os.Exit(dbtest.Main(m))
}

// shop is a store on a domain whose provider fails now and then.
type shop struct {
	*domain.Service
	clock    *clock.Fixed
	db       *db.DB
	provider *dnstest.Faulty
	way      mender // to the provider, where it is over a network
	owner    account.ID
	store    store.ID
	name     string
}

// changes are how many are asked for, while about a third of all calls to the
// provider fail.
func changes() int {
	if os.Getenv("VITRINE_TEST_ACCEPT") != "" {
		return 1000
	}
	return 100
}

// run asks for changes at random, and then checks that the records here and those at
// the provider are the same, none lost and none doubled.
func (s *shop) run(t *testing.T, seed uint64) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, seed))
	asked := map[string]int{}
	for range changes() {
		err := s.live(t, func() error { return s.change(t, random) })
		asked[fault.Code(err)]++
		if err != nil && !fault.Is(err, fault.Provider) && !fault.Is(err, fault.Refused) && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.NotFound) {
			t.Fatalf("an error of another kind: %v", err)
		}
		s.clock.Advance(10 * time.Second)
		if random.IntN(4) == 0 {
			if err := s.live(t, func() error { return s.Repair(t.Context()) }); err != nil && !errors.Is(err, errDied) {
				t.Fatal(err)
			}
		}
	}
	s.provider.Mend()
	if s.way != nil {
		s.way.Mend()
	}
	s.clock.Advance(time.Minute)
	if err := s.Repair(t.Context()); err != nil {
		t.Fatal(err)
	}
	if asked[""] < changes()/10 || s.provider.Faults < changes()/5 || asked["died"] == 0 {
		t.Errorf("%d faults, and the changes ended so: %v", s.provider.Faults, asked)
	}
	plan, err := s.Plan(t.Context(), s.store)
	if err != nil || len(plan) > 0 {
		t.Errorf("the two are apart: %+v, %v; the changes ended so: %v", plan, err, asked)
	}
	here := s.records(t)
	if n := s.atProvider(t); n != len(here) {
		t.Errorf("%d records here, %d at the provider", len(here), n)
	}
}

// live does something. When the process dies of it, the lease stays with nobody until
// it runs out.
func (s *shop) live(t *testing.T, do func() error) (err error) {
	t.Helper()
	defer func() {
		switch died := recover(); died {
		case nil:
		case dnstest.Death:
			s.holdLease(t)
			s.clock.Advance(2 * time.Minute)
			err = errDied
		default:
			panic(died)
		}
	}()
	return do()
}

var errDied error = &fault.Error{Kind: fault.Provider, Code: "died", Message: "The process died."}

func (s *shop) records(t *testing.T) []domain.Record {
	t.Helper()
	all, _, err := domain.ListRecords(t.Context(), s.db, s.store, db.Page{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// atProvider counts what the provider has, but for the zone's own name servers.
func (s *shop) atProvider(t *testing.T) int {
	t.Helper()
	zone, err := s.provider.ZoneID(t.Context(), s.name)
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.provider.ListRecords(t.Context(), zone)
	if err != nil {
		t.Fatal(err)
	}
	return len(slices.DeleteFunc(all, func(r dns.Record) bool { return r.Type == dns.NS }))
}

// change asks for something at random.
func (s *shop) change(t *testing.T, random *rand.Rand) error {
	t.Helper()
	name, value := fmt.Sprintf("n%d", random.IntN(8)), fmt.Sprintf("192.0.2.%d", random.IntN(20))
	all := s.records(t)
	switch kind := random.IntN(10); {
	case kind == 0:
		_, err := s.Configure(t.Context(), s.store, s.owner, false, nil)
		return err
	case kind < 4 || len(all) == 0:
		_, err := s.CreateRecord(t.Context(), s.store, s.owner, domain.Record{Type: dns.A, Name: name, Value: value, TTL: 60 + 60*random.IntN(3)}, nil)
		return err
	case kind < 8:
		one := all[random.IntN(len(all))]
		_, err := s.UpdateRecord(t.Context(), s.store, s.owner, one.ID, func(r *domain.Record) {
			if r.Type == dns.A {
				r.Value = value
			}
			r.TTL = 60 + 60*random.IntN(3)
		})
		return err
	}
	return s.DeleteRecord(t.Context(), s.store, s.owner, all[random.IntN(len(all))].ID)
}

// mender is a way to a provider that fails now and then until it is mended.
type mender interface{ Mend() }

// peer starts a provider that has the zone of a name, and returns the way to it.
type peer func(t *testing.T, d *db.DB, name string) (dns.Provider, mender)

// eachShop runs fn for a store on a verified domain, once on every database.
func eachShop(t *testing.T, mode string, start peer, fn func(t *testing.T, s *shop)) {
	t.Helper()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		c := clock.At(time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC))
		d := dbtest.Open(t, address, c)
		s := &shop{db: d, clock: c, name: "mystore.example"}
		var p dns.Provider
		p, s.way = start(t, d, s.name)
		s.provider = dnstest.NewFaulty(p, 7)
		settings := fixture.DomainSettings
		settings.Mode, settings.OwnZones = mode, mode == "mock" || mode == "builtin"
		s.Service = domain.New(d, s.provider, nil, certificate.NewMock(c), settings)
		var err error
		if s.owner, err = fixture.Account(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		s.attach(t)
		fn(t, s)
	})
}

// attach puts a new store on the name, which is verified at once.
func (s *shop) attach(t *testing.T) {
	t.Helper()
	err := s.db.InTx(t.Context(), func(tx *db.Tx) error {
		st, err := store.Create(t.Context(), tx, s.owner, store.New("Shop"))
		if err != nil {
			return err
		}
		s.store = st.ID
		_, err = s.Attach(t.Context(), tx, st, s.name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Verify(t.Context(), s.store, nil); err != nil {
		t.Fatal(err)
	}
}
