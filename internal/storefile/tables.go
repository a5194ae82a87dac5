package storefile

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"vitrine/internal/db"
)

// moves are the tables that are in a store's file, whichever columns they have.
var moves = []string{
	"category", "customer", "discount", "discount_category", "discount_product", "inventory_adjustment", "inventory_hold",
	"inventory_level", "order_allocation", "order_counter", "order_line", "picture", "product", "product_category", "product_supplier",
	"review", "shop_order", "store", "supplier", "supplier_order", "tax_rule", "theme", "variant", "warehouse",
}

// stays says of each other table of a store why it is not.
var stays = map[string]string{
	"charge":             "payments are between the shopper and the provider of the platform that took them",
	"content_version":    "counts anew",
	"custom_domain":      "a domain leads to one platform; attach it where the store has come to",
	"inventory_total":    "is added up anew",
	"job":                "work of the platform",
	"member":             "whoever works in the store is invited anew: a file opens no doors",
	"order_once":         "short-lived",
	"product_search":     "is indexed anew",
	"purchase":           "names belong to an account at a registrar",
	"sales_day":          "is added up anew",
	"sales_day_product":  "is added up anew",
	"sales_mark":         "is added up anew",
	"sales_span":         "is added up anew",
	"sales_span_product": "is added up anew",
	"search_mark":        "is indexed anew",
	"store_action":       "tells of people of the platform that it was on",
	"webhook":            "has a secret",
	"webhook_delivery":   "belongs to a webhook",
	"webhook_event":      "belongs to a webhook",
}

// filled are columns that are not in the file and what they hold in a new store; nil:
// nothing. All other columns of a table are in it.
var filled = map[string]map[string]any{
	"":        {"source_id": nil},
	"product": {"indexed": false},
}

// ofStore are the columns of the store itself that are not in the file: the platform
// gives them.
var ofStore = []string{"id", "account_id", "slug", "source_store_id", "deleted_at"}

// kind is what a column holds.
type kind int

const (
	text kind = iota
	number
	real
	truth
	moment
	ident
)

// kinds are those of PostgreSQL's and SQLite's types. SQLite has fewer: what is a
// number there may be a truth, and a text a moment. Files hold what SQLite holds.
var kinds = map[string]kind{
	"text": text, "bigint": number, "integer": number, "smallint": number, "double precision": real,
	"boolean": truth, "timestamp with time zone": moment, "uuid": ident,
	"TEXT": text, "INTEGER": number, "REAL": real, "BLOB": ident,
}

// column is one of a table's, with its type as the database calls it.
type column struct {
	name, kind string
	optional   bool // may be NULL or has a default
}

// table is one of a store's.
type table struct {
	name    string
	columns []column // without store_id and those in filled
	key     []string // the primary key without store_id
	self    []string // columns that name another row of the same table
	account bool     // it has account_id: the owner
	fill    map[string]any
	parents []string
}

func (t *table) names() []string {
	var all []string
	for _, c := range t.columns {
		all = append(all, c.name)
	}
	return all
}

