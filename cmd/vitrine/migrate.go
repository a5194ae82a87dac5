package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
)

func migrateCommand() command {
	var citus bool
	return command{
		name: "migrate", summary: "bring the database's schema up to date",
		declare: func(flags *flag.FlagSet) {
			flags.BoolVar(&citus, "citus", false, "then spread the tables of stores over the machines of a Citus cluster")
		},
		run: func(ctx context.Context, _ args) error { return migrate(ctx, citus) },
	}
}

func migrate(ctx context.Context, citus bool) error {
	_, d, err := open(ctx)
	if err != nil {
		return err
	}
	if citus {
		moved, wrong := d.Distribute(ctx)
		for _, m := range moved {
			fmt.Println(m)
		}
		if err = wrong; err == nil {
			fmt.Printf("%d tables moved; every table has its place\n", len(moved))
		}
	}
	return errors.Join(err, d.Close())
}
