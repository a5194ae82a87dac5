package seal_test

import (
	"errors"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/seal"
)

// The key is changed as an operator changes it: none, one, another one.
func TestLoad_readsWhatFormerKeysHaveSealed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		load := func(secret string, former ...string) *seal.Sealer {
			s, err := seal.Load(t.Context(), d, secret, former...)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		none, first := load(""), load("first")
		second := load("second", "first")
		for name, sealed := range map[string][]byte{"none": none.Seal([]byte("x")), "first": first.Seal([]byte("x")), "second": second.Seal([]byte("x"))} {
			if plain, err := second.Open(sealed); err != nil || string(plain) != "x" {
				t.Errorf("sealed with the key %s: %q, %v", name, plain, err)
			}
		}
		if _, err := load("second").Open(first.Seal([]byte("x"))); !errors.Is(err, seal.ErrOtherKey) {
			t.Errorf("a former key that is not named: %v", err)
		}
		if _, err := none.Open(first.Seal([]byte("x"))); !errors.Is(err, seal.ErrOtherKey) {
			t.Errorf("sealed with the operator's key, opened without it: %v", err)
		}
		changed := first.Seal([]byte("x"))
		changed[len(changed)-1] ^= 1
		if _, err := first.Open(changed); !errors.Is(err, seal.ErrOtherKey) {
			t.Errorf("changed since: %v", err)
		}
	})
}
