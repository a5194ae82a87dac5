package fault

import "testing"

// AssertCode fails the test when err does not carry the code.
func AssertCode(t testing.TB, err error, code string) {
	t.Helper()
	if Code(err) != code {
		t.Fatalf("got error %v (code %q), want code %q", err, Code(err), code)
	}
}
