package pricing

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/money"
	"vitrine/internal/text"
)

// DiscountID names a discount.
type DiscountID struct{ id.UUID }

// DiscountType says what a discount takes off.
type DiscountType string

// The types of a discount.
const (
	Percentage   DiscountType = "percentage"
	FixedAmount  DiscountType = "fixed_amount"
	FreeShipping DiscountType = "free_shipping"
)

// Scope says what a discount counts for.
type Scope string

// The scopes of a discount.
const (
	All        Scope = "all"
	Products   Scope = "products"
	Categories Scope = "categories"
)

// DiscountStatus says whether a discount can be used.
type DiscountStatus string

// The states of a discount.
const (
	Active   DiscountStatus = "active"
	Disabled DiscountStatus = "disabled"
	Expired  DiscountStatus = "expired"
)

// Discount is what a code takes off an order. Its products and categories are
// kept whatever the scope is; only those that the scope names count.
type Discount struct {
	ID            DiscountID
	Code          string // unique in the store, ignoring case
	Type          DiscountType
	Percent       money.Rate   // of a Percentage
	Amount        money.Amount // of a FixedAmount
	AppliesTo     Scope
	Products      []id.UUID // sorted
	Categories    []id.UUID // sorted
	MinimumAmount *money.Amount
	UsageLimit    *int
	TimesUsed     int
	StartsAt      *time.Time
	ExpiresAt     *time.Time
	Status        DiscountStatus // as the merchant set it; see StatusAt
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// NewDiscount returns a discount as it is before the merchant says anything else.
func NewDiscount(code string, t DiscountType) Discount {
	return Discount{Code: code, Type: t, AppliesTo: All, Status: Active}
}

// StatusAt returns the status as it is at a time: an active discount whose
// ExpiresAt has passed is expired. Nothing has to be written for that.
func (d Discount) StatusAt(now time.Time) DiscountStatus {
	if d.Status == Active && d.ExpiresAt != nil && !d.ExpiresAt.After(now) {
		return Expired
	}
	return d.Status
}

// Value returns the value as the type has it: a percentage or an amount.
func (d Discount) Value(c money.Currency) string {
	if d.Type == Percentage {
		return d.Percent.String()
	}
	return c.Format(d.Amount)
}

// SetValue reads the value as the type has it. What is wrong with it goes to f.
func (d *Discount) SetValue(f *fault.Form, s string, c money.Currency) {
	d.Percent, d.Amount = 0, 0
	var err error
	switch d.Type {
	case Percentage:
		if d.Percent, err = money.ParseRate(s); errors.Is(err, money.ErrTooLarge) {
			f.Addf("value", s, "must be at most 100 percent")
			return
		}
	case FixedAmount:
		d.Amount, err = c.Parse(s)
	case FreeShipping:
		_, err = c.Parse(s) // it takes off what shipping costs, whatever is said
	}
	if err != nil {
		f.Addf("value", s, "%s", err)
	}
}

const (
	maxCode  = text.MaxName // copiedDiscounts cuts to it
	maxUses  = 1_000_000_000
	maxLinks = 5000
)

func (d *Discount) check() error {
	var f fault.Form
	d.Code = checkCode(&f, d.Code)
	d.checkValue(&f)
	d.checkScope(&f)
	if d.MinimumAmount != nil && (*d.MinimumAmount < 0 || *d.MinimumAmount > money.Max) {
		f.Addf("minimum_amount", nil, "must be an amount of 0 or more")
	}
	if d.UsageLimit != nil && (*d.UsageLimit < 1 || *d.UsageLimit > maxUses) {
		f.Addf("usage_limit", *d.UsageLimit, "must be from 1 to %d", maxUses)
	}
	d.StartsAt, d.ExpiresAt = db.CheckTime(&f, "starts_at", d.StartsAt), db.CheckTime(&f, "expires_at", d.ExpiresAt)
	if d.StartsAt != nil && d.ExpiresAt != nil && !d.ExpiresAt.After(*d.StartsAt) {
		f.Addf("expires_at", nil, "must be after starts_at")
	}
	if !slices.Contains([]DiscountStatus{Active, Disabled, Expired}, d.Status) {
		f.Addf("status", d.Status, "must be active, disabled or expired")
	}
	return f.Err()
}

// checkCode takes a code of 1 to 200 visible characters. A clone cuts codes in the
// database, which cannot fold: so a code and its key must have the same length,
// letter by letter.
func checkCode(f *fault.Form, code string) string {
	code = norm.NFC.String(text.Line(f, "code", code, maxCode))
	switch {
	case code == "":
		f.Addf("code", nil, "must not be empty")
	case strings.ContainsFunc(code, func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) }):
		f.Addf("code", code, "must not contain white space or invisible characters")
	case !foldsEvenly(code):
		f.Addf("code", code, "must not contain a letter such as ß, which is more than one letter in upper case")
	}
	return code
}

func foldsEvenly(code string) bool {
	for _, r := range code {
		if utf8.RuneCountInString(text.Fold(string(r))) != 1 {
			return false
		}
	}
	return utf8.RuneCountInString(text.Fold(code)) == utf8.RuneCountInString(code)
}

func (d *Discount) checkValue(f *fault.Form) {
	switch d.Type {
	case Percentage:
		if d.Amount = 0; d.Percent <= 0 || d.Percent > money.Whole {
			f.Addf("value", nil, "must be a percentage above 0 and up to 100")
		}
	case FixedAmount:
		if d.Percent = 0; d.Amount <= 0 || d.Amount > money.Max {
			f.Addf("value", nil, "must be an amount above 0")
		}
	case FreeShipping:
		d.Percent, d.Amount = 0, 0
	default:
		f.Addf("type", d.Type, "must be percentage, fixed_amount or free_shipping")
	}
}

// checkScope lets a discount count for what it names. One for products or categories
// that names none counts for nothing.
func (d *Discount) checkScope(f *fault.Form) {
	d.Products, d.Categories = unique(d.Products), unique(d.Categories)
	if len(d.Products) > maxLinks {
		f.Addf("product_ids", nil, "must have at most %d items", maxLinks)
	}
	if len(d.Categories) > maxLinks {
		f.Addf("category_ids", nil, "must have at most %d items", maxLinks)
	}
	if !slices.Contains([]Scope{All, Products, Categories}, d.AppliesTo) {
		f.Addf("applies_to", d.AppliesTo, "must be all, products or categories")
	}
}

// unique returns the ids sorted, each once.
func unique(ids []id.UUID) []id.UUID {
	sorted := slices.SortedFunc(slices.Values(ids), func(a, b id.UUID) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(sorted)
}
