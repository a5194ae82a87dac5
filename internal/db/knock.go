package db

import (
	"context"
	"database/sql/driver"
	"sync"
	"time"
)

// knocking connects to a server. While that is away only one tries at a time, every now
// and then, and the others hear what came of it: a server that is starting has better
// things to do than to refuse everybody who waits.
type knocking struct {
	driver.Connector

	mu    sync.Mutex
	away  bool
	knock *knock // the try that is under way while it is away
}

// knock is a try that others wait for.
type knock struct {
	done chan struct{}
	err  error
	left bool // who tried has gone before there was an answer
}

// knockEvery is the pause before each try while the server is away.
const knockEvery = 50 * time.Millisecond

// Connect implements driver.Connector.
func (c *knocking) Connect(ctx context.Context) (driver.Conn, error) {
	for {
		c.mu.Lock()
		k := c.knock
		if k == nil {
			return c.try(ctx)
		}
		c.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-k.done:
		}
		if k.err != nil && !k.left {
			return nil, k.err
		}
	}
}

// try connects, after a pause if the server was away. It is called with the lock, and
// gives it back.
func (c *knocking) try(ctx context.Context) (driver.Conn, error) {
	k := &knock{done: make(chan struct{})}
	if c.away {
		c.knock = k
	}
	wait := c.away
	c.mu.Unlock()
	if wait {
		select {
		case <-ctx.Done():
		case <-time.After(knockEvery):
		}
	}
	conn, err := c.Connector.Connect(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if k.err, k.left = err, ctx.Err() != nil; !k.left {
		c.away = err != nil && Unavailable(err)
	}
	if wait {
		c.knock = nil
	}
	close(k.done)
	return conn, err
}
