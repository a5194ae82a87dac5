package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// A command is what the first argument names.
type command struct {
	name, summary string
	operands      []string                  // what it is given beside its flags: "file.csv"; "[file]" can be left out
	declare       func(flags *flag.FlagSet) // its flags; nil: none
	run           func(context.Context, args) error
}

// args are the operands that a command was given: at most as many as it declares.
type args []string

// The exit codes.
const (
	failed   = 1 // the command did not do what it was asked for
	misspelt = 2 // nobody knows what was asked for
)

// run carries out a command line and returns the exit code.
func run(ctx context.Context, line []string) int {
	if len(line) == 0 {
		help(os.Stderr)
		return misspelt
	}
	name, rest := line[0], line[1:]
	switch name {
	case "-h", "-help", "--help":
		name = "help"
	case "-version", "--version":
		name = "version"
	}
	if name == "help" {
		return helpWith(rest)
	}
	c, ok := find(name)
	if !ok {
		return misspell("there is no command %q", name)
	}
	return c.do(ctx, rest)
}

func find(name string) (command, bool) {
	all := commands()
	i := slices.IndexFunc(all, func(c command) bool { return c.name == name })
	if i < 0 {
		return command{}, false
	}
	return all[i], true
}

// do carries out the command with the flags and operands that follow its name.
func (c command) do(ctx context.Context, line []string) int {
	given, err := parse(c.flags(), line)
	switch {
	case errors.Is(err, flag.ErrHelp):
		c.help(os.Stdout)
		return 0
	case err != nil:
		return misspell("%s: %v", c.name, err)
	case len(given) > len(c.operands):
		return misspell("%s: nobody knows what %q is for", c.name, given[len(c.operands)])
	case len(given) < len(c.operands) && !strings.HasPrefix(c.operands[len(given)], "["):
		return misspell("%s: %s is missing", c.name, c.operands[len(given)])
	}
	err = c.run(ctx, given)
	if m, ok := errors.AsType[misuse](err); ok {
		return misspell("%s: %s", c.name, m)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "vitrine:", err)
		return failed
	}
	return 0
}

// misuse is what a command says of operands that make no sense to it.
type misuse string

func (m misuse) Error() string { return string(m) }

// parse reads flags and operands in any order.
func parse(flags *flag.FlagSet, line []string) (args, error) {
	var given args
	for {
		if err := flags.Parse(line); err != nil {
			return nil, err
		}
		if flags.NArg() == 0 {
			return given, nil
		}
		given, line = append(given, flags.Arg(0)), flags.Args()[1:]
	}
}

func (c command) flags() *flag.FlagSet {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	if c.declare != nil {
		c.declare(flags)
	}
	return flags
}

func misspell(format string, values ...any) int {
	fmt.Fprintf(os.Stderr, "vitrine: "+format+"; vitrine help tells what there is\n", values...)
	return misspelt
}

// helpWith tells of the command that is named, or of all.
func helpWith(names []string) int {
	if len(names) == 0 {
		help(os.Stdout)
		return 0
	}
	c, ok := find(names[0])
	if !ok {
		return misspell("there is no command %q", names[0])
	}
	c.help(os.Stdout)
	return 0
}

const settingsHint = "\nSettings come from vitrine.toml and the environment; vitrine config shows them.\n"

func help(w io.Writer) {
	var b strings.Builder
	b.WriteString("Usage: vitrine <command>\n\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "  %-13s %s\n", c.name, c.summary)
	}
	fmt.Fprintf(&b, "  %-13s %s\n", "help", "tell of a command: vitrine help serve")
	b.WriteString(settingsHint)
	_, _ = io.WriteString(w, b.String())
}

func (c command) help(w io.Writer) {
	flags := c.flags()
	usage, explained := "Usage: vitrine "+c.name, ""
	flags.VisitAll(func(f *flag.Flag) {
		value, what := flag.UnquoteUsage(f)
		explained += fmt.Sprintf("\n  --%s %s\n      %s\n", f.Name, value, what)
	})
	if explained != "" {
		usage += " [flags]"
	}
	usage = strings.Join(append([]string{usage}, c.operands...), " ")
	_, _ = io.WriteString(w, usage+"\n\n"+strings.ToUpper(c.summary[:1])+c.summary[1:]+".\n"+explained+settingsHint)
}
