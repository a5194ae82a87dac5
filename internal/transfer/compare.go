package transfer

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"
)

// maxNamed is how many differences are named.
const maxNamed = 100

// comparison holds two databases against each other, row by row and byte by byte.
type comparison struct {
	limit int
	tell  func(done int64)
	done  int64
	named []string
	more  int
}

func (c *comparison) all(ctx context.Context, from source, to *cluster, tables []table) error {
	for _, t := range tables {
		if err := c.table(ctx, from, to, t); err != nil {
			return fmt.Errorf("compare %s: %w", t.name, err)
		}
	}
	return nil
}

// table walks through both sides in the order of their keys.
func (c *comparison) table(ctx context.Context, from source, to *cluster, t table) error {
	var after key
	for {
		source, target, err := both(ctx, from, to, t, after, t.limit(c.limit))
		if err != nil {
			return err
		}
		if bytes.Equal(source.data, target.data) && source.last == target.last {
			c.done += int64(source.len())
			c.tell(c.done)
			if source.last {
				return nil
			}
			after = source.after(t)
			continue
		}
		if after = c.merge(t, source, target); after == nil {
			return nil
		}
	}
}

// both reads the next rows of either side at once.
func both(ctx context.Context, from source, to *cluster, t table, after key, limit int) (source, target *chunk, err error) {
	reading, ctx := errgroup.WithContext(ctx)
	reading.Go(func() (err error) { source, err = from.page(ctx, t, after, limit); return err })
	reading.Go(func() (err error) { target, err = to.page(ctx, t, after, limit); return err })
	return source, target, reading.Wait()
}

// merge names what differs in two chunks, and returns the last key that it has seen of
// both sides, or nil at the end.
func (c *comparison) merge(t table, source, target *chunk) (after key) {
	i, j := 0, 0
	for {
		haveSource, haveTarget := i < source.len(), j < target.len()
		if !haveSource && !source.last || !haveTarget && !target.last {
			return after // what stands opposite is in the next chunk
		}
		if !haveSource && !haveTarget {
			return nil
		}
		var order int
		switch {
		case !haveSource:
			order = 1
		case !haveTarget:
			order = -1
		default:
			order = t.compare(fields(source.row(i), t.keys), fields(target.row(j), t.keys))
		}
		if order <= 0 {
			after = fields(source.row(i), t.keys)
		} else {
			after = fields(target.row(j), t.keys)
		}
		switch {
		case order < 0:
			c.note(t.say(after) + " is missing in the target")
			i++
		case order > 0:
			c.note(t.say(after) + " is in the target and not in the source")
			j++
		default:
			if different := t.different(source.row(i), target.row(j)); len(different) > 0 {
				c.note(fmt.Sprintf("%s differs in %v", t.say(after), different))
			}
			i++
			j++
			c.done++
		}
	}
}

// different names the columns in which two rows are not the same.
func (t table) different(a, b []byte) (names []string) {
	if bytes.Equal(a, b) {
		return nil
	}
	left, right := fields(a, len(t.columns)), fields(b, len(t.columns))
	for i, c := range t.columns {
		if !bytes.Equal(left[i], right[i]) || (left[i] == nil) != (right[i] == nil) {
			names = append(names, c.name)
		}
	}
	return slices.Clip(names)
}

func (c *comparison) note(difference string) {
	if len(c.named) == maxNamed {
		c.more++
		return
	}
	c.named = append(c.named, difference)
}
