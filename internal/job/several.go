package job

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"
)

// atOnce is how many of Several are done at once: one whose other side is silent does
// not hold up the rest.
const atOnce = 8

// Several does something for each of all, and leaves the rest for the next time when
// ctx ends.
func Several[T any](ctx context.Context, all []T, do func(context.Context, T)) error {
	var running errgroup.Group
	running.SetLimit(atOnce)
	for _, one := range all {
		if ctx.Err() != nil {
			break
		}
		running.Go(func() error {
			do(ctx, one)
			return nil
		})
	}
	return errors.Join(running.Wait(), ctx.Err())
}

// Wait is how long to wait before something is tried again after so many tries: from
// seconds to an hour.
func Wait(tries int) time.Duration { return min(5*time.Second<<min(tries, 12), time.Hour) }
