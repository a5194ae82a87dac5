package builtin

import (
	"context"
	"fmt"
	"strings"

	wire "github.com/miekg/dns"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/dns/nameserver"
)

// Explanation is what is known of a name: what the name server says of it, what the
// world sees, and what is wrong.
type Explanation struct {
	Name    string
	Zone    string // "" where it lies in none
	Serial  uint32
	Servers []string // of the zone
	DS      string   // what the zone's parent must say when it is signed; "" when it is not
	Status  string   // of the answer, such as NOERROR
	Served  []dns.Record
	Seen    []Sight
	Wrong   []string // sentences; none when all is well
}

// Sight is what one server of the world says of what is served.
type Sight struct {
	Record dns.Record
	dns.Answer
}

// Explain tells what is known of a name. The world is asked through v.
func (f *Follower) Explain(ctx context.Context, v dns.Verifier, name string) (Explanation, error) {
	e := Explanation{Name: name}
	zone, err := f.enclosing(ctx, name)
	if err != nil {
		return e, err
	}
	if zone.name == "" {
		e.Wrong = []string{"No zone here has the name: questions for it are refused."}
		return e, nil
	}
	z, err := f.zone(zone)
	if err != nil {
		return e, err
	}
	e.Zone, e.Serial = zone.name, z.Serial()
	if f.key != nil {
		e.DS = strings.TrimPrefix(f.key.DS(zone.name).String(), f.key.DS(zone.name).Hdr.String())
	}
	s := nameserver.New(nameserver.Options{Clock: clock.System{}})
	s.Put(z)
	if e.Served, e.Status, err = served(s, name); err != nil {
		return e, err
	}
	servers, _, err := served(s, zone.name)
	if err != nil {
		return e, err
	}
	for _, r := range servers {
		if r.Type == dns.NS && r.Name == zone.name {
			e.Servers = append(e.Servers, r.Value)
			if name != zone.name {
				e.Served = append(e.Served, r) // whether the world asks here at all
			}
		}
	}
	return e, e.look(ctx, v)
}

// enclosing reads the longest zone that a name lies in.
func (f *Follower) enclosing(ctx context.Context, name string) (kept, error) {
	for zone := name; zone != ""; _, zone, _ = strings.Cut(zone, ".") {
		found, err := db.All(ctx, f.db, func(row db.Row) (k kept, err error) {
			return k, row.Scan(&k.name, &k.serial)
		}, `SELECT name, serial FROM nameserver_zone WHERE name = $1 AND NOT gone`, zone)
		if err != nil {
			return kept{}, err
		}
		if len(found) == 1 {
			found[0].sets, err = (&backend{db: f.db}).Sets(ctx, zone)
			return found[0], err
		}
	}
	return kept{}, nil
}

// served returns the records that a server answers with for a name, of all types.
func served(s *nameserver.Server, name string) (all []dns.Record, status string, err error) {
	for _, t := range dns.Types {
		q := new(wire.Msg)
		q.SetQuestion(wire.Fqdn(name), wire.StringToType[string(t)])
		raw, err := q.Pack()
		if err != nil {
			return nil, "", dns.Errorf(dns.Refused, "%q cannot be asked for: %w", name, err)
		}
		m := new(wire.Msg)
		if err := m.Unpack(s.Answer(raw, true)); err != nil {
			return nil, "", err
		}
		status = wire.RcodeToString[m.Rcode]
		for _, rr := range m.Answer {
			if rr.Header().Rrtype != q.Question[0].Qtype {
				continue // the alias, which is asked for in its turn
			}
			owner := strings.TrimSuffix(rr.Header().Name, ".")
			rdata := strings.TrimPrefix(rr.String(), rr.Header().String())
			if r, ok := dns.ParseRData(owner, t, int(rr.Header().Ttl), rdata); ok {
				all = append(all, r)
			}
		}
	}
	return all, status, nil
}

// look asks the world for all that is served.
func (e *Explanation) look(ctx context.Context, v dns.Verifier) error {
	if len(e.Served) == 0 || e.Status != "NOERROR" {
		e.Wrong = append(e.Wrong, fmt.Sprintf("There is nothing to be found at %s: the answer is %s.", e.Name, e.Status))
	}
	told := map[string]bool{}
	for _, r := range e.Served {
		p, err := v.VerifyPropagation(ctx, r.Name, r.Type, r.Data())
		if err != nil {
			return err
		}
		for _, a := range p.Answers {
			e.Seen = append(e.Seen, Sight{r, a})
			wrong := fmt.Sprintf("%s %s: %s", r.Name, r.Type, a.Cause)
			if a.Cause != "" && !told[wrong] {
				told[wrong] = true
				e.Wrong = append(e.Wrong, wrong)
			}
		}
	}
	return nil
}
