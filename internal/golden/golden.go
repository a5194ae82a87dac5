// Package golden compares what the program makes with files that are kept in the
// repository, so that a change to it is seen in a review.
package golden

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew instead of comparing with them")

// Compare fails unless the file has exactly this content. With -update it writes
// the file.
func Compare(t testing.TB, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path) //nolint:gosec // the test's own
	if err != nil {
		t.Fatalf("%v; make generate writes it", err)
	}
	if string(got) != string(want) {
		t.Errorf("%s is not up to date; make generate writes it anew. The first difference:\n%s", path, difference(string(want), string(got)))
	}
}

// difference shows the first line that is not the same.
func difference(want, got string) string {
	have, made := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(have), len(made)) {
		if have[i] != made[i] {
			return "- " + have[i] + "\n+ " + made[i]
		}
	}
	if len(have) > len(made) {
		return "- " + have[len(made)]
	}
	return "+ " + made[len(have)]
}
