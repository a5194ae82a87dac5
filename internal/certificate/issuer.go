package certificate

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/sync/singleflight"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/seal"
)

// Limits are how much an authority is asked for at most.
type Limits struct {
	Orders int // in three hours
	Domain int // in a week, for the names below one that was registered
}

// Issuer gets certificates from authorities and keeps them in the database. It is safe
// for concurrent use, by any number of processes.
type Issuer struct {
	db          *db.DB
	sealer      *seal.Sealer
	scout       Scout
	authorities []Authority
	limits      Limits
	flights     singleflight.Group
}

// NewIssuer returns an Issuer. The first of the authorities is asked for all, each
// further one for what the one before it does not give.
func NewIssuer(d *db.DB, s *seal.Sealer, scout Scout, l Limits, authorities ...Authority) *Issuer {
	return &Issuer{db: d, sealer: s, scout: scout, limits: l, authorities: authorities}
}

// orderFor is how long it may take to get a certificate.
const orderFor = 4 * time.Minute

// Issue returns a certificate for the first of the names, and for those of the others
// that can be proven too. The one that was issued last is returned as long as it is
// not due. However many ask at once, one order is made, and it goes on when who asked
// has gone. Why there is none is a *fault.Error.
func (i *Issuer) Issue(ctx context.Context, names []string, _ Certificate) (Certificate, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), orderFor)
	defer cancel()
	got, err, _ := i.flights.Do(names[0], func() (any, error) { return i.get(ctx, names) })
	c, _ := got.(Certificate)
	return c, err
}

// waitEvery is how often the order of another process is looked at.
const waitEvery = 200 * time.Millisecond

// get returns the certificate that is there, or makes an order unless another process
// is at it: then it waits for that one.
func (i *Issuer) get(ctx context.Context, names []string) (Certificate, error) {
	for {
		have, err := i.find(ctx, names[0])
		if err != nil || have.ID != "" && i.db.Now().Before(have.renewAt) {
			return have.Certificate, err
		}
		o, err := i.begin(ctx, names[0], have.ID != "")
		if err == nil {
			return i.carryOut(ctx, o, names, have)
		}
		other, waiting := errors.AsType[*underWay](err)
		if !waiting {
			return Certificate{}, err
		}
		if err := i.await(ctx, other.id); err != nil {
			return Certificate{}, err
		}
	}
}

// carryOut asks one authority after the other.
func (i *Issuer) carryOut(ctx context.Context, o *order, names []string, have kept) (Certificate, error) {
	ctx, stop := i.beat(ctx, o)
	defer stop()
	failed := errNoAuthority
	for n, a := range i.authorities {
		got, err := i.ask(ctx, o, a, names, have)
		if err == nil {
			return got, nil
		}
		if failed = reason(a, names[0], err); fault.Code(failed) == codeInternal || !elsewhere(failed) || n == len(i.authorities)-1 {
			break
		}
		slog.WarnContext(ctx, "certificates: the next authority is asked", "domain", o.domain, "authority", a.Name(), "error", err)
		if o.authority != "" {
			if err := i.again(ctx, o, failed); err != nil {
				return Certificate{}, err
			}
		}
	}
	if err := i.settle(ctx, o, failed); err != nil {
		return Certificate{}, err
	}
	return Certificate{}, failed
}

// ask gets a certificate from one authority and keeps it.
func (i *Issuer) ask(ctx context.Context, o *order, a Authority, names []string, have kept) (Certificate, error) {
	identities, err := a.Identities(ctx)
	if err != nil {
		return Certificate{}, err
	}
	r := Request{}
	for n, name := range names {
		way, err := i.scout.Way(ctx, name, identities)
		if err != nil && n == 0 {
			return Certificate{}, err
		}
		if err != nil {
			slog.InfoContext(ctx, "certificates: a name is left out", "name", name, "of", names[0], "error", err)
			continue
		}
		r.Names = append(r.Names, Proven{name, way})
	}
	if have.Provider == a.Name() {
		r.Replaces, _ = leaf(have.chain) // without it, it is a new order
	}
	if !o.isAt(a) {
		if err := i.spend(ctx, o, a.Name(), r.Replaces != nil); err != nil {
			return Certificate{}, err
		}
	}
	key, sealed, err := i.keyFor(o, a)
	if err != nil {
		return Certificate{}, err
	}
	r.Key = key
	if o.isAt(a) {
		r.Placed = o.placed
	}
	r.Keep = func(ctx context.Context, placed string) error { return i.keepPlaced(ctx, o, placed, sealed) }
	chain, err := a.Obtain(ctx, r)
	if err != nil {
		return Certificate{}, err
	}
	return i.take(ctx, o, a, chain, key)
}

