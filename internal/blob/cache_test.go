package blob_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"vitrine/internal/blob"
	"vitrine/internal/blob/blobtest"
	"vitrine/internal/blob/disk"
	"vitrine/internal/clock"
)

// counting is a storage that counts how often it is asked.
type counting struct {
	blob.Storage
	asked atomic.Int32
}

func (c *counting) Get(ctx context.Context, k blob.Key) ([]byte, error) {
	c.asked.Add(1)
	return c.Storage.Get(ctx, k)
}

func folder(t *testing.T) *counting {
	t.Helper()
	s, err := disk.Open(t.TempDir(), clock.System{}.Now())
	if err != nil {
		t.Fatal(err)
	}
	return &counting{Storage: s}
}

func TestCached_isAStorage(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, func(t *testing.T) blob.Storage { return blob.NewCached(folder(t), 1<<20) })
}

func TestCached_asksOnceForWhatIsAtHandAndKeepsToItsLimit(t *testing.T) {
	t.Parallel()
	far := folder(t)
	c := blob.NewCached(far, 800)
	keys := make([]blob.Key, 12)
	for i := range keys {
		keys[i] = blob.Key{Sum: [32]byte{byte(i)}, Name: "x"}
		if err := c.Put(t.Context(), keys[i], make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
	}
	get := func(k blob.Key, asked int32) {
		t.Helper()
		before := far.asked.Load()
		if content, err := c.Get(t.Context(), k); err != nil || len(content) != 100 {
			t.Errorf("%v: %d bytes, %v", k, len(content), err)
		}
		if got := far.asked.Load() - before; got != asked {
			t.Errorf("%v: asked %d times, want %d", k, got, asked)
		}
	}
	for _, k := range keys[:8] {
		get(k, 1)
	}
	for _, k := range keys[:8] {
		get(k, 0)
	}
	get(keys[8], 1) // the first one goes
	get(keys[1], 0)
	get(keys[0], 1)
	get(keys[2], 1)
}

func TestCached_doesNotHoldWhatIsMissingOrLarge(t *testing.T) {
	t.Parallel()
	far := folder(t)
	c := blob.NewCached(far, 800)
	k := blob.Key{Name: "x"}
	for range 2 {
		if _, err := c.Get(t.Context(), k); !errors.Is(err, blob.ErrNone) {
			t.Error(err)
		}
	}
	if err := c.Put(t.Context(), k, make([]byte, 101)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := c.Get(t.Context(), k); err != nil {
			t.Error(err)
		}
	}
	if got := far.asked.Load(); got != 4 {
		t.Errorf("asked %d times", got)
	}
}
