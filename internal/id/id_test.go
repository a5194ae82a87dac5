package id_test

import (
	"strings"
	"testing"

	"vitrine/internal/id"
)

// FuzzID: what is accepted is the canonical text, in some case.
func FuzzID(f *testing.F) {
	for _, s := range []string{
		"019bc186-de00-7002-a50e-b2cf11ed2db4", "019BC186-DE00-7002-A50E-B2CF11ED2DB4", "00000000-0000-0000-0000-000000000000",
		"{019bc186-de00-7002-a50e-b2cf11ed2db4}", "urn:uuid:019bc186-de00-7002-a50e-b2cf11ed2db4", "019bc186de007002a50eb2cf11ed2db4", "", "-",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := id.Parse(s)
		if err != nil {
			if !u.IsZero() {
				t.Errorf("%q is refused and still gives %s", s, u)
			}
			return
		}
		if u.String() != strings.ToLower(s) {
			t.Errorf("%q reads as %s", s, u)
		}
		value, err := u.Value()
		if err != nil {
			t.Fatal(err)
		}
		var scanned id.UUID
		if err := scanned.Scan(value); err != nil || scanned != u {
			t.Errorf("%s comes back from the database as %s: %v", u, scanned, err)
		}
	})
}
