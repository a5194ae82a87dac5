package clock

import (
	"strings"
	"testing"
	"time"
)

// What a clock that is set leaves alone is the monotonic reading, which a time loses in
// most other hands.
func TestWatch_keepsTheMonotonicReading(t *testing.T) {
	t.Parallel()
	w := Start()
	if !strings.Contains(w.began.String(), " m=") {
		t.Errorf("%s has none", w.began)
	}
	if took := w.Elapsed(); took < 0 || took > time.Minute {
		t.Errorf("it took %v", took)
	}
}
