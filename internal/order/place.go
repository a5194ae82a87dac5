package order

import (
	"context"
	"errors"
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
	b, err := price(ctx, s.db.Prepared(), st, r, db.Time{Time: s.db.Now()})
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
func (s *Service) Place(ctx context.Context, st store.Store, r Request, then Then) (Order, error) {
	if err := r.Check(); err != nil {
		return Order{}, err
	}
	b, err := price(ctx, s.db.Prepared(), st, r, db.Time{Time: s.db.Now()})
	if err != nil {
		return Order{}, err
	}
	return s.sell(ctx, b, then)
}

// sell makes the order of a basket.
func (s *Service) sell(ctx context.Context, b *basket, then Then) (o Order, err error) {
	defer func() { s.db.Observer().Order(outcome(err)) }()
	if err := b.findSpare(ctx, s.db); err != nil {
		return Order{}, err
	}
	var placed *Order
	request := inventory.Request{
		Prepare: func(stock *inventory.Stock) { placingIn(stock).need(b, stock) },
		Decide: func(stock *inventory.Stock) (err error) {
			placed, err = placingIn(stock).decide(b, stock, s.settings.HoldFor)
			return err
		},
		Size: b.size(),
	}
	if then != nil {
		request.Then = func(ctx context.Context, tx *db.Tx) error { return then(ctx, tx, *placed) }
	}
	if err := s.stock.Do(ctx, b.store.ID, request); err != nil {
		return Order{}, err
	}
	return *placed, nil
}

// outcome is what became of an order that was asked for, in a word.
func outcome(err error) string {
	if err == nil {
		return "placed"
	}
	if _, refused := errors.AsType[*fault.Error](err); refused {
		return "refused"
	}
	return "failed"
}

// size is about how many bytes an order takes in the database.
func (b *basket) size() int { return 600 + 250*len(b.offers) }

// placing is what orders share that are placed in one transaction.
type placing struct {
	books     *books
	customers map[customerKey]*customer
	orders    []placed
}

type customerKey struct {
	store id.UUID
	email string // folded
}

// customer is who buys, as the batch has them.
type customer struct {
	id     CustomerID
	email  string
	name   *string
	orders int64 // placed in this batch
	fresh  bool
}

// placed is an order that was decided.
type placed struct {
	store   store.ID
	order   *Order
	address any // as its column has it
}

func placingIn(stock *inventory.Stock) *placing {
	shared := booksIn(stock)
	return inventory.Join(stock, func() *placing { return &placing{books: shared, customers: map[customerKey]*customer{}} })
}

// need names what the order looks at: the books of its store, its customer and the
// variants that the store ships itself.
func (p *placing) need(b *basket, stock *inventory.Stock) {
	p.books.need(b.store.ID, b.discountID())
	p.customers[b.customerKey()] = nil
	for _, o := range b.offers {
		if w, none := b.spare[o.variant]; none {
			stock.NeedPlace(o.variant, w)
		} else if b.ownStock(o) {
			stock.NeedVariant(o.variant)
		}
	}
}

// decide makes the order, or tells why there is none.
func (p *placing) decide(b *basket, stock *inventory.Stock, holdFor time.Duration) (*Order, error) {
	allowed, err := p.books.allow(b.store.ID, b.discount)
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
	counter := p.books.counters[b.store.ID.UUID]
	counter.last++
	o.Number = counter.last
	p.orders = append(p.orders, placed{store: b.store.ID, order: o, address: address})
	return o, nil
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
