package storefront_test

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/inventory"
	"vitrine/internal/order"
	"vitrine/internal/payment/sandbox"
	"vitrine/internal/payment/stripe"
	"vitrine/internal/payment/stripe/stripetest"
	"vitrine/internal/store"
	"vitrine/internal/till"
)

// shopper is a browser with a cart.
type shopper struct {
	*shop
	cookie string
}

// send sends a form and keeps what the answer puts into the cart.
func (s *shopper) send(path string, form url.Values) answer {
	s.t.Helper()
	return s.keep(s.do(http.MethodPost, path, form, "Cookie", s.cookie))
}

func (s *shopper) look(path string) answer {
	s.t.Helper()
	return s.keep(s.get(strings.TrimPrefix(path, s.at), "Cookie", s.cookie))
}

func (s *shopper) keep(a answer) answer {
	for _, c := range a.Cookies() {
		if c.Name == "cart" {
			s.cookie = "cart=" + c.Value
		}
	}
	return a
}

func (s *shopper) add(p catalog.Product, quantity string) answer {
	s.t.Helper()
	return s.send("/cart", url.Values{"do": {"add"}, "variant": {p.Variants[0].ID.String()}, "quantity": {quantity}})
}

var hidden = regexp.MustCompile(`name="(key|total)" value="([^"]*)"`)

// details are what a shopper says at the checkout.
func details(edit url.Values) url.Values {
	form := url.Values{
		"do": {"review"}, "customer.email": {"ada@example.com"}, "customer.name": {"Ada Lovelace"}, "shipping_address.address": {"1 High St"},
		"shipping_address.city": {"London"}, "shipping_address.country": {"GB"}, "shipping_address.zip_code": {"N1"},
	}
	maps.Copy(form, edit)
	return form
}

// agreed is the payment's form as the page before has it.
func (s *shopper) agreed(edit url.Values) url.Values {
	s.t.Helper()
	page := s.send("/checkout", details(nil)).want(s.t, http.StatusOK, "Test payment", "Pay $")
	form := details(url.Values{"do": {"place"}, "payment": {"approve"}})
	for _, field := range hidden.FindAllStringSubmatch(page.body, -1) {
		form.Set(field[1], field[2])
	}
	maps.Copy(form, edit)
	return form
}

// orders are those of the shop, newest first.
func (s *shop) orders() []order.Order {
	s.t.Helper()
	found, _, err := order.List(s.t.Context(), s.street.db, s.store.ID, order.Filter{}, db.Page{Limit: 50})
	if err != nil {
		s.t.Fatal(err)
	}
	return found
}

func hybrid(s *store.Store) { s.Type = store.Hybrid }

// stock puts units of a product into the default warehouse.
func (s *shop) stock(p catalog.Product, quantity int64) {
	s.t.Helper()
	s.write(func(tx *db.Tx) error {
		_, err := s.street.stock.Set(s.t.Context(), tx, s.store.ID, p.Variants[0].ID, nil, inventory.Target{Quantity: quantity}, inventory.Note{})
		return err
	})
}

func TestCart_keepsWhatIsPutIntoItAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh := &shopper{shop: s.shop(t)}
		mug, pen := sh.product("Blue Mug", nil, 1250), sh.product("Pen", nil, 300)
		sh.look("/cart").want(t, http.StatusOK, "Your cart is empty")
		added := sh.add(mug, "2").want(t, http.StatusSeeOther)
		if cookie := added.Header.Get("Set-Cookie"); !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") || !strings.Contains(cookie, "Path="+sh.at) {
			t.Errorf("the cookie is %q", cookie)
		}
		sh.look(added.Header.Get("Location")).want(t, http.StatusOK, "Blue Mug is in your cart", "$25.00", "2 items")
		sh.add(mug, "1")
		sh.add(pen, "")
		if page := sh.look("/cart").want(t, http.StatusOK, "$37.50", "$40.50", "4 items"); page.Header.Get("Cache-Control") != "no-store" {
			t.Error("a cart may be kept on its way")
		}
		set := func(p catalog.Product, do, quantity string) answer {
			return sh.send("/cart", url.Values{"do": {do}, "variant": {p.Variants[0].ID.String()}, "quantity": {quantity}})
		}
		set(mug, "set", "1").want(t, http.StatusSeeOther)
		sh.look("/cart").want(t, http.StatusOK, "$15.50")
		for _, odd := range []string{"-1", "x", "1.5", "10000", "99999999999999999999"} {
			set(mug, "set", odd).want(t, http.StatusUnprocessableEntity, "Enter a whole number", `value="`+odd+`"`)
		}
		set(pen, "remove", "").want(t, http.StatusSeeOther)
		sh.look("/cart").want(t, http.StatusOK, "$12.50").lacks(t, ">Pen<")
		set(mug, "set", "0").want(t, http.StatusSeeOther)
		sh.look("/cart").want(t, http.StatusOK, "Your cart is empty")
		sh.send("/cart", url.Values{"do": {"add"}, "variant": {"nonsense"}}).want(t, http.StatusNotFound)
		sh.cookie = "cart=nonsense"
		sh.look("/cart").want(t, http.StatusOK, "Your cart is empty")
	})
}

func TestCart_saysAtTheLineWhatCannotBeHad(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh := &shopper{shop: s.shop(t, hybrid)}
		few, none, draft := sh.product("Few", nil, 500), sh.product("None", nil, 500), sh.product("Draft", nil, 500)
		sh.stock(few, 2)
		for _, p := range []catalog.Product{few, none, draft} {
			sh.add(p, "3")
		}
		sh.write(func(tx *db.Tx) error {
			_, err := catalog.Update(t.Context(), tx, sh.store.ID, draft.ID, func(p *catalog.Product) { p.Status = catalog.Draft })
			return err
		})
		sh.look("/cart").want(t, http.StatusOK, "There are fewer than 3 left", "This is sold out", "This is not sold any more", "Change what is marked first").lacks(t, `href="`+sh.at+`/checkout"`)
		if sh.look("/checkout").want(t, http.StatusSeeOther).Header.Get("Location") != sh.at+"/cart" {
			t.Error("what cannot be had can be checked out")
		}
		sh.send("/cart", url.Values{"do": {"tidy"}}).want(t, http.StatusSeeOther)
		sh.look("/cart").want(t, http.StatusOK, "fewer than 3 left").lacks(t, "sold out", "any more")
		sh.look("/cart?discount_code=NOPE").want(t, http.StatusOK)
		sh.look("/cart?discount_code=%00").want(t, http.StatusOK)
	})
}

func TestCheckout_makesAPaidOrderThatItsPageShows(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh := &shopper{shop: s.shop(t, hybrid)}
		mug := sh.product("Blue Mug", nil, 1250)
		sh.stock(mug, 5)
		sh.add(mug, "2")
		sh.look("/checkout").want(t, http.StatusOK, "Where it goes", "$25.00", "by your address")
		sh.send("/checkout", url.Values{"do": {"review"}}).want(t, http.StatusUnprocessableEntity, "Enter your e-mail address.", "Enter the city.", `aria-invalid="true"`)
		sh.send("/checkout", details(url.Values{"customer.email": {"nobody"}, "shipping_address.country": {"XX"}})).
			want(t, http.StatusUnprocessableEntity, "Must be an e-mail address.", "ISO 3166", `value="nobody"`, `value="London"`)
		sh.send("/checkout", details(url.Values{"discount_code": {"NOPE"}})).want(t, http.StatusUnprocessableEntity, "There is no discount code")
		done := sh.send("/checkout", sh.agreed(url.Values{"notes": {"Ring twice"}})).want(t, http.StatusSeeOther)
		path := done.Header.Get("Location")
		page := sh.look(path).want(t, http.StatusOK, "Thank you for your order", "Blue Mug", "$25.00", "Ring twice", "N1 London", "United Kingdom").lacks(t, "Pay now")
		if page.Header.Get("Cache-Control") != "no-store" || !strings.Contains(page.body, `content="noindex"`) {
			t.Error("an order's page may be kept or found")
		}
		sh.look("/cart").want(t, http.StatusOK, "Your cart is empty")
		o := sh.orders()[0]
		if o.Status != order.Paid || o.Total != 2500 || o.Email != "ada@example.com" || *o.Notes != "Ring twice" {
			t.Errorf("%+v", o)
		}
		other := s.shop(t)
		other.get(strings.TrimPrefix(path, sh.at)).want(t, http.StatusNotFound).lacks(t, "ada@example.com")
		sh.get("/orders/"+o.ID.String()).want(t, http.StatusNotFound)
		if _, err := s.orders.Cancel(t.Context(), sh.store.ID, o.ID, nil, nil); err != nil {
			t.Fatal(err)
		}
		sh.look(path).want(t, http.StatusOK, "Your order is cancelled", "Paid back", "$25.00 paid back")
	})
}

