package db

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"vitrine/internal/id"
)

// Bulk is for a transaction that fills a whole store with rows. SQLite otherwise
// looks up the parents of each row as it comes in, a third of all its work; with
// this option it does not, and each foreign key of the filled store is checked
// once, for all rows together, before the commit. The transaction says which store
// that is with Tx.Fill. What else it writes must name only rows that it knows to be
// there, and it must delete nothing. PostgreSQL checks as ever.
func Bulk() Option {
	return func(o *txOptions) { o.bulk = true }
}

// Fill says that a Bulk transaction writes rows of the store.
func (tx *Tx) Fill(store id.UUID) { tx.filled = append(tx.filled, store) }

// checkFilled fails when a row of a filled store names one that is not there.
func (tx *Tx) checkFilled(ctx context.Context) error {
	if len(tx.filled) == 0 {
		return errors.New("a bulk transaction that fills no store")
	}
	if tx.Engine() != SQLite {
		return nil
	}
	keys, err := tx.foreignKeys(ctx)
	if err != nil {
		return fmt.Errorf("read the foreign keys: %w", err)
	}
	for _, store := range tx.filled {
		for _, key := range keys {
			dangling, err := One(ctx, tx, Value[bool], key.dangling(), store)
			if err != nil {
				return fmt.Errorf("check that %s names %s: %w", key.child, key.parent, err)
			}
			if dangling {
				return fmt.Errorf("a row of %s in store %s names a %s that is not there", key.child, store, key.parent)
			}
		}
	}
	return nil
}

// foreignKey is one of a table's. Both lists of columns begin with the store.
type foreignKey struct {
	child, parent string
	from, to      []string
}

// foreignKeys returns those of all tables that belong to a store.
func (tx *Tx) foreignKeys(ctx context.Context) ([]foreignKey, error) {
	return All(ctx, tx, func(row Row) (foreignKey, error) {
		var k foreignKey
		var from, to string
		err := row.Scan(&k.child, &k.parent, &from, &to)
		k.from, k.to = strings.Split(from, ","), strings.Split(to, ",")
		return k, err
	}, `
		SELECT t.name, f."table", group_concat(f."from", ',' ORDER BY f.seq), group_concat(f."to", ',' ORDER BY f.seq)
		FROM sqlite_schema t, pragma_foreign_key_list(t.name) f
		WHERE t.type = 'table'
		GROUP BY t.name, f.id
		HAVING min(CASE f.seq WHEN 0 THEN f."from" END) = 'store_id'`)
}

// dangling asks whether a row of store $1 names a parent that is not there. Both
// sides are read in the order of an index and merged.
func (k foreignKey) dangling() string {
	from, to := strings.Join(k.from, ", "), strings.Join(k.to, ", ")
	return "SELECT EXISTS (SELECT " + from + " FROM " + k.child + " WHERE store_id = $1 AND " + strings.Join(k.from, " IS NOT NULL AND ") + " IS NOT NULL" +
		" EXCEPT SELECT " + to + " FROM " + k.parent + " WHERE " + k.to[0] + " = $1 ORDER BY " + from + ")"
}
