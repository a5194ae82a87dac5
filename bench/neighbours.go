package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fixture"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

const (
	readers = 4
	writers = 2
	pause   = 20 * time.Millisecond // between an answer and the next question of each
	quiet   = 10 * time.Second      // how long they are watched without a clone
	cloning = 6                     // and during how many clones, one after the other
)

var aboutNeighbours = fmt.Sprintf(`
%d readers ask for a page of 50 products of another store, and %d writers change a product of theirs, each with a pause of %s after an
answer: for %s with nothing else to do, then while the large store is cloned %d times. Marks on PostgreSQL: a reader's p99 is at most
twice what it is without a clone, and no writer waits for a clone's end: its slowest answer is less than half of a clone. SQLite has one
writer, so others wait there for a clone to end, and readers do not.

| database | a clone takes | p99 of readers: idle | while cloning | | p99 of writers: idle | while cloning | slowest writer : clone |
| --- | --- | --- | --- | --- | --- | --- | --- |`, readers, writers, pause, quiet, cloning)

func measureNeighbours(ctx context.Context, d *db.DB, out *report) error {
	owner, source, err := largeStore(ctx, d)
	if err != nil {
		return err
	}
	n, err := newNeighbours(ctx, d)
	if err != nil {
		return err
	}
	if _, err := n.watch(ctx, time.Second); err != nil { // warms up
		return err
	}
	idle, err := n.watch(ctx, quiet)
	if err != nil {
		return err
	}
	busy, clone, err := n.whileCloning(ctx, owner, source.ID)
	if err != nil {
		return err
	}
	was, is := percentile(idle.reads, 99), percentile(busy.reads, 99)
	slower, waited := times(is, was), times(percentile(busy.writes, 100), clone)
	if d.Engine() == db.Postgres {
		slower = out.atMost(2, ratio(is, was), "×")
		waited = out.atMost(0.5, ratio(percentile(busy.writes, 100), clone), "×")
	}
	out.row(d.Engine(), seconds(clone), millis(was), millis(is), slower, millis(percentile(idle.writes, 99)), millis(percentile(busy.writes, 99)), waited)
	return nil
}

// neighbours are the users of a store that is not cloned.
type neighbours struct {
	db       *db.DB
	store    store.ID
	products []catalog.ProductID
}

func newNeighbours(ctx context.Context, d *db.DB) (*neighbours, error) {
	owner, err := fixture.Account(ctx, d)
	if err != nil {
		return nil, err
	}
	s, err := fixture.Catalog(ctx, d, owner, fixture.Large.Scaled(1, 10))
	if err != nil {
		return nil, err
	}
	ids, err := db.All(ctx, d, db.Value[id.UUID], `SELECT id FROM product WHERE store_id = $1 ORDER BY id`, s.ID)
	n := &neighbours{db: d, store: s.ID}
	for _, u := range ids {
		n.products = append(n.products, catalog.ProductID{UUID: u})
	}
	return n, err
}

func (n *neighbours) some() catalog.ProductID {
	return n.products[rand.IntN(len(n.products))] //nolint:gosec // any will do
}

func (n *neighbours) read(ctx context.Context) error {
	_, _, err := catalog.List(ctx, n.db, n.store, catalog.Filter{}, db.Page{Limit: 50, Before: n.some().UUID})
	return err
}

func (n *neighbours) write(ctx context.Context) error {
	return n.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := catalog.Update(ctx, tx, n.store, n.some(), func(p *catalog.Product) { p.Status = catalog.Active })
		return err
	})
}

// seen is how long answers took.
type seen struct{ reads, writes []time.Duration }

// watch keeps everybody busy for a while.
func (n *neighbours) watch(ctx context.Context, while time.Duration) (seen, error) {
	return n.until(ctx, func() error { time.Sleep(while); return nil })
}

// whileCloning keeps everybody busy while a store is cloned again and again, and
// returns also how long a clone took.
func (n *neighbours) whileCloning(ctx context.Context, owner account.ID, source store.ID) (s seen, clone time.Duration, err error) {
	var took []time.Duration
	s, err = n.until(ctx, func() error {
		for range cloning {
			_, t, err := cloneOnce(ctx, n.db, owner, source)
			if err != nil {
				return err
			}
			took = append(took, t)
		}
		return nil
	})
	if err != nil {
		return s, 0, err
	}
	return s, median(took), nil
}

// until keeps everybody busy until fn returns.
func (n *neighbours) until(ctx context.Context, fn func() error) (seen, error) {
	var all seen
	var failed error
	var mu sync.Mutex
	var wg sync.WaitGroup
	done := make(chan struct{})
	loop := func(into *[]time.Duration, act func(context.Context) error) {
		for {
			took, err := timed(func() error { return act(ctx) })
			mu.Lock()
			*into = append(*into, took)
			if err != nil {
				failed = err
			}
			mu.Unlock()
			select {
			case <-done:
				return
			case <-time.After(pause):
			}
		}
	}
	for range readers {
		wg.Go(func() { loop(&all.reads, n.read) })
	}
	for range writers {
		wg.Go(func() { loop(&all.writes, n.write) })
	}
	err := fn()
	close(done)
	wg.Wait()
	if err == nil {
		err = failed
	}
	return all, err
}
