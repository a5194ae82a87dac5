package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vitrine/internal/catalog"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/inventory"
	"vitrine/internal/order"
	"vitrine/internal/review"
	"vitrine/internal/store"
)

// Month is for how many days stores have been selling that look well used.
const Month = 30

// past is the database as it was: what is written through it was written then.
type past struct {
	*db.DB
	clock  *clock.Fixed
	stock  *inventory.Writer
	orders *order.Service
}

// before opens the database once more, so many days ago.
func before(ctx context.Context, d *db.DB, days int) (*past, error) {
	c := clock.At(d.Now().AddDate(0, 0, -days))
	then, err := db.Open(ctx, db.Options{URL: d.URL(), Clock: c})
	if err != nil {
		return nil, err
	}
	stock := inventory.NewWriter(then, nil)
	return &past{DB: then, clock: c, stock: stock, orders: order.New(then, stock, order.Settings{})}, nil
}

// trade lets shoppers buy from the stores until today, and say what they think.
func (p *past) trade(ctx context.Context, stores []store.Store, days int) error {
	shelves := make([][]catalog.Product, len(stores))
	for i, s := range stores {
		var err error
		if shelves[i], _, err = catalog.List(ctx, p, s.ID, catalog.Filter{Status: catalog.Active}, db.Page{Limit: 200}); err != nil {
			return err
		}
	}
	const rush = 2 // orders of a good day
	step := 24 * time.Hour / rush
	for visit := range days * rush {
		p.clock.Advance(step)
		left := days - 1 - visit/rush
		for i, s := range stores {
			seed := seedOf(fmt.Sprintf("%s/%d", s.Slug, visit))
			if seed%100 > 40+uint32(visit)/2 { // business picks up
				continue
			}
			if err := p.visit(ctx, s, shelves[i], seed, left); err != nil {
				return fmt.Errorf("trade of %s: %w", s.Name, err)
			}
		}
	}
	return nil
}

// visit is one shopper's, left days before today: they buy, and later say how it was.
func (p *past) visit(ctx context.Context, s store.Store, shelf []catalog.Product, seed uint32, left int) error {
	home := homes[seed/11%uint32(len(homes))]                                                               //nolint:gosec // a few
	basket := order.Request{Email: shoppers[seed/7%uint32(len(shoppers))] + "@example.com", Address: &home} //nolint:gosec // a few
	for n := range 1 + seed%3 {
		product := shelf[(seed/13+n*17)%uint32(len(shelf))]          //nolint:gosec // a few
		v := product.Variants[seed/19%uint32(len(product.Variants))] //nolint:gosec // a few
		basket.Items = append(basket.Items, order.Wanted{Variant: v.ID, Quantity: 1 + int(seed/23%2)})
	}
	placed, err := p.orders.Place(ctx, s, basket, nil)
	if _, refused := errors.AsType[*fault.Error](err); refused {
		return nil // it was sold out
	}
	if err != nil {
		return err
	}
	if err := p.settle(ctx, placed, s, seed, left); err != nil {
		return err
	}
	if seed/29%3 > 0 {
		return nil
	}
	return p.review(ctx, s, shelf[seed/13%uint32(len(shelf))], seed) //nolint:gosec // a few
}

// settle does with an order what a merchant does: those of the last days are still
// to be shipped, and the newest to be paid.
func (p *past) settle(ctx context.Context, o order.Order, s store.Store, seed uint32, left int) error {
	type step func(context.Context, store.ID, order.ID, *string, order.Then) (order.Order, error)
	var steps []step
	switch {
	case left < 1 && seed/31%3 == 0: // is not paid yet
	case seed/31%14 == 1:
		steps = []step{p.orders.Cancel}
	case left < 3:
		steps = []step{p.orders.Pay}
	case seed/31%19 == 2:
		steps = []step{p.orders.Pay, p.orders.Fulfill, p.orders.Return}
	default:
		steps = []step{p.orders.Pay, p.orders.Fulfill}
	}
	for _, step := range steps {
		if _, err := step(ctx, s.ID, o.ID, nil, nil); err != nil {
			return err
		}
	}
	return nil
}

// review says what a shopper thinks of a product. The merchant has not looked at all
// of them.
func (p *past) review(ctx context.Context, s store.Store, of catalog.Product, seed uint32) error {
	words := verdicts[seed/37%uint32(len(verdicts))] //nolint:gosec // a few
	return p.InTx(ctx, func(tx *db.Tx) error {
		said, err := review.Submit(ctx, tx, s, of.Slug, review.Review{
			Rating: words.rating, Title: &words.title, Body: &words.body, Author: "A shopper",
		})
		if err != nil || seed/41%5 == 0 {
			return err
		}
		_, err = review.Moderate(ctx, tx, s.ID, said.ID, func(state *review.Status) { *state = review.Approved })
		return err
	})
}

var shoppers = []string{"ada", "grace", "alan", "edsger", "barbara", "donald", "margaret", "dennis", "frances", "niklaus"}

var homes = []order.Address{
	{Street: "12 Harbour Road", City: "Portland", State: "ME", Country: "US", ZipCode: "04101"},
	{Street: "480 Larkin Street", City: "San Francisco", State: "CA", Country: "US", ZipCode: "94102"},
	{Street: "7 Mill Lane", City: "Leeds", Country: "GB", ZipCode: "LS1 4DY"},
	{Street: "Lindenstraße 21", City: "Berlin", Country: "DE", ZipCode: "10969"},
}

var verdicts = []struct {
	rating      int
	title, body string
}{
	{5, "Better than in the pictures", "The colour is warmer than I thought, and it feels solid. I have ordered a second one."},
	{5, "A gift that was used at once", "Well packed, on time, and the person who got it uses it every day."},
	{4, "Lovely, a little smaller than expected", "Do look at the measurements. The quality is very good."},
	{4, "Good work", "A small mark on the underside, which nobody sees. I would buy it again."},
	{5, "Just right", "Simple and well made. It looks as if it had always been here."},
	{3, "Fine", "It does what it should. The delivery took a week longer than it said."},
	{5, "Worth its price", "I have had cheaper ones, and none of them lasted. This one will."},
	{2, "Not the shade I wanted", "On my screen it was darker. Sending it back was easy, though."},
}
