// Package mock is a registrar that keeps its names in the platform's own database:
// for trying things out and for tests. It sells every name that nobody has bought
// from it, but for a few that are always taken. Switches make it fail, be slow or
// change its prices, as real ones do.
package mock

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/money"
	"vitrine/internal/registrar"
)

// Provider implements registrar.Provider.
type Provider struct {
	db *db.DB

	mu     sync.Mutex
	faults []Fault
	raise  money.Amount
}

// New returns a provider.
func New(d *db.DB) *Provider { return &Provider{db: d} }

// Fault makes a call that buys, renews, sets or asks go wrong.
type Fault struct {
	Err  error         // what the caller gets
	Late bool          // after the call has had its effect, as when its answer is lost
	Open time.Duration // how long the order that the call makes is pending
	Wait time.Duration // before the answer
}

// Fail makes the next calls go wrong, one after the other. A zero Fault lets its call
// pass.
func (p *Provider) Fail(faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, faults...)
}

// Heal takes back the faults that no call has met yet.
func (p *Provider) Heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = nil
}

// Raise makes every name cost more than it did.
func (p *Provider) Raise(by money.Amount) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.raise += by
}

// faulty runs a call, unless it is to fail.
func (p *Provider) faulty(ctx context.Context, call func(open time.Duration) error) error {
	p.mu.Lock()
	var f Fault
	if len(p.faults) > 0 {
		f, p.faults = p.faults[0], p.faults[1:]
	}
	p.mu.Unlock()
	select {
	case <-time.After(f.Wait):
	case <-ctx.Done():
		return registrar.Errorf(registrar.Unanswered, "The registrar did not answer in time.")
	}
	if f.Err == nil || f.Late {
		if err := call(f.Open); err != nil {
			return err
		}
	}
	return f.Err
}

// prices are what a year costs under each TLD, in cents of a dollar.
var prices = map[string]money.Amount{
	"com": 1299, "io": 3999, "store": 2499, "net": 1399, "org": 1299, "shop": 1999, "co": 2999, "app": 1499, "dev": 1299, "info": 999, "biz": 1499,
	"online": 1999, "site": 1999, "xyz": 1199, "me": 1799, "ai": 7999, "eu": 899, "de": 799, "uk": 899, "us": 999, "tech": 2999, "boutique": 2699,
}

// currency is what the prices are in.
const currency = money.Currency("USD")

var tlds = func() []string {
	var all []string
	for tld := range prices {
		all = append(all, tld)
	}
	slices.Sort(all)
	return all
}()

// Capabilities implements registrar.Provider.
func (p *Provider) Capabilities() registrar.Capabilities {
	return registrar.Capabilities{TLDs: tlds, MaxFirstTerm: registrar.MaxYears, EarlyRenewal: true, Premium: true, Currency: currency}
}

// taken are names that are never sold: see also the document's example of a search.
var taken = []string{"mystore.io", "google.com", "example.com"}

// premium is what names begin with that cost more in their first year.
const premium = "premium"

// offer is what a name costs; whether somebody has it is not known yet.
func (p *Provider) offer(domain string) (registrar.Offer, bool) {
	_, tld, _ := strings.Cut(domain, ".")
	price, sold := prices[tld]
	p.mu.Lock()
	price += p.raise
	p.mu.Unlock()
	o := registrar.Offer{Domain: domain, Price: price, Renewal: price, Currency: currency}
	if strings.HasPrefix(domain, premium) {
		o.Price, o.Premium = price*50, true
	}
	return o, sold
}

// SearchDomains implements registrar.Provider.
func (p *Provider) SearchDomains(ctx context.Context, label string, tlds []string) ([]registrar.Offer, error) {
	var names []any
	var offers []registrar.Offer
	for _, tld := range tlds {
		if o, sold := p.offer(label + "." + tld); sold {
			offers, names = append(offers, o), append(names, o.Domain)
		}
	}
	if len(offers) == 0 {
		return nil, nil
	}
	gone, err := db.All(ctx, p.db, db.Value[string], `SELECT domain FROM mock_registration WHERE domain IN `+db.List(1, len(names)), names...)
	if err != nil {
		return nil, err
	}
	for i, o := range offers {
		offers[i].Available = !slices.Contains(gone, o.Domain) && !slices.Contains(taken, o.Domain)
	}
	return offers, nil
}

// Suggest implements registrar.Suggester.
func (p *Provider) Suggest(ctx context.Context, label string, tlds []string) ([]registrar.Offer, error) {
	var all []registrar.Offer
	for _, other := range []string{label + "shop", label + "online", label + "hq"} {
		found, err := p.SearchDomains(ctx, other, tlds[:min(2, len(tlds))])
		if err != nil {
			return nil, err
		}
		for _, o := range found {
			if o.Available && len(other) <= 63 && !strings.Contains(label, "xn--") {
				all = append(all, o)
			}
		}
	}
	return all, nil
}

// CheckAvailability implements registrar.Provider.
func (p *Provider) CheckAvailability(ctx context.Context, domain string) (registrar.Offer, error) {
	label, tld, _ := strings.Cut(domain, ".")
	found, err := p.SearchDomains(ctx, label, []string{tld})
	if err != nil {
		return registrar.Offer{}, err
	}
	if len(found) == 0 {
		return registrar.Offer{}, registrar.Errorf(registrar.Unsupported, "Names under .%s are not sold here.", tld)
	}
	return found[0], nil
}

