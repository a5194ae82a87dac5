// Package stress buys from a running server with many shoppers at once, and then
// counts: what was sold, what was refused, and whether every unit is accounted for.
package stress

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"vitrine/internal/clock"
)

// Plan is how much is bought.
type Plan struct {
	URLs     []string // of the servers, which have one database: http://localhost:8080
	Shoppers int      // at once
	Stock    int      // units of the one item that all want
	Orders   int      // attempts in all, of one unit each
}

// Report is what came of it.
type Report struct {
	Attempts    int
	Sold        int
	Refused     int            // sold out
	Failed      map[string]int // any other answer, by what it said
	Oversold    int            // units that were sold and were not there
	Differences []string       // between the ledger and the level
	Took        time.Duration  // from the first order to the last
	Median      time.Duration  // of one order
	P99         time.Duration
	Slowest     time.Duration
}

// OK tells whether every attempt was sold or refused, and every unit is accounted
// for.
func (r Report) OK() bool {
	return r.Oversold == 0 && len(r.Differences) == 0 && len(r.Failed) == 0 && r.Sold+r.Refused == r.Attempts
}

// PerSecond is how many attempts were answered in a second.
func (r Report) PerSecond() float64 { return float64(r.Attempts) / r.Took.Seconds() }

// Run registers a merchant of its own on the first server, opens a store with the
// stock of one item, and has the shoppers order it from all servers in turn. The
// store stays to be looked at.
func Run(ctx context.Context, p Plan) (Report, error) {
	s := &shop{url: p.URLs[0], http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: p.Shoppers}, Timeout: time.Minute}}
	if err := s.open(ctx, p.Stock); err != nil {
		return Report{}, fmt.Errorf("open a store: %w", err)
	}
	r, err := s.sell(ctx, p)
	if err != nil {
		return r, err
	}
	r.Oversold = max(0, r.Sold-p.Stock)
	r.Differences, err = s.audit(ctx, p.Stock, r.Sold)
	return r, err
}

// outcome is what became of one attempt.
type outcome struct {
	took   time.Duration
	status int
	said   string
}

// sell has the shoppers order until all attempts are made.
func (s *shop) sell(ctx context.Context, p Plan) (Report, error) {
	var next atomic.Int64
	outcomes := make([]outcome, p.Orders)
	watch := clock.Start()
	var shoppers sync.WaitGroup
	for range p.Shoppers {
		shoppers.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= p.Orders {
					return
				}
				outcomes[i] = s.order(ctx, p.URLs[i%len(p.URLs)], i)
			}
		})
	}
	shoppers.Wait()
	if ctx.Err() != nil {
		return Report{}, ctx.Err()
	}
	return count(outcomes, watch.Elapsed()), nil
}

func count(outcomes []outcome, took time.Duration) Report {
	r := Report{Attempts: len(outcomes), Failed: map[string]int{}, Took: took}
	times := make([]time.Duration, len(outcomes))
	for i, o := range outcomes {
		times[i] = o.took
		switch {
		case o.status == http.StatusCreated:
			r.Sold++
		case o.status == http.StatusBadRequest && o.said == "sold_out":
			r.Refused++
		default:
			r.Failed[fmt.Sprintf("%d %s", o.status, o.said)]++
		}
	}
	slices.Sort(times)
	if n := len(times); n > 0 {
		r.Median, r.P99, r.Slowest = times[n/2], times[n*99/100], times[n-1]
	}
	return r
}
