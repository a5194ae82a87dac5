package main_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"vitrine/internal/db"
)

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
