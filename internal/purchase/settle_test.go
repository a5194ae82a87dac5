package purchase_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/purchase"
)

// wrong is what Verify names, in one line each.
func (o *owner) wrong() string {
	o.t.Helper()
	var all []string
	for x, err := range purchase.Verify(o.t.Context(), o.db, o.names.Provider, "mock", o.card) {
		if err != nil {
			o.t.Fatal(err)
		}
		all = append(all, x.String())
	}
	return strings.Join(all, "\n")
}

// stuck is a renewal whose registrar has said nothing for three days.
func (o *owner) stuck() purchase.Purchase {
	o.t.Helper()
	o.names.silent = true
	if _, err := o.purchases.Renew(o.t.Context(), o.store.ID, 1, nil); !fault.Is(err, fault.Provider) {
		o.t.Fatalf("renew: %v", err)
	}
	for range 80 {
		o.clock.Advance(time.Hour)
		if err := o.purchases.Due(o.t.Context()); err != nil {
			o.t.Fatal(err)
		}
	}
	all, err := purchase.Unsettled(o.t.Context(), o.db)
	if err != nil || len(all) != 1 {
		o.t.Fatalf("%d need the operator, %v", len(all), err)
	}
	return all[0]
}

func TestSettle_whatTheRegistrarNeverSaidIsLetGoOf(t *testing.T) {
	eachOwner(t, func(o *owner) {
		if w := o.wrong(); w != "" {
			o.t.Errorf("of a sound platform: %s", w)
		}
		p := o.stuck()
		if w := o.wrong(); !strings.Contains(w, "the operator has to settle it") {
			o.t.Errorf("wrong: %q", w)
		}
		if _, err := o.purchases.Renew(o.t.Context(), o.store.ID, 1, nil); fault.Code(err) != "renewal_running" {
			o.t.Errorf("renewed beside it: %v", err)
		}
		for verdict, code := range map[purchase.Verdict]string{purchase.Waived: "not_known", "perhaps": "verdict"} {
			if _, err := o.purchases.Settle(o.t.Context(), p.ID, verdict); fault.Code(err) != code {
				o.t.Errorf("%s: %v", verdict, err)
			}
		}
		if _, err := o.purchases.Settle(o.t.Context(), p.ID, purchase.CameToNought); err != nil {
			o.t.Fatal(err)
		}
		if _, err := o.purchases.Settle(o.t.Context(), p.ID, purchase.CameToNought); fault.Code(err) != "not_unsettled" {
			o.t.Errorf("twice: %v", err)
		}
		if err := o.purchases.Due(o.t.Context()); err != nil {
			o.t.Fatal(err)
		}
		if w := o.wrong(); w != "" {
			o.t.Errorf("after it was settled: %s", w)
		}
		o.names.silent = false
		if _, err := o.purchases.Renew(o.t.Context(), o.store.ID, 1, nil); err != nil {
			o.t.Errorf("renewed after it was settled: %v", err)
		}
		if w := o.wrong(); w != "" {
			o.t.Errorf("after it was renewed: %s", w)
		}
	})
}

func TestSettle_askingAgainFindsWhatHappened(t *testing.T) {
	eachOwner(t, func(o *owner) {
		p := o.stuck()
		o.names.silent = false
		if _, err := o.purchases.Settle(o.t.Context(), p.ID, purchase.AskAgain); err != nil {
			o.t.Fatal(err)
		}
		for range 3 {
			if err := o.purchases.Due(o.t.Context()); err != nil {
				o.t.Fatal(err)
			}
			o.clock.Advance(time.Hour)
		}
		now, err := purchase.Get(o.t.Context(), o.db, p.ID)
		if err != nil || now.State != purchase.Released || o.wrong() != "" {
			o.t.Errorf("it is %s, %v; %s", now.State, err, o.wrong())
		}
	})
}

func TestVerify_namesWhatDoesNotAddUp(t *testing.T) {
	eachOwner(t, func(o *owner) {
		for _, c := range []struct{ spoil, heal, want string }{
			{`UPDATE test_charge SET state = 'authorised'`, `UPDATE test_charge SET state = 'captured'`, "it counts as charged, and its charge is authorised"},
			{`UPDATE purchase SET state = 'released'`, `UPDATE purchase SET state = 'done'`, "it came to nothing, and a sum was charged for it"},
			{`UPDATE purchase SET captured = FALSE`, `UPDATE purchase SET captured = TRUE`, "nothing was charged for it"},
			{`UPDATE custom_domain SET is_purchased = FALSE`, `UPDATE custom_domain SET is_purchased = TRUE`, "nobody owns it"},
			{`UPDATE mock_registration SET domain = 'other.com'`, `UPDATE mock_registration SET domain = 'tea-house.com'`, "the registrar does not have it"},
		} {
			for i, statement := range []string{c.spoil, c.heal} {
				err := o.db.InTx(o.t.Context(), func(tx *db.Tx) error {
					_, err := db.Exec(o.t.Context(), tx, statement)
					return err
				})
				if err != nil {
					o.t.Fatal(errors.Join(err, errors.New(statement)))
				}
				if w := o.wrong(); i == 0 && !strings.Contains(w, c.want) || i == 1 && w != "" {
					o.t.Errorf("%s: %q", statement, w)
				}
			}
		}
	})
}

func TestNoticed_hasOnlyWhatIsNotOverLookedAt(t *testing.T) {
	eachOwner(t, func(o *owner) {
		p := o.stuck()
		awake := func() (n int) {
			if err := o.db.InTx(o.t.Context(), func(tx *db.Tx) error { return purchase.Noticed(o.t.Context(), tx, p.ID.UUID) }); err != nil {
				o.t.Fatal(err)
			}
			n, err := db.One(o.t.Context(), o.db, db.Value[int], `SELECT COUNT(*) FROM purchase WHERE next_at <= $1`, db.Time{Time: o.clock.Now()})
			if err != nil {
				o.t.Fatal(err)
			}
			return n
		}
		if awake() != 1 {
			o.t.Error("a notice wakes nobody")
		}
		if _, err := o.purchases.Settle(o.t.Context(), p.ID, purchase.CameToNought); err != nil {
			o.t.Fatal(err)
		}
		if err := o.purchases.Due(o.t.Context()); err != nil {
			o.t.Fatal(err)
		}
		if awake() != 0 {
			o.t.Error("a notice wakes what is over")
		}
	})
}
