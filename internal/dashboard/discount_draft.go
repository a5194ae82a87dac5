package dashboard

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/money"
	"vitrine/internal/pricing"
)

// discountDraft is a discount as its form has it.
type discountDraft struct {
	Code, Type, Value, AppliesTo, Minimum, Limit, Starts, Expires, Status string
	Products                                                              []string
	Categories                                                            map[string]bool
	Find                                                                  string
}

// moment is how a field of a form holds one.
const moment = "2006-01-02T15:04"

func discountDraftOf(s pricing.Discount, c money.Currency, zone *time.Location) discountDraft {
	d := discountDraft{
		Code: s.Code, Type: string(s.Type), AppliesTo: string(s.AppliesTo), Minimum: amount(c, s.MinimumAmount), Limit: digits(s.UsageLimit),
		Starts: momentOf(s.StartsAt, zone), Expires: momentOf(s.ExpiresAt, zone), Status: string(s.Status), Categories: map[string]bool{},
	}
	if s.Type != pricing.FreeShipping && !s.ID.IsZero() {
		d.Value = s.Value(c)
	}
	for _, p := range s.Products {
		d.Products = append(d.Products, p.String())
	}
	for _, c := range s.Categories {
		d.Categories[c.String()] = true
	}
	return d
}

func momentOf(t *time.Time, zone *time.Location) string {
	if t == nil {
		return ""
	}
	return t.In(zone).Format(moment)
}

func readDiscount(r *http.Request) discountDraft {
	f := r.PostForm
	d := discountDraft{
		Code: f.Get("code"), Type: f.Get("type"), Value: f.Get("value"), AppliesTo: f.Get("applies_to"), Minimum: f.Get("minimum_amount"), Limit: f.Get("usage_limit"),
		Starts: f.Get("starts_at"), Expires: f.Get("expires_at"), Status: f.Get("status"), Products: f["product"], Categories: map[string]bool{}, Find: strings.TrimSpace(f.Get("find")),
	}
	for _, c := range f["category"] {
		d.Categories[c] = true
	}
	return d
}

// apply changes a discount to what the draft says. What cannot be read goes to f.
func (d discountDraft) apply(f *fault.Form, s *pricing.Discount, c money.Currency, zone *time.Location) {
	s.Code, s.Type, s.AppliesTo, s.Status = d.Code, pricing.DiscountType(d.Type), pricing.Scope(d.AppliesTo), pricing.DiscountStatus(d.Status)
	if s.Type == pricing.FreeShipping {
		s.Percent, s.Amount = 0, 0
	} else {
		s.SetValue(f, d.Value, c)
	}
	s.MinimumAmount, s.UsageLimit = nil, nil
	if strings.TrimSpace(d.Minimum) != "" {
		n, err := c.Parse(d.Minimum)
		if err != nil {
			f.Addf("minimum_amount", d.Minimum, "%s", err)
		}
		s.MinimumAmount = &n
	}
	if strings.TrimSpace(d.Limit) != "" {
		n := wholeNumber(f, "usage_limit", d.Limit)
		s.UsageLimit = &n
	}
	s.StartsAt = readMoment(f, "starts_at", d.Starts, s.StartsAt, zone)
	s.ExpiresAt = readMoment(f, "expires_at", d.Expires, s.ExpiresAt, zone)
	s.Products, s.Categories = ids(d.Products), nil
	for c := range d.Categories {
		s.Categories = append(s.Categories, ids([]string{c})...)
	}
}

// readMoment reads a moment of a form. One that was not changed keeps its seconds.
func readMoment(f *fault.Form, path, s string, was *time.Time, zone *time.Location) *time.Time {
	if s == "" {
		return nil
	}
	if was != nil && s == momentOf(was, zone) {
		return was
	}
	t, err := time.ParseInLocation(moment, s, zone)
	if err != nil {
		f.Addf(path, s, "must be a date and a time")
		return was
	}
	return &t
}

// ids reads ids. What is none is left out.
func ids(all []string) []id.UUID {
	var read []id.UUID
	for _, s := range all {
		if u, err := id.Parse(s); err == nil {
			read = append(read, u)
		}
	}
	return read
}

// both returns what could not be read together with what err says of other fields.
func both(f fault.Form, err error) error {
	unread := f.Err()
	if err == nil || unread != nil && f.Include("", err) != nil {
		return unread
	}
	return cmp.Or(f.Err(), err)
}
