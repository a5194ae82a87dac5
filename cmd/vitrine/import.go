package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/exchange"
	"vitrine/internal/inventory"
	"vitrine/internal/store"
)

func importCommand() command {
	var o struct {
		store  string
		dryRun bool
	}
	return command{
		name: "import", summary: "take a product CSV of Shopify into a store", operands: []string{"file.csv"},
		declare: func(flags *flag.FlagSet) {
			flags.StringVar(&o.store, "store", "", "the `slug` or the id of the store")
			flags.BoolVar(&o.dryRun, "dry-run", false, "tell what would be done and write nothing")
		},
		run: func(ctx context.Context, given args) error {
			return inStore(ctx, o.store, func(d *db.DB, s store.Store) error { return importFile(ctx, d, s, given[0], o.dryRun) })
		},
	}
}

// inStore opens the database of the settings and the store of a slug or an id in it.
func inStore(ctx context.Context, slugOrID string, do func(*db.DB, store.Store) error) error {
	if slugOrID == "" {
		return fmt.Errorf("name a store: --store SLUG-or-ID")
	}
	_, d, err := open(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	s, err := store.Named(ctx, d, slugOrID)
	if err != nil {
		return fmt.Errorf("store %s: %w", slugOrID, err)
	}
	return do(d, s)
}

func importFile(ctx context.Context, d *db.DB, s store.Store, name string, dryRun bool) error {
	file, closeFile, err := openFile(name)
	if err != nil {
		return err
	}
	defer closeFile()
	p := newProgress(os.Stderr)
	i := exchange.Import{Store: s, File: file, DryRun: dryRun, SetStock: exchange.StockOf(inventory.NewWriter(d, inventory.TellLowStock), s), Progress: func(step string, done, total int) {
		if total > 0 {
			p.tell(fmt.Sprintf("%s: %d of %d rows", step, done, total))
		}
	}}
	report, err := i.Run(ctx, d)
	if err == nil && !dryRun {
		p.tell("index what was imported")
		err = catalog.IndexSearch(ctx, d, s.ID)
	}
	p.end()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return tellReport(os.Stdout, report, s, name, dryRun)
}

// openFile opens a file, or what comes in where the name is "-".
func openFile(name string) (file *io.SectionReader, closeFile func(), err error) {
	var f *os.File
	if name == "-" {
		f, err = spool(os.Stdin)
	} else {
		f, err = os.Open(name) //nolint:gosec // the caller's own
	}
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a file", name)
	}
	if err != nil {
		_ = f.Close()
		return nil, nil, err
	}
	return io.NewSectionReader(f, 0, info.Size()), func() { _ = f.Close() }, nil
}

// spool copies what comes in to a file without a name, which can be read twice.
func spool(in io.Reader) (*os.File, error) {
	f, err := os.CreateTemp("", "vitrine-import-*.csv")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(f.Name())
	if _, err := io.Copy(f, in); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// tellReport says what was done, and names the rows that were left out. Those make
// the command fail.
func tellReport(w io.Writer, r exchange.Report, s store.Store, name string, dryRun bool) error {
	verb := "imported"
	if dryRun {
		verb = "nothing is written yet, but would be"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s into %s (%s), %s:\n", name, s.Name, s.Slug, verb)
	fmt.Fprintf(&b, "  products  %d new, %d changed\n", r.ProductsCreated, r.ProductsUpdated)
	fmt.Fprintf(&b, "  variants  %d new, %d changed\n", r.VariantsCreated, r.VariantsUpdated)
	if r.LevelsSet > 0 {
		fmt.Fprintf(&b, "  levels    %d set\n", r.LevelsSet)
	}
	fmt.Fprintf(&b, "  rows      %d, %d left out\n", r.Rows, len(r.Errors)+r.MoreErrors)
	for _, e := range r.Errors {
		fmt.Fprintln(&b, e.Error())
	}
	if r.MoreErrors > 0 {
		fmt.Fprintf(&b, "and %d more\n", r.MoreErrors)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	left := len(r.Errors) + r.MoreErrors
	switch {
	case left > 0 && dryRun:
		return fmt.Errorf("%d rows would be left out", left)
	case left > 0:
		return fmt.Errorf("%d rows were left out: correct them and import the file again, the others stay as they are; --dry-run tells beforehand", left)
	}
	return nil
}
