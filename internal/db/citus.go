package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// references are the tables that Citus keeps whole on every machine: the rows of stores
// name theirs.
var references = []string{"plan", "account", "store"}

// ofAccounts are tables that begin with store_id and are read for an account, with each
// of its requests: they stay beside its tokens.
var ofAccounts = []string{"member"}

// Distribute spreads the tables of stores over the machines of a Citus cluster, a
// store's rows together on one, and tells what it has done. The tables that stores name
// are kept on every machine, all others on the coordinator. A table that is spread
// already stays as it is. It is one transaction.
//
// A distributed table has no triggers. What they keep anybody from, the user of the
// database takes away from itself.
func (d *DB) Distribute(ctx context.Context) (done []string, err error) {
	if d.engine != Postgres {
		return nil, errors.New("only PostgreSQL can be spread with Citus: database_url must begin with postgres://")
	}
	err = d.InTx(ctx, func(tx *Tx) error {
		if there, err := One(ctx, tx, Value[bool], `SELECT to_regproc('create_distributed_table') IS NOT NULL`); err != nil || !there {
			return errors.Join(errors.New("the extension citus is not in this database: an administrator has to run CREATE EXTENSION citus in it"), err)
		}
		if broken, err := CitusRules(ctx, tx); err != nil || len(broken) > 0 {
			return errors.Join(err, errors.New(strings.Join(broken, "; ")))
		}
		done, err = distribute(ctx, tx)
		return err
	}, Timeout(0))
	return done, err
}

func distribute(ctx context.Context, tx *Tx) ([]string, error) {
	tables, err := undistributed(ctx, tx)
	if err != nil || len(tables) == 0 {
		return nil, err
	}
	// Tables are moved without their foreign keys, so that none stands in the way of
	// another; all of them are back before the end.
	keys, err := All(ctx, tx, func(row Row) (foreignKeyText, error) {
		var k foreignKeyText
		err := row.Scan(&k.table, &k.name, &k.text)
		return k, err
	}, `SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
		WHERE contype = 'f' AND connamespace = current_schema()::regnamespace AND conparentid = 0 ORDER BY conrelid::regclass::text, conname`)
	if err != nil {
		return nil, err
	}
	statements := []string{"SET LOCAL citus.multi_shard_modify_mode TO 'sequential'"}
	for _, k := range keys {
		statements = append(statements, "ALTER TABLE "+k.table+" DROP CONSTRAINT "+quoted(k.name))
	}
	statements = append(statements, "SELECT create_distributed_function('lineage_id(bigint, uuid)')")
	var done []string
	for _, t := range tables {
		statements = append(statements, t.statements()...)
		done = append(done, t.name+": "+string(t.place))
	}
	for _, k := range keys {
		statements = append(statements, "ALTER TABLE "+k.table+" ADD CONSTRAINT "+quoted(k.name)+" "+k.text)
	}
	for _, s := range statements {
		if _, err := Exec(ctx, tx, s); err != nil {
			return nil, fmt.Errorf("%s: %w", s, err)
		}
	}
	return done, nil
}

type foreignKeyText struct{ table, name, text string }

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// place is where Citus keeps a table.
type place string

const (
	byStore    place = "distributed by store_id"
	everywhere place = "on every machine"
	here       place = "on the coordinator"
)

// Where Citus keeps a table, as CitusPlaces says it.
const (
	CitusByStore    = string(byStore)
	CitusEverywhere = string(everywhere)
	CitusLocal      = string(here)
)

// CitusPlaces tells where a Citus cluster keeps each table.
func CitusPlaces(ctx context.Context, q Q) (map[string]string, error) {
	tables, err := places(ctx, q)
	at := map[string]string{}
	for _, t := range tables {
		at[t.name] = string(t.place)
	}
	return at, err
}

type placed struct {
	name     string
	place    place
	triggers []trigger
}

// trigger is one that keeps rows as they are.
type trigger struct{ name, keepsFrom string }

// statements move a table to its place.
func (p placed) statements() (all []string) {
	switch p.place {
	case everywhere:
		return []string{"SELECT create_reference_table('" + p.name + "')"}
	case here:
		return []string{"SELECT citus_add_local_table_to_metadata('" + p.name + "')"}
	}
	for _, t := range p.triggers {
		all = append(all, "DROP TRIGGER "+quoted(t.name)+" ON "+p.name,
			"REVOKE "+t.keepsFrom+" ON "+p.name+" FROM PUBLIC, CURRENT_USER")
	}
	with := ", colocate_with => '" + firstOfStores + "'"
	if p.name == firstOfStores {
		with = ""
	}
	return append(all, "SELECT create_distributed_table('"+p.name+"', 'store_id'"+with+")")
}

// firstOfStores is the table whose rows the others of a store lie beside.
const firstOfStores = "product"

// undistributed returns the tables that Citus does not know yet, in the order in which
// they are moved: what rows name goes first.
func undistributed(ctx context.Context, tx *Tx) ([]placed, error) {
	all, err := places(ctx, tx)
	if err != nil {
		return nil, err
	}
	known, err := All(ctx, tx, Value[string], `SELECT logicalrelid::regclass::text FROM pg_dist_partition`)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(p placed) bool { return slices.Contains(known, p.name) })
	rank := func(p placed) int {
		switch {
		case p.place == everywhere:
			return slices.Index(references, p.name)
		case p.name == firstOfStores:
			return len(references)
		case p.place == byStore:
			return len(references) + 1
		}
		return len(references) + 2
	}
	slices.SortStableFunc(all, func(a, b placed) int { return rank(a) - rank(b) })
	for i := range all {
		if all[i].triggers, err = triggersOf(ctx, tx, all[i].name); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// triggersOf returns a table's triggers, each with the privileges that stand for it.
func triggersOf(ctx context.Context, tx *Tx, table string) ([]trigger, error) {
	return All(ctx, tx, func(row Row) (trigger, error) {
		var t trigger
		err := row.Scan(&t.name, &t.keepsFrom)
		return t, err
	}, `
		SELECT tgname, concat_ws(', ',
			CASE WHEN tgtype & 8 > 0 THEN 'DELETE' END, CASE WHEN tgtype & 16 > 0 THEN 'UPDATE' END, CASE WHEN tgtype & 32 > 0 THEN 'TRUNCATE' END)
		FROM pg_trigger WHERE tgrelid = to_regclass($1) AND NOT tgisinternal ORDER BY tgname`, table)
}

// places returns every table and where Citus keeps it: a table whose primary key begins
// with store_id belongs to stores, but for those that are read for accounts.
func places(ctx context.Context, q Q) ([]placed, error) {
	return All(ctx, q, func(row Row) (placed, error) {
		p := placed{place: here}
		var ofStores bool
		err := row.Scan(&p.name, &ofStores)
		switch {
		case slices.Contains(references, p.name):
			p.place = everywhere
		case ofStores && !slices.Contains(ofAccounts, p.name):
			p.place = byStore
		}
		return p, err
	}, `
		SELECT c.relname, COALESCE((SELECT a.attname = 'store_id' FROM pg_constraint k
			JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1] WHERE k.conrelid = c.oid AND k.contype = 'p'), FALSE)
		FROM pg_class c
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
			AND c.relname NOT IN ('goose_db_version', 'pg_dist_partition')
			AND NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.objid = c.oid AND e.deptype = 'e')
		ORDER BY c.relname`)
}
