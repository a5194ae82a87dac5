package main_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/certificate"
	"vitrine/internal/clock"
	"vitrine/internal/clone"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/dns/mock"
	"vitrine/internal/domain"
	"vitrine/internal/fixture"
	"vitrine/internal/seal"
	"vitrine/internal/store"
	"vitrine/internal/theme"
)

// A platform with many stores, and what a process that serves all of them may take.
const (
	manyStores    = 10_000
	manyCertified = 1_000             // of them, on names of their own
	busyAtMost    = 300_000_000 >> 10 // KiB that are resident
)

// A process that shows pages of ten thousand stores, a thousand of them over TLS with
// certificates of their own, stays small, also at its largest.
func TestServe_staysSmallWithManyStoresAndCertificates(t *testing.T) { //nolint:paralleltest // it measures
	if !accept() || runtime.GOOS != "linux" {
		t.Skip("makes 10,000 stores, and measures with /proc: make accept")
	}
	binary := build(t)
	for _, engine := range dbtest.Engines() {
		t.Run(string(engine), func(t *testing.T) { //nolint:paralleltest // it measures
			address := dbtest.NewURL(t, engine)
			slugs := manyShops(t, address)
			secured := freeAddress(t)
			s := &server{t: t, binary: binary, address: address, env: []string{
				"VITRINE_STOREFRONT_RATE_LIMIT=0", "VITRINE_SSL_PROVIDER_MODE=acme", "VITRINE_ACME_DIRECTORY=https://127.0.0.1:1/", "VITRINE_HTTPS_LISTEN_ADDR=" + secured,
			}}
			s.start()
			defer s.kill()
			began := time.Now()
			everyShop(t, s, slugs)
			everyName(t, secured)
			everyShop(t, s, slugs) // what is kept of them is asked for again
			everyJob(t, dbtest.Open(t, address, clock.System{}))
			of := func(name string) int { return statusOf(t, s.process.Process.Pid, name) }
			t.Logf("%d stores, %d certificates, used for %v: %d MiB resident (%d its own, %d of files), %d at most",
				manyStores, manyCertified, time.Since(began).Round(time.Second), of("VmRSS")>>10, of("RssAnon")>>10, of("RssFile")>>10, of("VmHWM")>>10)
			if most := of("VmHWM"); most > busyAtMost {
				t.Errorf("%d KiB were resident, want %d", most, busyAtMost)
			}
		})
	}
}

// everyJob waits until the products of all stores are searchable.
func everyJob(t *testing.T, d *db.DB) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Minute); ; time.Sleep(time.Second) {
		left, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM job WHERE finished_at IS NULL`)
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("%d jobs are left, %v", left, err)
		}
		if left == 0 {
			return
		}
	}
}

// manyShops makes the stores, clones of one, and returns their slugs.
func manyShops(t *testing.T, address string) (slugs []string) {
	t.Helper()
	ctx, d := t.Context(), dbtest.Open(t, address, clock.System{})
	owner, err := fixture.Account(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	first, err := fixture.Catalog(ctx, d, owner, fixture.Size{Products: 12, VariantsEach: 3, Categories: 6, CategoryLinks: 12, Suppliers: 1, SupplierLinks: 12, Discounts: 2, DiscountLinks: 4})
	if err == nil {
		err = d.InTx(ctx, func(tx *db.Tx) error {
			_, err := theme.CreateDefault(ctx, tx, first.ID)
			return err
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	stores := []store.Store{first}
	for len(stores) < manyStores {
		err := d.InTx(ctx, func(tx *db.Tx) error {
			for range min(500, manyStores-len(stores)) {
				s, err := clone.Run(ctx, tx, owner, clone.Request{Source: first.ID, Name: fmt.Sprintf("Shop %d", len(stores))}, nil)
				if err != nil {
					return err
				}
				stores = append(stores, s)
			}
			return nil
		}, clone.Options()...)
		if err != nil {
			t.Fatal(err)
		}
	}
	certifyShops(t, d, owner, stores[:manyCertified])
	for _, s := range stores {
		slugs = append(slugs, s.Slug)
	}
	return slugs
}

// certifyShops puts stores on names of their own, with certificates.
func certifyShops(t *testing.T, d *db.DB, owner account.ID, stores []store.Store) {
	t.Helper()
	ctx := t.Context()
	office, err := fixture.NewOffice()
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := seal.Load(ctx, d, "")
	if err != nil {
		t.Fatal(err)
	}
	service := domain.New(d, mock.New(d, 0), nil, certificate.NewIssuer(d, sealer, office, certificate.Limits{}, office), fixture.DomainSettings)
	for i, s := range stores {
		for _, step := range []func() error{
			func() error {
				return d.InTx(ctx, func(tx *db.Tx) error { _, err := service.Attach(ctx, tx, s, ownName(i)); return err })
			},
			func() error { _, err := service.Verify(ctx, s.ID, nil); return err },
			func() error { _, err := service.Configure(ctx, s.ID, owner, false, nil); return err },
			func() error { _, err := service.Certify(ctx, s.ID, nil); return err },
		} {
			if err := step(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func ownName(i int) string { return fmt.Sprintf("shop-%d.com", i) }

// everyShop looks at the home page and at a product of every shop.
func everyShop(t *testing.T, s *server, slugs []string) {
	t.Helper()
	atOnce(t, len(slugs), func(i int) error {
		for _, page := range []string{"", fmt.Sprintf("/products/product-number-%d", i%12)} {
			if err := look(http.DefaultClient, s.url+"/s/"+slugs[i]+page); err != nil {
				return err
			}
		}
		return nil
	})
}

// everyName looks at the home page of each name over TLS, in a handshake of its own.
func everyName(t *testing.T, secured string) {
	t.Helper()
	atOnce(t, manyCertified, func(i int) error {
		client := &http.Client{Transport: &http.Transport{
			DisableKeepAlives: true,
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, "tcp", secured)
			},
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true, VerifyConnection: func(c tls.ConnectionState) error { //nolint:gosec // its authority is the test's
				return c.PeerCertificates[0].VerifyHostname(ownName(i))
			}},
		}}
		return look(client, "https://"+ownName(i)+"/")
	})
}

// look reads a page as browsers do, packed.
func look(client *http.Client, address string) error {
	res, err := client.Get(address) //nolint:noctx // it ends with the test
	if err != nil {
		return err
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err == nil && (res.StatusCode != http.StatusOK || !strings.Contains(string(page), "Product number")) {
		err = fmt.Errorf("%s: %s", address, res.Status)
	}
	return err
}

// atOnce does something n times, some at a time.
func atOnce(t *testing.T, n int, do func(i int) error) {
	t.Helper()
	var next atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && !t.Failed(); i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					t.Error(err)
				}
			}
		})
	}
	if all.Wait(); t.Failed() {
		t.FailNow()
	}
}
