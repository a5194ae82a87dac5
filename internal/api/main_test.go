package api_test

import (
	"log/slog"
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	// One line per request would bury what failed.
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	os.Exit(m.Run())
}
