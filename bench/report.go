package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// report is the page that is written.
type report struct {
	body   bytes.Buffer
	where  string   // the measurement that runs
	kept   int      // how many marks
	missed []string // and which not
}

func newReport() *report {
	r := &report{}
	r.printf("# Benchmarks\n\nMade by `make bench` on %s/%s, %d cores, %s.\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	r.printf("Every figure stands beside what it is held against in the same run: read the ratios, not the seconds.\n")
	return r
}

func (r *report) printf(format string, args ...any) { fmt.Fprintf(&r.body, format, args...) }

// row adds a line to the table of the measurement.
func (r *report) row(cells ...any) {
	texts := make([]string, len(cells))
	for i, cell := range cells {
		texts[i] = fmt.Sprint(cell)
	}
	r.printf("| %s |\n", strings.Join(texts, " | "))
}

// atMost and atLeast write a figure that has a mark, and remember a missed one.
func (r *report) atMost(limit, figure float64, unit string) string {
	return r.mark(figure <= limit, figure, unit, fmt.Sprintf("at most %g", limit))
}

func (r *report) atLeast(limit, figure float64, unit string) string {
	return r.mark(figure >= limit, figure, unit, fmt.Sprintf("at least %g", limit))
}

func (r *report) mark(ok bool, figure float64, unit, limit string) string {
	text := fmt.Sprintf("**%s %s**", sensible(figure), unit)
	if ok {
		r.kept++
		return text
	}
	r.missed = append(r.missed, fmt.Sprintf("%s: %s %s, not %s", r.where, sensible(figure), unit, limit))
	return text + " (missed)"
}

// sensible writes a figure with as many digits as it deserves.
func sensible(figure float64) string {
	if figure >= 100 {
		return fmt.Sprintf("%.0f", figure)
	}
	return fmt.Sprintf("%.2f", figure)
}

// save writes the page to a file, or to standard output for none.
func (r *report) save(file string) error {
	r.printf("\n## marks\n\n%d kept, %d missed.\n", r.kept, len(r.missed))
	for _, m := range r.missed {
		r.printf("- %s\n", m)
	}
	if file == "" {
		_, err := os.Stdout.Write(r.body.Bytes())
		return err
	}
	return os.WriteFile(file, r.body.Bytes(), 0o644) //nolint:gosec // a page for everybody
}

// timed returns how long fn took.
func timed(fn func() error) (time.Duration, error) {
	began := time.Now() //nolint:forbidigo // measures
	err := fn()
	return time.Since(began), err
}

// median returns the middle one.
func median(all []time.Duration) time.Duration { return percentile(all, 50) }

// percentile returns the one that p percent of all do not exceed.
func percentile(all []time.Duration, p int) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(len(sorted)*p/100, len(sorted)-1)]
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

func times(a, b time.Duration) string { return fmt.Sprintf("%.2f ×", ratio(a, b)) }

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

func millis(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }
