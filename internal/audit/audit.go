// Package audit keeps who did what in a store and in an account. A line is written in
// the transaction of the action that it tells of: neither is there without the other.
// Lines are read, and go when they are old; nothing changes them.
package audit

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/text"
)

// Actor is who acts: a user, through an API token where it has a name.
type Actor struct {
	ID    id.UUID
	Email string
	Token string
}

type (
	actorKey   struct{}
	addressKey struct{}
)

// By lets everything that is done with the context be done by somebody.
func By(ctx context.Context, a Actor) context.Context { return context.WithValue(ctx, actorKey{}, a) }

// From notes where the request comes from that the context is of.
func From(ctx context.Context, address string) context.Context {
	return context.WithValue(ctx, addressKey{}, address)
}

// Acting returns who acts; the zero Actor where that is not known.
func Acting(ctx context.Context) Actor {
	a, _ := ctx.Value(actorKey{}).(Actor)
	return a
}

func address(ctx context.Context) string {
	s, _ := ctx.Value(addressKey{}).(string)
	return s
}

// Who says what sort of actor it was.
type Who string

// The sorts.
const (
	User     Who = "user"     // signed in
	Token    Who = "token"    // a program with a user's API token
	Somebody Who = "somebody" // who was not signed in
	Vitrine  Who = "vitrine"  // the platform by itself, or whoever runs it
)

func who(ctx context.Context) Who {
	a := Acting(ctx)
	switch {
	case a.Token != "":
		return Token
	case !a.ID.IsZero():
		return User
	case address(ctx) != "":
		return Somebody
	}
	return Vitrine
}

// Thing is what an action is about, with the name that it had then.
type Thing struct{ Kind, ID, Name string }

// Line is one entry of a log.
type Line struct {
	ID      id.UUID
	At      time.Time
	Who     Who
	Actor   *id.UUID // the user; nil for Somebody and Vitrine
	Email   string   // theirs
	Token   string   // the name of the API token
	Address string   // where it came from; "" for Vitrine
	Action  Action
	Thing
	Fields []string // those that were changed
}

// journal is a table of lines, and the column that says whose they are.
type journal struct{ table, owner string }

var (
	ofStores   = journal{"store_action", "store_id"}
	ofAccounts = journal{"account_action", "account_id"}
)

// InStore writes a line into a store's log.
func InStore(ctx context.Context, tx *db.Tx, store id.UUID, a Action, t Thing, fields ...string) error {
	return ofStores.write(ctx, tx, store, a, t, fields)
}

// Changed writes into a store's log which fields of a thing differ between two values
// of one type, if any do.
func Changed(ctx context.Context, tx *db.Tx, store id.UUID, a Action, t Thing, before, after any) error {
	fields := differ(before, after)
	if len(fields) == 0 {
		return nil
	}
	return ofStores.write(ctx, tx, store, a, t, fields)
}

// InAccount writes a line into an account's log. The zero Thing is the account itself.
func InAccount(ctx context.Context, tx *db.Tx, account id.UUID, a Action, t Thing, fields ...string) error {
	if t == (Thing{}) {
		t = Thing{Kind: "user", ID: account.String()}
	}
	return ofAccounts.write(ctx, tx, account, a, t, fields)
}

const columns = `id, at, who, actor_id, email, token, address, action, kind, thing_id, name, fields`

func (j journal) write(ctx context.Context, tx *db.Tx, owner id.UUID, a Action, t Thing, fields []string) error {
	by := Acting(ctx)
	var user any
	if !by.ID.IsZero() {
		user = by.ID
	}
	if fields == nil {
		fields = []string{}
	}
	_, err := db.Exec(ctx, tx, `INSERT INTO `+j.table+` (`+j.owner+`, `+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		owner, tx.NewID(), db.Time{Time: tx.Now()}, string(who(ctx)), user, by.Email, by.Token, address(ctx),
		string(a), t.Kind, t.ID, text.Cut(t.Name, text.MaxName), db.JSON[[]string]{V: fields})
	return err
}

// unsaid are fields that change with every change.
var unsaid = []string{"id", "created_at", "updated_at"}

// differ names the fields of two structs of one type that differ, as the API writes
// names.
func differ(before, after any) (fields []string) {
	b, a := reflect.ValueOf(before), reflect.ValueOf(after)
	for i := range b.NumField() {
		f := b.Type().Field(i)
		name := snake(f.Name)
		if f.IsExported() && !slices.Contains(unsaid, name) && !reflect.DeepEqual(b.Field(i).Interface(), a.Field(i).Interface()) {
			fields = append(fields, name)
		}
	}
	return fields
}

// snake writes FreeOver as free_over, and LogoURL as logo_url.
func snake(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		begins := unicode.IsUpper(r) && i > 0 && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if begins {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
