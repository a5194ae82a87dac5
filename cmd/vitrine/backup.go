package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"vitrine/internal/app"
	"vitrine/internal/backup"
	"vitrine/internal/blob"
	"vitrine/internal/clock"
	"vitrine/internal/config"
	"vitrine/internal/db"
)

func backupCommand() command {
	return command{
		name: "backup", summary: "write the SQLite database and its pictures into one file, also while it serves", operands: []string{"file"},
		run: func(ctx context.Context, given args) error { return makeBackup(ctx, given[0]) },
	}
}

// makeBackup opens the database as it is: a backup comes before a migration.
func makeBackup(ctx context.Context, name string) error {
	c, err := config.FromEnvironment()
	if err != nil {
		return err
	}
	path, err := sqliteFile(c, "vitrine backup is for SQLite. Back up PostgreSQL with pg_dump --format=custom, or with continuous archiving (PITR): docs/backup.md says how")
	if err != nil {
		return err
	}
	if there, err := db.Exists(path); err != nil || !there {
		return errors.Join(fmt.Errorf("there is no database %s", path), err)
	}
	d, err := db.Open(ctx, db.Options{URL: c.DatabaseURL, Clock: clock.System{}})
	if err != nil {
		return err
	}
	defer d.Close()
	pictures, onDisk, err := app.Blobs(c)
	if err != nil {
		return err
	}
	var from blob.Storage
	if onDisk {
		from = pictures
	}
	p := newProgress(os.Stderr)
	s, err := backup.Write(ctx, d, from, name, p.tell)
	p.end()
	if err != nil {
		return err
	}
	tellBackup(c, name, s, onDisk)
	return nil
}

func tellBackup(c *config.Config, name string, s backup.Summary, onDisk bool) {
	fmt.Printf("%s holds the database: %d stores, %d orders\n", name, s.Stores, s.Orders)
	switch {
	case !onDisk:
		fmt.Printf("its pictures lie in the bucket %s, which keeps them: they are not in the file\n", c.MediaS3Bucket)
	case s.Missing > 0:
		fmt.Printf("and %d pictures; %d more are not where they should be: vitrine doctor names them\n", s.Pictures, s.Missing)
	default:
		fmt.Printf("and %d pictures\n", s.Pictures)
	}
	if c.SecretKey != "" {
		fmt.Println("the setting secret_key is not in it: keep it in another place")
	} else {
		fmt.Println("the key that seals secrets is in it: whoever has the file has them")
	}
}

// sqliteFile is the file of the database that the settings name.
func sqliteFile(c *config.Config, otherwise string) (string, error) {
	path, is := strings.CutPrefix(c.DatabaseURL, "sqlite://")
	if !is {
		return "", errors.New(otherwise)
	}
	return path, nil
}
