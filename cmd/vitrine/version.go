package main

import (
	"context"
	"fmt"
	"runtime/debug"
)

func version(context.Context, []string) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		_, err := fmt.Println("vitrine, built without its version")
		return err
	}
	revision := ""
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			revision = " " + s.Value
		}
	}
	_, err := fmt.Printf("vitrine %s%s %s\n", info.Main.Version, revision, info.GoVersion)
	return err
}
