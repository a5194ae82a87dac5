package dns

import (
	"context"
	"errors"

	"vitrine/internal/observe"
)

// Observed returns the provider with its calls counted under a name. Without an observer
// it is the provider itself.
func Observed(p Provider, name string, o *observe.Observer) Provider {
	if o == nil {
		return p
	}
	all := observed{p, name, o}
	if keeper, has := p.(ZoneKeeper); has {
		return observedKeeper{all, keeper}
	}
	return all
}

type observed struct {
	Provider
	name string
	by   *observe.Observer
}

type observedKeeper struct {
	observed
	keeper ZoneKeeper
}

// outcome is how a call ended, in a word.
func outcome(err error) string {
	if err == nil {
		return "ok"
	}
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return "unanswered"
	}
	switch e.Kind {
	case Refused:
		return "refused"
	case NoZone:
		return "no_zone"
	case NoRecord:
		return "no_record"
	case Limited:
		return "limited"
	case Unanswered:
	}
	return "unanswered"
}

func (p observed) CreateRecord(ctx context.Context, zone string, r Record) (Record, error) {
	ctx, call := p.by.DNSCall(ctx, p.name, "create_record")
	made, err := p.Provider.CreateRecord(ctx, zone, r)
	call.End(outcome(err))
	return made, err
}

func (p observed) ListRecords(ctx context.Context, zone string) ([]Record, error) {
	ctx, call := p.by.DNSCall(ctx, p.name, "list_records")
	all, err := p.Provider.ListRecords(ctx, zone)
	call.End(outcome(err))
	return all, err
}

func (p observed) UpdateRecord(ctx context.Context, zone, id string, r Record) (Record, error) {
	ctx, call := p.by.DNSCall(ctx, p.name, "update_record")
	changed, err := p.Provider.UpdateRecord(ctx, zone, id, r)
	call.End(outcome(err))
	return changed, err
}

func (p observed) DeleteRecord(ctx context.Context, zone, id string) error {
	ctx, call := p.by.DNSCall(ctx, p.name, "delete_record")
	err := p.Provider.DeleteRecord(ctx, zone, id)
	call.End(outcome(err))
	return err
}

func (p observed) ZoneID(ctx context.Context, domain string) (string, error) {
	ctx, call := p.by.DNSCall(ctx, p.name, "zone_id")
	zone, err := p.Provider.ZoneID(ctx, domain)
	call.End(outcome(err))
	return zone, err
}

func (p observed) VerifyPropagation(ctx context.Context, name string, t Type, value string) (Propagation, error) {
	ctx, call := p.by.DNSCall(ctx, p.name, "verify_propagation")
	seen, err := p.Provider.VerifyPropagation(ctx, name, t, value)
	call.End(outcome(err))
	return seen, err
}

func (p observedKeeper) DropZone(ctx context.Context, zone string) error {
	ctx, call := p.by.DNSCall(ctx, p.name, "drop_zone")
	err := p.keeper.DropZone(ctx, zone)
	call.End(outcome(err))
	return err
}
