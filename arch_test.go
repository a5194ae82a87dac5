package vitrine_test

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// layers is the import order of the packages under internal/, lower to higher. A
// package imports only from lines above its own: two that need each other are one
// package, or a third on a later line drives both. A package below another in the
// tree (registrar/mock) stands just after its parent, unless it has its own line.
var layers = [][]string{
	{"clock", "fault"},
	{"archive", "combine", "id", "observe", "outward", "text"},
	{"lineage", "money", "config"},
	{"db"},
	{"audit", "content", "job", "seal", "transfer"},
	{"payment", "registrar", "dns", "mail", "blob"},
	{"dns/nameserver"},
	{"dns/builtin"},
	{"picture"},
	{"account"},
	{"store"},
	{"catalog/shopifycsv", "webhook"},
	{"catalog", "theme"},
	{"media"},
	{"backup"},
	{"pricing"},
	{"inventory"},
	{"setup"},
	{"analytics"},
	{"review", "order"},
	{"till"},
	{"shelf"},
	{"certificate"},
	{"domain"},
	{"purchase"},
	{"clone"},
	{"storefile"},
	{"stress"},
	{"exchange"},
	{"demo"},
	{"web"},
	{"api", "dashboard", "storefront"},
	{"edge"},
	{"app"},
}

// testSupport are the packages that only tests, measurements and other test
// support import. One whose name ends in "test" (registrartest) is one too.
var testSupport = []string{"dbtest", "fixture", "golden"}

// speakHTTP are the packages that may know HTTP: those that serve it, and the
// adapters that call a vendor over it, which lie below their interface.
var (
	speakHTTP    = []string{"stress", "web", "api", "dashboard", "storefront", "edge", "app"}
	haveAdapters = []string{"payment", "registrar", "dns", "mail", "blob", "webhook", "certificate"}
)

// behind are the modules, and the packages of the standard library, that stand
// behind a few packages of ours. All others go through those.
var behind = map[string][]string{
	"database/sql":                     {"db"},
	"github.com/jackc/pgx/v5":          {"db", "job", "transfer"}, // job: a lock that lives as long as its connection; transfer: COPY
	"modernc.org/sqlite":               {"db"},
	"github.com/pressly/goose/v3":      {"db"},
	"github.com/danielgtaylor/huma/v2": {"api"},
	"html/template":                    {"web", "dashboard", "storefront"},
	"github.com/a-h/templ":             {"web", "dashboard", "storefront"},
	"github.com/klauspost/compress":    {"edge"},
	"github.com/BurntSushi/toml":       {"config", "demo"},
	"golang.org/x/crypto/argon2":       {"account"},
	"github.com/stripe/stripe-go/v85":  {"payment/stripe"},
	"github.com/mholt/acmez/v3":        {"certificate/acme"},
	"github.com/pires/go-proxyproto":   {"app"},
	"github.com/wneessen/go-mail":      {"mail/smtp"},
	"go.opentelemetry.io/otel":         {"observe"},
}

// jsonTagged are the structs outside the packages above that have json tags all
// the same, as "package.Type", each with the reason.
var jsonTagged = map[string]string{
	"archive.Manifest": "it is the form of the file",
	"archive.Member":   "it is the form of the file",
}

// meaningless are names that say nothing about the business.
var meaningless = []string{
	"base", "common", "core", "handlers", "helper", "helpers", "lib", "misc", "models",
	"repositories", "services", "shared", "types", "util", "utils",
}

func TestArchitecture_everyPackageHasItsPlace(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if p.root == "internal" && !p.support() && p.layer() < 0 {
			t.Errorf("%s has no place in the import order: add it to layers in arch_test.go, above what imports it and below what it imports", p)
		}
		if slices.Contains(meaningless, path.Base(p.name)) {
			t.Errorf("%s: name the package after what it is to a merchant", p)
		}
	}
}

func TestArchitecture_importsPointDown(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, f := range p.files {
			for _, to := range f.imports() {
				if to.root == "internal" && !to.support() && !p.mayImport(to) {
					t.Errorf("%s: %s imports %s, which does not stand before it in the import order", f.path, p, to)
				}
				if to.root != "internal" {
					t.Errorf("%s: %s imports %s; only internal packages are imported", f.path, p, to)
				}
			}
		}
	}
}

func TestArchitecture_testSupportStaysInTests(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if p.support() {
			continue
		}
		for _, f := range p.files {
			for _, to := range f.imports() {
				if to.support() {
					t.Errorf("%s imports %s, which is for tests only", f.path, to)
				}
			}
		}
	}
}

func TestArchitecture_domainPackagesKnowNoHTTP(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if !p.domain() {
			continue
		}
		for _, f := range p.files {
			for _, spec := range f.syntax.Imports {
				if name := importPath(spec); name == "net/http" || strings.HasPrefix(name, "net/http/") {
					t.Errorf("%s imports %s: only the outer packages and adapters know HTTP", f.path, name)
				}
			}
		}
	}
}