// keyFor returns the key of an order that was placed with an authority, or a new one.
func (i *Issuer) keyFor(o *order, a Authority) (key *ecdsa.PrivateKey, sealed []byte, err error) {
	if o.isAt(a) {
		plain, err := i.sealer.Open(o.key)
		if err != nil {
			return nil, nil, err
		}
		key, err := x509.ParseECPrivateKey(plain)
		return key, o.key, err
	}
	if key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, nil, err
	}
	plain, err := x509.MarshalECPrivateKey(key)
	return key, i.sealer.Seal(plain), err
}

// take keeps what was issued, also when it took so long that another process has taken
// the order over.
func (i *Issuer) take(ctx context.Context, o *order, a Authority, chain []byte, key *ecdsa.PrivateKey) (Certificate, error) {
	var made Certificate
	err := i.db.InTx(context.WithoutCancel(ctx), func(tx *db.Tx) (err error) {
		if made, err = i.keep(ctx, tx, o.domain, a.Name(), chain, key); err != nil {
			return err
		}
		_, err = db.Exec(ctx, tx, `UPDATE certificate_order SET state = 'issued', settled_at = $2, key = NULL WHERE id = $1`, o.id, db.Time{Time: tx.Now()})
		return err
	})
	if err == nil {
		slog.InfoContext(ctx, "certificates: issued", "domain", o.domain, "authority", a.Name(), "until", made.NotAfter)
	}
	return made, err
}

// errNoAuthority is for an Issuer without authorities.
var errNoAuthority error = fault.Refusedf("certificate_no_authority", "No authority is set up that issues certificates.")

// elsewhere tells whether another authority may issue what one has not. Who cannot be
// reached by the one is not by the other either.
func elsewhere(err error) bool {
	switch fault.Code(err) {
	case CodeUnreachable, CodeUnproven, codeBackOff:
		return false
	}
	return true
}

// The codes of why there is no certificate.
const (
	CodeUnreachable = "certificate_unreachable" // the name does not lead here
	CodeCAA         = "certificate_caa"         // its CAA records forbid it
	CodeUnproven    = "certificate_unproven"    // the authority did not see that it is ours
	CodeDenied      = "certificate_denied"      // the authority does not want to
	CodeLimited     = "certificate_limited"     // too many were asked for
	CodeUnanswered  = "certificate_unanswered"  // the authority is away
	codeBackOff     = "certificate_back_off"    // it has failed a moment ago
	codeInternal    = ""
)

// reason says to a merchant why an authority gave no certificate.
func reason(a Authority, domain string, err error) error {
	if _, told := errors.AsType[*fault.Error](err); told {
		return err
	}
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	slog.Warn("certificates: not issued", "domain", domain, "authority", a.Name(), "error", err)
	f := &fault.Error{Kind: fault.Provider, RetryAfter: e.RetryAfter}
	switch e.Kind {
	case Limited:
		f.Kind, f.Code, f.Message = fault.TooMany, CodeLimited, a.Name()+" issues no more certificates for now: "+e.Message
	case Unproven:
		f.Code, f.Message = CodeUnproven, a.Name()+" could not see that "+domain+" leads here: "+e.Message
	case Denied:
		f.Code, f.Message = CodeDenied, a.Name()+" does not issue a certificate for "+domain+": "+e.Message
	default:
		f.Code, f.Message = CodeUnanswered, a.Name()+", which issues certificates, did not answer: "+e.Message
	}
	return f
}

// due are the domains whose certificates are asked after.
func (i *Issuer) due(ctx context.Context, atOnce int) ([]kept, error) {
	return db.All(ctx, i.db, scanKept, `SELECT `+keptColumns+` FROM certificate WHERE ask_at <= $1 AND not_after > $1 ORDER BY ask_at LIMIT $2`,
		db.Time{Time: i.db.Now()}, atOnce)
}

// parsed is the certificate itself.
func (k kept) parsed() (*x509.Certificate, error) { return leaf(k.chain) }
