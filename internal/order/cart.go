package order

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/money"
	"vitrine/internal/pricing"
	"vitrine/internal/store"
)

// Cart is what a shopper has gathered, as it stands now. Nothing in it is held.
type Cart struct {
	Lines    []CartLine    // in the order of the request
	Quote    pricing.Quote // of the lines that are ready
	Discount *fault.Error  // why the code is not taken, if so; the quote is without it
	Refused  *fault.Error  // why what is ready cannot be ordered together, if so
}

// CartLine is a line of a cart.
type CartLine struct {
	Wanted
	State     LineState
	Slug      string // the product's; empty for what is gone
	Title     string // the product's
	Choice    string // the variant's title, where there is a choice
	Image     *catalog.Image
	UnitPrice money.Amount
	Charge    pricing.Charge // of a line that is ready
}

// LineState tells whether a line of a cart can be ordered.
type LineState string

// The states of a line. How much there is of what runs short is not told.
const (
	Ready   LineState = "ready"
	TooMany LineState = "too_many" // there is some, and not so much
	SoldOut LineState = "sold_out"
	Gone    LineState = "gone" // it is not sold any more
)

// Ready tells whether all of the cart can be ordered.
func (c Cart) Ready() bool {
	return c.Refused == nil && len(c.Lines) > 0 && !slices.ContainsFunc(c.Lines, func(l CartLine) bool { return l.State != Ready })
}

// Look tells how a cart stands: what each line is, whether it can be ordered, and
// what those that can come to. A code that cannot be used refuses nothing here.
func (s *Service) Look(ctx context.Context, st store.Store, r Request) (Cart, error) {
	var f fault.Form
	r.checkBasket(&f)
	if err := f.Err(); err != nil {
		return Cart{}, err
	}
	q := s.db.Prepared()
	seen, err := look(ctx, q, st, r)
	if err != nil {
		return Cart{}, fmt.Errorf("look at a cart: %w", err)
	}
	c := Cart{Lines: make([]CartLine, len(r.Items))}
	b := &basket{request: r, store: st}
	b.request.Items = nil
	for i, wanted := range r.Items {
		c.Lines[i] = seen.line(wanted)
		if c.Lines[i].State == Ready {
			b.request.Items, b.offers = append(b.request.Items, wanted), append(b.offers, seen[wanted.Variant].offer)
		}
	}
	if len(b.offers) == 0 {
		return c, nil
	}
	return c, s.priceCart(ctx, q, b, &c)
}

// priceCart fills in what the lines that are ready come to, without the discount
// where that is refused.
func (s *Service) priceCart(ctx context.Context, q db.Q, b *basket, c *Cart) error {
	now := db.Time{Time: s.db.Now()}
	err := b.compute(ctx, q, now)
	if refused, ok := errors.AsType[*fault.Error](err); ok && strings.HasPrefix(refused.Code, "discount_") {
		c.Discount, b.request.DiscountCode, b.discount = refused, nil, nil
		err = b.compute(ctx, q, now)
	}
	if refused, ok := errors.AsType[*fault.Error](err); ok && refused.Kind == fault.Refused {
		c.Refused = refused
		return nil
	}
	if err != nil {
		return err
	}
	c.Quote = b.quote
	charges := b.quote.Lines
	for i := range c.Lines {
		if c.Lines[i].State == Ready {
			c.Lines[i].Charge, charges = charges[0], charges[1:]
		}
	}
	return nil
}

// sight is a variant as a shopper sees it in their cart.
type sight struct {
	offer
	slug, choice string
	image        *catalog.Image
	available    int64
	counted      bool // no more of it can be ordered than is available
	wanted       int64
}

type sights map[catalog.VariantID]*sight

const selectSights = `
	SELECT v.id, v.product_id, v.price, p.status, v.track_inventory, v.allow_backorder, p.slug, p.title, v.title, p.images,
		COALESCE((SELECT CAST(sum(CASE WHEN l.quantity > l.reserved THEN l.quantity - l.reserved ELSE 0 END) AS BIGINT)
			FROM inventory_level l JOIN warehouse w ON w.store_id = l.store_id AND w.id = l.warehouse_id AND w.is_active AND w.deleted_at IS NULL
			WHERE l.store_id = v.store_id AND l.variant_id = v.id AND NOT l.retired), 0)
	FROM variant v
	JOIN product p ON p.store_id = v.store_id AND p.id = v.product_id AND p.deleted_at IS NULL
	WHERE v.store_id = $1 AND v.deleted_at IS NULL AND v.id IN `

func scanSight(row db.Row) (*sight, error) {
	var s sight
	var images db.JSON[[]catalog.Image]
	err := row.Scan(&s.variant, &s.product, &s.price, &s.status, &s.tracked, &s.backorder, &s.slug, &s.title, &s.choice, &images, &s.available)
	if s.choice == catalog.DefaultTitle {
		s.choice = ""
	}
	if len(images.V) > 0 {
		s.image = &images.V[0]
	}
	return &s, err
}

// look reads what a request asks for.
func look(ctx context.Context, q db.Q, st store.Store, r Request) (sights, error) {
	ids := r.variants()
	found, err := db.All(ctx, q, scanSight, selectSights+db.List(2, len(ids)), append([]any{st.ID}, db.Args(ids)...)...)
	if err != nil {
		return nil, err
	}
	seen := make(sights, len(found))
	for _, s := range found {
		s.counted = st.Type.OwnsStock() && s.tracked && !s.backorder
		seen[s.variant] = s
	}
	for _, item := range r.Items {
		if s := seen[item.Variant]; s != nil {
			s.wanted += int64(item.Quantity)
		}
	}
	return seen, nil
}

// line returns how a line of the cart stands.
func (seen sights) line(wanted Wanted) CartLine {
	s := seen[wanted.Variant]
	if s == nil {
		return CartLine{Wanted: wanted, State: Gone}
	}
	l := CartLine{Wanted: wanted, State: Ready, Slug: s.slug, Title: s.title, Choice: s.choice, Image: s.image, UnitPrice: s.price}
	switch {
	case s.status != catalog.Active:
		l.State, l.Slug = Gone, ""
	case s.counted && s.available == 0:
		l.State = SoldOut
	case s.counted && s.available < s.wanted:
		l.State = TooMany
	}
	return l
}
