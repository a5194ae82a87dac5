package app_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"

	"vitrine/internal/db"
)

// busyFigures are the figures of an app of which everything was asked for.
func busyFigures(t *testing.T) map[string]*dto.MetricFamily {
	t.Helper()
	w := watch(t, db.SQLite)
	w.bustle()
	eventually(t, "a job has run, and records were written", func() bool {
		all := w.figures()
		return all["vitrine_job_seconds"] != nil && all["vitrine_dns_provider_seconds"] != nil
	})
	return w.figures()
}

// labelsOf returns the names of a figure's labels.
func labelsOf(family *dto.MetricFamily) []string {
	names := map[string]bool{}
	for _, m := range family.GetMetric() {
		for _, l := range m.GetLabel() {
			names[l.GetName()] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

var documented = regexp.MustCompile("(?m)^\\| `(vitrine_[a-z_]+)`[^|]*\\|([^|]*)\\|")

// The page about observing names each figure with its labels, and no other.
func TestFigures_areDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/observing.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]string{}
	for _, row := range documented.FindAllStringSubmatch(string(page), -1) {
		labels := strings.Fields(strings.NewReplacer("`", "", ",", "").Replace(row[2]))
		slices.Sort(labels)
		told[row[1]] = strings.Join(labels, " ")
	}
	all := busyFigures(t)
	for name, family := range all {
		if !strings.HasPrefix(name, "vitrine_") {
			continue
		}
		if labels, is := told[name]; !is {
			t.Errorf("%s is not in docs/observing.md", name)
		} else if got := strings.Join(labelsOf(family), " "); got != labels {
			t.Errorf("%s has the labels %q, and docs/observing.md says %q", name, got, labels)
		}
	}
	for name := range told {
		if all[name] == nil && name != "vitrine_jobs_oldest_seconds" && name != "vitrine_certificate_soonest_end_days" && name != "vitrine_jobs" {
			t.Errorf("docs/observing.md tells of %s, which nobody counts", name)
		}
	}
}

// deployed are the files that are ready to load, and the expressions in them.
func deployed(t *testing.T) map[string][]string {
	t.Helper()
	var dashboard struct {
		Panels []struct{ Targets []struct{ Expr string } }
	}
	if err := json.Unmarshal(contents(t, "grafana/vitrine.json"), &dashboard); err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			found["the dashboard"] = append(found["the dashboard"], target.Expr)
		}
	}
	for _, rule := range strings.Split(string(contents(t, "prometheus/alerts.yml")), "- alert:")[1:] {
		_, expr, _ := strings.Cut(rule, "expr:")
		expr, _, _ = strings.Cut(expr, "labels:")
		found["the alerts"] = append(found["the alerts"], expr)
	}
	return found
}

