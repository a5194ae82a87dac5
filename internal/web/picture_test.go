package web_test

import (
	"strings"
	"testing"

	"vitrine/internal/web"
)

func TestPicture_ofOurOwnNamesItsVersionsAndItsShape(t *testing.T) {
	t.Parallel()
	at := "/media/" + strings.Repeat("0a", 32) + "/"
	p := web.Picture{URL: at + "1000.webp", Width: 1000, Height: 750, Sizes: "50vw", Pixels: 300}
	want := map[string]any{
		"src": at + "320.webp", "sizes": "50vw", "width": "1000", "height": "750",
		"srcset": at + "160.webp 160w, " + at + "320.webp 320w, " + at + "640.webp 640w, " + at + "1000.webp 1000w",
	}
	got := p.Attrs()
	if len(got) != len(want) {
		t.Errorf("got %v", got)
	}
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s is %v, want %v", name, got[name], value)
		}
	}
}

func TestPicture_fromElsewhereIsShownAsItIs(t *testing.T) {
	t.Parallel()
	got := web.Picture{URL: "https://images.example/a.jpg", Sizes: "50vw", Pixels: 300}.Attrs()
	if len(got) != 1 || got["src"] != "https://images.example/a.jpg" {
		t.Errorf("got %v", got)
	}
}
