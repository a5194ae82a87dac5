package job

import "context"

// WatchClock looks at the clock once.
func (r *Runner) WatchClock(ctx context.Context) { r.watchClock(ctx) }
