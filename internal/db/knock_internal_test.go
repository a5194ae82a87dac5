package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// door is a server that is away until it opens.
type door struct {
	driver.Connector
	open  atomic.Bool
	tries atomic.Int64
}

type connection struct{ driver.Conn }

func (d *door) Connect(context.Context) (driver.Conn, error) {
	if d.tries.Add(1); !d.open.Load() {
		return nil, &net.OpError{Op: "dial", Err: errors.New("nobody is there")}
	}
	return connection{}, nil
}

func TestKnocking_oneTriesForAllWhileTheServerIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &door{}
		c := &knocking{Connector: d}
		var all sync.WaitGroup
		connected := make([]time.Duration, 20)
		began := time.Now()
		for i := range connected {
			all.Go(func() {
				for {
					if _, err := c.Connect(t.Context()); err == nil {
						connected[i] = time.Since(began)
						return
					}
				}
			})
		}
		time.Sleep(time.Second + knockEvery/2)
		if n := d.tries.Load(); n < 15 || n > 40 {
			t.Errorf("%d tries in a second", n)
		}
		d.open.Store(true)
		all.Wait()
		for i, took := range connected {
			if took > time.Second+2*knockEvery {
				t.Errorf("%d was let in after %v", i, took)
			}
		}
		leaving, leave := context.WithTimeout(t.Context(), knockEvery/2)
		defer leave()
		d.open.Store(false)
		_, _ = c.Connect(t.Context()) // now it is known to be away
		all.Go(func() { _, _ = c.Connect(leaving) })
		time.Sleep(knockEvery / 4)
		d.open.Store(true)
		if _, err := c.Connect(t.Context()); err != nil {
			t.Errorf("who waited for somebody who left: %v", err)
		}
		all.Wait()
	})
}
