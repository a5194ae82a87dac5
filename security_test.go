package vitrine_test

import (
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// goFiles calls fn with each Go file of the module that was not generated.
func goFiles(t *testing.T, fn func(path, text string)) {
	t.Helper()
	for _, root := range []string{"internal", "cmd", "bench", "."} {
		err := fs.WalkDir(os.DirFS(root), ".", func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				if entry != nil && root == "." && path != "." {
					return fs.SkipDir
				}
				return err
			}
			if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_templ.go") {
				return nil
			}
			raw, err := os.ReadFile(root + "/" + path) //nolint:gosec // our own source
			fn(root+"/"+path, string(raw))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Every test that docs/security.md calls to witness is there.
func TestSecurity_everyTestThatIsNamedExists(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	defined := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	goFiles(t, func(path, text string) {
		if strings.HasSuffix(path, "_test.go") {
			for _, m := range defined.FindAllStringSubmatch(text, -1) {
				there[m[1]] = true
			}
		}
	})
	named := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(string(page), -1)
	if len(named) < 40 {
		t.Errorf("only %d tests are named", len(named))
	}
	for _, m := range named {
		if !there[m[1]] {
			t.Errorf("there is no test %s", m[1])
		}
	}
	for line := range strings.Lines(string(page)) {
		if cells := strings.Split(line, "|"); len(cells) == 6 && strings.TrimSpace(cells[2]) == "yes" && !strings.Contains(cells[4], "`") {
			t.Errorf("it is said to hold, and by no test: %s", line)
		}
	}
}

// dials are the files that reach for others, and whose word it is where they go.
var dials = map[string]string{
	"internal/webhook/sender/post.go":                 "a merchant's: outward.Public, at the address that is dialled",
	"internal/certificate/acme/scout.go":              "a merchant's domain's: outward.Public, or the platform's own address",
	"internal/certificate/acme/authority.go":          "the operator's: acme_directory",
	"internal/registrar/squarespace/squarespace.go":   "the operator's",
	"internal/registrar/resellerclub/resellerclub.go": "the operator's",
	"internal/blob/s3/s3.go":                          "the operator's: s3_endpoint",
	"internal/payment/stripe/stripe.go":               "the operator's: stripe_endpoint",
	"internal/dns/powerdns/powerdns.go":               "the operator's",
	"internal/dns/rfc2136/rfc2136.go":                 "the operator's",
	"internal/stress/stress.go":                       "whoever runs vitrine stress",
	"internal/db/postgres.go":                         "the operator's: database_url",
}

// Who adds a client that reaches for others says here on whose word, and asks
// outward.Public where that is not the operator's.
func TestSource_connectionsToOthersAreMadeInKnownPlaces(t *testing.T) {
	t.Parallel()
	reach := regexp.MustCompile(`http\.Client\{|net\.Dialer|http\.Transport\{|http\.DefaultClient|tls\.Dial|DialContext|net\.Dial\(`)
	left := maps.Clone(dials)
	goFiles(t, func(path, text string) {
		path = strings.TrimPrefix(path, "./")
		if strings.HasSuffix(path, "_test.go") || regexp.MustCompile(`/\w+test/`).MatchString(path) || strings.HasPrefix(path, "bench/") || !reach.MatchString(text) {
			return
		}
		if dials[path] == "" {
			t.Errorf("%s reaches for others", path)
		}
		delete(left, path)
	})
	for _, path := range slices.Sorted(maps.Keys(left)) {
		t.Errorf("%s reaches for nobody any more", path)
	}
}
