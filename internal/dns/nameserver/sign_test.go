package nameserver_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	wire "github.com/miekg/dns"

	"vitrine/internal/clock"
	"vitrine/internal/dns/nameserver"
)

// signing returns a server for shop.example that signs, and its key.
func signing(t *testing.T, c clock.Clock) (*nameserver.Server, *nameserver.Key) {
	t.Helper()
	key, err := nameserver.NewKey(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	s := nameserver.New(nameserver.Options{Clock: c})
	z, err := nameserver.NewZone("shop.example.", records(t, "shop.example.", shop), key)
	if err != nil {
		t.Fatal(err)
	}
	s.Put(z)
	return s, key
}

func askSigned(t *testing.T, s *nameserver.Server, name string, kind uint16) *wire.Msg {
	t.Helper()
	q := new(wire.Msg)
	q.SetQuestion(name, kind)
	q.SetEdns0(1232, true)
	return exchange(t, s, q, false)
}

// proven checks that each set of a section has a signature of the key that is good at a
// moment.
func proven(t *testing.T, section []wire.RR, key *wire.DNSKEY, at time.Time) {
	t.Helper()
	sets, signatures := map[string][]wire.RR{}, map[string]*wire.RRSIG{}
	for _, rr := range section {
		if sig, ok := rr.(*wire.RRSIG); ok {
			signatures[sig.Hdr.Name+wire.TypeToString[sig.TypeCovered]] = sig
			continue
		}
		id := rr.Header().Name + wire.TypeToString[rr.Header().Rrtype]
		sets[id] = append(sets[id], rr)
	}
	for id, set := range sets {
		delegation := set[0].Header().Rrtype == wire.TypeNS && set[0].Header().Name != "shop.example."
		made := set[0].Header().Rrtype == wire.TypeCNAME && strings.Contains(set[0].Header().Name, ".old.")
		sig := signatures[id]
		switch {
		case delegation || made:
			if sig != nil {
				t.Errorf("%s is signed", id)
			}
		case sig == nil:
			t.Errorf("%s is not signed", id)
		case sig.Verify(key, set) != nil || !sig.ValidityPeriod(at):
			t.Errorf("the signature of %s does not hold: %v", id, sig)
		}
	}
}

func TestSigned_everythingIsProven(t *testing.T) {
	t.Parallel()
	now := clock.At(noon)
	s, key := signing(t, now)
	m := askSigned(t, s, "shop.example.", wire.TypeDNSKEY)
	dnskey, ok := m.Answer[0].(*wire.DNSKEY)
	if !ok || dnskey.ToDS(wire.SHA256).Digest != key.DS("Shop.example").Digest {
		t.Fatalf("the key: %v", m)
	}
	names := []struct {
		name, kind, want, types string
	}{
		{"shop.example.", "A", "NOERROR aa an( A,  RRSIG) au( NS,  RRSIG)", ""},
		{"shop.example.", "CDS", "NOERROR aa an( CDS,  RRSIG) au( NS,  RRSIG)", ""},
		{"shop.example.", "CDNSKEY", "NOERROR aa an( CDNSKEY,  RRSIG) au( NS,  RRSIG)", ""},
		{"www.shop.example.", "A", "NOERROR aa an( A,  RRSIG, www. CNAME, www. RRSIG) au( NS,  RRSIG)", ""},
		{"any.wild.shop.example.", "A", "NOERROR aa an(any.wild. A, any.wild. RRSIG) au( NS,  RRSIG)", ""},
		{"any.wild.shop.example.", "TXT", "NOERROR aa au( RRSIG,  SOA, any.wild. NSEC, any.wild. RRSIG)", "A RRSIG NSEC"},
		{"none.shop.example.", "A", "NOERROR aa au( RRSIG,  SOA, none. NSEC, none. RRSIG)", "RRSIG NSEC NXNAME"},
		{"deep.shop.example.", "A", "NOERROR aa au( RRSIG,  SOA, deep. NSEC, deep. RRSIG)", "RRSIG NSEC"},
		{"mail.shop.example.", "TXT", "NOERROR aa au( RRSIG,  SOA, mail. NSEC, mail. RRSIG)", "A AAAA RRSIG NSEC"},
		{"mail.shop.example.", "NSEC", "NOERROR aa an(mail. NSEC, mail. RRSIG) au( NS,  RRSIG)", ""},
		{"x.sub.shop.example.", "A", "NOERROR au(sub. NS, sub. NSEC, sub. RRSIG) ad(ns.sub. A)", "NS RRSIG NSEC"},
		{"x.old.shop.example.", "A", "NOERROR aa an(old. DNAME, old. RRSIG, x.new. A, x.new. RRSIG, x.old. CNAME) au( NS,  RRSIG)", ""},
	}
	for _, later := range []time.Duration{0, 24 * time.Hour, 10 * 24 * time.Hour, 30 * 24 * time.Hour} {
		now.Advance(later)
		for _, c := range names {
			m := askSigned(t, s, c.name, wire.StringToType[c.kind])
			if got := said(m); got != c.want {
				t.Errorf("%s %s is answered %s, want %s", c.name, c.kind, got, c.want)
			}
			proven(t, m.Answer, dnskey, now.Now())
			proven(t, m.Ns, dnskey, now.Now())
			for _, rr := range m.Ns {
				nsec, ok := rr.(*wire.NSEC)
				if !ok {
					continue
				}
				if types := strings.TrimPrefix(nsec.String(), nsec.Hdr.String()+`\000.`+nsec.Hdr.Name+" "); strings.ReplaceAll(types, "TYPE128", "NXNAME") != c.types || nsec.Hdr.Ttl != 300 {
					t.Errorf("%s %s: %v, want the types %s", c.name, c.kind, nsec, c.types)
				}
			}
		}
	}
}

func TestSigned_whoDoesNotAskForSignaturesGetsNone(t *testing.T) {
	t.Parallel()
	s, _ := signing(t, clock.At(noon))
	for name, want := range map[string]string{"none.shop.example.": "NXDOMAIN aa au( SOA)", "mail.shop.example.": "NOERROR aa an(mail. A) au( NS)"} {
		if got := said(ask(t, s, name, wire.TypeA)); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	q := new(wire.Msg)
	q.SetQuestion("none.shop.example.", wire.TypeA)
	q.SetEdns0(1232, true)
	q.IsEdns0().Hdr.Ttl |= 1 << 14 // RFC 9824: whoever understands NXNAME may have the status as well
	if m := exchange(t, s, q, false); m.Rcode != wire.RcodeNameError {
		t.Errorf("%v", m)
	}
}

// delv of BIND and dnsviz believe what is signed.
func TestSigned_othersBelieveIt(t *testing.T) {
	t.Parallel()
	if os.Getenv("VITRINE_TEST_ACCEPT") == "" {
		t.Skip("delv and dnsviz are installed in accept mode alone; signatures are checked above")
	}
	for program, packages := range map[string]string{"delv": "bind9-dnsutils", "dnsviz": "dnsviz python3-pygraphviz"} {
		if out, err := exec.CommandContext(t.Context(), "../../../scripts/need.sh", program, packages).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", program, err, out)
		}
	}
	s, _ := signing(t, clock.System{})
	address := listen(t, s, "127.0.0.1:0")
	_, port := split(address)
	dnskey, ok := askSigned(t, s, "shop.example.", wire.TypeDNSKEY).Answer[0].(*wire.DNSKEY)
	if !ok {
		t.Fatal("no key")
	}
	dir := t.TempDir()
	anchors := filepath.Join(dir, "anchors")
	text := fmt.Sprintf("trust-anchors { \"shop.example.\" static-key 257 3 13 \"%s\"; };\n", dnskey.PublicKey)
	if err := os.WriteFile(anchors, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, kind, want string }{
		{"shop.example", "A", "fully validated"},
		{"www.shop.example", "A", "fully validated"},
		{"any.wild.shop.example", "A", "fully validated"},
		{"none.shop.example", "A", "negative response, fully validated"},
		{"mail.shop.example", "TXT", "negative response, fully validated"},
	} {
		out, err := exec.CommandContext(t.Context(), "delv", "@127.0.0.1", "-p", port, "-a", anchors, "+root=shop.example", c.name, c.kind).CombinedOutput() //nolint:gosec // the test's own
		if !strings.Contains(string(out), c.want) {
			t.Errorf("delv %s %s: %v: %s", c.name, c.kind, err, out)
		}
	}
	probe := filepath.Join(dir, "probe.json")
	args := []string{"probe", "-A", "-a", "shop.example", "-x", "shop.example+:ns1.platform.example=127.0.0.1:" + port, "-o", probe, "shop.example", "www.shop.example", "none.shop.example"}
	if out, err := exec.CommandContext(t.Context(), "dnsviz", args...).CombinedOutput(); err != nil { //nolint:gosec // the test's own
		t.Fatalf("dnsviz probe: %v: %s", err, out)
	}
	trusted := filepath.Join(dir, "trusted")
	if err := os.WriteFile(trusted, []byte(dnskey.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	// Its grok asks Debian's pygraphviz for a module that is gone.
	out, err := exec.CommandContext(t.Context(), "dnsviz", "print", "-t", trusted, "-r", probe).CombinedOutput()
	if err != nil {
		t.Fatalf("dnsviz print: %v: %s", err, out)
	}
	for _, sign := range []string{" E:", " W:", "[!]", "[?]", "[-]", "Traceback"} {
		if strings.Contains(string(out), sign) {
			t.Errorf("dnsviz says %s:\n%s", sign, out)
		}
	}
}
