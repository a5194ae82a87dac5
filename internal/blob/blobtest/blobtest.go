// Package blobtest says what every blob.Storage does: one suite, which runs on each
// adapter.
package blobtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"testing"

	"vitrine/internal/blob"
)

// Run tries everything that a Storage promises. fresh returns an empty one.
func Run(t *testing.T, fresh func(t *testing.T) blob.Storage) {
	t.Helper()
	for name, try := range map[string]func(*testing.T, blob.Storage){
		"what was put comes back as it went":      comesBack,
		"what is not there is ErrNone":            missing,
		"putting something again changes nothing": twice,
		"what was deleted is gone, and no more":   deleted,
		"names of one sum are apart":              neighbours,
		"a key that leads elsewhere is refused":   elsewhere,
		"calls at once lose nothing":              atOnce,
		"a call whose caller has gone is refused": abandoned,
	} {
		t.Run(name, func(t *testing.T) { try(t, fresh(t)) })
	}
}

func key(name string) blob.Key {
	return blob.Key{Sum: sha256.Sum256([]byte(name)), Name: "640.webp"}
}

func put(t *testing.T, s blob.Storage, k blob.Key, content []byte) {
	t.Helper()
	if err := s.Put(t.Context(), k, content); err != nil {
		t.Fatal(err)
	}
}

// want checks what lies under a key; nil: nothing.
func want(t *testing.T, s blob.Storage, k blob.Key, content []byte) {
	t.Helper()
	got, err := s.Get(t.Context(), k)
	there, lookErr := s.Exists(t.Context(), k)
	if lookErr != nil || there != (content != nil) {
		t.Errorf("%s is there: %v, %v", k, there, lookErr)
	}
	switch {
	case content == nil && !errors.Is(err, blob.ErrNone):
		t.Errorf("%s has %d bytes, %v", k, len(got), err)
	case content != nil && (err != nil || !bytes.Equal(got, content)):
		t.Errorf("%s has %d bytes and not %d: %v", k, len(got), len(content), err)
	}
}

func comesBack(t *testing.T, s blob.Storage) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	for name, content := range map[string][]byte{"empty": {}, "every byte": every, "large": bytes.Repeat(every, 4<<10), "one": {0}} {
		put(t, s, key(name), content)
		want(t, s, key(name), content)
	}
}

func missing(t *testing.T, s blob.Storage) {
	want(t, s, key("nobody"), nil)
	if err := s.Delete(t.Context(), key("nobody")); err != nil {
		t.Errorf("deleting nothing: %v", err)
	}
}

func twice(t *testing.T, s blob.Storage) {
	put(t, s, key("a"), []byte("mug"))
	put(t, s, key("a"), []byte("mug"))
	want(t, s, key("a"), []byte("mug"))
}

func deleted(t *testing.T, s blob.Storage) {
	put(t, s, key("a"), []byte("mug"))
	put(t, s, key("b"), []byte("pot"))
	for range 2 {
		if err := s.Delete(t.Context(), key("a")); err != nil {
			t.Fatal(err)
		}
	}
	want(t, s, key("a"), nil)
	want(t, s, key("b"), []byte("pot"))
	put(t, s, key("a"), []byte("mug"))
	want(t, s, key("a"), []byte("mug"))
}

func neighbours(t *testing.T, s blob.Storage) {
	small, large := key("a"), key("a")
	small.Name = "160.webp"
	put(t, s, small, []byte("small"))
	want(t, s, large, nil)
	put(t, s, large, []byte("large"))
	if err := s.Delete(t.Context(), small); err != nil {
		t.Fatal(err)
	}
	want(t, s, small, nil)
	want(t, s, large, []byte("large"))
}

func elsewhere(t *testing.T, s blob.Storage) {
	for _, name := range []string{"", ".", "..", "../x", "a/b", `a\b`, "a b", "A", ".hidden", "a\x00", "ä"} {
		k := blob.Key{Name: name}
		_, getErr := s.Get(t.Context(), k)
		_, lookErr := s.Exists(t.Context(), k)
		for call, err := range map[string]error{"put": s.Put(t.Context(), k, nil), "get": getErr, "exists": lookErr, "delete": s.Delete(t.Context(), k)} {
			if !errors.Is(err, blob.ErrKey) {
				t.Errorf("%s of %q: %v", call, name, err)
			}
		}
	}
}

// atOnce has many put and delete what lies in one place, beside what stays.
func atOnce(t *testing.T, s blob.Storage) {
	stays, goes := key("a"), key("a")
	goes.Name = "160.webp"
	put(t, s, stays, []byte("stays"))
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			for round := range 8 {
				own := key(fmt.Sprint(i, round))
				if err := errors.Join(s.Put(t.Context(), own, []byte("own")), s.Put(t.Context(), goes, []byte("goes")), s.Delete(t.Context(), goes)); err != nil {
					t.Error(err)
				}
				if got, err := s.Get(t.Context(), goes); err == nil && string(got) != "goes" {
					t.Errorf("half of it is there: %q", got)
				}
				if err := s.Delete(t.Context(), own); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	want(t, s, stays, []byte("stays"))
	want(t, s, goes, nil)
}

func abandoned(t *testing.T, s blob.Storage) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Put(ctx, key("a"), []byte("mug")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	want(t, s, key("a"), nil)
}
