package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"vitrine/internal/catalog"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/transfer"
)

func copyDatabaseCommand() command {
	return command{
		name: "copy-database", summary: "copy all data to an empty PostgreSQL, and compare every row", operands: []string{"from", "to"},
		run: func(ctx context.Context, given args) error { return copyDatabase(ctx, given[0], given[1]) },
	}
}

func copyDatabase(ctx context.Context, from, to string) error {
	if path, isFile := strings.CutPrefix(from, "sqlite://"); isFile {
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("the source: %w", err) // opening it would make it
		}
	}
	source, err := db.Open(ctx, db.Options{URL: from})
	if err != nil {
		return fmt.Errorf("the source: %w", err)
	}
	defer source.Close()
	target, err := db.Open(ctx, db.Options{URL: to})
	if err != nil {
		return fmt.Errorf("the target: %w", err)
	}
	defer target.Close()
	p := newProgress(os.Stderr)
	r, err := transfer.Copy{From: source, To: target, Tell: func(step string, done, total int64) {
		p.tell(fmt.Sprintf("%s: %d of %d rows", step, done, total))
	}}.Run(ctx)
	p.end()
	if err != nil {
		return err
	}
	if err := tellCopy(os.Stdout, r); err != nil {
		return err
	}
	return indexCopy(ctx, os.Stdout, target)
}

// tellCopy says what was copied and names what differs, which makes the command fail.
func tellCopy(w io.Writer, r transfer.Report) error {
	speed := float64(r.Copied) / max(r.Copying, time.Millisecond).Seconds()
	_, err := fmt.Fprintf(w, "copied %d rows of %d tables in %.1f s (%.0f rows a second)\ncompared all %d rows in %.1f s\n",
		r.Copied, r.Tables, r.Copying.Seconds(), speed, r.Rows, r.Comparing.Seconds())
	for _, difference := range r.Differences {
		_, wrong := fmt.Fprintln(w, difference)
		err = errors.Join(err, wrong)
	}
	if n := len(r.Differences) + r.More; n > 0 && err == nil {
		return fmt.Errorf("%d differences; correct them, or begin again with an empty target", n)
	}
	if err == nil {
		_, err = fmt.Fprintln(w, "no differences: the target has every row of the source")
	}
	return err
}

// indexCopy makes the index of products where the source had none that could be copied.
func indexCopy(ctx context.Context, w io.Writer, target *db.DB) error {
	watch := clock.Start()
	if err := catalog.IndexAll(ctx, target); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "products can be searched (%.1f s)\n", watch.Elapsed().Seconds())
	return err
}
