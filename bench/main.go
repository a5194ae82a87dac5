// Command bench measures what Vitrine promises to be fast at, on both databases,
// each figure beside a floor that is measured in the same run. The result is a
// Markdown page on standard output; make bench puts it into bench/README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/db"
)

// A measurement fills one section of the page.
type measurement struct {
	name string
	run  func(ctx context.Context, d *db.DB, out *report) error
}

var measurements = []measurement{
	{"clone", measureClone},
	{"import", measureImport},
	{"stock", measureStock},
}

func main() {
	only := flag.String("only", "", "comma-separated names of measurements (default: all)")
	engines := flag.String("engines", "sqlite,postgres", "which databases")
	dsn := flag.String("postgres", os.Getenv("BENCH_POSTGRES_DSN"), "a PostgreSQL server with full durability, where databases may be made")
	flag.Parse()
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if err := run(context.Background(), *only, strings.Split(*engines, ","), *dsn); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, only string, engines []string, dsn string) error {
	out := &report{w: os.Stdout}
	out.printf("# Benchmarks\n\nMade by `make bench` on %s/%s, %d cores, %s. Every figure stands beside a floor of the same run; read the ratios, not the seconds.\n",
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	for _, m := range measurements {
		if only != "" && !slices.Contains(strings.Split(only, ","), m.name) {
			continue
		}
		out.printf("\n## %s\n", m.name)
		for _, engine := range engines {
			if err := onEngine(ctx, db.Engine(engine), dsn, func(d *db.DB) error { return m.run(ctx, d, out) }); err != nil {
				return fmt.Errorf("%s on %s: %w", m.name, engine, err)
			}
		}
	}
	return nil
}

// onEngine runs fn on a fresh, migrated database.
func onEngine(ctx context.Context, engine db.Engine, dsn string, fn func(*db.DB) error) error {
	address, drop, err := fresh(ctx, engine, dsn)
	if err != nil {
		return err
	}
	defer drop()
	d, err := db.Open(ctx, db.Options{URL: address, Clock: clock.System{}})
	if err != nil {
		return err
	}
	defer d.Close()
	if _, err := d.Migrate(ctx); err != nil {
		return err
	}
	return fn(d)
}

func fresh(ctx context.Context, engine db.Engine, dsn string) (address string, drop func(), err error) {
	if engine == db.SQLite {
		dir, err := os.MkdirTemp("", "vitrine-bench")
		return "sqlite://" + filepath.Join(dir, "bench.db"), func() { _ = os.RemoveAll(dir) }, err
	}
	server, err := url.Parse(dsn)
	if err != nil || dsn == "" {
		return "", nil, errors.New("name a PostgreSQL server in BENCH_POSTGRES_DSN")
	}
	admin, err := db.Open(ctx, db.Options{URL: dsn})
	if err != nil {
		return "", nil, err
	}
	name := fmt.Sprintf("vitrine_bench_%d", os.Getpid())
	if _, err := admin.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		return "", nil, err
	}
	server.Path = "/" + name
	return server.String(), func() {
		_, _ = admin.ExecContext(ctx, "DROP DATABASE "+name+" WITH (FORCE)")
		_ = admin.Close()
	}, nil
}

// report is the page that is written.
type report struct{ w io.Writer }

func (r *report) printf(format string, args ...any) { _, _ = fmt.Fprintf(r.w, format, args...) }

// timed returns how long fn took.
func timed(fn func() error) (time.Duration, error) {
	began := time.Now() //nolint:forbidigo // measures
	err := fn()
	return time.Since(began), err
}

// median returns the middle one.
func median(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
