package main

import (
	"runtime/debug"
	"testing"
)

func TestVersion_namesTheSourcesThatItWasBuiltFrom(t *testing.T) {
	t.Parallel()
	info := &debug.BuildInfo{GoVersion: "go1.26.8", Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123abc"}, {Key: "vcs.modified", Value: "true"},
	}}
	info.Main.Version = "v1.2.3"
	if got, want := describe(info), "vitrine v1.2.3 0123abc (modified) go1.26.8"; got != want {
		t.Errorf("%q, not %q", got, want)
	}
	info.Settings[1].Value = "false"
	if got, want := describe(info), "vitrine v1.2.3 0123abc go1.26.8"; got != want {
		t.Errorf("%q, not %q", got, want)
	}
}
