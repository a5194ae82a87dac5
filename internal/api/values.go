package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"vitrine/internal/fault"
	"vitrine/internal/money"
)

// Decimal is an amount or a rate on its way in: a decimal string, or a JSON
// number, kept as it was written.
type Decimal string

// UnmarshalJSON implements json.Unmarshaler.
func (d *Decimal) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, (*string)(d))
	}
	*d = Decimal(plain(string(b)))
	return nil
}

// maxShift bounds the zeros that an exponent can ask for.
const maxShift = 30

// plain writes a JSON number without an exponent: 12.5e1 is 125. One that is beyond
// any amount stays as it is.
func plain(number string) string {
	mantissa, exponent, found := strings.Cut(strings.ToLower(number), "e")
	shift, err := strconv.Atoi(exponent)
	if !found || err != nil || shift < -maxShift || shift > maxShift {
		return number
	}
	mantissa, negative := strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	zeros := strings.Repeat("0", maxShift)
	point := len(zeros) + len(whole) + shift
	digits := zeros + whole + fraction + zeros
	whole, fraction = strings.TrimLeft(digits[:point-1], "0")+digits[point-1:point], strings.TrimRight(digits[point:], "0")
	if fraction != "" {
		whole += "." + fraction
	}
	if negative {
		return "-" + whole
	}
	return whole
}

// Schema implements huma.SchemaProvider.
func (Decimal) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		OneOf:       []*huma.Schema{{Type: huma.TypeString}, {Type: huma.TypeNumber}},
		Description: "A decimal string; a number is understood too.", Examples: []any{"12.99"},
	}
}

// amount reads the decimal as money. What is wrong with it goes to f.
func (d Decimal) amount(f *fault.Form, path string, c money.Currency) money.Amount {
	a, err := c.Parse(string(d))
	if err != nil {
		f.Addf(path, string(d), "%s", err)
	}
	return a
}

// rate reads the decimal as a percentage.
func (d Decimal) rate(f *fault.Form, path string) money.Rate {
	r, err := money.ParseRate(string(d))
	if err != nil {
		f.Addf(path, string(d), "%s", err)
	}
	return r
}

// Opt is a member of a merge-patch (RFC 7396) that may be absent but not null. (The
// empty name keeps Value out of the location of what is inside.)
type Opt[T any] struct {
	Set   bool
	Null  bool
	Value T `json:",omitempty"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (o *Opt[T]) UnmarshalJSON(b []byte) error {
	var value T // a fresh one: json would add to the map of a member that is sent twice
	if bytes.Equal(bytes.TrimSpace(b), []byte("null")) {
		*o = Opt[T]{Null: true}
		return nil
	}
	err := json.Unmarshal(b, &value)
	*o = Opt[T]{Set: true, Value: value}
	return err
}

// Resolve implements huma.ResolverWithPath: it refuses null where a member can be
// left out but not cleared.
func (o *Opt[T]) Resolve(_ huma.Context, path *huma.PathBuffer) []error {
	if !o.Null {
		return nil
	}
	location := strings.NewReplacer(".[", "[", "..", ".").Replace(path.String())
	return []error{&huma.ErrorDetail{Location: location, Message: "must not be null"}}
}

// Schema implements huma.SchemaProvider.
func (o Opt[T]) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeOf(o.Value), true, "")
}

// to sets what it is given when the member was sent.
func (o Opt[T]) to(target *T) {
	if o.Set {
		*target = o.Value
	}
}

// OptNull is a member of a merge-patch that may be absent, or null to clear it.
type OptNull[T any] struct {
	Set   bool
	Value *T
}

// UnmarshalJSON implements json.Unmarshaler.
func (o *OptNull[T]) UnmarshalJSON(b []byte) error {
	o.Set, o.Value = true, nil
	if bytes.Equal(bytes.TrimSpace(b), []byte("null")) {
		return nil
	}
	o.Value = new(T)
	return json.Unmarshal(b, o.Value)
}

// Schema implements huma.SchemaProvider.
func (o OptNull[T]) Schema(r huma.Registry) *huma.Schema { return schemaOrNull[T](r) }

// schemaOrNull is the schema of a T or null.
func schemaOrNull[T any](r huma.Registry) *huma.Schema {
	s := *r.Schema(reflect.TypeFor[T](), false, "") // in full: what a reference leads to is not null
	if len(s.OneOf) > 0 {                           // null must match exactly one of them too
		first := *s.OneOf[0]
		first.Nullable = true
		s.OneOf = append([]*huma.Schema{&first}, s.OneOf[1:]...)
		return &s
	}
	s.Nullable = true
	return &s
}

// to sets what it is given when the member was sent.
func (o OptNull[T]) to(target **T) {
	if o.Set {
		*target = o.Value
	}
}

// nullable is an object that may be missing: null.
type nullable[T any] struct{ Value *T }

// MarshalJSON implements json.Marshaler.
func (o nullable[T]) MarshalJSON() ([]byte, error) { return json.Marshal(o.Value) }

// Schema implements huma.SchemaProvider.
func (nullable[T]) Schema(r huma.Registry) *huma.Schema { return schemaOrNull[T](r) }

// utc writes a time as the contract has it.
func utc(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999999Z") }

// utcOrNull writes a time that may be missing.
func utcOrNull(t *time.Time) *string {
	if t == nil {
		return nil
	}
	s := utc(*t)
	return &s
}

// orNull writes a text that may be missing, which is stored empty.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// orEmpty reads a nullable string, trimmed.
func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return strings.TrimSpace(*s)
}

// utf8JSON is JSON as RFC 8259, section 8.1, has it: in UTF-8. Go would store
// something else as replacement characters.
var utf8JSON = huma.Format{
	Marshal: huma.DefaultJSONFormat.Marshal,
	Unmarshal: func(data []byte, v any) error {
		if !utf8.Valid(data) {
			return errNotUTF8
		}
		return json.Unmarshal(data, v)
	},
}

var errNotUTF8 = errors.New("must be in UTF-8")

// pointer returns the value when the member was sent, or nil.
func (o Opt[T]) pointer() *T {
	if !o.Set {
		return nil
	}
	return &o.Value
}
