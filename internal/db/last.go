package db

import (
	"context"
	"maps"
	"slices"
	"sync"

	"vitrine/internal/id"
)

// Last has fn run just before the transaction commits, once for a key however often
// it is asked for. It is for rows that many transactions change: they are locked no
// longer than the commit takes and, since keys come in their order, nobody waits for
// somebody who waits for them.
func (tx *Tx) Last(key string, fn func(context.Context) error) {
	if tx.last == nil {
		tx.last = map[string]func(context.Context) error{}
	}
	if _, asked := tx.last[key]; !asked {
		tx.last[key] = fn
	}
}

func (tx *Tx) runLast(ctx context.Context) error {
	for _, key := range slices.Sorted(maps.Keys(tx.last)) {
		if err := tx.last[key](ctx); err != nil {
			return err
		}
	}
	return nil
}

// Announce has those of this process who listen to a topic hear of something once
// the transaction is committed, before InTx returns.
func (tx *Tx) Announce(topic string, about id.UUID) {
	tx.news = append(tx.news, news{topic, about})
}

// news is what is told after a commit.
type news struct {
	topic string
	about id.UUID
}

// listeners are those who hear of what this process commits.
type listeners struct {
	mu      sync.RWMutex
	byTopic map[string][]func(id.UUID)
}

// Listen calls fn for everything that is announced under a topic. It must not wait
// for a transaction.
func (d *DB) Listen(topic string, fn func(about id.UUID)) {
	d.listeners.mu.Lock()
	defer d.listeners.mu.Unlock()
	if d.listeners.byTopic == nil {
		d.listeners.byTopic = map[string][]func(id.UUID){}
	}
	d.listeners.byTopic[topic] = append(d.listeners.byTopic[topic], fn)
}

func (l *listeners) tell(all []news) {
	if len(all) == 0 {
		return
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, n := range all {
		for _, fn := range l.byTopic[n.topic] {
			fn(n.about)
		}
	}
}
