package transfer

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"vitrine/internal/db"
)

// file is a SQLite database.
type file struct {
	db     *db.DB
	unlock func()
}

// openFile keeps the file to itself: a server of it is refused, and waits.
func openFile(d *db.DB) (*file, error) {
	unlock, free, err := d.TryLockFile("-jobs")
	if err != nil {
		return nil, err
	}
	if !free {
		return nil, errServed
	}
	return &file{d, unlock}, nil
}

func (f *file) close() {
	if f.unlock != nil {
		f.unlock()
	}
}

func (f *file) layout(ctx context.Context) (map[string][]string, error) {
	layout := map[string][]string{}
	err := db.Each(ctx, f.db, func(row db.Row) error {
		var table, column string
		err := row.Scan(&table, &column)
		layout[table] = append(layout[table], column)
		return err
	}, `
		SELECT t.name, c.name FROM pragma_table_list t, pragma_table_xinfo(t.name) c
		WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> 'goose_db_version' AND c.hidden = 0`)
	return layout, err
}

// derived: SQLite keeps the substring index of products as another kind of table, of
// whose rows it does not keep the text.
func (f *file) derived() []string { return []string{"product_search", "search_mark"} }

// adapt says that no product is in that index yet; deleted ones do not come into it.
func (f *file) adapt(t *table) {
	for i := range t.columns {
		if t.name == "product" && t.columns[i].name == "indexed" {
			t.columns[i].read = "deleted_at IS NOT NULL"
		}
	}
}

func (f *file) count(ctx context.Context, t table) (int64, error) {
	return db.One(ctx, f.db, db.Value[int64], "SELECT count(*) FROM "+quote(t.name))
}

func (f *file) page(ctx context.Context, t table, after key, limit int) (*chunk, error) {
	args := make([]any, len(after))
	for i, value := range after {
		args[i] = fromBinary(t.columns[i].kind, value)
	}
	out := &chunk{}
	values, into := make([]any, len(t.columns)), make([]any, len(t.columns))
	for i := range values {
		into[i] = &values[i]
	}
	scratch := []byte{} // never nil, which is NULL
	err := db.Each(ctx, f.db, func(row db.Row) error {
		if err := row.Scan(into...); err != nil {
			return err
		}
		out.begin(len(values))
		for i, value := range values {
			if value == nil {
				out.field(nil)
				continue
			}
			var err error
			if scratch, err = toBinary(scratch[:0], t.columns[i].kind, value); err != nil {
				return fmt.Errorf("%s: %s: %w", sayRow(t, values), t.columns[i].name, err)
			}
			out.field(scratch)
		}
		out.end()
		return nil
	}, t.page(after != nil, limit), args...)
	out.last = out.len() < limit
	return out, err
}

// sayRow names a row by what its key is in the file.
func sayRow(t table, values []any) string {
	parts := make([]string, t.keys)
	for i := range parts {
		parts[i] = fmt.Sprintf("%s %v", t.columns[i].name, values[i])
		if b, is := values[i].([]byte); is {
			parts[i] = fmt.Sprintf("%s %x", t.columns[i].name, b)
		}
	}
	return t.name + " (" + strings.Join(parts, ", ") + ")"
}

// timeLayout is how SQLite keeps times: see db.Time.
const timeLayout = "2006-01-02T15:04:05.000000Z"

// toBinary appends a value in PostgreSQL's binary form.
func toBinary(to []byte, kind string, value any) ([]byte, error) {
	switch v := value.(type) {
	case []byte:
		if kind == "uuid" && len(v) != 16 {
			return nil, fmt.Errorf("an id has 16 bytes, not %d", len(v))
		}
		if kind == "uuid" || kind == "bytea" {
			return append(to, v...), nil
		}
	case int64:
		return numberToBinary(to, kind, v)
	case float64:
		if kind == "float8" {
			return binary.BigEndian.AppendUint64(to, math.Float64bits(v)), nil
		}
	case string:
		return textToBinary(to, kind, v)
	}
	return nil, fmt.Errorf("%T cannot become %s", value, kind)
}

func numberToBinary(to []byte, kind string, v int64) ([]byte, error) {
	switch {
	case kind == "int8":
		return binary.BigEndian.AppendUint64(to, uint64(v)), nil //nolint:gosec // the bits are what is kept
	case kind == "int4" && v == int64(int32(v)): //nolint:gosec // that is the question
		return binary.BigEndian.AppendUint32(to, uint32(v)), nil //nolint:gosec // it fits
	case kind == "bool" && (v == 0 || v == 1):
		return append(to, byte(v)), nil
	case kind == "float8":
		return binary.BigEndian.AppendUint64(to, math.Float64bits(float64(v))), nil
	}
	return nil, fmt.Errorf("%d cannot become %s", v, kind)
}

func textToBinary(to []byte, kind, v string) ([]byte, error) {
	switch kind {
	case "text":
		if !utf8.ValidString(v) || strings.IndexByte(v, 0) >= 0 {
			return nil, fmt.Errorf("PostgreSQL cannot keep this text: %.40q", v)
		}
		return append(to, v...), nil
	case "timestamptz":
		at, err := time.Parse(timeLayout, v)
		if err != nil {
			return nil, err
		}
		return binary.BigEndian.AppendUint64(to, uint64((at.Unix()-epoch)*1e6+int64(at.Nanosecond()/1e3))), nil //nolint:gosec // the bits are what is kept
	}
	return nil, fmt.Errorf("a text cannot become %s", kind)
}

// fromBinary is the way back, for the values of keys.
func fromBinary(kind string, value []byte) any {
	switch kind {
	case "uuid", "bytea":
		return value
	case "bool":
		return int64(value[0])
	case "timestamptz":
		return moment(value).Format(timeLayout)
	case "text":
		return string(value)
	}
	return number(value)
}
