package nameserver_test

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	wire "github.com/miekg/dns"

	"vitrine/internal/clock"
	"vitrine/internal/dns/nameserver"
)

var noon = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// shop is a zone with something of everything.
const shop = `
@       3600 IN SOA   ns1.platform.example. hostmaster.platform.example. 7 14400 3600 1209600 300
@       3600 IN NS    ns1.platform.example.
@       3600 IN NS    ns2.platform.example.
@        300 IN A     192.0.2.1
@        300 IN CAA   0 issue "letsencrypt.org"
@        300 IN MX    10 mail
mail     300 IN A     192.0.2.2
mail     300 IN AAAA  2001:db8::2
www      300 IN CNAME @
loop     300 IN CNAME pool
pool     300 IN CNAME loop
away     300 IN CNAME elsewhere.example.
a.deep   300 IN TXT   "x"
*.wild   300 IN A     192.0.2.3
b.wild   300 IN TXT   "here"
sub      300 IN NS    ns.sub
sub      300 IN NS    ns.far.example.
ns.sub   300 IN A     192.0.2.4
old      300 IN DNAME new
x.new    300 IN A     192.0.2.5
o        300 IN DNAME new
`

// records reads a zone file.
func records(t testing.TB, origin, text string) []wire.RR {
	t.Helper()
	var all []wire.RR
	in := wire.NewZoneParser(strings.NewReader(text), origin, "")
	for rr, ok := in.Next(); ok; rr, ok = in.Next() {
		all = append(all, rr)
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func zone(t testing.TB, origin, text string) *nameserver.Zone {
	t.Helper()
	z, err := nameserver.NewZone(origin, records(t, origin, text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// serving returns a server for shop.example, whose clock stands still.
func serving(t testing.TB, o nameserver.Options) *nameserver.Server {
	t.Helper()
	if o.Clock == nil {
		o.Clock = clock.At(noon)
	}
	s := nameserver.New(o)
	s.Put(zone(t, "shop.example.", shop))
	return s
}

// said sums an answer up: its status, then each section's owners and types.
func said(m *wire.Msg) string {
	var b strings.Builder
	b.WriteString(wire.RcodeToString[m.Rcode])
	if m.Authoritative {
		b.WriteString(" aa")
	}
	for i, part := range [][]wire.RR{m.Answer, m.Ns, m.Extra} {
		var all []string
		for _, rr := range part {
			if rr.Header().Rrtype != wire.TypeOPT {
				all = append(all, strings.TrimSuffix(rr.Header().Name, "shop.example.")+" "+wire.TypeToString[rr.Header().Rrtype])
			}
		}
		slices.Sort(all)
		if len(all) > 0 {
			fmt.Fprintf(&b, " %s(%s)", []string{"an", "au", "ad"}[i], strings.Join(slices.Compact(all), ", "))
		}
	}
	return b.String()
}

func TestServer_answersAsTheStandardsSay(t *testing.T) {
	t.Parallel()
	s := serving(t, nameserver.Options{})
	for _, c := range []struct{ name, kind, want string }{
		{"shop.example.", "A", "NOERROR aa an( A) au( NS)"},
		{"shop.example.", "CAA", "NOERROR aa an( CAA) au( NS)"},
		{"shop.example.", "MX", "NOERROR aa an( MX) au( NS) ad(mail. A, mail. AAAA)"},
		{"shop.example.", "AAAA", "NOERROR aa au( SOA)"},
		{"shop.example.", "ANY", "NOERROR aa an( SOA) au( NS)"},
		{"www.shop.example.", "A", "NOERROR aa an( A, www. CNAME) au( NS)"},
		{"www.shop.example.", "CNAME", "NOERROR aa an(www. CNAME) au( NS)"},
		{"loop.shop.example.", "A", "NOERROR aa an(loop. CNAME, pool. CNAME)"},
		{"away.shop.example.", "A", "NOERROR aa an(away. CNAME)"},
		{"deep.shop.example.", "A", "NOERROR aa au( SOA)"},
		{"none.shop.example.", "A", "NXDOMAIN aa au( SOA)"},
		{"any.wild.shop.example.", "A", "NOERROR aa an(any.wild. A) au( NS)"},
		{"far.any.wild.shop.example.", "A", "NOERROR aa an(far.any.wild. A) au( NS)"},
		{"any.wild.shop.example.", "TXT", "NOERROR aa au( SOA)"},
		{"b.wild.shop.example.", "A", "NOERROR aa au( SOA)"},
		{"c.b.wild.shop.example.", "A", "NXDOMAIN aa au( SOA)"},
		{"sub.shop.example.", "A", "NOERROR au(sub. NS) ad(ns.sub. A)"},
		{"x.sub.shop.example.", "A", "NOERROR au(sub. NS) ad(ns.sub. A)"},
		{"sub.shop.example.", "DS", "NOERROR aa au( SOA)"},
		{"x.old.shop.example.", "A", "NOERROR aa an(old. DNAME, x.new. A, x.old. CNAME) au( NS)"},
		{"y.old.shop.example.", "A", "NXDOMAIN aa an(old. DNAME, y.old. CNAME) au( SOA)"},
		{"other.example.", "A", "REFUSED"},
		{".", "NS", "REFUSED"},
		{"shop.example.", "AXFR", "REFUSED"},
	} {
		if got := said(ask(t, s, c.name, wire.StringToType[c.kind])); got != strings.ReplaceAll(c.want, "(.", "( ") {
			t.Errorf("%s %s is answered %s, want %s", c.name, c.kind, got, c.want)
		}
	}
	long := strings.Repeat(strings.Repeat("a", 60)+".", 3)
	for name, want := range map[string]string{long + strings.Repeat("b", 53) + ".old": "NXDOMAIN", long + strings.Repeat("b", 55) + ".o": "YXDOMAIN"} {
		if got := said(ask(t, s, name+".shop.example.", wire.TypeA)); !strings.HasPrefix(got, want+" aa an(") {
			t.Errorf("a name of 255 bytes: %s, want %s", got, want)
		}
	}
}

func TestServer_negativeAnswersAreKeptAsLongAsTheZoneSays(t *testing.T) {
	t.Parallel()
	m := ask(t, serving(t, nameserver.Options{}), "none.shop.example.", wire.TypeA)
	if len(m.Ns) != 1 || m.Ns[0].Header().Ttl != 300 {
		t.Errorf("%v", m)
	}
	if m := ask(t, serving(t, nameserver.Options{}), "shop.example.", wire.TypeSOA); len(m.Answer) != 1 || m.Answer[0].Header().Ttl != 3600 {
		t.Errorf("%v", m)
	}
}

func TestServer_echoesTheLetterCaseOfTheQuestion(t *testing.T) {
	t.Parallel()
	m := ask(t, serving(t, nameserver.Options{}), "wWw.ShOp.example.", wire.TypeA)
	if len(m.Answer) != 2 || m.Answer[0].Header().Name != "wWw.ShOp.example." {
		t.Errorf("%v", m)
	}
}

func TestServer_whatIsNoQuestionIsToldSo(t *testing.T) {
	t.Parallel()
	s := serving(t, nameserver.Options{})
	edit := func(change func(*wire.Msg)) *wire.Msg {
		q := new(wire.Msg)
		q.SetQuestion("shop.example.", wire.TypeA)
		change(q)
		return q
	}
	for _, c := range []struct {
		what   string
		rcode  int
		change func(*wire.Msg)
	}{
		{"an update", wire.RcodeNotImplemented, func(q *wire.Msg) { q.Opcode = wire.OpcodeUpdate }},
		{"two questions", wire.RcodeFormatError, func(q *wire.Msg) { q.Question = append(q.Question, q.Question[0]) }},
		{"no question", wire.RcodeFormatError, func(q *wire.Msg) { q.Question = nil }},
		{"CHAOS", wire.RcodeRefused, func(q *wire.Msg) { q.Question[0].Qclass = wire.ClassCHAOS }},
		{"EDNS 1", wire.RcodeBadVers, func(q *wire.Msg) { q.SetEdns0(1232, false); q.IsEdns0().SetVersion(1) }},
		{"EDNS twice", wire.RcodeFormatError, func(q *wire.Msg) { q.SetEdns0(1232, false); q.SetEdns0(1232, false) }},
	} {
		q := edit(c.change)
		if m := exchange(t, s, q, false); m.Rcode != c.rcode || m.Authoritative || len(m.Answer) > 0 {
			t.Errorf("%s is answered %v", c.what, m)
		} else if edns := m.IsEdns0(); edns != nil && edns.Version() != 0 {
			t.Errorf("%s is answered with EDNS %d", c.what, edns.Version())
		}
	}
	answer := edit(func(q *wire.Msg) { q.Response = true })
	raw, err := answer.Pack()
	if err != nil {
		t.Fatal(err)
	}
	for _, message := range [][]byte{raw, raw[:11], nil} {
		if got := s.Answer(message, false); got != nil {
			t.Errorf("%x is answered %x", message, got)
		}
	}
}

func TestServer_answersThatAreTooLargeComeOverTCP(t *testing.T) {
	t.Parallel()
	s := serving(t, nameserver.Options{})
	text := shop
	for i := range 60 {
		text += fmt.Sprintf("many 300 IN A 192.0.2.%d\nmuch 300 IN TXT \"%d%s\"\n", i, i, strings.Repeat("x", 200))
	}
	s.Put(zone(t, "shop.example.", text))
	for _, c := range []struct {
		name string
		edns uint16
		max  int
		cut  bool
	}{{"many", 0, 512, true}, {"many", 1232, 1232, false}, {"many", 100, 512, true}, {"much", 4096, 1232, true}} {
		q := new(wire.Msg)
		q.SetQuestion(c.name+".shop.example.", wire.TypeA)
		if c.name == "much" {
			q.Question[0].Qtype = wire.TypeTXT
		}
		if c.edns > 0 {
			q.SetEdns0(c.edns, false)
		}
		raw, err := q.Pack()
		if err != nil {
			t.Fatal(err)
		}
		if n := len(s.Answer(raw, false)); n > c.max {
			t.Errorf("%+v: %d bytes", c, n)
		}
		if m := exchange(t, s, q, false); m.Truncated != c.cut || (m.IsEdns0() != nil) != (c.edns > 0) {
			t.Errorf("%+v: %v", c, m)
		}
		if m := exchange(t, s, q, true); m.Truncated || len(m.Answer) != 60 {
			t.Errorf("%+v over TCP: %v", c, m)
		}
	}
}

func TestNewZone_refusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	const head = "@ 3600 IN SOA ns1.platform.example. hostmaster.platform.example. 7 14400 3600 1209600 300\n"
	for _, text := range []string{
		"a 300 IN A 192.0.2.1\n",
		head + "@ 300 IN CNAME other.example.\n",
		head + "a 300 IN CNAME other.example.\na 300 IN A 192.0.2.1\n",
		head + "a 300 IN CNAME other.example.\na 300 IN CNAME more.example.\n",
		head + "a.other.example. 300 IN A 192.0.2.1\n",
		head + "a 3600 IN SOA ns1.platform.example. hostmaster.platform.example. 7 14400 3600 1209600 300\n",
	} {
		if _, err := nameserver.NewZone("shop.example.", records(t, "shop.example.", text), nil); err == nil {
			t.Errorf("it takes %s", text)
		}
	}
}

func TestServer_zonesComeAndGo(t *testing.T) {
	t.Parallel()
	s := serving(t, nameserver.Options{})
	s.Put(zone(t, "sub.shop.example.", strings.ReplaceAll(shop, "192.0.2.1", "192.0.2.99")))
	if m := ask(t, s, "www.sub.shop.example.", wire.TypeA); len(m.Answer) != 2 || !strings.HasSuffix(m.Answer[1].String(), "192.0.2.99") {
		t.Errorf("the longest zone answers: %v", m)
	}
	if n := s.Zones(); n != 2 {
		t.Errorf("%d zones", n)
	}
	s.Remove("sub.shop.example.")
	if got := said(ask(t, s, "www.sub.shop.example.", wire.TypeA)); got != "NOERROR au(sub. NS) ad(ns.sub. A)" {
		t.Errorf("after it is gone: %s", got)
	}
	if s.Zone("sub.shop.example.") != nil || s.Zone("shop.example.").Serial() != 7 || s.Zones() != 1 {
		t.Error("it does not know what it has")
	}
}

func withCookie(q *wire.Msg, cookie string) {
	q.SetEdns0(1232, false)
	q.IsEdns0().Option = append(q.IsEdns0().Option, &wire.EDNS0_COOKIE{Code: wire.EDNS0COOKIE, Cookie: cookie})
}

func cookieOf(t *testing.T, m *wire.Msg) string {
	t.Helper()
	for _, o := range m.IsEdns0().Option {
		if c, ok := o.(*wire.EDNS0_COOKIE); ok {
			return c.Cookie
		}
	}
	t.Errorf("no cookie: %v", m)
	return ""
}

// The vectors of RFC 9018, appendix A.1 and A.2.
func TestCookies_areAsInTheStandard(t *testing.T) {
	t.Parallel()
	secret, err := hex.DecodeString("e5e973e5a6b2a43f48e7dc849e37bfcf")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at          int64
		given, want string
	}{
		{1559731985, "2464c4abcf10c957", "2464c4abcf10c957010000005cf79f111f8130c3eee29480"},
		{1559734385, "2464c4abcf10c957010000005cf79f111f8130c3eee29480", "2464c4abcf10c957010000005cf7a871d4a564a1442aca77"},
	} {
		q := new(wire.Msg)
		q.SetQuestion("shop.example.", wire.TypeA)
		withCookie(q, c.given)
		o := nameserver.Options{Clock: clock.At(time.Unix(c.at, 0))}
		copy(o.Secret[:], secret)
		raw, err := q.Pack()
		if err != nil {
			t.Fatal(err)
		}
		m := new(wire.Msg)
		if err := m.Unpack(serving(t, o).AnswerTo(netip.MustParseAddr("198.51.100.100"), raw)); err != nil {
			t.Fatal(err)
		}
		if got := cookieOf(t, m); got != c.want {
			t.Errorf("at %d %s is answered %s, want %s", c.at, c.given, got, c.want)
		}
	}
}

func TestCookies_malformedAreToldSo(t *testing.T) {
	t.Parallel()
	for _, cookie := range []string{"", "2464c4", "2464c4abcf10c95701", strings.Repeat("00", 41)} {
		q := new(wire.Msg)
		q.SetQuestion("shop.example.", wire.TypeA)
		withCookie(q, cookie)
		if m := exchange(t, serving(t, nameserver.Options{}), q, false); m.Rcode != wire.RcodeFormatError {
			t.Errorf("%q: %v", cookie, m)
		}
	}
}

func TestLimits_holdBackFloodsAndLetClientsComeOverTCP(t *testing.T) {
	t.Parallel()
	now := clock.At(noon)
	s := serving(t, nameserver.Options{PerSecond: 10, Clock: now})
	count := func(name, from, cookie string) (whole, cut, none int) {
		q := new(wire.Msg)
		q.SetQuestion(name, wire.TypeA)
		if cookie != "" {
			withCookie(q, cookie)
		}
		raw, err := q.Pack()
		if err != nil {
			t.Fatal(err)
		}
		for range 50 {
			m := new(wire.Msg)
			switch answer := s.AnswerTo(netip.MustParseAddr(from), raw); {
			case answer == nil:
				none++
			case m.Unpack(answer) != nil || m.Truncated && len(m.Answer)+len(m.Ns) > 0:
				t.Errorf("a strange answer %x", answer)
			case m.Truncated:
				cut++
			default:
				whole++
			}
		}
		return whole, cut, none
	}
	check := func(what, name, from, cookie string, wantWhole int) {
		t.Helper()
		if whole, cut, none := count(name, from, cookie); whole != wantWhole || cut != (50-wantWhole)/2 || none != (50-wantWhole)/2 {
			t.Errorf("%s: %d whole, %d cut short, %d held back", what, whole, cut, none)
		}
	}
	check("a flood", "www.shop.example.", "192.0.2.1", "", 10)
	check("its neighbour", "www.shop.example.", "192.0.2.77", "", 0)
	check("another name", "mail.shop.example.", "192.0.2.1", "", 10)
	check("another network", "www.shop.example.", "198.51.100.1", "", 10)
	now.Advance(time.Second)
	check("a second later", "www.shop.example.", "192.0.2.1", "", 10)
	for i := range 30 {
		count(fmt.Sprintf("none%d.shop.example.", i), "203.0.113.1", "")
	}
	check("names that somebody thinks of", "none99.shop.example.", "203.0.113.1", "", 0)

	q := new(wire.Msg)
	q.SetQuestion("shop.example.", wire.TypeA)
	withCookie(q, "0102030405060708")
	raw, err := q.Pack()
	if err != nil {
		t.Fatal(err)
	}
	m := new(wire.Msg)
	if err := m.Unpack(s.AnswerTo(netip.MustParseAddr("192.0.2.1"), raw)); err != nil {
		t.Fatal(err)
	}
	check("with a cookie", "www.shop.example.", "192.0.2.1", cookieOf(t, m), 50)
	check("with another's cookie", "www.shop.example.", "192.0.2.2", cookieOf(t, m), 0)
}
