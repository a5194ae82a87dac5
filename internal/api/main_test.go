package api_test

import (
	"log/slog"
	"os"
	"testing"

	"vitrine/internal/dbtest"
)

func TestMain(m *testing.M) {
	// One line per request would bury what failed.
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	os.Exit(dbtest.Main(m))
}
