package app_test

import (
	"maps"
	"os"
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