const (
	columnsPostgres = `
		SELECT c.table_name, c.column_name, c.data_type, c.is_nullable = 'YES' OR c.column_default IS NOT NULL
		FROM information_schema.columns c JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
		WHERE c.table_schema = current_schema() AND c.is_generated = 'NEVER' ORDER BY c.table_name, c.ordinal_position`

	columnsSQLite = `
		SELECT t.name, c.name, c.type, NOT c."notnull" OR c.dflt_value IS NOT NULL
		FROM pragma_table_list t, pragma_table_xinfo(t.name) c
		WHERE t.schema = 'main' AND t.type = 'table' AND c.hidden = 0 ORDER BY t.name, c.cid`

	keysPostgres = `
		SELECT c.relname, a.attname
		FROM pg_constraint p JOIN pg_class c ON c.oid = p.conrelid
		CROSS JOIN LATERAL unnest(p.conkey) WITH ORDINALITY AS k (attnum, place)
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
		WHERE p.contype = 'p' AND c.relnamespace = current_schema()::regnamespace ORDER BY c.relname, k.place`

	keysSQLite = `
		SELECT t.name, c.name FROM pragma_table_list t, pragma_table_xinfo(t.name) c
		WHERE t.schema = 'main' AND t.type = 'table' AND c.pk > 0 ORDER BY t.name, c.pk`

	linksPostgres = `
		SELECT c.relname, r.relname, a.attname
		FROM pg_constraint p JOIN pg_class c ON c.oid = p.conrelid JOIN pg_class r ON r.oid = p.confrelid
		CROSS JOIN LATERAL unnest(p.conkey) AS k (attnum)
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
		WHERE p.contype = 'f' AND c.relnamespace = current_schema()::regnamespace ORDER BY c.relname, r.relname, a.attname`

	linksSQLite = `
		SELECT t.name, f."table", f."from" FROM pragma_table_list t, pragma_foreign_key_list(t.name) f
		WHERE t.schema = 'main' AND t.type = 'table' ORDER BY t.name, f."table", f."from"`
)

func perEngine(e db.Engine, postgres, sqlite string) string {
	if e == db.Postgres {
		return postgres
	}
	return sqlite
}

// tables returns what a store's file has, the store itself first and every table behind
// those that it names.
func tables(ctx context.Context, q db.Q) ([]*table, error) {
	all, err := readTables(ctx, q)
	if err != nil {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(all))
	var sorted []*table
	for len(sorted) < len(all) {
		before := len(sorted)
		for _, name := range names {
			t := all[name]
			done := func(parent string) bool {
				return all[parent] == nil || slices.ContainsFunc(sorted, func(s *table) bool { return s.name == parent })
			}
			if !done(name) && !slices.ContainsFunc(t.parents, func(parent string) bool { return !done(parent) }) {
				sorted = append(sorted, t)
			}
		}
		if len(sorted) == before {
			return nil, fmt.Errorf("the tables of a store name each other in a circle")
		}
	}
	return sorted, nil
}

func readTables(ctx context.Context, q db.Q) (map[string]*table, error) {
	all := map[string]*table{}
	e := q.Engine()
	err := db.Each(ctx, q, func(row db.Row) error {
		var name string
		var c column
		if err := row.Scan(&name, &c.name, &c.kind, &c.optional); err != nil {
			return err
		}
		if all[name] == nil {
			all[name] = &table{name: name, fill: map[string]any{}}
		}
		all[name].add(c)
		return nil
	}, perEngine(e, columnsPostgres, columnsSQLite))
	if err != nil {
		return nil, fmt.Errorf("read which tables there are: %w", err)
	}
	maps.DeleteFunc(all, func(name string, _ *table) bool { return !slices.Contains(moves, name) })
	err = db.Each(ctx, q, func(row db.Row) error {
		var name, column string
		err := row.Scan(&name, &column)
		if t := all[name]; t != nil && column != "store_id" {
			t.key = append(t.key, column)
		}
		return err
	}, perEngine(e, keysPostgres, keysSQLite))
	if err != nil {
		return nil, err
	}
	return all, db.Each(ctx, q, func(row db.Row) error {
		var name, parent, column string
		err := row.Scan(&name, &parent, &column)
		switch t := all[name]; {
		case t == nil || column == "store_id" && name == parent:
		case name == parent:
			t.self = append(t.self, column)
		default:
			t.parents = append(t.parents, parent)
		}
		return err
	}, perEngine(e, linksPostgres, linksSQLite))
}

// add adds a column, or notes how it is filled.
func (t *table) add(c column) {
	_, everywhere := filled[""][c.name]
	value, here := filled[t.name][c.name]
	switch {
	case t.name == "store":
		if !slices.Contains(ofStore, c.name) {
			t.columns = append(t.columns, c)
		}
	case everywhere || here:
		if value != nil {
			t.fill[c.name] = value
		}
	case c.name == "store_id":
		t.fill[c.name] = nil
	case c.name == "account_id":
		t.account = true
	default:
		t.columns = append(t.columns, c)
	}
}