func contents(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("../../deploy/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

var (
	namedFigure = regexp.MustCompile(`\b((?:vitrine|go|process)_[a-z0-9_]+)(?:\{([^}]*)\})?`)
	namedLabel  = regexp.MustCompile(`([a-z_]+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"`)
	groupedBy   = regexp.MustCompile(`by \(([^)]*)\)`)
)

// ofTheScrape are labels that Prometheus adds, and that of buckets.
var ofTheScrape = []string{"job", "instance", "le"}

// unknown are the figures and labels of an expression that nobody counts. now is what the
// running app tells.
func unknown(expr string, now map[string]*dto.MetricFamily) (wrong []string) {
	labels := slices.Clone(ofTheScrape)
	for _, named := range namedFigure.FindAllStringSubmatch(expr, -1) {
		family := now[named[1]]
		for _, part := range []string{"_bucket", "_sum", "_count"} {
			if base, is := strings.CutSuffix(named[1], part); is && family == nil && now[base].GetType() == dto.MetricType_HISTOGRAM {
				family = now[base]
			}
		}
		if family == nil {
			wrong = append(wrong, named[1])
			continue
		}
		labels = append(labels, labelsOf(family)...)
		for _, condition := range namedLabel.FindAllStringSubmatch(named[2], -1) {
			if !slices.Contains(append(labelsOf(family), ofTheScrape...), condition[1]) {
				wrong = append(wrong, named[1]+"{"+condition[1]+"}")
			}
		}
	}
	for _, by := range groupedBy.FindAllStringSubmatch(expr, -1) {
		for label := range strings.SplitSeq(by[1], ",") {
			if !slices.Contains(labels, strings.TrimSpace(label)) {
				wrong = append(wrong, "by ("+strings.TrimSpace(label)+")")
			}
		}
	}
	return wrong
}

// What the dashboard and the alerts name is counted: every figure and every label.
func TestDeployed_namesWhatIsCounted(t *testing.T) {
	t.Parallel()
	now := busyFigures(t)
	now["vitrine_jobs_oldest_seconds"] = &dto.MetricFamily{Metric: now["vitrine_job_wait_seconds"].GetMetric()} // there while a job waits
	now["vitrine_jobs"] = &dto.MetricFamily{Metric: []*dto.Metric{{Label: []*dto.LabelPair{{Name: new("kind")}, {Name: new("status")}}}}}
	if now["vitrine_certificate_soonest_end_days"] == nil {
		now["vitrine_certificate_soonest_end_days"] = &dto.MetricFamily{} // there once an authority has issued one
	}
	for file, all := range deployed(t) {
		if len(all) < 15 {
			t.Errorf("%s: %d expressions", file, len(all))
		}
		for _, expr := range all {
			for _, what := range unknown(expr, now) {
				t.Errorf("%s names %s, which nobody counts: %s", file, what, expr)
			}
		}
	}
}

// Prometheus itself takes the rules, which fire when they are to and not before, and
// finds nothing to say about how figures are named and told.
func TestDeployed_isTakenByPrometheus(t *testing.T) {
	t.Parallel()
	if os.Getenv("VITRINE_TEST_ACCEPT") == "" {
		t.Skip("needs promtool: make accept")
	}
	promtool := func(in string, args ...string) {
		command := exec.CommandContext(t.Context(), "promtool", args...)
		command.Dir, command.Stdin = "../../deploy/prometheus", strings.NewReader(in)
		if said, err := command.CombinedOutput(); err != nil || in != "" && len(said) > 0 {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, said)
		}
	}
	if said, err := exec.CommandContext(t.Context(), "../../scripts/need.sh", "promtool", "prometheus").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	promtool("", "check", "rules", "alerts.yml")
	promtool("", "test", "rules", "alerts_test.yml")
	promtool("", "check", "config", "prometheus.yml")
	w := watch(t, db.SQLite)
	w.bustle()
	promtool(get(t, w.admin+"/metrics", nil).body, "check", "metrics")
}

func TestUnknown_findsWhatNobodyCounts(t *testing.T) {
	t.Parallel()
	now := map[string]*dto.MetricFamily{
		"vitrine_a_seconds": {Type: dto.MetricType_HISTOGRAM.Enum(), Metric: []*dto.Metric{{Label: []*dto.LabelPair{{Name: new("part")}}}}},
		"vitrine_b_total":   {Type: dto.MetricType_COUNTER.Enum()},
	}
	for expr, want := range map[string]string{
		`sum by (le, part) (rate(vitrine_a_seconds_bucket{part="api",job=~"$job"}[5m]))`: "",
		`vitrine_b_total > 0`:                    "",
		`vitrine_b_total_count`:                  "vitrine_b_total_count",
		`vitrine_c_total`:                        "vitrine_c_total",
		`vitrine_a_seconds_sum{path="x"}`:        "vitrine_a_seconds_sum{path}",
		`sum by (route) (vitrine_a_seconds_sum)`: "by (route)",
	} {
		if got := strings.Join(unknown(expr, now), " "); got != want {
			t.Errorf("%s: %q, not %q", expr, got, want)
		}
	}
}
