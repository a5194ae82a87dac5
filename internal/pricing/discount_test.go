package pricing_test

import (
	"strings"
	"testing"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fault"
	"vitrine/internal/fixture"
	"vitrine/internal/id"
	"vitrine/internal/pricing"
	"vitrine/internal/store"
)

var ten = pricing.Discount{Code: "TEN", Type: pricing.Percentage, Percent: 10_0000, AppliesTo: pricing.All, Status: pricing.Active}

// shop makes a store with a small catalog and returns some of its products and
// categories.
func shop(t *testing.T, d *db.DB, owner account.ID) (st store.ID, products, categories []id.UUID) {
	t.Helper()
	s, err := fixture.Catalog(t.Context(), d, owner, fixture.Size{Products: 4, VariantsEach: 1, Categories: 3})
	if err != nil {
		t.Fatal(err)
	}
	ids := func(query string) []id.UUID {
		found, err := db.All(t.Context(), d, db.Value[id.UUID], query, s.ID)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	return s.ID, ids(`SELECT id FROM product WHERE store_id = $1 ORDER BY id`), ids(`SELECT id FROM category WHERE store_id = $1 ORDER BY id`)
}

func owner(t *testing.T, d *db.DB) account.ID {
	t.Helper()
	o, err := fixture.Account(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func create(t *testing.T, d *db.DB, st store.ID, discount pricing.Discount) (made pricing.Discount, err error) {
	t.Helper()
	err = d.InTx(t.Context(), func(tx *db.Tx) error {
		made, err = pricing.CreateDiscount(t.Context(), tx, st, discount)
		return err
	})
	return made, err
}

func TestDiscount_codeIsCheckedForWhatShoppersCanType(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		st, _, _ := shop(t, d, owner(t, d))
		for _, code := range []string{"SAVE10", "скидка-10", "TĀ€ST%", "割引", "ΣΊΣΥΦΟΣ", strings.Repeat("x", 200)} {
			with := ten
			with.Code = " " + code + "\t"
			if made, err := create(t, d, st, with); err != nil || made.Code != code {
				t.Errorf("%q: %q, %v", code, made.Code, err)
			}
		}
		for _, code := range []string{"", "  ", "SAVE 10", "A\u00a0B", "A\u200bB", "A\nB", "A\x00B", "A\xffB", "GRÜßE", "ﬁne", strings.Repeat("x", 201)} {
			with := ten
			with.Code = code
			if _, err := create(t, d, st, with); !fault.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", code, err)
			}
		}
	})
}

func TestDiscount_codeIsUniqueInAStoreIgnoringCase(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := owner(t, d)
		st, _, _ := shop(t, d, o)
		other, _, _ := shop(t, d, o)
		for _, code := range []string{"Äpfel", "TEN"} {
			with := ten
			with.Code = code
			if _, err := create(t, d, st, with); err != nil {
				t.Fatal(err)
			}
			with.Code = strings.ToLower(code)
			_, err := create(t, d, st, with)
			fault.AssertCode(t, err, "code_taken")
			if _, err := create(t, d, other, with); err != nil {
				t.Errorf("another store: %v", err)
			}
		}
		// é as one character and as e with an accent are the same to a shopper.
		with := ten
		with.Code = "CAF\u00c9"
		if _, err := create(t, d, st, with); err != nil {
			t.Fatal(err)
		}
		with.Code = "cafe\u0301"
		_, err := create(t, d, st, with)
		fault.AssertCode(t, err, "code_taken")
	})
}

