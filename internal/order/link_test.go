package order_test

import (
	"encoding/base64"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/id"
	"vitrine/internal/order"
	"vitrine/internal/seal"
	"vitrine/internal/store"
)

func TestLinks_leadToTheOrderInItsStoreAlone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		key, err := seal.StoredKey(t.Context(), d, order.LinkKey)
		if err != nil {
			t.Fatal(err)
		}
		again, err := seal.StoredKey(t.Context(), d, order.LinkKey)
		if err != nil || again != key {
			t.Fatalf("the key is another one the second time: %v", err)
		}
		links, st, o := order.NewLinks(key), store.ID{UUID: d.NewID()}, order.ID{UUID: d.NewID()}
		token := links.Token(st, o)
		if got, ok := links.Read(st, token); !ok || got != o {
			t.Errorf("%s leads to %v, %v", token, got, ok)
		}
		if _, ok := links.Read(store.ID{UUID: d.NewID()}, token); ok {
			t.Error("another store shows the order")
		}
		if _, ok := order.NewLinks(seal.Key{1}).Read(st, token); ok {
			t.Error("a token of another platform is good here")
		}
	})
}

func FuzzLinks_readWhatTheyMade(f *testing.F) {
	links, st, o := order.NewLinks(seal.Key{7}), store.ID{UUID: id.UUID{1}}, order.ID{UUID: id.UUID{2}}
	good := links.Token(st, o)
	for _, s := range []string{good, "", good + "A", good[:len(good)-1], "!", good[:22], good + "=", good[:22] + "\n" + good[22:]} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, ok := links.Read(st, s); ok && links.Token(st, got) != s {
			t.Errorf("%q is taken, and was never given out", s)
		}
		raw, err := base64.RawURLEncoding.DecodeString(s)
		if _, ok := links.Read(st, s); ok && (err != nil || len(raw) != 32) {
			t.Errorf("%q is taken", s)
		}
	})
}
