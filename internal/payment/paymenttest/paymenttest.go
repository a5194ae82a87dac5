// Package paymenttest says what every payment.Provider does: one suite, which runs on
// the sandbox and on each adapter against a stand-in that keeps its state.
package paymenttest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/payment"
)

// How is what becomes of a charge.
type How int

// The ways.
const (
	Approved  How = iota
	Declined      // by the bank
	Confirmed     // only by its payer
	Lost          // it is done, and the answer is lost
)

// Subject is a provider to be tried.
type Subject struct {
	Provider payment.Provider
	Clock    *clock.Fixed

	Charge func(t *testing.T, how How) payment.Charge       // a fresh one, which becomes of Authorise what is wanted
	OnPage func(t *testing.T, how How) payment.Charge       // and of Ask
	Pay    func(t *testing.T, key string, p payment.Page)   // the payer pays on a page
	Sign   func(key string) (body []byte, signature string) // a webhook about a charge
}

// Back is where pages lead back to.
const Back = "https://shop.example/orders/1"

// Run tries everything that a Provider promises.
func Run(t *testing.T, fresh func(t *testing.T) Subject) {
	t.Helper()
	for name, try := range map[string]func(*testing.T, Subject){
		"what is authorised is captured and given back, each once": thereAndBack,
		"what is authorised is let go of":                          letGo,
		"the bank declines":                                        declined,
		"the bank wants the payer":                                 needsPayer,
		"a lost answer is found, and not asked for twice":          lost,
		"asked at once under one key, one charge is made":          atOnce,
		"a page leads to the money":                                page,
		"a page is closed":                                         closed,
		"nobody pays on a page whose answer was lost":              lostPage,
		"what is not there is NotThere":                            missing,
		"a webhook is believed when it is signed, and fresh":       notices,
	} {
		t.Run(name, func(t *testing.T) { try(t, fresh(t)) })
	}
}

func (s Subject) authorised(t *testing.T, c payment.Charge) string {
	t.Helper()
	id, err := s.Provider.Authorise(t.Context(), c)
	if err != nil || id == "" {
		t.Fatalf("authorise: %q, %v", id, err)
	}
	return id
}

func (s Subject) is(t *testing.T, key, id string, want payment.State) {
	t.Helper()
	found, state, err := s.Provider.Find(t.Context(), key)
	if err != nil || found != id || state != want {
		t.Fatalf("find: %q is %q, %v; want %q, %q", found, state, err, id, want)
	}
}

func wantKind(t *testing.T, what string, err error, want payment.Kind) {
	t.Helper()
	if err == nil || payment.KindOf(err) != want {
		t.Errorf("%s: %v, want the kind %d", what, err, want)
	}
}