func TestCheckout_twiceAtOnceMakesOneOrder(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh := &shopper{shop: s.shop(t, hybrid)}
		mug := sh.product("Blue Mug", nil, 1250)
		sh.stock(mug, 2)
		sh.add(mug, "2")
		form, cookie := sh.agreed(nil), sh.cookie
		var wg sync.WaitGroup
		var mu sync.Mutex
		pages := map[string]bool{}
		for range 8 {
			wg.Go(func() {
				a := sh.do(http.MethodPost, "/checkout", form, "Cookie", cookie)
				mu.Lock()
				defer mu.Unlock()
				if a.StatusCode != http.StatusSeeOther {
					t.Errorf("%d: %s", a.StatusCode, a.body)
				}
				pages[a.Header.Get("Location")] = a.StatusCode == http.StatusSeeOther
			})
		}
		wg.Wait()
		if len(pages) != 1 || len(sh.orders()) != 1 {
			t.Errorf("%d orders: %v", len(sh.orders()), pages)
		}
		again := sh.do(http.MethodPost, "/checkout", form).want(t, http.StatusSeeOther) // reloaded, the cart is empty by now
		if !pages[again.Header.Get("Location")] || len(sh.orders()) != 1 {
			t.Errorf("a reload leads to %q", again.Header.Get("Location"))
		}
	})
}

func TestCheckout_keepsTheCartWhenSomethingWentMeanwhile(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh := &shopper{shop: s.shop(t, hybrid)}
		mug, pen := sh.product("Blue Mug", nil, 1250), sh.product("Pen", nil, 300)
		sh.stock(mug, 2)
		sh.stock(pen, 2)
		sh.add(mug, "2")
		sh.add(pen, "1")
		form, before := sh.agreed(nil), sh.cookie
		sh.write(func(tx *db.Tx) error {
			_, err := catalog.UpdateVariant(t.Context(), tx, sh.store.ID, pen.ID, pen.Variants[0].ID, func(v *catalog.Variant) { v.Price = 400 })
			return err
		})
		sh.send("/checkout", form).want(t, http.StatusConflict, "Nothing was ordered yet", "Pay $29.00")
		sh.stock(mug, 0)
		sh.send("/checkout", form).want(t, http.StatusConflict, "Something changed", "This is sold out", "Back to the cart").lacks(t, "Pay $")
		form.Set("total", "2900")
		sh.send("/checkout", form).want(t, http.StatusConflict, "Nothing was ordered", "This is sold out")
		if sh.cookie != before || len(sh.orders()) != 0 {
			t.Errorf("%d orders, the cart is %q and was %q", len(sh.orders()), sh.cookie, before)
		}
	})
}

