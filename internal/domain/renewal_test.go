package domain_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/certificate"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/dns/mock"
	"vitrine/internal/domain"
	"vitrine/internal/fault"
	"vitrine/internal/fixture"
	"vitrine/internal/seal"
	"vitrine/internal/setup"
	"vitrine/internal/store"
)

// office is an authority whose time is the test's, and what looks whether names lead
// here.
type office struct {
	clock clock.Clock
	key   *ecdsa.PrivateKey

	mu     sync.Mutex
	life   time.Duration
	away   bool
	lost   map[string]bool // names that lead elsewhere
	issued map[string]int
	asked  map[string]int // orders that were not renewals
}

func newOffice(t *testing.T, c clock.Clock) *office {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &office{clock: c, key: key, life: 90 * 24 * time.Hour, lost: map[string]bool{}, issued: map[string]int{}, asked: map[string]int{}}
}

func (o *office) Name() string { return "office" }

func (o *office) Identities(context.Context) ([]string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.away {
		return nil, certificate.Errorf(certificate.Unanswered, "closed")
	}
	return []string{"office.test"}, nil
}

func (o *office) Way(_ context.Context, name string, _ []string) (certificate.Way, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.lost[name] {
		return "", fault.Refusedf(certificate.CodeUnreachable, "%s does not lead here.", name)
	}
	return certificate.ByHTTP, nil
}

func (o *office) Obtain(_ context.Context, r certificate.Request) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	name := r.Names[0].Name
	o.issued[name]++
	if r.Replaces == nil {
		o.asked[name]++
	}
	now := o.clock.Now()
	made := &x509.Certificate{SerialNumber: big.NewInt(now.UnixNano()), NotBefore: now, NotAfter: now.Add(o.life)}
	for _, p := range r.Names {
		made.DNSNames = append(made.DNSNames, p.Name)
	}
	der, err := x509.CreateCertificate(rand.Reader, made, made, r.Key.Public(), crypto.Signer(o.key))
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), err
}

func (o *office) Renewal(_ context.Context, leaf *x509.Certificate) (certificate.Renewal, bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.away {
		return certificate.Renewal{}, false, certificate.Errorf(certificate.Unanswered, "closed")
	}
	at := leaf.NotAfter.Add(-leaf.NotAfter.Sub(leaf.NotBefore) / 3)
	return certificate.Renewal{At: at, Again: o.clock.Now().Add(24 * time.Hour)}, true, nil
}

