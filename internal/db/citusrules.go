package db

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// CitusRules names what in the schema Citus does not take, or takes and then fails at:
// tables that belong to stores must have store_id first in every primary, unique and
// foreign key, may name each other and what is kept on every machine, and are named by
// nobody else; their triggers only keep rows as they are, which privileges can do, too.
func CitusRules(ctx context.Context, q Q) (broken []string, err error) {
	tables, err := places(ctx, q)
	if err != nil {
		return nil, err
	}
	at := map[string]place{}
	for _, t := range tables {
		at[t.name] = t.place
	}
	for _, check := range []func(context.Context, Q, map[string]place) ([]string, error){uniqueByStore, keysByStore, onlyKeeping} {
		found, err := check(ctx, q, at)
		if err != nil {
			return nil, err
		}
		broken = append(broken, found...)
	}
	for _, name := range []string{"job", "job_progress", "job_chore"} {
		if at[name] != here {
			broken = append(broken, fmt.Sprintf("%s is not kept on the coordinator, where jobs are taken", name))
		}
	}
	slices.Sort(broken)
	return broken, nil
}

// uniqueByStore checks what is unique, in indexes and constraints, and what is excluded.
func uniqueByStore(ctx context.Context, q Q, at map[string]place) (broken []string, err error) {
	err = Each(ctx, q, func(row Row) error {
		var table, index string
		var first *string
		if err := row.Scan(&table, &index, &first); err != nil {
			return err
		}
		if at[table] == byStore && (first == nil || *first != "store_id") {
			broken = append(broken, fmt.Sprintf("%s: the unique index %s does not begin with store_id", table, index))
		}
		return nil
	}, `
		SELECT t.relname, i.relname, a.attname
		FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
		LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0]
		WHERE (x.indisunique OR x.indisexclusion) AND t.relnamespace = current_schema()::regnamespace`)
	return broken, err
}

// keysByStore checks foreign keys.
func keysByStore(ctx context.Context, q Q, at map[string]place) (broken []string, err error) {
	err = Each(ctx, q, func(row Row) error {
		var child, name, parent, from, to, onDelete, onUpdate string
		if err := row.Scan(&child, &name, &parent, &from, &to, &onDelete, &onUpdate); err != nil {
			return err
		}
		note := func(what string) {
			broken = append(broken, fmt.Sprintf("%s: the foreign key %s %s", child, name, what))
		}
		of, named := at[child], at[parent]
		if of == byStore && from != "store_id" || named == byStore && to != "store_id" {
			note("does not begin with store_id")
		}
		if of != byStore && named == byStore {
			note("names " + parent + ", which belongs to stores")
		}
		if of == everywhere && named == here || of == byStore && named == here {
			note("names " + parent + ", which is on the coordinator alone")
		}
		if of == byStore && strings.ContainsAny(onDelete+onUpdate, "nd") {
			note("sets columns when " + parent + " changes")
		}
		return nil
	}, `
		SELECT c.relname, k.conname, p.relname, a.attname, b.attname, k.confdeltype::text, k.confupdtype::text
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1] JOIN pg_attribute b ON b.attrelid = p.oid AND b.attnum = k.confkey[1]
		WHERE k.contype = 'f' AND k.connamespace = current_schema()::regnamespace`)
	return broken, err
}

// onlyKeeping checks triggers: those that refuse a change have a name that says so.
func onlyKeeping(ctx context.Context, q Q, at map[string]place) (broken []string, err error) {
	err = Each(ctx, q, func(row Row) error {
		var table, name string
		if err := row.Scan(&table, &name); err != nil {
			return err
		}
		if at[table] == byStore {
			broken = append(broken, fmt.Sprintf("%s: the trigger %s does more than to keep rows as they are", table, name))
		}
		return nil
	}, `
		SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc f ON f.oid = t.tgfoid
		WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
			AND NOT (f.proname LIKE '%\_stays' AND f.prosrc LIKE '%RAISE EXCEPTION%' AND t.tgtype & 4 = 0)`)
	return broken, err
}
