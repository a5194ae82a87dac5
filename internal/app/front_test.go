package app_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pires/go-proxyproto"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/porttest"
)

// front is a server that listens in the open and over TLS, with the operator's own
// certificate.
type front struct {
	*testing.T
	plain, secure string
	roots         *x509.CertPool
}

// openFront starts one behind a proxy with an address.
func openFront(t *testing.T, d *db.DB, proxy string) *front {
	t.Helper()
	f := &front{T: t, plain: "127.0.0.1:" + porttest.Free(t), secure: "127.0.0.1:" + porttest.Free(t), roots: x509.NewCertPool()}
	certificate, key := f.certify("shops.test", "*.shops.test")
	settings := map[string]string{
		"CONFIG": os.DevNull, "LISTEN_ADDR": f.plain, "HTTPS_LISTEN_ADDR": f.secure, "PLATFORM_DOMAIN": "shops.test",
		"TLS_CERTIFICATE_FILE": certificate, "TLS_KEY_FILE": key,
		"PROXY_PROTOCOL": "true", "TRUSTED_PROXIES": proxy, "LOGIN_FAILURES_PER_ADDRESS": "1",
	}
	run(t, d, settings)
	eventually(t, "both listen", func() bool {
		for _, address := range []string{f.plain, f.secure} {
			conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
			if err != nil {
				return false
			}
			_ = conn.Close()
		}
		return true
	})
	return f
}

// certify writes a certificate and its key to files.
func (f *front) certify(names ...string) (certificate, key string) {
	f.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	made, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		f.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		f.Fatal(err)
	}
	dir := f.TempDir()
	for name, block := range map[string]*pem.Block{"own.pem": {Type: "CERTIFICATE", Bytes: made}, "own.key": {Type: "PRIVATE KEY", Bytes: secret}} {
		encoded := pem.EncodeToMemory(block)
		f.roots.AppendCertsFromPEM(encoded)
		if err := os.WriteFile(filepath.Join(dir, name), encoded, 0o600); err != nil {
			f.Fatal(err)
		}
	}
	return filepath.Join(dir, "own.pem"), filepath.Join(dir, "own.key")
}

// login fails to log in, and says with which status. header comes before everything
// else, for who listens at an address; over TLS to a name, unless that is "".
func (f *front) login(address, name, header string) (status int, err error) {
	f.Helper()
	conn, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(f.Context(), "tcp", address)
	if err != nil {
		f.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := conn.Write([]byte(header)); err != nil {
		return 0, err
	}
	if name != "" {
		conn = tls.Client(conn, &tls.Config{RootCAs: f.roots, ServerName: name})
	}
	body := fmt.Sprintf(`{"email":"%d@example.com","password":"a wrong password"}`, time.Now().UnixNano())
	_, err = fmt.Fprintf(conn, "POST /api/v1/auth/login HTTP/1.1\r\nHost: shops.test\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(body), body)
	if err != nil {
		return 0, err
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}

// spoken is a header of the PROXY protocol for somebody's connection.
func spoken(t *testing.T, version byte, from string) string {
	t.Helper()
	h := proxyproto.HeaderProxyFromAddrs(version, &net.TCPAddr{IP: net.ParseIP(from), Port: 4711}, &net.TCPAddr{IP: net.ParseIP("192.0.2.1"), Port: 443})
	raw, err := h.Format()
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// Whose connection it is, a proxy of ours tells before the first byte, also of TLS:
// each client has its own failed logins.
func TestProxyProtocol_tellsWhoseConnectionItIs(t *testing.T) {
	t.Parallel()
	dbtest.EachAt(t, clock.System{}, func(t *testing.T, d *db.DB) {
		f := openFront(t, d, "127.0.0.0/8")
		for _, c := range []struct {
			from          string
			version       byte
			address, name string
			status        int
		}{
			{"203.0.113.1", 1, f.secure, "shops.test", http.StatusUnauthorized},
			{"203.0.113.1", 2, f.secure, "shops.test", http.StatusTooManyRequests},
			{"203.0.113.2", 2, f.secure, "shops.test", http.StatusUnauthorized},
			{"2001:db8::1", 1, f.secure, "shops.test", http.StatusUnauthorized},
			{"2001:db8::1", 2, f.secure, "shops.test", http.StatusTooManyRequests},
			{"", 0, f.secure, "shops.test", http.StatusUnauthorized},      // the proxy itself, which says nothing
			{"203.0.113.3", 1, f.plain, "", http.StatusPermanentRedirect}, // to TLS
		} {
			header := ""
			if c.from != "" {
				header = spoken(t, c.version, c.from)
			}
			if status, err := f.login(c.address, c.name, header); err != nil || status != c.status {
				t.Errorf("%+v: %d, %v", c, status, err)
			}
		}
	})
}

// What somebody else says is not a header, and not believed.
func TestProxyProtocol_isNotTakenFromOthers(t *testing.T) {
	t.Parallel()
	f := openFront(t, dbtest.Open(t, dbtest.NewURL(t, db.SQLite), clock.System{}), "192.0.2.1")
	if status, err := f.login(f.plain, "", spoken(t, 1, "203.0.113.1")); err != nil || status != http.StatusBadRequest {
		t.Errorf("in the open: %d, %v", status, err)
	}
	if status, err := f.login(f.secure, "shops.test", spoken(t, 2, "203.0.113.1")); err == nil {
		t.Errorf("over TLS: %d", status)
	}
	for _, want := range []int{http.StatusUnauthorized, http.StatusTooManyRequests} {
		if status, err := f.login(f.secure, "shops.test", ""); err != nil || status != want {
			t.Errorf("without one: %d, %v, want %d", status, err, want)
		}
	}
}

// The operator's own certificate is for the names that it covers, and for no others.
func TestTLSCertificateFile_isShownForTheNamesItCovers(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.NewURL(t, db.SQLite), clock.System{})
	f := openFront(t, d, "192.0.2.1")
	for name, ours := range map[string]bool{"shops.test": true, "mugs.shops.test": true, "SHOPS.test": true, "a.mugs.shops.test": false, "other.test": false} {
		conn, err := (&tls.Dialer{Config: &tls.Config{RootCAs: f.roots, ServerName: name}}).DialContext(t.Context(), "tcp", f.secure)
		if (err == nil) != ours {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			_ = conn.Close()
		}
	}
	certificate, key := f.certify("shops.test")
	_, other := f.certify("shops.test")
	for _, files := range [][2]string{{certificate, other}, {certificate, ""}, {"/nowhere.pem", key}, {key, certificate}} {
		err := with(t, d, map[string]string{"VITRINE_HTTPS_LISTEN_ADDR": "127.0.0.1:0", "VITRINE_TLS_CERTIFICATE_FILE": files[0], "VITRINE_TLS_KEY_FILE": files[1]})
		if err == nil || !strings.Contains(err.Error(), "tls_certificate_file") {
			t.Errorf("%v: %v", files, err)
		}
	}
}
