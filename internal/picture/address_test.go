package picture_test

import (
	"strings"
	"testing"

	"vitrine/internal/fault"
	"vitrine/internal/picture"
)

var sum = strings.Repeat("0a", 32)

func TestParseAddress_takesWhatStringWritesAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"/media/" + sum + "/640.webp", "/media/" + sum + "/1.webp", "/media/" + sum + "/1280.webp"} {
		if a, ok := picture.ParseAddress(good); !ok || a.String() != good {
			t.Errorf("%s is read as %v, %v", good, a, ok)
		}
	}
	for _, bad := range []string{
		"", "/media/", "/media/" + sum, "/media/" + sum + "/", "/media/" + sum + "/640.png", "/media/" + sum + "/0.webp", "/media/" + sum + "/1281.webp",
		"/media/" + sum + "/0640.webp", "/media/" + sum + "/+640.webp", "/media/" + sum + "/-1.webp", "/media/" + strings.ToUpper(sum) + "/640.webp",
		"/media/" + sum[1:] + "/640.webp", "/media/../" + sum[3:] + "/640.webp", "/media/" + sum + "/../640.webp", "/media/" + sum + "/640.webp?x=1",
		"media/" + sum + "/640.webp", "https://shop.example/media/" + sum + "/640.webp", "/media/" + strings.Repeat("zz", 32) + "/640.webp", "/media/" + sum + "/640.webp ",
	} {
		if a, ok := picture.ParseAddress(bad); ok {
			t.Errorf("%q is read as %v", bad, a)
		}
	}
}

func TestAddress_tellsItsNarrowerVersions(t *testing.T) {
	t.Parallel()
	for width, want := range map[string]string{"1280": "160 320 640 1280", "1000": "160 320 640 1000", "640": "160 320 640", "90": "90", "160": "160"} {
		a, ok := picture.ParseAddress("/media/" + sum + "/" + width + ".webp")
		if !ok {
			t.Fatal(width)
		}
		var got []string
		for _, v := range a.Versions() {
			got = append(got, strings.TrimSuffix(strings.TrimPrefix(v.String(), "/media/"+sum+"/"), ".webp"))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("one of %s pixels has %v, want %s", width, got, want)
		}
	}
}

func TestAddress_forAPlaceIsTheFirstThatFillsIt(t *testing.T) {
	t.Parallel()
	a, _ := picture.ParseAddress("/media/" + sum + "/1000.webp")
	for pixels, want := range map[int]int{1: 160, 160: 160, 161: 320, 641: 1000, 4000: 1000} {
		if got := a.For(pixels).Width; got != want {
			t.Errorf("for %d pixels: %d, want %d", pixels, got, want)
		}
	}
}

func TestURL_takesOursAndThoseOfTheWeb(t *testing.T) {
	t.Parallel()
	for address, good := range map[string]bool{
		"/media/" + sum + "/640.webp": true, " /media/" + sum + "/640.webp ": true, "https://images.example/a.jpg": true, "http://images.example/a.jpg": true,
		"/media/" + sum + "/640.png": false, "/media/x": false, "/other/" + sum + "/640.webp": false, "//media/" + sum + "/640.webp": false, "javascript:alert(1)": false,
		"/\\media/x": false, "": false,
	} {
		var f fault.Form
		if got := picture.URL(&f, "url", address); (f.Err() == nil) != good {
			t.Errorf("%q gives %q, %v", address, got, f.Err())
		}
	}
}

func FuzzParseAddress(f *testing.F) {
	f.Add("/media/" + sum + "/640.webp")
	f.Add("/media/../../etc/passwd")
	f.Fuzz(func(t *testing.T, s string) {
		a, ok := picture.ParseAddress(s)
		if !ok {
			return
		}
		if a.String() != s || strings.Contains(s, "..") || a.Width < 1 || a.Width > picture.MaxWidth {
			t.Errorf("%q is read as %v", s, a)
		}
		if all := a.Versions(); all[len(all)-1] != a {
			t.Errorf("%q is not its own widest version: %v", s, all)
		}
	})
}
