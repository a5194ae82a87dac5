package observe

import (
	"time"

	"vitrine/internal/clock"
)

// timer tells how long it is since it was made.
type timer struct{ began time.Time }

func start() timer { return timer{clock.System{}.Now()} }

func (t timer) seconds() float64 { return time.Since(t.began).Seconds() }
