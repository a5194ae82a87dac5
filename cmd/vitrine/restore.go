package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"vitrine/internal/app"
	"vitrine/internal/backup"
	"vitrine/internal/config"
	"vitrine/internal/db"
)

func restoreCommand() command {
	replace := false
	return command{
		name: "restore", summary: "bring the SQLite database and its pictures back from the file of a backup", operands: []string{"file"},
		declare: func(flags *flag.FlagSet) {
			flags.BoolVar(&replace, "replace", false, "put a database that is there aside, under another name beside it")
		},
		run: func(ctx context.Context, given args) error { return restore(ctx, given[0], replace) },
	}
}

func restore(ctx context.Context, name string, replace bool) error {
	c, err := config.FromEnvironment()
	if err != nil {
		return err
	}
	path, err := sqliteFile(c, "vitrine restore is for SQLite. Bring PostgreSQL back with pg_restore: docs/backup.md says how")
	if err != nil {
		return err
	}
	pictures, _, err := app.Blobs(c)
	if err != nil {
		return err
	}
	p := newProgress(os.Stderr)
	s, aside, err := backup.Restore(ctx, name, backup.Place{Database: path, Pictures: pictures, Replace: replace}, p.tell)
	p.end()
	switch {
	case errors.Is(err, backup.ErrThere):
		return fmt.Errorf("%s is there already, and stays as it is: --replace puts it aside", path)
	case errors.Is(err, db.ErrInUse):
		return fmt.Errorf("another process has %s open: stop Vitrine first", path)
	case err != nil:
		return err
	}
	fmt.Printf("%s is as it was at %s: %d stores, %d orders, %d pictures\n", path, s.MadeAt.UTC().Format("2006-01-02 15:04:05 UTC"), s.Stores, s.Orders, s.Pictures)
	if aside != "" {
		fmt.Printf("what was there before is %s\n", aside)
	}
	return nil
}
