package main

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"vitrine/internal/analytics"
	"vitrine/internal/app"
	"vitrine/internal/config"
	"vitrine/internal/db"
	"vitrine/internal/inventory"
	"vitrine/internal/order"
	"vitrine/internal/purchase"
	"vitrine/internal/till"
)

// doctor replays the ledger of every store against its levels, the holds against
// what is reserved, the orders against both, what was sold against the orders, the
// charges of orders and plans against the payment provider, and the purchases of names
// against their charges and registrars, and names each difference.
func doctor(ctx context.Context, _ args) error {
	c, err := config.FromEnvironment()
	if err != nil {
		return err
	}
	d, err := app.OpenDatabase(ctx, c)
	if err != nil {
		return err
	}
	defer d.Close()
	n, err := examine(ctx, d)
	if err != nil {
		return err
	}
	names, mode, payments, err := app.Outside(c, d)
	if err != nil {
		return err
	}
	bought, err := tellDifferences(purchase.Verify(ctx, d, names, mode, payments))
	if err != nil {
		return err
	}
	charged, err := tellDifferences(till.Verify(ctx, d, payments))
	if err != nil {
		return err
	}
	n += bought + charged
	if n > 0 {
		return fmt.Errorf("%d differences", n)
	}
	fmt.Println("stock, orders, payments and purchases: no differences")
	return nil
}

func examine(ctx context.Context, d *db.DB) (differences int, err error) {
	stock, err := tellDifferences(inventory.Verify(ctx, d))
	if err != nil {
		return 0, err
	}
	orders, err := tellDifferences(order.Verify(ctx, d))
	if err != nil {
		return 0, err
	}
	sales, err := tellDifferences(analytics.Verify(ctx, d))
	return stock + orders + sales, err
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