func twice(t *testing.T, what string, do func() error) {
	t.Helper()
	for range 2 {
		if err := do(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
}

func thereAndBack(t *testing.T, s Subject) {
	c := s.Charge(t, Approved)
	id := s.authorised(t, c)
	if again := s.authorised(t, c); again != id {
		t.Errorf("under one key: %q and %q", id, again)
	}
	s.is(t, c.Key, id, payment.Authorised)
	wantKind(t, "give back before it was taken", s.Provider.Refund(t.Context(), id), payment.NotThere)
	twice(t, "capture", func() error { return s.Provider.Capture(t.Context(), id) })
	s.is(t, c.Key, id, payment.Captured)
	wantKind(t, "let go of what was taken", s.Provider.Cancel(t.Context(), id), payment.NotThere)
	twice(t, "refund", func() error { return s.Provider.Refund(t.Context(), id) })
	s.is(t, c.Key, id, payment.Refunded)
}

func letGo(t *testing.T, s Subject) {
	c := s.Charge(t, Approved)
	id := s.authorised(t, c)
	twice(t, "cancel", func() error { return s.Provider.Cancel(t.Context(), id) })
	s.is(t, c.Key, id, payment.Cancelled)
	wantKind(t, "capture what was let go of", s.Provider.Capture(t.Context(), id), payment.NotThere)
}

func declined(t *testing.T, s Subject) {
	c := s.Charge(t, Declined)
	for range 2 {
		_, err := s.Provider.Authorise(t.Context(), c)
		wantKind(t, "authorise", err, payment.Declined)
	}
	s.nothing(t, c.Key)
}

func needsPayer(t *testing.T, s Subject) {
	c := s.Charge(t, Confirmed)
	_, err := s.Provider.Authorise(t.Context(), c)
	wantKind(t, "authorise", err, payment.NeedsPayer)
	s.nothing(t, c.Key)
}

// nothing checks that no sum is held under a key.
func (s Subject) nothing(t *testing.T, key string) {
	t.Helper()
	_, state, err := s.Provider.Find(t.Context(), key)
	if err == nil && state != payment.Cancelled || err != nil && payment.KindOf(err) != payment.NotThere {
		t.Errorf("find: %q, %v", state, err)
	}
}

func lost(t *testing.T, s Subject) {
	c := s.Charge(t, Lost)
	_, err := s.Provider.Authorise(t.Context(), c)
	wantKind(t, "authorise", err, payment.Unanswered)
	id, state, err := s.Provider.Find(t.Context(), c.Key)
	if err != nil || state != payment.Authorised {
		t.Fatalf("find: %q, %v", state, err)
	}
	if again := s.authorised(t, c); again != id {
		t.Errorf("a second charge was made: %q and %q", id, again)
	}
	if err := s.Provider.Capture(t.Context(), id); err != nil {
		t.Error(err)
	}
}

func atOnce(t *testing.T, s Subject) {
	c := s.Charge(t, Approved)
	var all sync.WaitGroup
	var mu sync.Mutex
	ids := map[string]bool{}
	for range 8 {
		all.Go(func() {
			id, err := s.Provider.Authorise(t.Context(), c)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			ids[id] = true
		})
	}
	all.Wait()
	if len(ids) != 1 {
		t.Errorf("%d charges: %v", len(ids), ids)
	}
}

func page(t *testing.T, s Subject) {
	c := s.OnPage(t, Confirmed)
	p, err := s.Provider.Ask(t.Context(), c, Back)
	if err != nil || p.URL == "" || p.Charge == "" {
		t.Fatalf("ask: %+v, %v", p, err)
	}
	if again, err := s.Provider.Ask(t.Context(), c, Back); err != nil || again != p {
		t.Errorf("under one key: %+v and %+v, %v", p, again, err)
	}
	s.is(t, c.Key, p.Charge, payment.Waiting)
	wantKind(t, "capture before the payer has paid", s.Provider.Capture(t.Context(), p.Charge), payment.NotThere)
	s.Pay(t, c.Key, p)
	s.is(t, c.Key, p.Charge, payment.Authorised)
	twice(t, "capture", func() error { return s.Provider.Capture(t.Context(), p.Charge) })
	s.is(t, c.Key, p.Charge, payment.Captured)
	twice(t, "refund", func() error { return s.Provider.Refund(t.Context(), p.Charge) })
	s.is(t, c.Key, p.Charge, payment.Refunded)
}

func closed(t *testing.T, s Subject) {
	c := s.OnPage(t, Confirmed)
	p, err := s.Provider.Ask(t.Context(), c, Back)
	if err != nil {
		t.Fatal(err)
	}
	twice(t, "cancel", func() error { return s.Provider.Cancel(t.Context(), p.Charge) })
	s.is(t, c.Key, p.Charge, payment.Cancelled)

	c = s.OnPage(t, Confirmed)
	if p, err = s.Provider.Ask(t.Context(), c, Back); err != nil {
		t.Fatal(err)
	}
	s.Pay(t, c.Key, p)
	twice(t, "cancel after it was paid", func() error { return s.Provider.Cancel(t.Context(), p.Charge) })
	s.is(t, c.Key, p.Charge, payment.Cancelled)
}

func lostPage(t *testing.T, s Subject) {
	c := s.OnPage(t, Lost)
	_, err := s.Provider.Ask(t.Context(), c, Back)
	wantKind(t, "ask", err, payment.Unanswered)
	id, state, err := s.Provider.Find(t.Context(), c.Key)
	switch {
	case err == nil && (state == payment.Authorised || state == payment.Waiting):
		if err := s.Provider.Cancel(t.Context(), id); err != nil {
			t.Error(err)
		}
	case err == nil || payment.KindOf(err) != payment.NotThere:
		t.Errorf("find: %q, %v", state, err)
	}
}

func missing(t *testing.T, s Subject) {
	_, _, err := s.Provider.Find(t.Context(), "nobody-has-this")
	wantKind(t, "find", err, payment.NotThere)
	for what, do := range map[string]func() error{
		"capture": func() error { return s.Provider.Capture(t.Context(), "pi_nothing") },
		"cancel":  func() error { return s.Provider.Cancel(t.Context(), "pi_nothing") },
		"refund":  func() error { return s.Provider.Refund(t.Context(), "pi_nothing") },
	} {
		wantKind(t, what, do(), payment.NotThere)
	}
}

func notices(t *testing.T, s Subject) {
	body, signature := s.Sign("the-key")
	n, err := s.Provider.Read(body, signature)
	if err != nil || n.ID == "" || n.Key != "the-key" {
		t.Fatalf("%+v, %v", n, err)
	}
	changed := append([]byte{}, body...)
	changed[len(changed)-2] ^= 1
	for what, given := range map[string]struct {
		body      []byte
		signature string
	}{
		"another body":     {changed, signature},
		"no signature":     {body, ""},
		"no proof":         {body, "t=" + "1"},
		"not of this form": {body, "whatever"},
		"another proof":    {body, signature[:len(signature)-2] + "00"},
	} {
		if _, err := s.Provider.Read(given.body, given.signature); !errors.Is(err, payment.ErrForged) {
			t.Errorf("%s: %v", what, err)
		}
	}
	s.Clock.Advance(6 * time.Minute)
	if _, err := s.Provider.Read(body, signature); !errors.Is(err, payment.ErrForged) {
		t.Errorf("an old one: %v", err)
	}
}
