package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/domain"
	"vitrine/internal/edge"
	"vitrine/internal/fixture"
	"vitrine/internal/storefront"
)

const (
	shopProducts  = 5000
	shopShoppers  = 16 // connections
	shopRounds    = 5
	shopRoundTime = 2 * time.Second
)

var aboutStorefront = fmt.Sprintf(`
A shop of %d products, each page of which is drawn once for a version of the shop, which is measured one after the other; then its product pages through all that is in front of them (hosts, request ids, a log that goes nowhere), over %d
connections that ask without a pause, and take packed pages as browsers do, beside a bare Go handler that writes the bytes of one of these pages with the same length header. One page again and
again, and all in turn; rounds of %s by turns, the median of %d. Marks: at least 0.5 × the requests/s of the bare handler, and a p99 of at
most 3 × its own.

| database | pages | drawn in | requests/s | bare handler | | p99 | bare handler | |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |`, shopProducts, shopShoppers, shopRoundTime, shopRounds)

func measureStorefront(ctx context.Context, d *db.DB, out *report) error {
	owner, err := fixture.Account(ctx, d)
	if err != nil {
		return err
	}
	s, err := fixture.Catalog(ctx, d, owner, fixture.Size{Products: shopProducts, VariantsEach: 3, Categories: 20, CategoryLinks: shopProducts})
	if err != nil {
		return err
	}
	if err := analyze(ctx, d); err != nil {
		return err
	}
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(io.Discard, nil)))
	defer slog.SetDefault(before)
	shop, err := serveShops(ctx, d)
	if err != nil {
		return err
	}
	defer shop.Close()
	page := func(n int) string { return fmt.Sprintf("/s/%s/products/product-number-%d", s.Slug, n) }
	body, err := fetch(ctx, shop.URL+page(0))
	if err != nil {
		return err
	}
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	}))
	defer bare.Close()
	drawn, err := timed(func() error {
		for n := range shopProducts {
			if _, err := fetch(ctx, shop.URL+page(n)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, l := range []struct {
		name string
		path func(n int) string
	}{
		{"one", func(int) string { return page(0) }},
		{"all in turn", func(n int) string { return page(n % shopProducts) }},
	} {
		ours, theirs, err := crowds(ctx, shop, bare, l.path)
		if err != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
		out.row(d.Engine(), l.name, millis(drawn/shopProducts), int(ours.rate), int(theirs.rate), out.atLeast(0.5, ours.rate/theirs.rate, "×"),
			millis(ours.p99), millis(theirs.p99), out.atMost(3, ratio(ours.p99, theirs.p99), "×"))
	}
	return nil
}

func fetch(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept-Encoding", "gzip") // as browsers do; the answer stays packed
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", address, res.Status)
	}
	return io.ReadAll(res.Body)
}

// crowdFigures are what a crowd got.
type crowdFigures struct {
	rate float64
	p99  time.Duration
}

// crowds sends a crowd to both servers by turns, after one each that warms up, and
// returns the median of each.
func crowds(ctx context.Context, shop, bare *httptest.Server, path func(int) string) (ours, theirs crowdFigures, err error) {
	var all [2][]crowdFigures
	for round := range shopRounds + 1 {
		for i, server := range []*httptest.Server{shop, bare} {
			l, err := crowd(ctx, server.Listener.Addr().String(), path)
			if err != nil {
				return ours, theirs, err
			}
			if round > 0 {
				all[i] = append(all[i], l)
			}
		}
	}
	return middleOf(all[0]), middleOf(all[1]), nil
}

func middleOf(all []crowdFigures) crowdFigures {
	var p99s []time.Duration
	var rates []float64
	for _, l := range all {
		p99s, rates = append(p99s, l.p99), append(rates, l.rate)
	}
	slices.Sort(rates)
	return crowdFigures{rates[len(rates)/2], median(p99s)}
}

// crowd asks a server for pages over many connections for the time of a round.
func crowd(ctx context.Context, address string, path func(int) string) (crowdFigures, error) {
	ctx, cancel := context.WithTimeout(ctx, shopRoundTime)
	defer cancel()
	var group sync.WaitGroup
	took, errs := make([][]time.Duration, shopShoppers), make([]error, shopShoppers)
	for i := range shopShoppers {
		group.Go(func() { took[i], errs[i] = shopper(ctx, address, i, path) })
	}
	group.Wait()
	all := slices.Concat(took...)
	if len(all) == 0 {
		return crowdFigures{}, errors.Join(append(errs, errors.New("no answer came"))...)
	}
	return crowdFigures{float64(len(all)) / shopRoundTime.Seconds(), percentile(all, 99)}, errors.Join(errs...)
}

// shopper asks again and again over one connection. It reads no more of an answer than
// it must, so that the servers have the processors.
func shopper(ctx context.Context, address string, n int, path func(int) string) ([]time.Duration, error) {
	c, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	in := bufio.NewReaderSize(c, 32<<10)
	var took []time.Duration
	for ; ctx.Err() == nil; n += shopShoppers {
		d, err := timed(func() error {
			if _, err := c.Write([]byte("GET " + path(n) + " HTTP/1.1\r\nHost: " + address + "\r\nAccept-Encoding: gzip\r\n\r\n")); err != nil {
				return err
			}
			return swallow(in)
		})
		if err != nil {
			return nil, err
		}
		took = append(took, d)
	}
	return took, nil
}

var lengthHeader = []byte("Content-Length: ")

// swallow reads an answer that tells its length.
func swallow(in *bufio.Reader) error {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.Contains(line, []byte(" 200 ")) {
		return fmt.Errorf("answered %q", line)
	}
	length := -1
	for len(bytes.TrimSpace(line)) > 0 {
		if rest, is := bytes.CutPrefix(line, lengthHeader); is {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(rest))); err != nil {
				return err
			}
		}
		if line, err = in.ReadSlice('\n'); err != nil {
			return err
		}
	}
	if length < 0 {
		return errors.New("an answer without its length")
	}
	_, err = in.Discard(length)
	return err
}

// serveShops serves the storefronts of a database.
func serveShops(ctx context.Context, d *db.DB) (*httptest.Server, error) {
	names, err := domain.OpenNames(ctx, d)
	if err != nil {
		return nil, err
	}
	return httptest.NewServer(edge.New(nil, edge.Parts{
		API: http.NotFoundHandler(), Dashboard: http.NotFoundHandler(), Media: http.NotFoundHandler(), Names: names,
		Storefront: storefront.New(storefront.Deps{DB: d, PlatformDomain: "localhost"}), PlatformDomain: "localhost",
	})), nil
}
