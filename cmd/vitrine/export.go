package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"vitrine/internal/db"
	"vitrine/internal/exchange"
	"vitrine/internal/store"
)

func exportCommand() command {
	var slugOrID string
	return command{
		name: "export", summary: "write a store's products as a CSV of Shopify", operands: []string{"[file.csv]"},
		declare: func(flags *flag.FlagSet) {
			flags.StringVar(&slugOrID, "store", "", "the `slug` or the id of the store")
		},
		run: func(ctx context.Context, given args) error {
			return inStore(ctx, slugOrID, func(d *db.DB, s store.Store) error {
				if len(given) == 0 || given[0] == "-" {
					return export(ctx, d, s, os.Stdout)
				}
				return exportTo(ctx, d, s, given[0])
			})
		},
	}
}

// exportTo writes a file, which appears when it is whole.
func exportTo(ctx context.Context, d *db.DB, s store.Store, name string) (err error) {
	f, err := os.Create(name + ".part") //nolint:gosec // the caller's own
	if err != nil {
		return err
	}
	err = errors.Join(export(ctx, d, s, f), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

func export(ctx context.Context, d *db.DB, s store.Store, out io.Writer) error {
	p := newProgress(os.Stderr)
	defer p.end()
	w := bufio.NewWriterSize(out, 64<<10)
	if err := exchange.Export(ctx, d, s, w, "", func(n int) { p.tell(fmt.Sprintf("export: %d products", n)) }); err != nil {
		return err
	}
	return w.Flush()
}
