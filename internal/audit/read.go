package audit

import (
	"context"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/id"
)

// Filter picks lines. The zero value picks all.
type Filter struct {
	Action  Action
	Actor   id.UUID // a user, also through their tokens
	Vitrine bool    // what nobody did who was signed in
	From    *time.Time
	Until   *time.Time // exclusive
}

func scan(row db.Row) (Line, error) {
	var l Line
	var at db.Time
	var fields db.JSON[[]string]
	err := row.Scan(&l.ID, &at, &l.Who, &l.Actor, &l.Email, &l.Token, &l.Address, &l.Action, &l.Kind, &l.Thing.ID, &l.Name, &fields)
	l.At, l.Fields = at.Time, fields.V
	return l, err
}

// ListStore returns a page of a store's log, newest first.
func ListStore(ctx context.Context, q db.Q, store id.UUID, f Filter, p db.Page) ([]Line, bool, error) {
	return ofStores.list(ctx, q, store, f, p)
}

// ListAccount returns a page of an account's log, newest first.
func ListAccount(ctx context.Context, q db.Q, account id.UUID, f Filter, p db.Page) ([]Line, bool, error) {
	return ofAccounts.list(ctx, q, account, f, p)
}

// list finds times by ids, which are in their order.
func (j journal) list(ctx context.Context, q db.Q, owner id.UUID, f Filter, p db.Page) ([]Line, bool, error) {
	var w db.Where
	w.Add(j.owner+" = ?", owner)
	if f.Action != "" {
		w.Add("action = ?", string(f.Action))
	}
	if !f.Actor.IsZero() {
		w.Add("actor_id = ?", f.Actor)
	}
	if f.Vitrine {
		w.Add("who = ?", string(Vitrine))
	}
	if f.From != nil {
		w.Add("id >= ?", id.First(*f.From))
	}
	if f.Until != nil {
		w.Add("id < ?", id.First(*f.Until))
	}
	return db.Paged(ctx, q, p, w, scan, `SELECT `+columns+` FROM `+j.table)
}
