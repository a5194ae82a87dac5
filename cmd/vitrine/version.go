package main

import (
	"context"
	"fmt"
	"runtime/debug"

	"vitrine/internal/app"
)

func version(context.Context, args) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		_, err := fmt.Println("vitrine, built without its version")
		return err
	}
	if release := app.Release(); release != "" {
		info.Main.Version = release
	}
	_, err := fmt.Println(describe(info))
	return err
}

// describe tells the version, the revision of the sources, and what built it.
func describe(info *debug.BuildInfo) string {
	revision, modified := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = " " + s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = " (modified)"
		}
	}
	return "vitrine " + info.Main.Version + revision + modified + " " + info.GoVersion
}
