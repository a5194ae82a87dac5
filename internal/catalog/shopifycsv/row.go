package shopifycsv

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"vitrine/internal/fault"
	"vitrine/internal/money"
	"vitrine/internal/picture"
	"vitrine/internal/text"
)

// Lengths in characters.
const (
	maxHandle = 255
	maxURL    = 2048
	maxAlt    = 5_000
	maxSEO    = 5_000
)

// maxTags is how many tags a product can have.
const maxTags = 250

// Bounds of whole numbers.
const (
	maxQuantity = 1_000_000_000
	maxPosition = 1_000_000_000
)

// row is the row being read, and what is wrong with it.
type row struct {
	record
	*header
	currency money.Currency
	form     fault.Form // reused by line and long
	errors   []RowError
}

// formulas are what makes a spreadsheet calculate a cell that begins with it.
const formulas = "=+-@"

// armed tells whether a spreadsheet would calculate s, or whether s is a cell that
// was kept from that.
func armed(s string) bool {
	rest := strings.TrimLeft(s, "'")
	return rest != "" && strings.IndexByte(formulas, rest[0]) >= 0
}

// read returns a cell, trimmed, and without the apostrophe that a Writer puts
// before what spreadsheets would calculate. A cell of a long row is copied, since
// it would keep the whole row in memory.
func (r *row) read(c Column) string {
	s := strings.TrimSpace(r.cell(r.index[c]))
	if r.ours && strings.HasPrefix(s, "'") && armed(s) {
		s = s[1:]
	}
	if len(r.record.text) > 4<<10 {
		return strings.Clone(s)
	}
	return s
}

// blank tells whether the row has nothing in the columns.
func (r *row) blank(columns ...Column) bool {
	for _, c := range columns {
		if r.read(c) != "" {
			return false
		}
	}
	return true
}

// fail notes what is wrong with a column of the row.
func (r *row) fail(c Column, message string) {
	r.errors = append(r.errors, RowError{Line: r.line, Column: r.name(c), Message: message})
}

// failRow notes what is wrong with the row as a whole.
func (r *row) failRow(message string) {
	r.errors = append(r.errors, RowError{Line: r.line, Message: message})
}

// shape checks the number of cells. A row that was cut off before its price is not
// read as one without a price.
func (r *row) shape(priced bool) {
	for i := len(r.names); i < len(r.spans); i++ {
		if strings.TrimSpace(r.cell(i)) != "" {
			r.failRow("has more cells than the header")
			break
		}
	}
	for _, i := range r.surplus {
		if strings.TrimSpace(r.cell(i)) != "" {
			r.errors = append(r.errors, RowError{Line: r.line, Column: r.names[i], Message: "is one option too many: a product has at most 3"})
			break
		}
	}
	if priced && r.has(ColumnPrice) && len(r.spans) <= r.index[ColumnPrice] {
		r.fail(ColumnPrice, "is missing: the row ends before it")
	}
}

// single reads a single line of text.
func (r *row) single(c Column, limit int) string {
	s := r.read(c)
	if !plain(s, limit) {
		s = text.Line(&r.form, "", s, limit)
		r.judge(c)
	}
	return s
}

// long reads a text of several lines.
func (r *row) long(c Column, limit int) string {
	s := r.read(c)
	if !plain(s, limit) {
		s = text.Long(&r.form, "", s, limit)
		r.judge(c)
	}
	return s
}

