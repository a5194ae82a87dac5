package main

import (
	"context"
	"fmt"

	"vitrine/internal/app"
	"vitrine/internal/id"
	"vitrine/internal/purchase"
)

func settleCommand() command {
	return command{
		name: "settle", summary: "list the purchases of names that need the operator, or say of one: ask, released or waived",
		operands: []string{"[purchase]", "[verdict]"}, run: settle,
	}
}

// settle lists what waits for the operator, or takes their word. A server that runs
// carries on from there.
func settle(ctx context.Context, given args) error {
	var which id.UUID
	if len(given) > 0 {
		var err error
		if which, err = id.Parse(given[0]); err != nil {
			return misuse(fmt.Sprintf("%q is no purchase", given[0]))
		}
		if len(given) == 1 {
			return misuse("say what became of the purchase: ask, released or waived")
		}
	}
	c, d, err := open(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	if len(given) == 0 {
		return listUnsettled(purchase.Unsettled(ctx, d))
	}
	a, err := app.New(ctx, c, d)
	if err != nil {
		return err
	}
	p, err := a.Purchases.Settle(ctx, purchase.ID{UUID: which}, purchase.Verdict(given[1]))
	if err == nil {
		fmt.Printf("%s of %s is %s\n", p.ID, p.Name, p.State)
	}
	return err
}

func listUnsettled(all []purchase.Purchase, err error) error {
	for _, p := range all {
		fmt.Printf("%s  %s %s  since %s\n", p.ID, p.Kind, p.Name, p.CreatedAt.Format("2006-01-02 15:04"))
	}
	if err == nil && len(all) == 0 {
		fmt.Println("nothing needs the operator")
	}
	return err
}
