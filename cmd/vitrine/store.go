package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"vitrine/internal/account"
	"vitrine/internal/app"
	"vitrine/internal/store"
	"vitrine/internal/storefile"
)

func storeCommand() command {
	var owner, slug string
	return command{
		name: "store", summary: "export a whole store into one file (store export STORE FILE), or import one as a new store (store import FILE)",
		operands: []string{"export|import", "store|file", "[file]"},
		declare: func(flags *flag.FlagSet) {
			flags.StringVar(&owner, "owner", "", "the `email` of the account that gets the imported store")
			flags.StringVar(&slug, "slug", "", "the imported store's `slug`; else the one that it had, or the next that is free")
		},
		run: func(ctx context.Context, given args) error {
			switch {
			case given[0] == "export" && len(given) == 3:
				return exportStore(ctx, given[1], given[2])
			case given[0] == "import" && len(given) == 2 && owner != "":
				return importStore(ctx, given[1], owner, slug)
			case given[0] == "import" && len(given) == 2:
				return misuse("name the account that gets the store: --owner EMAIL")
			}
			return misuse("say store export STORE FILE, or store import FILE --owner EMAIL")
		},
	}
}

func exportStore(ctx context.Context, slugOrID, name string) error {
	c, d, err := open(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	pictures, _, err := app.Blobs(c)
	if err != nil {
		return err
	}
	st, err := store.Named(ctx, d, slugOrID)
	if err != nil {
		return fmt.Errorf("store %s: %w", slugOrID, err)
	}
	p := newProgress(os.Stderr)
	s, err := storefile.Export(ctx, d, pictures, st, name, p.tell)
	p.end()
	if err != nil {
		return err
	}
	fmt.Printf("%s holds %s (%s): %s\n", name, s.Name, s.Slug, s)
	if s.Missing > 0 {
		fmt.Printf("%d pictures are not where they should be: vitrine doctor names them\n", s.Missing)
	}
	fmt.Println("not in it: members, webhooks, domains, payments at the provider")
	return nil
}

func importStore(ctx context.Context, name, email, slug string) error {
	c, d, err := open(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	owner, err := account.Named(ctx, d, email)
	if err != nil {
		return fmt.Errorf("account %s: %w", email, err)
	}
	pictures, err := app.Media(c, d)
	if err != nil {
		return err
	}
	p := newProgress(os.Stderr)
	s, made, err := storefile.Import(ctx, d, pictures, name, storefile.Request{Owner: owner.ID, Slug: slug}, p.tell)
	p.end()
	if err != nil {
		return err
	}
	fmt.Printf("%s is %s (%s, %s) of %s: %s\n", name, s.Name, s.Slug, made.ID, owner.Email, s)
	return nil
}