func TestOrder_thatTheBankDeclinedIsPaidLaterOrGivenBack(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh := &shopper{shop: s.shop(t, hybrid)}
		mug := sh.product("Blue Mug", nil, 1250)
		sh.stock(mug, 2)
		decline := func() string {
			sh.add(mug, "1")
			path := sh.send("/checkout", sh.agreed(url.Values{"payment": {"decline"}})).want(t, http.StatusSeeOther).Header.Get("Location")
			sh.look(path).want(t, http.StatusOK, "The card was declined", "nothing was charged", "Pay now", "Test payment", "We hold it for you")
			return strings.TrimPrefix(path, sh.at)
		}
		first, second := decline(), decline()
		sh.send(first+"/pay", url.Values{"payment": {"decline"}}).want(t, http.StatusSeeOther)
		sh.send(first+"/pay", url.Values{"payment": {"approve"}}).want(t, http.StatusSeeOther)
		sh.send(first+"/pay", url.Values{"payment": {"approve"}}).want(t, http.StatusSeeOther)
		sh.look(first).want(t, http.StatusOK, "Thank you for your order")
		s.clock.Advance(2 * time.Hour)
		if err := s.orders.CancelExpired(t.Context()); err != nil {
			t.Fatal(err)
		}
		sh.look(second).want(t, http.StatusOK, "Your order is cancelled", "Nothing was charged").lacks(t, "Pay now")
		sh.send(second+"/pay", url.Values{"payment": {"approve"}}).want(t, http.StatusConflict, "cannot be paid")
		sh.send("/orders/nonsense/pay", url.Values{}).want(t, http.StatusNotFound)
		sh.add(mug, "1")
		sh.look("/checkout").want(t, http.StatusOK)
	})
}

// placed sends the checkout's form, and returns where the order's page is.
func (s *shopper) placed(p catalog.Product, edit url.Values) (answer, string) {
	s.t.Helper()
	s.add(p, "1")
	done := s.send("/checkout", s.agreed(edit))
	o := s.orders()[0]
	return done, "/orders/" + s.street.links.Token(s.store.ID, o.ID)
}

func TestCheckout_showsHowATestPaymentStands(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh := &shopper{shop: s.shop(t)}
		mug := sh.product("Blue Mug", nil, 1250)
		state := func() order.Status { return sh.orders()[0].Status }

		for _, answer := range []string{"no", "yes"} {
			done, page := sh.placed(mug, url.Values{"payment": {sandbox.Confirm}})
			bank := page + sandbox.BankPage
			if done.Header.Get("Location") != sh.at+bank {
				t.Fatalf("the bank is not asked, but %q", done.Header.Get("Location"))
			}
			sh.look(sh.at+page).want(t, http.StatusOK, "Your order is being paid", "Go on with the payment")
			sh.send(page+"/pay", url.Values{}).want(t, http.StatusSeeOther)
			sh.look(sh.at+bank).want(t, http.StatusOK, "Confirm your payment", "Test payment", "$12.50")
			sh.send(bank, url.Values{"answer": {answer}}).want(t, http.StatusSeeOther)
			s.clock.Advance(2 * time.Second)
			if sh.look(sh.at + page); answer == "no" {
				sh.look(sh.at+page).want(t, http.StatusOK, "did not go through, and nothing was charged", "Pay now")
				sh.send(page+"/pay", url.Values{"payment": {"approve"}}).want(t, http.StatusSeeOther)
			}
			sh.look(sh.at+page).want(t, http.StatusOK, "Thank you for your order").lacks(t, "Pay now", "Go on")
			sh.look(sh.at+bank).want(t, http.StatusSeeOther)
		}
		for _, card := range []string{sandbox.Delay, sandbox.Lose} {
			_, page := sh.placed(mug, url.Values{"payment": {card}})
			sh.look(sh.at+page).want(t, http.StatusOK, "Your order is being paid", "Look again")
			s.clock.Advance(30 * time.Second)
			if err := s.bank.Deliver(t.Context(), s.till.Receive); err != nil {
				t.Fatal(err)
			}
			sh.look(sh.at+page).want(t, http.StatusOK, "Thank you for your order")
			if state() != order.Paid {
				t.Errorf("%s: the order is %s", card, state())
			}
		}
		for x, err := range till.Verify(t.Context(), s.db, s.bank) {
			t.Errorf("%s, %v", x, err)
		}
	})
}

