package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"vitrine/internal/app"
	"vitrine/internal/config"
)

func configCommand() command {
	var check bool
	return command{
		name: "config", summary: "print every setting, its value and where it came from",
		declare: func(flags *flag.FlagSet) {
			flags.BoolVar(&check, "check", false, "print what is wrong with the settings instead: one sentence each, and exit code 1")
		},
		run: func(ctx context.Context, _ args) error {
			if check {
				return checkConfig(ctx)
			}
			c, err := config.FromEnvironment()
			if err != nil {
				return err
			}
			return c.Print(os.Stdout)
		},
	}
}

// checkConfig prints what is wrong with the settings. It changes nothing.
func checkConfig(ctx context.Context) error {
	c, err := config.FromEnvironment()
	faults := []error{err}
	if many, is := err.(interface{ Unwrap() []error }); is { //nolint:errorlint // each is told by itself
		faults = many.Unwrap()
	}
	if err == nil {
		faults = app.Check(ctx, c)
	}
	for _, fault := range faults {
		fmt.Println(fault)
	}
	if c != nil {
		for _, name := range c.Strange() {
			fmt.Printf("%s is set in the environment and is no setting: is it misspelt?\n", name)
		}
	}
	switch {
	case len(faults) == 1:
		return errors.New("one fault in the settings")
	case len(faults) > 1:
		return fmt.Errorf("%d faults in the settings", len(faults))
	}
	_, err = fmt.Println("the settings are in order")
	return err
}
