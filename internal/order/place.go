package order

import (
	"context"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/inventory"
	"vitrine/internal/money"
	"vitrine/internal/pricing"
	"vitrine/internal/store"
)

// Settings of a Service.
type Settings struct {
	HoldFor time.Duration // how long an unpaid order keeps its stock; 0: for ever
}

// Service sells. It is safe for concurrent use.
type Service struct {
	db       *db.DB
	stock    *inventory.Writer
	settings Settings
}

// New returns a Service.
func New(d *db.DB, stock *inventory.Writer, s Settings) *Service {
	return &Service{db: d, stock: stock, settings: s}
}

// Quoted is what a request costs.
type Quoted struct {
	pricing.Quote
	UnitPrices []money.Amount // by line
}

// Quote computes what a request costs and holds nothing. Its customer may be left
// out.
func (s *Service) Quote(ctx context.Context, st store.Store, r Request) (Quoted, error) {
	var f fault.Form
	r.checkBasket(&f)
	if err := f.Err(); err != nil {
		return Quoted{}, err
	}
	b, err := price(ctx, s.db, st, r, db.Time{Time: s.db.Now()})
	if err != nil {
		return Quoted{}, err
	}
	q := Quoted{Quote: b.quote, UnitPrices: make([]money.Amount, len(b.offers))}
	for i, o := range b.offers {
		q.UnitPrices[i] = o.price
	}
	return q, nil
}

// Place prices a request and makes the order, with its stock held for all lines or
// for none. It shares its transaction with other orders that come at the same time.
// then, if there is one, runs in that transaction after the order was written; its
// error takes back this order alone.
func (s *Service) Place(ctx context.Context, st store.Store, r Request, then func(context.Context, *db.Tx, Order) error) (Order, error) {
	if err := r.check(); err != nil {
		return Order{}, err
	}
	b, err := price(ctx, s.db, st, r, db.Time{Time: s.db.Now()})
	if err != nil {
		return Order{}, err
	}
	var placed *Order
	request := inventory.Request{
		Prepare: func(stock *inventory.Stock) { joined(stock).need(b, stock) },
		Decide: func(stock *inventory.Stock) (err error) {
			placed, err = joined(stock).decide(b, stock, s.settings.HoldFor)
			return err
		},
		Size: b.size(),
	}
	if then != nil {
		request.Then = func(ctx context.Context, tx *db.Tx) error { return then(ctx, tx, *placed) }
	}
	if err := s.stock.Do(ctx, st.ID, request); err != nil {
		return Order{}, err
	}
	return *placed, nil
}

// size is about how many bytes an order takes in the database.
func (b *basket) size() int { return 600 + 250*len(b.offers) }

// placing is what orders share that are placed in one transaction.
type placing struct {
	counters  map[id.UUID]*counter
	customers map[customerKey]*customer
	discounts map[discountKey]*allowance
	orders    []placed
}

type (
	customerKey struct {
		store id.UUID
		email string // folded
	}
	discountKey struct{ store, discount id.UUID }
)

// counter is the last number of a store's orders.
type counter struct{ last, was int64 }

// customer is who buys, as the batch has them.
type customer struct {
	id     CustomerID
	email  string
	name   *string
	orders int64 // placed in this batch
	fresh  bool
}

// allowance is how often a discount was used, and may be.
type allowance struct {
	used, was int64
	limit     *int64
	gone      bool
}

// placed is an order that was decided.
type placed struct {
	store   store.ID
	order   *Order
	address any // as its column has it
}

func joined(stock *inventory.Stock) *placing {
	return inventory.Join(stock, func() *placing {
		return &placing{counters: map[id.UUID]*counter{}, customers: map[customerKey]*customer{}, discounts: map[discountKey]*allowance{}}
	})
}

// need names what the order looks at: its store's counter, its customer, its
// discount and the variants that the store ships itself.
func (p *placing) need(b *basket, stock *inventory.Stock) {
	st := b.store.ID.UUID
	p.counters[st] = &counter{}
	p.customers[b.customerKey()] = nil
	if b.discount != nil {
		p.discounts[discountKey{st, b.discount.ID.UUID}] = &allowance{gone: true}
	}
	for _, o := range b.offers {
		if b.ownStock(o) {
			stock.NeedVariant(o.variant)
		}
	}
}

// decide makes the order, or tells why there is none.
func (p *placing) decide(b *basket, stock *inventory.Stock, holdFor time.Duration) (*Order, error) {
	allowed, err := p.allow(b)
	if err != nil {
		return nil, err
	}
	address, err := writeAddress(b.request.Address)
	if err != nil {
		return nil, err
	}
	o := b.order(ID{stock.NewID()}, stock.Now())
	if err := b.hold(o, stock); err != nil {
		return nil, err
	}
	if o.holds() && holdFor > 0 {
		until := stock.Now().Add(holdFor)
		o.HoldUntil = &until
	}
	// From here on nothing refuses: what the batch shares may change.
	if allowed != nil {
		allowed.used++
	}
	c := p.customer(b, stock)
	c.orders++
	o.Customer = c.id
	counter := p.counters[b.store.ID.UUID]
	counter.last++
	o.Number = counter.last
	p.orders = append(p.orders, placed{store: b.store.ID, order: o, address: address})
	return o, nil
}

// allow tells whether the discount may be used once more. It was found usable when
// the order was priced; others may have used it up since.
func (p *placing) allow(b *basket) (*allowance, error) {
	if b.discount == nil {
		return nil, nil
	}
	a := p.discounts[discountKey{b.store.ID.UUID, b.discount.ID.UUID}]
	if a.gone {
		return nil, fault.Refusedf("discount_unknown", "There is no discount code %q.", b.discount.Code)
	}
	if a.limit != nil && a.used >= *a.limit {
		return nil, fault.Refusedf("discount_unusable", "The discount code %q has been used as often as it can be.", b.discount.Code)
	}
	return a, nil
}

// customer returns who buys, a new one if need be.
func (p *placing) customer(b *basket, stock *inventory.Stock) *customer {
	key := b.customerKey()
	if c := p.customers[key]; c != nil {
		if c.name == nil {
			c.name = b.request.Name
		}
		return c
	}
	c := &customer{id: CustomerID{stock.NewID()}, email: b.request.Email, name: b.request.Name, fresh: true}
	p.customers[key] = c
	return c
}