func TestCheckout_leadsToThePaymentProviderAndBack(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		at := stripetest.New(t, s.clock)
		s.pages.Bank = nil
		s.pages.Till = till.New(s.db, s.orders, stripe.New(s.db, stripe.Settings{Key: stripetest.Key, WebhookSecret: webhookSecret, Endpoint: at.URL}))
		sh := &shopper{shop: s.shop(t, hybrid)}
		mug := sh.product("Blue Mug", nil, 1250)
		sh.stock(mug, 3)
		order1 := func() (path, pay string) {
			sh.add(mug, "1")
			review := sh.send("/checkout", details(nil)).want(t, http.StatusOK, "secure page of our payment provider").lacks(t, "Test payment")
			form := details(url.Values{"do": {"place"}, "payment": {"decline"}}) // which is a test's to say
			for _, field := range hidden.FindAllStringSubmatch(review.body, -1) {
				form.Set(field[1], field[2])
			}
			leave := sh.send("/checkout", form).want(t, http.StatusOK, "On to the payment")
			_, pay, _ = strings.Cut(leave.Header.Get("Refresh"), "url=")
			if !strings.Contains(leave.Header.Get("Content-Security-Policy"), "form-action 'self'") || !strings.HasPrefix(pay, at.URL) {
				t.Errorf("it leads to %q", pay)
			}
			sh.look("/cart").want(t, http.StatusOK, "Your cart is empty")
			again := sh.send("/checkout", form).want(t, http.StatusOK, "On to the payment")
			if again.Header.Get("Refresh") != leave.Header.Get("Refresh") || len(at.Pages()) != len(sh.orders()) {
				t.Errorf("sent again it leads to %q", again.Header.Get("Refresh"))
			}
			return "/orders/" + s.links.Token(sh.store.ID, sh.orders()[0].ID), pay
		}
		path, pay := order1()
		sh.look(sh.at+path).want(t, http.StatusOK, "Your order is being paid", "Go on with the payment", "We hold it for you until")
		sh.look(sh.at+path+"/bank").want(t, http.StatusNotFound)
		at.Pay(pay)
		s.clock.Advance(2 * time.Second)
		sh.look(sh.at+path).want(t, http.StatusOK, "Thank you for your order")
		if at.Taken() != 1250 || at.Held() != 0 {
			t.Errorf("%d are taken and %d held", at.Taken(), at.Held())
		}
		left, pay := order1()
		at.Expire(pay)
		s.clock.Advance(2 * time.Second)
		sh.look(sh.at+left).want(t, http.StatusOK, "nothing was charged", "Pay now: $12.50")
		sh.send(left+"/pay", url.Values{}).want(t, http.StatusOK, "On to the payment")
		s.clock.Advance(2 * time.Hour)
		if err := s.orders.CancelExpired(t.Context()); err != nil {
			t.Fatal(err)
		}
		sh.look(sh.at+left).want(t, http.StatusOK, "Your order is cancelled", "Nothing was charged").lacks(t, "Pay now", "Go on")
		sh.send(left+"/pay", url.Values{}).want(t, http.StatusConflict, "cannot be paid")
	})
}

func TestCheckout_isClosedWhileTheShopTakesABreak(t *testing.T) {
	each(t, func(t *testing.T, s *street) {
		sh := &shopper{shop: s.shop(t)}
		sh.add(sh.product("Blue Mug", nil, 1250), "1")
		form := sh.agreed(nil)
		sh.write(func(tx *db.Tx) (err error) {
			_, err = store.Update(t.Context(), tx, sh.store.ID, func(s *store.Store) { s.Status = store.Paused })
			return err
		})
		sh.look("/cart").want(t, http.StatusOK, "takes a break and no orders").lacks(t, `href="`+sh.at+`/checkout`)
		sh.look("/checkout").want(t, http.StatusOK, "takes a break and no orders").lacks(t, "customer.email")
		sh.send("/checkout", form).want(t, http.StatusBadRequest, "takes no orders at the moment")
		if len(sh.orders()) != 0 {
			t.Error("a shop on a break sold something")
		}
	})
}
