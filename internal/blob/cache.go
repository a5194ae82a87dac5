package blob

import (
	"container/list"
	"context"
	"sync"
)

// Cached is a storage far away with what was asked for last at hand. What lies under a
// key never changes, so that nothing at hand is ever wrong; what another process
// deletes may be at hand for a while. It is safe for concurrent use.
type Cached struct {
	Storage
	limit int

	mu    sync.Mutex
	byKey map[Key]*list.Element
	order *list.List // of *held, the latest first
	bytes int
}

// held is what is at hand under a key.
type held struct {
	key     Key
	content []byte
}

// NewCached keeps up to limit bytes of a storage at hand.
func NewCached(s Storage, limit int) *Cached {
	return &Cached{Storage: s, limit: limit, byKey: map[Key]*list.Element{}, order: list.New()}
}

// Get implements Storage. Nobody changes what it returns.
func (c *Cached) Get(ctx context.Context, k Key) ([]byte, error) {
	if content, ok := c.atHand(k); ok {
		return content, nil
	}
	content, err := c.Storage.Get(ctx, k)
	if err == nil {
		c.hold(k, content)
	}
	return content, err
}

// Delete implements Storage.
func (c *Cached) Delete(ctx context.Context, k Key) error {
	err := c.Storage.Delete(ctx, k)
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.byKey[k]; ok {
		c.drop(e)
	}
	return err
}

func (c *Cached) atHand(k Key) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byKey[k]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*held).content, true
}

// hold keeps content at hand, and lets go of what was not asked for the longest. What
// is a large part of all there is room for is not kept.
func (c *Cached) hold(k Key, content []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, there := c.byKey[k]; there || len(content) > c.limit/8 {
		return
	}
	c.byKey[k] = c.order.PushFront(&held{k, content})
	for c.bytes += len(content); c.bytes > c.limit; {
		c.drop(c.order.Back())
	}
}

func (c *Cached) drop(e *list.Element) {
	h := c.order.Remove(e).(*held)
	delete(c.byKey, h.key)
	c.bytes -= len(h.content)
}
