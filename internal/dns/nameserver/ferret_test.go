package nameserver_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	wire "github.com/miekg/dns"

	"vitrine/internal/clock"
	"vitrine/internal/dns/nameserver"
)

// ferretZone is a zone of the Ferret data set (testdata/ferret.LICENSE), which looks
// for corners of DNS, with questions and what BIND, Knot, NSD and PowerDNS answer.
type ferretZone struct {
	File  int
	Zone  []string
	Cases []struct {
		Name, Type string
		Answers    []ferretAnswer
	}
}

type ferretAnswer struct {
	Servers                       []string
	Rcode                         string
	AA                            bool
	Answer, Authority, Additional []string
}

func TestFerret_answersAreThoseOfOtherServers(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/ferret.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	lines, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	in := bufio.NewScanner(lines)
	in.Buffer(nil, 1<<20)
	asked, answered, same := 0, 0, 0
	for in.Scan() {
		var z ferretZone
		if err := json.Unmarshal(in.Bytes(), &z); err != nil {
			t.Fatal(err)
		}
		s := nameserver.New(nameserver.Options{Clock: clock.System{}})
		s.Put(z.read(t))
		for _, c := range z.Cases {
			m := ask(t, s, c.Name, wire.StringToType[c.Type])
			asked++
			answers, all := agrees(m, c.Answers)
			if answers {
				answered++
			}
			if all {
				same++
			}
			if !all {
				t.Errorf("zone %d:\n%s\n%s %s is answered\n%v\nthe others say %+v", z.File, strings.Join(z.Zone, "\n"), c.Name, c.Type, m, c.Answers)
			}
		}
	}
	t.Logf("%d questions: %d answers and %d whole messages are those of one of the four", asked, answered, same)
	if asked != 6337 {
		t.Errorf("%d questions", asked)
	}
}

func (z ferretZone) read(t *testing.T) *nameserver.Zone {
	t.Helper()
	var all []wire.RR
	origin := ""
	for _, line := range z.Zone {
		rr, err := wire.NewRR(line)
		if err != nil {
			t.Fatal(err)
		}
		if all = append(all, rr); rr.Header().Rrtype == wire.TypeSOA {
			origin = rr.Header().Name
		}
	}
	zone, err := nameserver.NewZone(origin, all, nil)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// ask asks a server without EDNS.
func ask(t *testing.T, s *nameserver.Server, name string, kind uint16) *wire.Msg {
	t.Helper()
	q := new(wire.Msg)
	q.SetQuestion(wire.Fqdn(name), kind)
	return exchange(t, s, q, false)
}

// exchange asks a server and checks that the answer belongs to the question.
func exchange(t *testing.T, s *nameserver.Server, q *wire.Msg, tcp bool) *wire.Msg {
	t.Helper()
	raw, err := q.Pack()
	if err != nil {
		t.Fatal(err)
	}
	m := new(wire.Msg)
	if err := m.Unpack(s.Answer(raw, tcp)); err != nil {
		t.Fatalf("%v: %v", q, err)
	}
	if m.Id != q.Id || !m.Response || q.Opcode == wire.OpcodeQuery && len(q.Question) == 1 && (len(m.Question) != 1 || m.Question[0] != q.Question[0]) {
		t.Errorf("%v is answered %v", q, m)
	}
	return m
}

// agrees tells whether a message has the answer, and all sections, of one of others.
func agrees(m *wire.Msg, others []ferretAnswer) (answers, all bool) {
	for _, o := range others {
		if wire.RcodeToString[m.Rcode] != o.Rcode || m.Authoritative != o.AA || !slices.Equal(written(m.Answer), sorted(o.Answer)) {
			continue
		}
		answers = true
		all = all || slices.Equal(written(m.Ns), sorted(o.Authority)) && slices.Equal(written(m.Extra), sorted(o.Additional))
	}
	return answers, all
}

func written(records []wire.RR) []string {
	var all []string
	for _, rr := range records {
		all = append(all, rr.String())
	}
	return sorted(all)
}

// sorted writes records all in one way, in their order.
func sorted(records []string) []string {
	all := []string{}
	for _, r := range records {
		all = append(all, strings.ToLower(strings.Join(strings.Fields(r), " ")))
	}
	slices.Sort(all)
	return all
}
