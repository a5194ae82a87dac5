package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"vitrine/internal/stress"
)

func stressCommand() command {
	p, servers := stress.Plan{}, ""
	return command{
		name: "stress", summary: "buy from a running server with many shoppers at once, and count every unit",
		declare: func(flags *flag.FlagSet) {
			flags.StringVar(&servers, "url", "http://localhost:8080", "the `address` of the server, or several with commas between them; a merchant of its own is registered there")
			flags.IntVar(&p.Shoppers, "shoppers", 64, "how many `shoppers` there are at once")
			flags.IntVar(&p.Stock, "stock", 500, "how many `units` there are of the item that all want")
			flags.IntVar(&p.Orders, "orders", 5000, "how many `orders` are tried in all")
		},
		run: func(ctx context.Context, _ args) error {
			if p.Shoppers < 1 || p.Orders < 1 || p.Stock < 0 {
				return errors.New("there must be at least one shopper and one order, and no less than no stock")
			}
			for server := range strings.SplitSeq(servers, ",") {
				p.URLs = append(p.URLs, strings.TrimSuffix(strings.TrimSpace(server), "/"))
			}
			r, err := stress.Run(ctx, p)
			if err != nil {
				return err
			}
			tellStress(os.Stdout, r)
			if !r.OK() {
				return errors.New("not every unit is accounted for")
			}
			return nil
		},
	}
}

func tellStress(w io.Writer, r stress.Report) {
	round := func(d time.Duration) time.Duration { return d.Round(100 * time.Microsecond) }
	for _, line := range []struct {
		what  string
		value any
	}{
		{"attempts", r.Attempts},
		{"sold", r.Sold},
		{"refused", r.Refused},
		{"oversold units", r.Oversold},
		{"ledger differences", len(r.Differences)},
		{"p50", round(r.Median)},
		{"p99", round(r.P99)},
		{"slowest", round(r.Slowest)},
		{"orders/s", fmt.Sprintf("%.0f", r.PerSecond())},
	} {
		_, _ = fmt.Fprintf(w, "%-20s %v\n", line.what, line.value)
	}
	for _, said := range slices.Sorted(maps.Keys(r.Failed)) {
		_, _ = fmt.Fprintf(w, "failed: %s, %d times\n", said, r.Failed[said])
	}
	for _, difference := range r.Differences {
		_, _ = fmt.Fprintln(w, difference)
	}
}
