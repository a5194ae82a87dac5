// Command bench measures what Vitrine promises to be fast at, on both databases,
// each figure beside what it is to be held against, measured in the same run. The
// result is a page of Markdown: make bench puts it into bench/README.md.
//
//	go run ./bench                      everything, to standard output
//	go run ./bench -only clone,lists    some of it
//	go run ./bench -engines sqlite      on one database
//	go run ./bench -strict              and fail when a mark is missed
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"runtime/pprof"
	"slices"
	"strings"

	"vitrine/internal/db"
)

// A measurement fills one section of the page, one database after the other.
type measurement struct {
	name  string
	about string // what is measured and how, and the head of its table
	run   func(ctx context.Context, d *db.DB, out *report) error
}

var measurements = []measurement{
	{"clone", aboutClone, measureClone},
	{"memory", aboutMemory, measureMemory},
	{"neighbours", aboutNeighbours, measureNeighbours},
	{"growth", aboutGrowth, measureGrowth},
	{"import", aboutImport, measureImport},
	{"lists", aboutLists, measureLists},
	{"pages", aboutPages, measurePages},
	{"storefront", aboutStorefront, measureStorefront},
	{"processes", aboutSpread, measureSpread},
	{"dns", aboutDNS, measureDNS},
	{"domains", aboutDomains, measureDomains},
	{"stock", aboutStock, measureStock},
	{"orders", aboutOrders, measureOrders},
	{"stock-processes", aboutProcesses, measureProcesses},
	{"stock-bulk", aboutBulk, measureBulk},
	{"stock-history", aboutHistory, measureHistory},
}

func main() {
	only := flag.String("only", "", "comma-separated names of measurements (default: all)")
	engines := flag.String("engines", "sqlite,postgres", "which databases")
	dsn := flag.String("postgres", os.Getenv("BENCH_POSTGRES_DSN"), "a PostgreSQL server with full durability, where databases may be made")
	file := flag.String("o", "", "the file to write the page to, when all is measured (default: standard output)")
	strict := flag.Bool("strict", false, "fail when a mark is missed")
	profile := flag.String("profile", "", "a file for a profile of the processor's time of this process")
	flag.Parse()
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	page := newReport()
	err := profiled(*profile, func() error {
		return run(context.Background(), page, wanted(*only), strings.Split(*engines, ","), *dsn)
	})
	if err == nil {
		err = page.save(*file)
	}
	if err == nil && *strict && len(page.missed) > 0 {
		err = errors.New("missed: " + strings.Join(page.missed, "; "))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// profiled runs fn with a profile into a file, if there is one.
func profiled(file string, fn func() error) error {
	if file == "" {
		return fn()
	}
	f, err := os.Create(file) //nolint:gosec // as told
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	err = fn()
	pprof.StopCPUProfile()
	return errors.Join(err, f.Close())
}

// wanted returns the measurements with the names, all for none.
func wanted(names string) []measurement {
	if names == "" {
		return measurements
	}
	return slices.DeleteFunc(slices.Clone(measurements), func(m measurement) bool {
		return !slices.Contains(strings.Split(names, ","), m.name)
	})
}

func run(ctx context.Context, page *report, all []measurement, engines []string, dsn string) error {
	for _, m := range all {
		page.printf("\n## %s\n\n%s\n", m.name, strings.TrimSpace(m.about))
		for _, engine := range engines {
			fmt.Fprintf(os.Stderr, "bench: %s on %s\n", m.name, engine)
			page.where = m.name + " on " + engine
			if err := onEngine(ctx, db.Engine(engine), dsn, func(d *db.DB) error { return m.run(ctx, d, page) }); err != nil {
				return fmt.Errorf("%s: %w", page.where, err)
			}
		}
	}
	return nil
}