// judge takes over what package text found wrong.
func (r *row) judge(c Column) {
	invalid, ok := errors.AsType[*fault.Error](r.form.Err())
	if !ok {
		return
	}
	for _, field := range invalid.Fields {
		r.fail(c, field.Message)
	}
	r.form = fault.Form{}
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

// handleOf reads a handle in the form that addresses have: as it is when it has
// that, and else in lower case, with single hyphens for what is no letter, digit,
// hyphen or underscore.
func handleOf(s string) string {
	if !strings.ContainsFunc(s, unfit) {
		return s
	}
	var b strings.Builder
	for _, c := range strings.ToLower(s) {
		switch {
		case !unfit(c) && c != '-':
			b.WriteRune(c)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.TrimRight(b.String(), "-")
}

// unfit tells whether an address has no place for c.
func unfit(c rune) bool {
	return c != '-' && c != '_' && (!unicode.IsLetter(c) && !unicode.IsMark(c) && !unicode.IsDigit(c) || unicode.IsUpper(c))
}

// handle reads the handle of the row's product, which it must have.
func (r *row) handle() string {
	s := r.single(ColumnHandle, maxHandle)
	if s == "" {
		r.fail(ColumnHandle, "must not be empty")
	} else if s = handleOf(s); strings.Trim(s, "-_") == "" && len(r.errors) == 0 {
		r.fail(ColumnHandle, "must have a letter or a digit")
	}
	return s
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
	names := make([]string, 0, min(1+strings.Count(s, ","), maxTags+1))
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
		if len(names) > maxTags {
			r.fail(c, "must have at most "+strconv.Itoa(maxTags)+" items")
			return Field[[]string]{}
		}
	}
	return Field[[]string]{Set: true, Null: len(names) == 0, Value: names}
}

// lines reads names that stand one a line, each once.
func (r *row) lines(c Column) []string {
	var names []string
	before := len(r.errors)
	for name := range strings.Lines(r.read(c)) {
		name = strings.TrimSpace(name)
		if !plain(name, text.MaxName) {
			name = text.Line(&r.form, "", name, text.MaxName)
			r.judge(c)
		}
		if name != "" && len(names) < MaxVariants && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	r.errors = r.errors[:min(len(r.errors), before+1)]
	return names
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

// backorder reads whether a variant is sold when there is none left.
func (r *row) backorder() Field[bool] {
	s := r.read(ColumnPolicy)
	value, known := boolean(s)
	switch {
	case s == "":
		return Field[bool]{}
	case strings.EqualFold(s, "continue"):
		return Of(true)
	case strings.EqualFold(s, "deny"):
		return Of(false)
	case !known:
		r.fail(ColumnPolicy, `must be "deny" or "continue"`)
	}
	return Of(value)
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

// whole reads a whole number; a blank cell says nothing. "12.0" is one.
func (r *row) whole(c Column, least, most int64) Field[int64] {
	s := r.read(c)
	if s == "" {
		return Field[int64]{}
	}
	digits, fraction, _ := strings.Cut(s, ".")
	if strings.Trim(fraction, "0") != "" {
		digits = s
	}
	n, err := strconv.ParseInt(digits, 10, 64)
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

// position reads a place among others, from 1; a blank cell says nothing.
func (r *row) position(c Column) Field[int] {
	n := r.whole(c, 1, maxPosition)
	return Field[int]{Set: n.Set, Value: int(n.Value)}
}

// weight reads a weight and the unit it is thought in.
func (r *row) weight() (Field[Grams], Field[string]) {
	var unit Field[string]
	if s := strings.ToLower(r.read(ColumnWeightUnit)); s != "" {
		if unit = Of(s); units[s].factor == 0 {
			r.fail(ColumnWeightUnit, "must be g, kg, lb or oz")
		}
	}
	s := r.read(ColumnGrams)
	if s == "" {
		return Field[Grams]{Set: r.has(ColumnGrams), Null: r.has(ColumnGrams)}, unit
	}
	if _, err := parseWeight(s, units["g"]); err != nil {
		r.fail(ColumnGrams, err.Error())
	}
	return Of(Grams(s)), unit
}

// image reads the picture that the row has, if it has one.
func (r *row) image() (Image, bool) {
	address := r.single(ColumnImageURL, maxURL)
	if address == "" {
		return Image{}, false
	}
	_, ours := picture.ParseAddress(address)
	if u, err := url.Parse(address); !ours && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		r.fail(ColumnImageURL, "must be an http or https address")
	}
	alt := field(r, ColumnImageAlt, true, (*row).single, maxAlt)
	return Image{Line: r.line, URL: address, Alt: alt, Position: r.position(ColumnImagePosition).Value}, true
}
