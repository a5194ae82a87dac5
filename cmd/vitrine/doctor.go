package main

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"vitrine/internal/app"
	"vitrine/internal/config"
	"vitrine/internal/db"
	"vitrine/internal/inventory"
	"vitrine/internal/order"
)

// doctor replays the ledger of every store against its levels, the holds against
// what is reserved, and the orders against both, and names each difference.
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
	if n > 0 {
		return fmt.Errorf("%d differences", n)
	}
	fmt.Println("stock and orders: no differences")
	return nil
}

func examine(ctx context.Context, d *db.DB) (differences int, err error) {
	stock, err := tellDifferences(inventory.Verify(ctx, d))
	if err != nil {
		return 0, err
	}
	orders, err := tellDifferences(order.Verify(ctx, d))
	return stock + orders, err
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
