package db

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"vitrine/internal/fault"
)

// timeLayout has a fixed width, so that SQLite, which keeps times as text, sorts
// them.
const timeLayout = "2006-01-02T15:04:05.000000Z"

// Time is how a time is bound and scanned: UTC, microseconds. A plain time.Time
// would be stored by the SQLite driver in a form that does not sort.
type Time struct{ time.Time }

// Value implements driver.Valuer.
func (t Time) Value() (driver.Value, error) { return t.UTC().Format(timeLayout), nil }

// Scan implements sql.Scanner.
func (t *Time) Scan(src any) error {
	switch v := src.(type) {
	case time.Time:
		t.Time = v.UTC()
		return nil
	case string:
		parsed, err := time.Parse(timeLayout, v)
		t.Time = parsed
		return err
	}
	return fmt.Errorf("scan %T into a time", src)
}

// CheckTime takes a time that both databases can hold, in UTC and microseconds; nil
// stays nil. One outside of the years 1970 to 9999 is noted in f: timeLayout has no
// place for a fifth digit.
func CheckTime(f *fault.Form, path string, t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	utc := t.UTC().Truncate(time.Microsecond)
	if utc.Year() < 1970 || utc.Year() > 9999 {
		f.Addf(path, nil, "must be between the years 1970 and 9999")
	}
	return &utc
}

// NullTime is a Time that may be missing: a nil pointer is NULL.
type NullTime struct{ Time *time.Time }

// Value implements driver.Valuer.
func (t NullTime) Value() (driver.Value, error) {
	if t.Time == nil {
		return nil, nil
	}
	return Time{*t.Time}.Value()
}

// Scan implements sql.Scanner.
func (t *NullTime) Scan(src any) error {
	t.Time = nil
	if src == nil {
		return nil
	}
	var set Time
	err := set.Scan(src)
	t.Time = &set.Time
	return err
}

// JSON binds and scans a value as JSON text. No query looks into it.
type JSON[T any] struct{ V T }

// Value implements driver.Valuer.
func (j JSON[T]) Value() (driver.Value, error) {
	b, err := json.Marshal(j.V)
	return string(b), err
}

// Scan implements sql.Scanner.
func (j *JSON[T]) Scan(src any) error {
	switch v := src.(type) {
	case string:
		return json.Unmarshal([]byte(v), &j.V)
	case []byte:
		return json.Unmarshal(v, &j.V)
	}
	return fmt.Errorf("scan %T as JSON", src)
}
