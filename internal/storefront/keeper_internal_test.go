package storefront

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// answered is an answer with a page of some size.
func answered(text string, size int) func() (*recorded, error) {
	return func() (*recorded, error) {
		r := &recorded{header: http.Header{}, status: http.StatusOK}
		_, err := r.Write([]byte(text + strings.Repeat(".", size-len(text))))
		return r, err
	}
}

func TestKeeper_keepsWhatWasAskedForLastWithinItsBounds(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	k := newKeeper()
	first := pageKey{page: "0"}
	for i := range 2 * maxKept / size {
		key := pageKey{page: strconv.Itoa(i)}
		if _, _, err := k.get(key, answered(key.page, size)); err != nil {
			t.Fatal(err)
		}
		if k.find(first) == nil {
			t.Fatalf("the page that is asked for again and again is gone after %d others", i)
		}
		if k.find(key) == nil || k.bytes > maxKept {
			t.Fatalf("after %d pages: %d bytes", i, k.bytes)
		}
	}
	if k.find(pageKey{page: "1"}) != nil {
		t.Error("a page is there that nobody has asked for since")
	}
	if n := k.order.Len(); n != len(k.pages) || n < maxKept/size-2 {
		t.Errorf("%d pages in order, %d by key", n, len(k.pages))
	}
}

func TestKeeper_makesOneFormOfAPageFromTheOther(t *testing.T) {
	t.Parallel()
	for _, firstPacked := range []bool{false, true} {
		k := newKeeper()
		one, _, err := k.get(pageKey{"page", firstPacked}, answered("Mug", 5000))
		if err != nil {
			t.Fatal(err)
		}
		other, _, err := k.get(pageKey{"page", !firstPacked}, func() (*recorded, error) {
			t.Error("it is drawn once more")
			return answered("Mug", 5000)()
		})
		if err != nil {
			t.Fatal(err)
		}
		if !firstPacked {
			one, other = other, one
		}
		if other.packing != nil || !strings.HasPrefix(string(other.body), "Mug..") || len(other.body) != 5000 || other.length[0] != "5000" {
			t.Errorf("as it is: %v, %d bytes, %v", other.packing, len(other.body), other.length)
		}
		if one.packing[0] != "gzip" || len(one.body) > 200 || one.length[0] != strconv.Itoa(len(one.body)) || one.tag[0] != other.tag[0] {
			t.Errorf("packed: %v, %d bytes, %v, %v", one.packing, len(one.body), one.length, one.tag)
		}
	}
}
