package config_test

import (
	"testing"

	"vitrine/internal/config"
	"vitrine/internal/golden"
)

func TestReference_isTheFile(t *testing.T) {
	t.Parallel()
	golden.Compare(t, "../../docs/reference/settings.md", []byte(config.Reference()))
}