// PurchaseDomain implements registrar.Provider.
func (p *Provider) PurchaseDomain(ctx context.Context, order registrar.Purchase) (registrar.Registration, error) {
	var out registrar.Registration
	err := p.faulty(ctx, func(open time.Duration) error {
		now, err := p.CheckAvailability(ctx, order.Domain)
		if err == nil && !now.Available {
			if out, err = get(ctx, p.db, order.Domain); err == nil && out.Key == order.Key {
				return nil // it was asked for before
			}
			err = nil
		}
		switch {
		case err != nil:
			return err
		case order.Years < 1 || order.Years > registrar.MaxYears:
			return registrar.Errorf(registrar.Refused, "A name is registered for 1 to %d years.", registrar.MaxYears)
		case !now.Available:
			return registrar.Errorf(registrar.Taken, "%s is taken.", order.Domain)
		case now.Total(order.Years) != order.Total(order.Years):
			return registrar.Errorf(registrar.PriceChanged, "%s costs %s %s by now.", order.Domain, currency.Format(now.Price), currency)
		}
		out, err = p.register(ctx, order, open)
		return err
	})
	return ended(out, err)
}

func (p *Provider) register(ctx context.Context, order registrar.Purchase, open time.Duration) (out registrar.Registration, err error) {
	err = p.db.InTx(ctx, func(tx *db.Tx) error {
		out = registrar.Registration{
			Domain: order.Domain, OrderID: newID("order", tx.NewID()), Key: order.Key,
			Expires: registrar.After(tx.Now(), order.Years), Nameservers: order.Nameservers,
		}
		n, err := db.Exec(ctx, tx, `
			INSERT INTO mock_registration (domain, order_id, attempt, expires_at, nameservers, ready_at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (domain) DO NOTHING`,
			out.Domain, out.OrderID, out.Key, db.Time{Time: out.Expires}, db.JSON[[]string]{V: out.Nameservers}, db.Time{Time: tx.Now().Add(open)})
		if err == nil && n == 0 {
			return registrar.Errorf(registrar.Taken, "%s is taken.", order.Domain)
		}
		return err
	})
	if err == nil && open > 0 {
		err = errPending
	}
	return out, err
}

var errPending = registrar.Errorf(registrar.Pending, "The registrar has the order and is not through with it.")

// RenewDomain implements registrar.Provider.
func (p *Provider) RenewDomain(ctx context.Context, order registrar.Renewal) (registrar.Registration, error) {
	var out registrar.Registration
	err := p.faulty(ctx, func(open time.Duration) error {
		return p.db.InTx(ctx, func(tx *db.Tx) error {
			var err error
			if out, err = get(ctx, tx, order.Domain); err != nil {
				return err
			}
			if !out.Expires.Equal(order.Expires) {
				return registrar.Errorf(registrar.Refused, "Domain already renewed.")
			}
			if now, _ := p.offer(order.Domain); now.Renewal != order.Offer.Renewal {
				return registrar.Errorf(registrar.PriceChanged, "%s costs %s %s a year by now.", order.Domain, currency.Format(now.Renewal), currency)
			}
			out.OrderID, out.Key, out.Expires = newID("renewal", tx.NewID()), order.Key, registrar.After(out.Expires, order.Years)
			if out.Expires.After(registrar.After(tx.Now(), registrar.MaxYears)) {
				return registrar.Errorf(registrar.Refused, "A domain name cannot be extended beyond ten years.")
			}
			_, err = db.Exec(ctx, tx, `UPDATE mock_registration SET order_id = $2, attempt = $3, expires_at = $4, ready_at = $5 WHERE domain = $1`,
				out.Domain, out.OrderID, out.Key, db.Time{Time: out.Expires}, db.Time{Time: tx.Now().Add(open)})
			return err
		})
	})
	return ended(out, err)
}

// SetNameservers implements registrar.Provider.
func (p *Provider) SetNameservers(ctx context.Context, domain string, nameservers []string) error {
	return p.faulty(ctx, func(time.Duration) error {
		return p.db.InTx(ctx, func(tx *db.Tx) error {
			err := db.ExecOne(ctx, tx, `UPDATE mock_registration SET nameservers = $2 WHERE domain = $1`, domain, db.JSON[[]string]{V: nameservers})
			return missing(domain, err)
		})
	})
}

// GetDomainInfo implements registrar.Provider.
func (p *Provider) GetDomainInfo(ctx context.Context, domain string) (registrar.Registration, error) {
	var out registrar.Registration
	err := p.faulty(ctx, func(time.Duration) (err error) {
		if out, err = get(ctx, p.db, domain); err != nil {
			return err
		}
		ready, err := db.One(ctx, p.db, db.Value[db.Time], `SELECT ready_at FROM mock_registration WHERE domain = $1`, domain)
		if err == nil && ready.After(p.db.Now()) {
			err = errPending
		}
		return err
	})
	return ended(out, err)
}

func get(ctx context.Context, q db.Q, domain string) (registrar.Registration, error) {
	out, err := db.One(ctx, q, func(row db.Row) (r registrar.Registration, err error) {
		var expires db.Time
		var servers db.JSON[[]string]
		err = row.Scan(&r.Domain, &r.OrderID, &r.Key, &expires, &servers)
		r.Expires, r.Nameservers = expires.Time, servers.V
		return r, err
	}, `SELECT domain, order_id, attempt, expires_at, nameservers FROM mock_registration WHERE domain = $1`, domain)
	return out, missing(domain, err)
}

func missing(domain string, err error) error {
	if errors.Is(err, db.ErrNoRows) {
		return registrar.Errorf(registrar.NotOurs, "There is no registration of %s here.", domain)
	}
	return err
}

// ended is what a caller gets: nothing beside an error.
func ended(r registrar.Registration, err error) (registrar.Registration, error) {
	if err != nil {
		return registrar.Registration{}, err
	}
	return r, nil
}

// newID makes an order's number look like one of a registrar's.
func newID(kind string, u id.UUID) string { return kind + "-" + hex.EncodeToString(u[:]) }
