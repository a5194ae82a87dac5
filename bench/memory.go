package main

import (
	"context"

	"vitrine/internal/db"
)

const aboutMemory = `
How much more memory of its own this process takes (RssAnon: what is in no file) while it clones the same store, right after it has opened
the database: the highest of what is seen every few milliseconds. Mark: at most 32 MiB.

| database | grows by |
| --- | --- |`

func measureMemory(ctx context.Context, d *db.DB, out *report) error {
	owner, source, err := largeStore(ctx, d)
	if err != nil {
		return err
	}
	again, err := open(ctx, d.URL()) // without what the other connections have in their caches
	if err != nil {
		return err
	}
	defer again.Close()
	extra, err := watched(func() error {
		_, err := makeClone(ctx, again, owner, source.ID)
		return err
	})
	out.row(d.Engine(), out.atMost(32, mebi(extra), "MiB"))
	return err
}

func mebi(bytes uint64) float64 { return float64(bytes) / (1 << 20) }
