// Package demo is a merchant to look around with: an account with three stores, one
// of each type, their goods, and the pictures of those. All of it is our own, and
// the same wherever it is opened.
package demo

import (
	"context"
	"fmt"
	"slices"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/media"
	"vitrine/internal/store"
)

// What the demo merchant logs in with. It is no secret: nothing of worth belongs
// to them.
const (
	Email    = "demo@vitrine.example"
	Password = "a demo password"
	name     = "Demo Merchant"
)

// plan has room for the stores and for some clones of them.
const plan = "growth"

// Open makes sure that the demo merchant is there, and returns their stores, the
// oldest first. A merchant without a store is given the three, all at once or none;
// what a merchant with stores has is kept as it is, but that its pictures follow
// when they are served at another address. base is that address ("https://host").
// Some goods are photographed, and the photographs uploaded; none are where pictures is
// nil. The stores look as if they had been selling for so many days: whoever stops Open
// in between has stores that sold less. Calling it again, or twice at once, changes
// nothing more.
func Open(ctx context.Context, d *db.DB, accounts *account.Service, pictures *media.Service, base string, days int) ([]store.Store, error) {
	owner, err := accounts.Ensure(ctx, account.Credentials{Email: Email, Password: Password}, name)
	if err != nil {
		return nil, fmt.Errorf("the demo merchant: %w", err)
	}
	all, err := shops()
	if err != nil {
		return nil, err
	}
	stores, err := list(ctx, d, owner.ID)
	if err != nil {
		return nil, err
	}
	var photos map[string]store.Picture
	if len(stores) == 0 && pictures != nil {
		if photos, err = photographs(ctx, pictures, all); err != nil {
			return nil, err
		}
	}
	if len(stores) > 0 {
		return stores, d.InTx(ctx, func(tx *db.Tx) error { return hang(ctx, tx, stores, base) })
	}
	then, err := before(ctx, d, days)
	if err != nil {
		return nil, err
	}
	defer then.Close()
	opened := false
	err = then.InTx(ctx, func(tx *db.Tx) error {
		if err := tx.Lock(ctx, "demo"); err != nil {
			return err
		}
		if stores, err = list(ctx, tx, owner.ID); err != nil || len(stores) > 0 {
			return err
		}
		opened = true
		if _, err := account.ChangePlan(ctx, tx, owner.ID, plan); err != nil {
			return err
		}
		f := filler{tx: tx, stock: then.stock, today: d.Now(), base: base, media: pictures, photos: photos, owner: owner.ID}
		for i := range all {
			if err := f.fill(ctx, &all[i]); err != nil {
				return err
			}
		}
		stores, err = list(ctx, tx, owner.ID)
		return err
	})
	if err == nil && opened {
		err = then.trade(ctx, stores, days)
	}
	return stores, err
}

// list returns the owner's stores, the oldest first.
func list(ctx context.Context, q db.Q, owner account.ID) ([]store.Store, error) {
	stores, _, err := store.List(ctx, q, owner, db.Page{Limit: maxStores})
	slices.Reverse(stores)
	return stores, err
}

// maxStores is how many stores the plan allows.
const maxStores = 25
