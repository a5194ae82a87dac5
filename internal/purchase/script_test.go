package purchase_test

import (
	"testing"

	"golang.org/x/net/idna"

	"vitrine/internal/purchase"
)

func TestWarning_isAboutNamesThatDeceive(t *testing.T) {
	t.Parallel()
	for name, strange := range map[string]bool{
		"mystore": false, "my-store1": false, "café": false, "größe": false, "магазин": false, "日本のお店": false, "ショップ東京": false, "한국가게": false, "متجر": false,
		"аpple": true, "раураӏ": true, "αpple": true, "mystoreя": true, "магазинx": true,
	} {
		ascii, err := idna.Punycode.ToASCII(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := purchase.Warning(ascii + ".com"); (got != "") != strange {
			t.Errorf("%s (%s): %q", name, ascii, got)
		}
	}
}
