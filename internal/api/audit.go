package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"vitrine/internal/audit"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// AuditLine says who did what.
type AuditLine struct {
	ID        string       `json:"id" format:"uuid"`
	Action    string       `json:"action" example:"member.add"`
	Actor     AuditActor   `json:"actor"`
	Address   *string      `json:"address" doc:"The IP address that it came from; null for Vitrine itself." example:"192.0.2.7"`
	Subject   AuditSubject `json:"subject"`
	Fields    []string     `json:"fields" doc:"What was changed, by name; never what it was or is."`
	CreatedAt string       `json:"created_at" format:"date-time"`
}

// AuditActor is who did it, as they were called then.
type AuditActor struct {
	Type  string  `json:"type" enum:"user,token,somebody,vitrine" doc:"A user who was signed in, a program with a user's API token, somebody who was not signed in, or Vitrine itself."`
	ID    *string `json:"id" format:"uuid" doc:"The user."`
	Email *string `json:"email"`
	Token *string `json:"token" doc:"The name of the API token."`
}

// AuditSubject is what something was done to, as it was called then.
type AuditSubject struct {
	Kind string  `json:"kind" example:"member"`
	ID   string  `json:"id"`
	Name *string `json:"name"`
}

func toAuditLine(l audit.Line) AuditLine {
	out := AuditLine{
		ID: l.ID.String(), Action: string(l.Action), Address: orNull(l.Address), Fields: l.Fields, CreatedAt: utc(l.At),
		Actor:   AuditActor{Type: string(l.Who), Email: orNull(l.Email), Token: orNull(l.Token)},
		Subject: AuditSubject{Kind: l.Kind, ID: l.Thing.ID, Name: orNull(l.Name)},
	}
	if l.Actor != nil {
		user := l.Actor.String()
		out.Actor.ID = &user
	}
	return out
}

// AuditQuery narrows a log.
type AuditQuery struct {
	Action string `query:"action" doc:"Only this action, such as member.add."`
	Actor  string `query:"actor" doc:"Only what this user did, by id, or what vitrine did."`
	From   string `query:"from" doc:"Only what happened from this date or time on." example:"2026-01-31"`
	To     string `query:"to" doc:"Only what happened until the end of this date, or before this time."`
}

// filter reads the query. known are the actions that the log has.
func (q AuditQuery) filter(known []audit.Action) (audit.Filter, error) {
	var f fault.Form
	out := audit.Filter{Action: audit.Action(q.Action), Vitrine: q.Actor == string(audit.Vitrine)}
	if q.Action != "" && !slices.Contains(known, out.Action) {
		f.Addf("action", q.Action, "must be an action that the log has, such as %s", known[0])
	}
	if q.Actor != "" && !out.Vitrine {
		var err error
		if out.Actor, err = id.Parse(q.Actor); err != nil {
			f.Addf("actor", q.Actor, "must be the id of a user, or vitrine")
		}
	}
	out.From, out.Until = readDay(&f, "from", q.From), readDay(&f, "to", q.To)
	if out.Until != nil && len(q.To) == len(time.DateOnly) {
		*out.Until = out.Until.AddDate(0, 0, 1)
	}
	out.From, out.Until = db.CheckTime(&f, "from", out.From), db.CheckTime(&f, "to", out.Until)
	return out, inQuery(f.Err())
}

type listStoreAuditInput struct {
	StorePath
	AuditQuery
	PageQuery
}

type listAccountAuditInput struct {
	AuditQuery
	PageQuery
}

func (a *API) auditRoutes() {
	const tag = "Audit log"
	about := func(known []audit.Action) string {
		names := make([]string, len(known))
		for i, k := range known {
			names[i] = "`" + string(k) + "`"
		}
		return "The newest first. Orders, stock and the catalog's own changes are not in it: they have journals of their own. The actions: " + strings.Join(names, ", ") + "."
	}
	register(a, route{
		method: http.MethodGet, path: storePath + "/audit", id: "list-store-audit", tag: tag, role: store.Owner,
		summary: "List what was done in a store", detail: about(audit.OfStores),
	}, a.listStoreAudit)
	register(a, route{
		method: http.MethodGet, path: "/account/audit", id: "list-account-audit", tag: tag,
		summary: "List what was done to your account", detail: about(audit.OfAccounts),
	}, a.listAccountAudit)
}

func (a *API) listStoreAudit(ctx context.Context, in *listStoreAuditInput) (*listed[AuditLine], error) {
	f, err := in.filter(audit.OfStores)
	if err != nil {
		return nil, err
	}
	lines, more, err := audit.ListStore(ctx, a.DB, shop(ctx).ID.UUID, f, in.page())
	return auditPage(&in.PageQuery, lines, more, err)
}

func (a *API) listAccountAudit(ctx context.Context, in *listAccountAuditInput) (*listed[AuditLine], error) {
	f, err := in.filter(audit.OfAccounts)
	if err != nil {
		return nil, err
	}
	lines, more, err := audit.ListAccount(ctx, a.DB, caller(ctx).ID.UUID, f, in.page())
	return auditPage(&in.PageQuery, lines, more, err)
}

func auditPage(p *PageQuery, lines []audit.Line, more bool, err error) (*listed[AuditLine], error) {
	if err != nil {
		return nil, err
	}
	return list(p, lines, more, toAuditLine, func(l audit.Line) id.UUID { return l.ID }), nil
}
