// Package storefile moves a whole store as one file: its settings, catalog, stock with
// the ledger, orders, customers, reviews and pictures. Another platform, on either
// database, takes it over as a new store with ids of its own.
//
// A file is an archive with a member for each table: a JSON array a line, in the order
// of the columns that the first line names. Values are as SQLite holds them. Ids are
// relative to the store (lineage.ID of its own id), so that a store and what was made
// of its file have the same file.
package storefile

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/lineage"
)

const (
	fileKind = "vitrine store"
	format   = 1

	tableFolder   = "tables/"
	pictureFolder = "media/"
)

func member(table string) string { return tableFolder + table + ".ndjson" }

// Progress hears how far it is, in words.
type Progress func(what string)

// Summary is what was moved.
type Summary struct {
	Name     string
	Slug     string
	Rows     map[string]int64 // by table
	Pictures int
	Missing  int // pictures that were not where they should be
}

// timeLayout is how a moment is written.
const timeLayout = "2006-01-02T15:04:05.000000Z"

// referring are columns of text that may hold the id of a row of the store.
var referring = map[string]string{"inventory_adjustment": "reference_id"}

// codec turns values of a store into those of a file, and back.
type codec struct{ mask int64 }

// shift derives an id, which is its own inverse.
func (c codec) shift(u id.UUID) id.UUID { return lineage.Apply(c.mask, u) }

// shiftText derives what is an id of ours, as Vitrine makes them, and leaves other text
// alone.
func (c codec) shiftText(s string) string {
	u, err := id.Parse(s)
	if err != nil || u.String() != s || u[6]>>4 != 7 {
		return s
	}
	return c.shift(u).String()
}

// write turns what a database has returned into what is written.
func (c codec) write(t *table, col column, value any) (any, error) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case bool:
		if v {
			return 1, nil
		}
		return 0, nil
	case time.Time:
		return v.UTC().Format(timeLayout), nil
	case float64, int64:
		return v, nil
	}
	if kinds[col.kind] == ident {
		var u id.UUID
		err := u.Scan(value)
		return c.shift(u).String(), err
	}
	s, ok := value.(string)
	if !ok {
		return nil, fmt.Errorf("%s.%s is a %T", t.name, col.name, value)
	}
	if referring[t.name] == col.name {
		s = c.shiftText(s)
	}
	return s, nil
}

// read turns what was written into what the database takes.
func (c codec) read(t *table, col column, value any) (any, error) {
	if value == nil {
		return nil, nil
	}
	wrong := fmt.Errorf("%s cannot be %v", col.name, value)
	n, isNumber := value.(json.Number)
	s, isText := value.(string)
	switch kind := kinds[col.kind]; {
	case kind == ident && isText:
		u, err := id.Parse(s)
		if err != nil {
			return nil, wrong
		}
		return c.shift(u), nil
	case kind == moment && isText:
		at, err := time.Parse(timeLayout, s)
		if err != nil {
			return nil, wrong
		}
		return db.Time{Time: at}, nil
	case kind == text && isText && referring[t.name] == col.name:
		return c.shiftText(s), nil
	case kind == text && isText:
		return s, nil
	case kind == real && isNumber:
		f, err := n.Float64()
		if err != nil || math.IsInf(f, 0) {
			return nil, wrong
		}
		return f, nil
	case (kind == number || kind == truth) && isNumber:
		i, err := n.Int64()
		if err != nil || kind == truth && i != 0 && i != 1 {
			return nil, wrong
		}
		if kind == truth {
			return i == 1, nil
		}
		return i, nil
	}
	return nil, wrong
}

// String tells of the largest parts.
func (s Summary) String() string {
	return fmt.Sprintf("%d products, %d variants, %d orders, %d ledger entries, %d customers, %d pictures",
		s.Rows["product"], s.Rows["variant"], s.Rows["shop_order"], s.Rows["inventory_adjustment"], s.Rows["customer"], s.Pictures)
}