func TestArchitecture_modulesStandBehindTheirPackages(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, p := range packages(t) {
		if p.root != "internal" || p.support() {
			continue
		}
		for _, f := range p.files {
			for _, spec := range f.syntax.Imports {
				for module, mayUse := range behind {
					// A package of the library has no dot, and others below it are not part of it.
					if name := importPath(spec); name != module && !(strings.Contains(module, ".") && strings.HasPrefix(name, module+"/")) {
						continue
					}
					used[module] = true
					if !slices.Contains(mayUse, p.name) {
						t.Errorf("%s imports %s, which stands behind %s", f.path, importPath(spec), strings.Join(mayUse, ", "))
					}
				}
			}
		}
	}
	for module := range behind {
		if !used[module] {
			t.Errorf("nothing uses %s: take it from the list", module)
		}
	}
}

func TestArchitecture_domainTypesCarryNoJSONTags(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if !p.domain() {
			continue
		}
		for _, f := range p.files {
			for name := range f.structsWithTag("json") {
				if jsonTagged[p.name+"."+name] == "" {
					t.Errorf("%s: %s.%s has json tags: the API's structs are its own", f.path, p.name, name)
				}
			}
		}
	}
}

func TestArchitecture_timeComesFromTheClock(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if p.root != "internal" && p.root != "cmd" || p.name == "clock" {
			continue
		}
		for _, f := range p.files {
			for _, line := range f.uses("time", "Now") {
				t.Errorf("%s:%d: take the time from a clock.Clock or the transaction, not from time.Now", f.path, line)
			}
		}
	}
}

// TestArchitecture_statementsAreLookedAt: where tests send statements to a database, they
// are held against what a Citus cluster can run. db sends those of others.
func TestArchitecture_statementsAreLookedAt(t *testing.T) {
	t.Parallel()
	sends, looks := map[string]bool{}, map[string]bool{"internal/db": true}
	err := filepath.WalkDir("internal", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(name))
		sends[dir] = sends[dir] || bytes.Contains(text, []byte("dbtest.Each")) || bytes.Contains(text, []byte("dbtest.Open("))
		looks[dir] = looks[dir] || bytes.Contains(text, []byte("os.Exit(dbtest.Main"))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir := range sends {
		if sends[dir] && !looks[dir] {
			t.Errorf("%s: a TestMain that exits with dbtest.Main, or MainAccept, is missing", dir)
		}
	}
}

// TestArchitecture_layersNameEachPackageOnce keeps the list free of slips: a name twice
// would make one of its places meaningless.
func TestArchitecture_layersNameEachPackageOnce(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, name := range slices.Concat(append(layers, testSupport)...) {
		if seen[name] {
			t.Errorf("%s stands in the list twice", name)
		}
		seen[name] = true
	}
}

// pkg is a package of this module, or the name of one.
type pkg struct {
	root  string // the first folder of its path: internal, cmd, bench, e2e
	name  string // the rest
	files []file // without tests
}

func (p pkg) String() string { return strings.TrimSuffix(p.root+"/"+p.name, "/") }

// layer is the line of layers that the package or its nearest listed parent
// stands on, or -1.
func (p pkg) layer() int {
	for name := p.name; name != "."; name = path.Dir(name) {
		if i := slices.IndexFunc(layers, func(l []string) bool { return slices.Contains(l, name) }); i >= 0 {
			return i
		}
	}
	return -1
}

// listed tells whether the package itself stands in layers.
func (p pkg) listed() bool {
	return slices.ContainsFunc(layers, func(l []string) bool { return slices.Contains(l, p.name) })
}

// mayImport tells whether to stands before p. The commands, bench and e2e stand
// after everything.
func (p pkg) mayImport(to pkg) bool {
	if p.root != "internal" || p.support() {
		return true
	}
	child := !p.listed() && strings.HasPrefix(p.name, to.name+"/")
	return to.layer() < p.layer() || child
}

// support tells whether the package is for tests and measurements only.
func (p pkg) support() bool {
	if p.root != "internal" {
		return p.root == "bench" || p.root == "e2e"
	}
	return slices.Contains(testSupport, p.name) || strings.HasSuffix(p.name, "test")
}

// domain tells whether the package is about the business, or below that.
func (p pkg) domain() bool { return p.root == "internal" && !p.support() && !p.transport() }

// transport tells whether the package may know HTTP and JSON.
func (p pkg) transport() bool {
	top, below, _ := strings.Cut(p.name, "/")
	return slices.Contains(speakHTTP, top) || below != "" && slices.Contains(haveAdapters, top)
}
