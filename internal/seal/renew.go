package seal

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"vitrine/internal/db"
	"vitrine/internal/id"
)

// Column is one that has what was sealed, by the key of its table.
type Column struct {
	Table, Name string
	Key         string // as PostgreSQL declares it: "store_id uuid, id uuid"
}

func (c Column) String() string { return c.Table + "." + c.Name }

// Columns are all that have what was sealed and is kept.
var Columns = []Column{
	{"acme_account", "key", "directory text"},
	{"certificate", "key", "domain text"},
	{"certificate_order", "key", "id uuid"},
	{"idempotency_key", "body", "account_id uuid, key_hash bytea"},
	{"mail", "secret", "id uuid"},
	{"second_factor", "secret", "account_id uuid"},
	{"webhook", "secret", "store_id uuid, id uuid"},
}

// renewedAtOnce is how many rows are sealed anew in one transaction.
const renewedAtOnce = 200

// Count is how many rows of a column are not sealed with the key that seals now.
type Count struct {
	Column   Column
	Former   int // sealed with a former key
	Unopened int // sealed with a key that is not known
}

// Renew seals anew what a former key has sealed, some rows at a time. It can be cut short
// at any place and run again, while others read and write the same rows, and by several
// at once: a row that was changed meanwhile stays as it is. Former counts those that it
// has sealed anew.
func (s *Sealer) Renew(ctx context.Context, d *db.DB) ([]Count, error) {
	return s.look(ctx, d, func(ctx context.Context, c Column, old []row) (int, error) {
		var n int64
		err := d.InTx(ctx, func(tx *db.Tx) (err error) {
			n, err = s.write(ctx, tx, c, old)
			return err
		})
		return int(n), err
	})
}

// Verify counts what Renew would seal anew, and what nobody can open.
func (s *Sealer) Verify(ctx context.Context, d *db.DB) ([]Count, error) {
	return s.look(ctx, d, func(_ context.Context, _ Column, old []row) (int, error) { return len(old), nil })
}

// row is one that a former key has sealed.
type row struct {
	key          []any
	sealed, open []byte
}

// look goes through all columns. former is called with the rows that a former key has
// sealed, and tells how many of them count.
func (s *Sealer) look(ctx context.Context, d *db.DB, former func(context.Context, Column, []row) (int, error)) ([]Count, error) {
	var all []Count
	for _, c := range Columns {
		count := Count{Column: c}
		for last, more := []any(nil), true; more; {
			rows, err := c.read(ctx, d, last)
			if err != nil {
				return all, fmt.Errorf("read %s: %w", c, err)
			}
			if more = len(rows) == renewedAtOnce; more {
				last = rows[len(rows)-1].key
			}
			var old []row
			for _, r := range rows {
				if _, err := s.aead.Open(nil, nil, r.sealed, nil); err == nil {
					continue
				}
				if r.open, err = s.Open(r.sealed); err != nil {
					count.Unopened++
					continue
				}
				old = append(old, r)
			}
			if len(old) == 0 {
				continue
			}
			n, err := former(ctx, c, old)
			if err != nil {
				return all, fmt.Errorf("seal %s anew: %w", c, err)
			}
			count.Former += n
		}
		if count.Former+count.Unopened > 0 {
			all = append(all, count)
		}
	}
	return all, nil
}

// keys are the names of the columns of the key, and places for their values.
func (c Column) keys() (names []string, places func() []any) {
	var kinds []string
	for column := range strings.SplitSeq(c.Key, ", ") {
		name, kind, _ := strings.Cut(column, " ")
		names, kinds = append(names, name), append(kinds, kind)
	}
	return names, func() []any {
		all := make([]any, len(kinds))
		for i, kind := range kinds {
			switch kind {
			case "uuid":
				all[i] = new(id.UUID)
			case "bytea":
				all[i] = new([]byte)
			default:
				all[i] = new(string)
			}
		}
		return all
	}
}

// read returns the rows behind one, in the order of their keys.
func (c Column) read(ctx context.Context, q db.Q, last []any) ([]row, error) {
	names, places := c.keys()
	key, behind := strings.Join(names, ", "), ""
	if last != nil {
		behind = " AND (" + key + ") > " + db.List(1, len(names))
	}
	return db.All(ctx, q, func(found db.Row) (r row, err error) {
		at := places()
		err = found.Scan(append(at, &r.sealed)...)
		for _, v := range at {
			r.key = append(r.key, reflect.ValueOf(v).Elem().Interface())
		}
		return r, err
	}, `SELECT `+key+`, `+c.Name+` FROM `+c.Table+` WHERE `+c.Name+` IS NOT NULL`+behind+` ORDER BY `+key+fmt.Sprintf(` LIMIT %d`, renewedAtOnce), last...)
}

// write seals rows anew that are still as they were read.
func (s *Sealer) write(ctx context.Context, tx *db.Tx, c Column, old []row) (int64, error) {
	names, _ := c.keys()
	set := db.NewColumns(c.Key + ", was bytea, fresh bytea").Set()
	for _, r := range old {
		set.Add(append(slices.Clone(r.key), r.sealed, s.Seal(r.open))...)
	}
	same := ""
	for _, name := range names {
		same += "t." + name + " = given." + name + " AND "
	}
	return set.Exec(ctx, tx, `WITH @given UPDATE `+c.Table+` AS t SET `+c.Name+` = given.fresh FROM given WHERE `+same+`t.`+c.Name+` = given.was`)
}