// shops puts stores on names of their own and gets their certificates.
func shops(t *testing.T, d *db.DB, s *domain.Service, n int) []store.Store {
	t.Helper()
	var all []store.Store
	for i := range n {
		owner, err := fixture.Account(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		var made store.Store
		err = d.InTx(t.Context(), func(tx *db.Tx) (err error) {
			if made, err = setup.Open(t.Context(), tx, owner, store.New(fmt.Sprint("Shop ", i))); err != nil {
				return err
			}
			_, err = s.Attach(t.Context(), tx, made, fmt.Sprintf("shop-%d.com", i))
			return err
		})
		if err == nil {
			_, err = s.Verify(t.Context(), made.ID, nil)
		}
		if err == nil {
			_, err = s.Configure(t.Context(), made.ID, owner, false, nil)
		}
		if err == nil {
			_, err = s.Certify(t.Context(), made.ID, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, made)
	}
	return all
}

// Nobody visits any of the names for more than a year. The authority is away for ten
// days, shortens the life of certificates, and one name leaves.
func TestRenewCertificates_renewsNamesThatNobodyVisitsForAYear(t *testing.T) {
	t.Parallel()
	n := 4
	if os.Getenv("VITRINE_TEST_ACCEPT") != "" {
		n = 200
	}
	dbtest.EachURL(t, func(t *testing.T, address string) {
		now := clock.At(time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC))
		d := dbtest.Open(t, address, now)
		authority := newOffice(t, now)
		sealer, err := seal.New(seal.Key{1})
		if err != nil {
			t.Fatal(err)
		}
		issuer := certificate.NewIssuer(d, sealer, authority, certificate.Limits{Orders: n, Domain: 5}, authority)
		s := domain.New(d, mock.New(d, 0), nil, issuer, fixture.DomainSettings)
		all := shops(t, d, s, n)
		for day := 0; day < 400; day += 2 {
			authority.mu.Lock()
			authority.away = day >= 100 && day < 110
			if day == 200 {
				authority.life = 45 * 24 * time.Hour
				authority.lost["shop-0.com"] = true
			}
			authority.mu.Unlock()
			now.Advance(48 * time.Hour)
			if err := issuer.AskAuthorities(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := s.RenewCertificates(t.Context()); err != nil {
				t.Fatal(err)
			}
			if day%20 != 0 {
				continue
			}
			domains, err := domain.Of(t.Context(), d, ids(all))
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range domains {
				if left := x.CertifiedUntil.Sub(now.Now()); left < 10*24*time.Hour && x.Name != "shop-0.com" {
					t.Fatalf("day %d: the certificate of %s is good for %v", day, x.Name, left)
				}
			}
		}
		for _, st := range all {
			x, err := domain.Get(t.Context(), d, st.ID)
			if err != nil {
				t.Fatal(err)
			}
			if x.Name == "shop-0.com" {
				if x.Reason == nil || !strings.Contains(*x.Reason, "does not lead here") || x.Status != domain.Active {
					t.Errorf("the one that has left: %v, %v", x.Status, x.Reason)
				}
				continue
			}
			if times := authority.issued[x.Name]; times < 8 || times > 12 || authority.asked[x.Name] != 1 || x.Reason != nil {
				t.Errorf("%s: issued %d times, %d of them new; %v", x.Name, times, authority.asked[x.Name], x.Reason)
			}
		}
	})
}

func ids(all []store.Store) []store.ID {
	var list []store.ID
	for _, st := range all {
		list = append(list, st.ID)
	}
	return list
}

// A process dies after the certificate was issued and before the domain knew.
func TestRenewCertificates_takesOverTheCertificateThatADeadProcessGot(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		now := clock.At(time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC))
		d := dbtest.Open(t, address, now)
		authority := newOffice(t, now)
		sealer, err := seal.New(seal.Key{1})
		if err != nil {
			t.Fatal(err)
		}
		issuer := certificate.NewIssuer(d, sealer, authority, certificate.Limits{}, authority)
		s := domain.New(d, mock.New(d, 0), nil, issuer, fixture.DomainSettings)
		shop := shops(t, d, s, 1)[0]
		before, err := domain.Get(t.Context(), d, shop.ID)
		if err != nil {
			t.Fatal(err)
		}
		exec := func(statement string) {
			t.Helper()
			err := d.InTx(t.Context(), func(tx *db.Tx) error {
				_, err := db.Exec(t.Context(), tx, statement)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		exec(`UPDATE custom_domain SET status = 'verified', ssl_provisioned = FALSE, ssl_certificate_id = NULL, ssl_expires_at = NULL`)
		if err := s.RenewCertificates(t.Context()); err != nil {
			t.Fatal(err)
		}
		after, err := domain.Get(t.Context(), d, shop.ID)
		if err != nil || after.Status != domain.Active || *after.CertificateID != *before.CertificateID || authority.issued["shop-0.com"] != 1 {
			t.Errorf("%v, %v instead of %v, issued %d times: %v", after.Status, after.CertificateID, *before.CertificateID, authority.issued["shop-0.com"], err)
		}

		// Another one dies while its order is open: it is taken over when its lease has run out.
		exec(`DELETE FROM certificate`)
		exec(`UPDATE certificate_order SET state = 'open'`)
		exec(`UPDATE custom_domain SET status = 'verified', ssl_provisioned = FALSE, ssl_certificate_id = NULL, ssl_expires_at = NULL`)
		now.Advance(2 * time.Minute)
		if _, err := s.Certify(t.Context(), shop.ID, nil); err != nil || authority.issued["shop-0.com"] != 2 {
			t.Errorf("issued %d times: %v", authority.issued["shop-0.com"], err)
		}
	})
}
