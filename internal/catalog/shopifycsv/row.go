package shopifycsv

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"vitrine/internal/fault"
	"vitrine/internal/money"
	"vitrine/internal/text"
)

// Lengths in characters.
const (
	maxHandle = 255
	maxURL    = 2048
	maxSEO    = 5_000
)

// Bounds of whole numbers.
const (
	maxQuantity = 1_000_000_000
	maxPosition = 1_000_000
)

// row is the row being read, and what is wrong with it.
type row struct {
	record
	*header
	currency money.Currency
	text     fault.Form // reused by line and long
	errors   []RowError
}

// read returns a cell, trimmed.
func (r *row) read(c Column) string { return strings.TrimSpace(r.cell(r.index[c])) }

// failf notes what is wrong with a column of the row.
func (r *row) fail(c Column, message string) {
	r.errors = append(r.errors, RowError{Line: r.record.line, Column: r.name(c), Message: message})
}

// failed tells whether anything was wrong since there were before errors.
func (r *row) failed(before int) bool { return len(r.errors) > before }

// shape checks the number of cells. A row that was cut off before its price is not
// read as one without a price.
func (r *row) shape(priced bool) {
	for i := len(r.names); i < len(r.spans); i++ {
		if strings.TrimSpace(r.cell(i)) != "" {
			r.errors = append(r.errors, RowError{Line: r.record.line, Message: "has more cells than the header"})
			break
		}
	}
	for _, i := range r.surplus {
		if strings.TrimSpace(r.cell(i)) != "" {
			r.errors = append(r.errors, RowError{Line: r.record.line, Column: r.names[i], Message: "is one option too many: a product has at most 3"})
			break
		}
	}
	if priced && r.has(ColumnPrice) && len(r.spans) <= r.index[ColumnPrice] {
		r.fail(ColumnPrice, "is missing: the row ends before it")
	}
}

// line reads a single line of text.
func (r *row) line(c Column, limit int) string {
	s := r.read(c)
	if !plain(s, limit) {
		s = text.Line(&r.text, "", s, limit)
		r.judge(c)
	}
	return s
}

// long reads a text of several lines.
func (r *row) long(c Column, limit int) string {
	s := r.read(c)
	if !plain(s, limit) {
		s = text.Long(&r.text, "", s, limit)
		r.judge(c)
	}
	return s
}

// judge takes over what package text found wrong.
func (r *row) judge(c Column) {
	invalid, ok := errors.AsType[*fault.Error](r.text.Err())
	if !ok {
		return
	}
	for _, field := range invalid.Fields {
		r.fail(c, field.Message)
	}
	r.text = fault.Form{}
}

// plain tells whether s is short printable ASCII, as most cells are.
func plain(s string, limit int) bool {
	if len(s) > limit {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// handle reads the product's handle in the form that addresses have: in lower
// case, with single hyphens for what is no letter, digit, hyphen or underscore.
func (r *row) handle() string {
	s := r.line(ColumnHandle, maxHandle)
	if s == "" || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") == "" {
		return s
	}
	var b strings.Builder
	for _, c := range strings.ToLower(s) {
		switch {
		case unicode.IsLetter(c), unicode.IsMark(c), unicode.IsDigit(c), c == '_':
			b.WriteRune(c)
		case !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.Trim(b.String(), "-")
}

// field reads a nullable text. A blank cell clears the field in the row that
// describes the product or the variant, and says nothing in others.
func field(r *row, c Column, describes bool, read func(*row, Column, int) string, limit int) Field[string] {
	if !r.has(c) {
		return Field[string]{}
	}
	s := read(r, c, limit)
	if s != "" {
		return Of(s)
	}
	return Field[string]{Set: describes, Null: describes}
}

// list reads names that commas separate, each once.
func (r *row) list(c Column, describes bool) Field[[]string] {
	s := r.long(c, text.MaxLong)
	if s == "" {
		return Field[[]string]{Set: describes && r.has(c), Null: describes && r.has(c)}
	}
	names := make([]string, 0, 1+strings.Count(s, ","))
	for name := range strings.SplitSeq(s, ",") {
		name = strings.TrimSpace(name)
		switch {
		case utf8.RuneCountInString(name) > text.MaxName:
			r.fail(c, "must have at most "+strconv.Itoa(text.MaxName)+" characters in each")
			return Field[[]string]{}
		case strings.ContainsAny(name, "\n\t"):
			r.fail(c, "must not contain control characters")
			return Field[[]string]{}
		case name != "" && !slices.Contains(names, name):
			names = append(names, name)
		}
	}
	return Field[[]string]{Set: true, Null: len(names) == 0, Value: names}
}

// status reads the status, from its own column or else from the older one that
// only tells published products from drafts.
func (r *row) status() Field[string] {
	if s := r.read(ColumnStatus); s != "" {
		for _, known := range []string{"active", "draft", "archived"} {
			if strings.EqualFold(s, known) {
				return Of(known)
			}
		}
		r.fail(ColumnStatus, `must be "active", "draft" or "archived"`)
		return Field[string]{}
	}
	s := r.read(ColumnPublished)
	published, known := boolean(s)
	switch {
	case s == "":
		return Field[string]{}
	case !known:
		r.fail(ColumnPublished, `must be "true" or "false"`)
		return Field[string]{}
	case published:
		return Of("active")
	default:
		return Of("draft")
	}
}

func boolean(s string) (value, ok bool) {
	switch {
	case strings.EqualFold(s, "true"), strings.EqualFold(s, "yes"), s == "1":
		return true, true
	case strings.EqualFold(s, "false"), strings.EqualFold(s, "no"), s == "0":
		return false, true
	}
	return false, false
}

// amount reads a price.
func (r *row) amount(c Column) Field[money.Amount] {
	s := r.read(c)
	if s == "" {
		return Field[money.Amount]{Set: r.has(c), Null: r.has(c)}
	}
	amount, err := r.currency.Parse(s)
	if err != nil {
		r.fail(c, err.Error())
	}
	return Of(amount)
}

// whole reads a whole number; a blank cell says nothing.
func (r *row) whole(c Column, least, most int64) Field[int64] {
	s := r.read(c)
	if s == "" {
		return Field[int64]{}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err != nil && !errors.Is(err, strconv.ErrRange):
		r.fail(c, "must be a whole number")
	case n < least:
		r.fail(c, "must be at least "+strconv.FormatInt(least, 10))
	case n > most:
		r.fail(c, "must be at most "+strconv.FormatInt(most, 10))
	}
	return Of(n)
}
