package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"iter"

	"vitrine/internal/analytics"
	"vitrine/internal/app"
	"vitrine/internal/catalog"
	"vitrine/internal/config"
	"vitrine/internal/db"
	"vitrine/internal/inventory"
	"vitrine/internal/media"
	"vitrine/internal/order"
	"vitrine/internal/purchase"
	"vitrine/internal/seal"
	"vitrine/internal/till"
)

func doctorCommand() command {
	repair := false
	return command{
		name: "doctor", summary: "replay stock, orders and purchases, look at domains, certificates, pictures and search, and name what does not add up",
		declare: func(flags *flag.FlagSet) {
			flags.BoolVar(&repair, "repair", false, "mend first what follows from the rest: sums, search, what is held for nobody; put files aside that no picture has; seal secrets anew that a former key has sealed")
		},
		run: func(ctx context.Context, _ args) error { return doctor(ctx, repair) },
	}
}

// doctor replays the ledger of every store against its levels, the holds against
// what is reserved, the orders against both, what was sold against the orders, the
// charges of orders and plans against the payment provider, the purchases of names
// against their charges and registrars, domains against their DNS provider and their
// certificates, pictures against their files and the search against what there is to
// be found. It names each difference.
func doctor(ctx context.Context, repair bool) error {
	c, err := config.FromEnvironment()
	if err != nil {
		return err
	}
	d, err := app.OpenDatabase(ctx, c)
	if err != nil {
		return err
	}
	defer d.Close()
	pictures, err := app.Media(c, d)
	if err != nil {
		return err
	}
	if repair {
		if err := mend(ctx, c, d, pictures); err != nil {
			return err
		}
	}
	n, err := examine(ctx, d, pictures)
	if err != nil {
		return err
	}
	outside, err := examineOutside(ctx, c, d)
	if err != nil {
		return err
	}
	if n += outside; n > 0 {
		return differences(n, repair)
	}
	fmt.Println("stock, orders, payments and purchases: no differences")
	return nil
}

func differences(n int, repaired bool) error {
	if repaired {
		return fmt.Errorf("%d differences are left, of which a person has to decide what is right", n)
	}
	return fmt.Errorf("%d differences", n)
}

// mend mends what follows from the rest.
func mend(ctx context.Context, c *config.Config, d *db.DB, pictures *media.Service) error {
	tell := func(what string) { fmt.Println("mended:", what) }
	stock := inventory.NewWriter(d, inventory.TellLowStock)
	orders := order.New(d, stock, order.Settings{HoldFor: c.ReservationTTL})
	return errors.Join(
		orders.Repair(ctx, tell),
		inventory.RepairTotals(ctx, d, tell),
		analytics.Repair(ctx, d, tell),
		catalog.RepairSearch(ctx, d, tell),
		order.RepairSearch(ctx, d, tell),
		pictures.Repair(ctx, tell),
		renewSeals(ctx, c, d, tell),
	)
}

// examine looks at what the database and the pictures say.
func examine(ctx context.Context, d *db.DB, pictures *media.Service) (int, error) {
	return sumOf(
		func() (int, error) { return tellDifferences(inventory.Verify(ctx, d)) },
		func() (int, error) { return tellDifferences(order.Verify(ctx, d)) },
		func() (int, error) { return tellDifferences(analytics.Verify(ctx, d)) },
		func() (int, error) { return tellDifferences(catalog.VerifySearch(ctx, d)) },
		func() (int, error) { return tellDifferences(order.VerifySearch(ctx, d)) },
		func() (int, error) { return tellDifferences(pictures.Verify(ctx)) },
	)
}

// examineOutside holds the database against those who are asked.
func examineOutside(ctx context.Context, c *config.Config, d *db.DB) (int, error) {
	names, mode, payments, err := app.Outside(c, d)
	if err != nil {
		return 0, err
	}
	domains, sealer, err := app.Domains(ctx, c, d)
	if err != nil {
		return 0, err
	}
	return sumOf(
		func() (int, error) { return tellDifferences(purchase.Verify(ctx, d, names, mode, payments)) },
		func() (int, error) { return tellDifferences(till.Verify(ctx, d, payments)) },
		func() (int, error) { return tellDifferences(domains.Examine(ctx, sealer)) },
		func() (int, error) { return tellSeals(ctx, d, sealer) },
	)
}

// renewSeals seals anew what a former key has sealed.
func renewSeals(ctx context.Context, c *config.Config, d *db.DB, tell func(what string)) error {
	sealer, err := app.Sealer(ctx, c, d)
	if err != nil {
		return err
	}
	counts, err := sealer.Renew(ctx, d)
	for _, n := range counts {
		if n.Former > 0 {
			tell(fmt.Sprintf("secrets: %d in %s, which a former key had sealed, are sealed with the key of now", n.Former, n.Column))
		}
	}
	return err
}

// tellSeals prints what is not sealed with the key of now. Certificates that nobody can
// open are told with the domains.
func tellSeals(ctx context.Context, d *db.DB, sealer *seal.Sealer) (all int, err error) {
	counts, err := sealer.Verify(ctx, d)
	for _, n := range counts {
		if n.Former > 0 {
			fmt.Printf("secrets: %d in %s are sealed with a former key: --repair seals them anew\n", n.Former, n.Column)
		}
		if n.Column.Table == "certificate" {
			n.Unopened = 0
		}
		if n.Unopened > 0 {
			fmt.Printf("secrets: %d in %s were sealed with another secret_key than those that are known: name it in former_secret_keys\n", n.Unopened, n.Column)
		}
		all += n.Former + n.Unopened
	}
	return all, err
}

// sumOf adds up what was found, until something cannot be looked at.
func sumOf(looks ...func() (int, error)) (sum int, err error) {
	for _, look := range looks {
		n, err := look()
		if err != nil {
			return sum, err
		}
		sum += n
	}
	return sum, nil
}

// tellDifferences prints differences as they are found.
func tellDifferences[D fmt.Stringer](found iter.Seq2[D, error]) (n int, err error) {
	for difference, wrong := range found {
		if wrong != nil {
			err = errors.Join(err, wrong)
			continue
		}
		n++
		fmt.Println(difference)
	}
	return n, err
}
