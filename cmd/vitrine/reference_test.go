package main_test

import (
	"regexp"
	"strings"
	"testing"

	"vitrine/internal/golden"
)

//go:generate go test . -count=1 -run=_isTheFile -update

// TestReference_commands_isTheFile writes down what the commands say of themselves.
func TestReference_commands_isTheFile(t *testing.T) {
	t.Parallel()
	binary := build(t)
	everything, _, _ := vitrine(t, binary, "help")
	var b strings.Builder
	b.WriteString("# Commands\n\nWhat `vitrine help` says, and `vitrine help` with the name of a command.\n\n```text\n" + everything + "```\n")
	for _, found := range regexp.MustCompile(`(?m)^  ([a-z-]+) `).FindAllStringSubmatch(everything, -1) {
		if name := found[1]; name != "help" {
			text, _, code := vitrine(t, binary, "help", name)
			if code != 0 {
				t.Errorf("help %s: exit code %d", name, code)
			}
			text, _, _ = strings.Cut(text, "\nSettings come from")
			b.WriteString("\n## vitrine " + name + "\n\n```text\n" + text + "```\n")
		}
	}
	golden.Compare(t, "../../docs/reference/commands.md", []byte(b.String()))
}
