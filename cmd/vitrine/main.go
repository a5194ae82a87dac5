// Command vitrine is the commerce platform: one binary with the API inside.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"vitrine/internal/observe"
)

// commands returns all of them, in the order of the help. Each has a file of its
// own.
func commands() []command {
	return []command{
		serveCommand(),
		{name: "demo", summary: "serve it with a demo merchant and three stores to look around in", run: openDemo},
		migrateCommand(),
		copyDatabaseCommand(),
		importCommand(),
		exportCommand(),
		storeCommand(),
		backupCommand(),
		restoreCommand(),
		doctorCommand(),
		settleCommand(),
		stressCommand(),
		dnsCommand(),
		configCommand(),
		completionCommand(),
		{name: "man", summary: "print the manual page", run: printManual},
		{name: "openapi", summary: "print the API's description", run: openapi},
		{name: "version", summary: "print what this binary was built from", run: version},
	}
}

func main() {
	slog.SetDefault(slog.New(observe.Logs(slog.NewJSONHandler(os.Stderr, nil))))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second signal ends the process
	os.Exit(run(ctx, os.Args[1:]))
}
