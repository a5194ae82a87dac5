// Command vitrine is the commerce platform: one binary with the API inside.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// A command is what the first argument names. It gets the arguments after it.
type command struct {
	name, summary string
	run           func(ctx context.Context, args []string) error
}

// commands returns all of them, in the order of the help. Each has a file of its
// own.
func commands() []command {
	return []command{
		{"serve", "serve the API (default database: vitrine.db in this folder)", serve},
		{"migrate", "bring the database's schema up to date", migrate},
		{"config", "print every setting, its value and where it came from", printConfig},
		{"openapi", "print the API's description", openapi},
		{"version", "print what this binary was built from", version},
	}
}

func main() {
	flag.Usage = usage
	flag.Parse()
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	for _, c := range commands() {
		if c.name == flag.Arg(0) {
			os.Exit(run(c, flag.Args()[1:]))
		}
	}
	flag.Usage()
	os.Exit(2)
}

// run gives a command a context that ends with the first signal. The second one
// ends the process.
func run(c command, args []string) (exitCode int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	if err := c.run(ctx, args); err != nil {
		fmt.Fprintln(os.Stderr, "vitrine:", err)
		return 1
	}
	return 0
}

func usage() {
	var b strings.Builder
	b.WriteString("Usage: vitrine <command>\n\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "  %-9s %s\n", c.name, c.summary)
	}
	b.WriteString("\nSettings come from vitrine.toml and the environment; vitrine config shows them.\n")
	fmt.Fprint(os.Stderr, b.String())
}
