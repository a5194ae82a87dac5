package api

import (
	"context"
	"net/http"
	"slices"

	"vitrine/internal/db"
	"vitrine/internal/domain"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// RecordState is what a DNS record said at a time.
type RecordState struct {
	RecordType string `json:"record_type"`
	Name       string `json:"name"`
	Value      string `json:"value"`
	TTL        int    `json:"ttl"`
	Priority   *int   `json:"priority"`
	IsManaged  bool   `json:"is_managed"`
}

func toRecordState(r *domain.Record) nullable[RecordState] {
	if r == nil {
		return nullable[RecordState]{}
	}
	return nullable[RecordState]{Value: &RecordState{string(r.Type), r.Name, r.Value, r.TTL, r.Priority, r.Managed}}
}

// DNSChange is an entry in the journal of a domain's records.
type DNSChange struct {
	ID        string                `json:"id" format:"uuid"`
	Action    string                `json:"action" enum:"create,update,delete,adopt" doc:"adopt takes over what the DNS provider has."`
	Status    string                `json:"status" enum:"open,done,failed" doc:"open until it is known whether the DNS provider has done it."`
	RecordID  string                `json:"record_id" format:"uuid"`
	Before    nullable[RecordState] `json:"before" doc:"The record before; null where there was none."`
	After     nullable[RecordState] `json:"after" doc:"The record after; null where there is none."`
	Error     *string               `json:"error" doc:"Why it was not done."`
	Actor     *string               `json:"actor" doc:"The user who did it."`
	Undoes    *string               `json:"undoes" doc:"The change that it takes back."`
	UndoneBy  *string               `json:"undone_by" doc:"The change that has taken it back."`
	CreatedAt string                `json:"created_at" format:"date-time"`
	SettledAt *string               `json:"settled_at" format:"date-time" doc:"When it was known whether it was done."`
}

func toChange(c domain.Change) DNSChange {
	out := DNSChange{
		ID: c.ID.String(), Action: string(c.Action), Status: string(c.Outcome), RecordID: c.Record.String(), Before: toRecordState(c.Before), After: toRecordState(c.After),
		Error: c.Error, CreatedAt: utc(c.At), SettledAt: utcOrNull(c.Settled),
	}
	for _, pair := range []struct {
		to *(*string)
		of *domain.ChangeID
	}{{&out.Undoes, c.Undoes}, {&out.UndoneBy, c.Undone}} {
		if pair.of != nil {
			text := pair.of.String()
			*pair.to = &text
		}
	}
	if c.Actor != nil {
		actor := c.Actor.String()
		out.Actor = &actor
	}
	return out
}

// DNSDrift is a difference between the records here and those at the DNS provider
// that somebody else has made.
type DNSDrift struct {
	ID       string                   `json:"id" format:"uuid" doc:"The same as long as the difference is."`
	Kind     string                   `json:"kind" enum:"added,changed,removed" doc:"What was done at the DNS provider."`
	Record   nullable[DNSRecord]      `json:"record" doc:"As it is here; null when it is only there."`
	Observed nullable[ObservedRecord] `json:"observed" doc:"As it is at the provider; null when it is only here."`
	Ignored  bool                     `json:"ignored" doc:"It is not told of any more, nor touched by a sync."`
}

var driftKinds = map[domain.Action]string{domain.Adopt: "added", domain.Update: "changed", domain.Create: "removed"}

func toDrift(x domain.Difference) DNSDrift {
	both := toDifference(x)
	return DNSDrift{x.ID().String(), driftKinds[x.Action], both.Record, both.Observed, x.Ignored}
}

// ChangePath is the path of one entry in the journal.
type ChangePath struct {
	StorePath
	ID domain.ChangeID `path:"change_id" format:"uuid" doc:"The change's id."`
}

// DriftPath is the path of one difference.
type DriftPath struct {
	StorePath
	ID domain.DriftID `path:"drift_id" format:"uuid" doc:"The difference's id."`
}

func (a *API) dnsJournalRoutes() {
	const tag, changes, drift = "DNS", domainPath + "/dns/changes", domainPath + "/dns/drift"
	atProvider := []int{http.StatusBadGateway, http.StatusConflict}
	register(a, route{
		method: http.MethodGet, path: changes, id: "list-dns-changes", tag: tag, guard: a.domainThere,
		summary: "List the changes to DNS records", detail: "The newest first, those too that the DNS provider refused.",
	}, a.listChanges)
	register(a, route{
		method: http.MethodPost, path: changes + "/{change_id}/undo", id: "undo-dns-change", tag: tag, role: store.Admin, guard: exists(a, "change_id", domain.GetChange), errors: atProvider,
		summary: "Undo a change", detail: "As long as the record is as the change left it. An undo is a change that can be undone itself.",
	}, a.undoChange)
	register(a, route{
		method: http.MethodGet, path: drift, id: "list-dns-drift", tag: tag, guard: a.domainThere, errors: atProvider,
		summary: "List what others have changed at the DNS provider",
	}, a.listDrift)
	for how, summary := range map[domain.Resolution]string{
		domain.Take: "Take over here what the DNS provider has", domain.Restore: "Make the DNS provider have what is here", domain.Ignore: "Leave a difference be",
	} {
		register(a, route{
			method: http.MethodPost, path: drift + "/{drift_id}/" + string(how), id: string(how) + "-dns-drift", tag: tag, role: store.Admin, guard: a.driftThere, errors: atProvider,
			summary: summary,
		}, a.resolveDrift(how))
	}
}

// driftThere is the guard of all that needs a difference to be there still.
func (a *API) driftThere(ctx context.Context) error {
	which, err := pathID[domain.DriftID](ctx, "drift_id")
	if err != nil {
		return err
	}
	all, err := a.Domains.Drift(ctx, shop(ctx).ID)
	if err == nil && !slices.ContainsFunc(all, func(x domain.Difference) bool { return x.ID() == which }) {
		return noSuch("drift_id")
	}
	return err
}

func (a *API) listChanges(ctx context.Context, in *listInput) (*listed[DNSChange], error) {
	found, more, err := domain.ListChanges(ctx, a.DB, shop(ctx).ID, in.page())
	if err != nil {
		return nil, err
	}
	return list(&in.PageQuery, found, more, toChange, func(c domain.Change) id.UUID { return c.ID.UUID }), nil
}

func (a *API) undoChange(ctx context.Context, in *ChangePath) (*answer[DNSChange], error) {
	return onceWith(ctx, a, func(then func(context.Context, *db.Tx, domain.Change) error) (domain.Change, error) {
		return a.Domains.Undo(ctx, shop(ctx).ID, caller(ctx).ID, in.ID, then)
	}, func(c domain.Change) *answer[DNSChange] { return ok(toChange(c)) })
}

func (a *API) listDrift(ctx context.Context, in *listInput) (*listed[DNSDrift], error) {
	found, more, err := a.Domains.ListDrift(ctx, shop(ctx).ID, in.page())
	if err != nil {
		return nil, err
	}
	return list(&in.PageQuery, found, more, toDrift, func(x domain.Difference) id.UUID { return x.ID().UUID }), nil
}

func (a *API) resolveDrift(how domain.Resolution) func(context.Context, *DriftPath) (*answer[DNSDrift], error) {
	return func(ctx context.Context, in *DriftPath) (*answer[DNSDrift], error) {
		return onceWith(ctx, a, func(then func(context.Context, *db.Tx, domain.Difference) error) (domain.Difference, error) {
			return a.Domains.Resolve(ctx, shop(ctx).ID, caller(ctx).ID, in.ID, how, then)
		}, func(x domain.Difference) *answer[DNSDrift] { return ok(toDrift(x)) })
	}
}
