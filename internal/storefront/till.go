package storefront

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"vitrine/internal/order"
	"vitrine/internal/payment/sandbox"
	"vitrine/internal/web"
)

// carried are the fields that the payment's form takes over from the details'.
var carried = []string{
	"customer.email", "customer.name", "shipping_address.address", "shipping_address.city", "shipping_address.state",
	"shipping_address.zip_code", "shipping_address.country", "discount_code", "notes",
}

// told ties a field to the sentences below it.
func told(f web.Form, in input) templ.Attributes {
	attrs, by := templ.Attributes{}, []string{}
	if in.hint != "" {
		by = append(by, in.name+"-hint")
	}
	if f.Error(in.name) != "" {
		attrs["aria-invalid"] = "true"
		by = append(by, in.name+"-error")
	}
	if len(by) > 0 {
		attrs["aria-describedby"] = strings.Join(by, " ")
	}
	return attrs
}

// things is a number of goods.
func things(n int) string {
	if n == 1 {
		return "1 item"
	}
	return web.Count(n) + " items"
}

// named is what a line is called in one line.
func named(l order.CartLine) string {
	name := or(l.Title, "a product that is gone")
	if l.Choice != "" {
		name += ", " + l.Choice
	}
	return name
}

func choiceAndCount(l order.CartLine) string {
	count := web.Count(l.Quantity) + " × "
	if l.Choice != "" {
		return count + l.Choice
	}
	return things(l.Quantity)
}

func quantityAdvice() string { return "Enter a whole number from 0 to " + web.Count(maxUnits) + "." }

// codeQuery hands a discount code on to another page.
func codeQuery(b basket) string {
	if b.code == "" {
		return ""
	}
	return "?" + url.Values{"discount_code": {b.code}}.Encode()
}

// addressLines is the address of a form as it stands on a parcel.
func addressLines(f web.Form) []string {
	name := f.Value("customer.name")
	return postal(order.Address{
		Name: &name, Street: f.Value("shipping_address.address"), City: f.Value("shipping_address.city"), State: f.Value("shipping_address.state"),
		ZipCode: f.Value("shipping_address.zip_code"), Country: strings.ToUpper(strings.TrimSpace(f.Value("shipping_address.country"))),
	})
}

// postal is an address as it stands on a parcel.
func postal(a order.Address) []string {
	place := strings.Join(slices.DeleteFunc([]string{a.ZipCode, a.City}, blank), " ")
	lines := []string{a.Street, strings.Join(slices.DeleteFunc([]string{place, a.State}, blank), ", "), countryName(a.Country)}
	if a.Name != nil {
		lines = append([]string{*a.Name}, lines...)
	}
	return slices.DeleteFunc(lines, blank)
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

// headline says in a few words how an order stands.
func (r receipt) headline() string {
	switch r.Status {
	case order.Paid:
		return "Thank you for your order"
	case order.Fulfilled:
		return "Your order is on its way"
	case order.Cancelled:
		return "Your order is cancelled"
	case order.Returned:
		return "Your order came back"
	case order.Pending:
		if r.charge.Open() {
			return "Your order is being paid"
		}
		fallthrough
	default:
		return "Your order is not paid yet"
	}
}

// story says what happens next.
func (r receipt) story() string {
	switch {
	case r.Status == order.Paid:
		return "It is paid. The shop packs it now."
	case r.Status == order.Fulfilled:
		return "The shop has shipped it."
	case r.Status == order.Returned:
		return "The shop has it back, and so have you your money."
	case r.Status == order.Cancelled && r.PaidAt != nil:
		return "What you paid is paid back."
	case r.Status == order.Cancelled:
		return "It was not paid in time, or was called off. Nothing was charged, and what we held for you can be bought again."
	case r.charge.Open():
		return "As soon as your payment is here, the shop begins to pack."
	default:
		return "Pay it below, and the shop begins to pack."
	}
}

// testAnswers are what the bank can say of a test payment.
var testAnswers = []struct{ card, label string }{
	{"approve", "The bank approves"},
	{sandbox.Decline, "The bank declines"},
	{sandbox.Confirm, "The bank wants you to confirm it"},
	{sandbox.Delay, "The bank takes its time"},
	{sandbox.Lose, "The bank approves, and its answer is lost"},
}

// step is a stage on an order's way. One without a time is still to come.
type step struct {
	label string
	at    *time.Time
	state string // "done", "todo" or "ended"
}

// timeline is an order's way so far and, while it goes on, what is left of it.
func (r receipt) timeline() []step {
	steps := []step{{label: "Placed", at: &r.CreatedAt}, {label: "Paid", at: r.PaidAt}, {label: "Shipped", at: r.FulfilledAt}}
	over := r.CancelledAt != nil || r.ReturnedAt != nil
	steps = slices.DeleteFunc(steps, func(s step) bool { return over && s.at == nil })
	for i := range steps {
		if steps[i].state = "done"; steps[i].at == nil {
			steps[i].state = "todo"
		}
	}
	if r.CancelledAt != nil {
		steps = append(steps, step{"Cancelled" + r.refundNote(), r.CancelledAt, "ended"})
	}
	if r.ReturnedAt != nil {
		steps = append(steps, step{"Returned" + r.refundNote(), r.ReturnedAt, "ended"})
	}
	return steps
}

func (r receipt) refundNote() string {
	if r.Refunded == 0 {
		return ""
	}
	return ", " + web.Amount(r.Currency, r.Refunded) + " paid back"
}
