package storefront

import (
	"encoding/binary"
	"reflect"
	"testing"

	"vitrine/internal/catalog"
	"vitrine/internal/id"
	"vitrine/internal/order"
)

// full is a cart of n lines, each with as much as a line can have.
func full(n int) []order.Wanted {
	var lines []order.Wanted
	for i := range n {
		var v id.UUID
		binary.BigEndian.PutUint64(v[:], uint64(i+1)) //nolint:gosec // a few
		lines = append(lines, order.Wanted{Variant: catalog.VariantID{UUID: v}, Quantity: maxUnits})
	}
	return lines
}

func TestCart_ofTheMostLinesFitsACookieAndComesBack(t *testing.T) {
	t.Parallel()
	lines := full(maxLines)
	written := encodeCart(lines)
	if len(written) > 3000 { // a browser takes 4096 bytes with name and attributes
		t.Errorf("%d bytes", len(written))
	}
	if !reflect.DeepEqual(decodeCart(written), lines) {
		t.Error("the cart is another one")
	}
	if decodeCart(encodeCart(full(maxLines+1))) != nil {
		t.Error("a cart with too many lines is taken")
	}
}

func TestCart_changesOneLineAtATime(t *testing.T) {
	t.Parallel()
	lines := full(2)
	first, other := lines[0].Variant, full(3)[2].Variant
	for _, x := range []struct {
		name     string
		variant  catalog.VariantID
		quantity int
		want     []order.Wanted
	}{
		{"less", first, 2, []order.Wanted{{Variant: first, Quantity: 2}, lines[1]}},
		{"none", first, 0, lines[1:]},
		{"less than none", first, -1, lines[1:]},
		{"too many", first, maxUnits + 1, lines},
		{"another", other, 3, append(full(2), order.Wanted{Variant: other, Quantity: 3})},
		{"none of another", other, 0, lines},
	} {
		if got, ok := changed(lines, x.variant, x.quantity); !ok || !reflect.DeepEqual(got, x.want) {
			t.Errorf("%s: %v, %v", x.name, got, ok)
		}
	}
	if got, ok := changed(full(maxLines), full(maxLines + 1)[maxLines].Variant, 1); ok || len(got) != maxLines {
		t.Errorf("a full cart takes another line: %d, %v", len(got), ok)
	}
}

func FuzzDecodeCart(f *testing.F) {
	good := encodeCart(full(2))
	for _, s := range []string{"", good, good + "A", good[:len(good)-1], "!!", encodeCart(append(full(1), full(1)...)), encodeCart(full(maxLines + 1))} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		lines := decodeCart(s)
		if len(lines) > maxLines {
			t.Errorf("%d lines", len(lines))
		}
		seen := map[catalog.VariantID]bool{}
		for _, l := range lines {
			if l.Quantity < 1 || l.Quantity > maxUnits || seen[l.Variant] {
				t.Errorf("%q gives %v", s, l)
			}
			seen[l.Variant] = true
		}
		if again := decodeCart(encodeCart(lines)); !reflect.DeepEqual(again, lines) {
			t.Errorf("%q gives %v and then %v", s, lines, again)
		}
	})
}
