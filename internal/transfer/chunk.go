package transfer

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// chunk holds rows in the order of their keys, as PostgreSQL's binary COPY has them:
// equal rows are equal bytes, whichever database they come from.
type chunk struct {
	data []byte
	ends []int // where each row ends
	last bool  // no rows come after these
}

// The two ends of a binary COPY.
var (
	copyHeader  = append([]byte("PGCOPY\n\xff\r\n\x00"), make([]byte, 8)...)
	copyTrailer = []byte{0xff, 0xff}
)

func (c *chunk) len() int { return len(c.ends) }

func (c *chunk) row(i int) []byte {
	from := 0
	if i > 0 {
		from = c.ends[i-1]
	}
	return c.data[from:c.ends[i]]
}

// begin starts a row of so many fields.
func (c *chunk) begin(fields int) {
	c.data = binary.BigEndian.AppendUint16(c.data, uint16(fields)) //nolint:gosec // a table has at most 1600 columns
}

// field adds one value; nil is NULL.
func (c *chunk) field(value []byte) {
	if value == nil {
		c.data = binary.BigEndian.AppendUint32(c.data, ^uint32(0))
		return
	}
	c.data = binary.BigEndian.AppendUint32(c.data, uint32(len(value))) //nolint:gosec // PostgreSQL keeps less than a gigabyte
	c.data = append(c.data, value...)
}

func (c *chunk) end() { c.ends = append(c.ends, len(c.data)) }

// fields splits a row into the first n of its values.
func fields(row []byte, n int) [][]byte {
	row = row[2:]
	values := make([][]byte, n)
	for i := range values {
		size := binary.BigEndian.Uint32(row)
		row = row[4:]
		if size == ^uint32(0) {
			continue
		}
		values[i], row = row[:size:size], row[size:]
	}
	return values
}

// key is what a row is known by, as PostgreSQL's binary values.
type key [][]byte

// after returns the key of the last row.
func (c *chunk) after(t table) key { return fields(c.row(c.len()-1), t.keys) }

// compare orders two keys of a table as both databases do.
func (t table) compare(a, b key) int {
	for i := range t.keys {
		if order := compareValues(t.columns[i].kind, a[i], b[i]); order != 0 {
			return order
		}
	}
	return 0
}

func compareValues(kind string, a, b []byte) int {
	switch kind {
	case "int8", "int4", "timestamptz":
		a, b = bytes.Clone(a), bytes.Clone(b)
		a[0] ^= 0x80 // so that negative ones come first
		b[0] ^= 0x80
	}
	return bytes.Compare(a, b)
}

// store is the key as it is kept in the target.
func (k key) store() string {
	parts := make([]string, len(k))
	for i, value := range k {
		parts[i] = hex.EncodeToString(value)
	}
	text, _ := json.Marshal(parts) //nolint:errchkjson // strings
	return string(text)
}

// parseKey reads what store has written.
func parseKey(text string) (key, error) {
	var parts []string
	if err := json.Unmarshal([]byte(text), &parts); err != nil {
		return nil, fmt.Errorf("read how far the copy is: %w", err)
	}
	k := make(key, len(parts))
	for i, part := range parts {
		value, err := hex.DecodeString(part)
		if err != nil {
			return nil, fmt.Errorf("read how far the copy is: %w", err)
		}
		k[i] = value
	}
	return k, nil
}

// say writes a key for people: order_line (store_id 0190…, line 3).
func (t table) say(k key) string {
	parts := make([]string, len(k))
	for i, value := range k {
		parts[i] = t.columns[i].name + " " + sayValue(t.columns[i].kind, value)
	}
	return t.name + " (" + strings.Join(parts, ", ") + ")"
}

// epoch is where PostgreSQL's times begin, in seconds of Unix.
const epoch = 946_684_800

func sayValue(kind string, value []byte) string {
	switch {
	case value == nil:
		return "NULL"
	case kind == "uuid" && len(value) == 16:
		return fmt.Sprintf("%x-%x-%x-%x-%x", value[:4], value[4:6], value[6:8], value[8:10], value[10:])
	case kind == "bytea":
		return fmt.Sprintf("%x", value)
	case kind == "bool":
		return fmt.Sprint(value[0] == 1)
	case kind == "text":
		return string(value)
	case kind == "timestamptz":
		return moment(value).Format(time.RFC3339Nano)
	}
	return fmt.Sprint(number(value))
}

// number reads a binary integer.
func number(value []byte) int64 {
	switch len(value) {
	case 2:
		return int64(int16(binary.BigEndian.Uint16(value))) //nolint:gosec // the bits are what is kept
	case 4:
		return int64(int32(binary.BigEndian.Uint32(value))) //nolint:gosec // the bits are what is kept
	}
	return int64(binary.BigEndian.Uint64(value)) //nolint:gosec // the bits are what is kept
}

// moment reads a binary time.
func moment(value []byte) time.Time {
	micros := number(value)
	return time.Unix(epoch+micros/1e6, micros%1e6*1e3).UTC()
}