func TestDiscount_namesOnlyWhatIsInItsStore(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := owner(t, d)
		st, products, categories := shop(t, d, o)
		_, foreignProducts, foreignCategories := shop(t, d, o)
		with := ten
		with.AppliesTo, with.Products, with.Categories = pricing.Products, []id.UUID{products[2], products[0], products[2]}, categories[1:]
		made, err := create(t, d, st, with)
		if err != nil || len(made.Products) != 2 || made.Products[0] != products[0] || made.Products[1] != products[2] {
			t.Fatalf("%v, %v", made.Products, err)
		}
		with.Code, with.Products = "B", []id.UUID{products[0], foreignProducts[0]}
		_, err = create(t, d, st, with)
		fault.AssertCode(t, err, "product_unknown")
		if !strings.Contains(err.Error(), foreignProducts[0].String()) {
			t.Errorf("the product is not named: %v", err)
		}
		with.Products, with.Categories = nil, foreignCategories
		with.AppliesTo = pricing.Categories
		_, err = create(t, d, st, with)
		fault.AssertCode(t, err, "category_unknown")

		// A deleted product is named no longer, and cannot be.
		err = d.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := db.Exec(t.Context(), tx, `UPDATE product SET deleted_at = $3 WHERE store_id = $1 AND id = $2`, st, products[0], db.Time{Time: tx.Now()})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		read, err := pricing.GetDiscount(t.Context(), d, st, made.ID)
		if err != nil || len(read.Products) != 1 || read.Products[0] != products[2] || len(read.Categories) != 2 {
			t.Errorf("%v, %v", read, err)
		}
		with.Products, with.Categories, with.AppliesTo = products[:1], nil, pricing.Products
		_, err = create(t, d, st, with)
		fault.AssertCode(t, err, "product_unknown")
	})
}

func TestDiscount_updateKeepsUsesAndReplacesLists(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		st, products, categories := shop(t, d, owner(t, d))
		with := ten
		with.AppliesTo, with.Products, with.Categories = pricing.Products, products[:2], categories[:1]
		made, err := create(t, d, st, with)
		if err != nil {
			t.Fatal(err)
		}
		update := func(edit func(*pricing.Discount)) (got pricing.Discount, err error) {
			err = d.InTx(t.Context(), func(tx *db.Tx) error {
				got, err = pricing.UpdateDiscount(t.Context(), tx, st, made.ID, edit)
				return err
			})
			return got, err
		}
		if _, err := update(func(d *pricing.Discount) { d.Products, d.TimesUsed, d.Code = products[1:], 7, "Ten" }); err != nil {
			t.Fatal(err)
		}
		got, err := pricing.GetDiscount(t.Context(), d, st, made.ID)
		if err != nil || len(got.Products) != 3 || got.Products[0] != products[1] || len(got.Categories) != 1 || got.TimesUsed != 0 || got.Code != "Ten" {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err := update(func(d *pricing.Discount) { d.Products = nil }); err != nil || len(got.Products) != 0 {
			t.Errorf("a discount for no product: %v, %v", got.Products, err)
		}
		if _, err := update(func(d *pricing.Discount) { d.Type = pricing.FixedAmount }); !fault.Is(err, fault.Invalid) {
			t.Errorf("ten percent became ten units of money: %v", err)
		}
	})
}

func TestDiscount_valuesAndTimesHaveBounds(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		st, _, _ := shop(t, d, owner(t, d))
		at := func(year int) *time.Time {
			v := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
			return &v
		}
		zero := 0
		for name, edit := range map[string]func(*pricing.Discount){
			"no percentage":     func(d *pricing.Discount) { d.Percent = 0 },
			"too much":          func(d *pricing.Discount) { d.Percent = 100_0001 },
			"no amount":         func(d *pricing.Discount) { d.Type = pricing.FixedAmount },
			"unknown type":      func(d *pricing.Discount) { d.Type = "gift" },
			"unknown scope":     func(d *pricing.Discount) { d.AppliesTo = "some" },
			"unknown status":    func(d *pricing.Discount) { d.Status = "gone" },
			"nobody may":        func(d *pricing.Discount) { d.UsageLimit = &zero },
			"over at its start": func(d *pricing.Discount) { d.StartsAt, d.ExpiresAt = at(2030), at(2030) },
			"before the epoch":  func(d *pricing.Discount) { d.StartsAt = at(0) },
			"after year 9999":   func(d *pricing.Discount) { d.ExpiresAt = at(10_000) },
		} {
			with := ten
			edit(&with)
			if _, err := create(t, d, st, with); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		free := ten
		free.Type, free.ExpiresAt = pricing.FreeShipping, at(1999)
		made, err := create(t, d, st, free)
		if err != nil || made.Percent != 0 || made.Value("JPY") != "0" || made.StatusAt(*at(1999)) != pricing.Expired || made.StatusAt(*at(1998)) != pricing.Active {
			t.Errorf("%+v, %v", made, err)
		}
	})
}
