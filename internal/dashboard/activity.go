package dashboard

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"vitrine/internal/audit"
	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

func (d *Dashboard) activityRoutes() {
	d.forRole(store.Owner, "GET", "/settings/activity", d.showStoreActivity)
	d.signedIn("GET "+accountActivityPath, d.showAccountActivity)
}

const accountActivityPath = profilePath + "/activity"

// activity is a log as it is shown.
type activity struct {
	at      string // where it is
	me      id.UUID
	actions []web.Option
	filter  web.Form // as it was asked for
	said    bool     // whether it asks for less than all
	listing[audit.Line]
}

// actor is who did what a line tells of.
func (a activity) actor(l audit.Line) string {
	switch {
	case l.Who == audit.Vitrine:
		return "Vitrine"
	case l.Who == audit.Somebody:
		return "Somebody"
	case *l.Actor == a.me:
		return "You"
	}
	return l.Email
}

// only is the address of what one actor did.
func (a activity) only(l audit.Line) string {
	switch {
	case l.Actor != nil:
		return a.at + "?actor=" + l.Actor.String()
	case l.Who == audit.Vitrine:
		return a.at + "?actor=" + string(audit.Vitrine)
	}
	return ""
}

// actionLabels are what actions are called.
var actionLabels = map[audit.Action]string{
	audit.Register: "Account created", audit.SignIn: "Signed in", audit.SignInFailed: "Sign-in failed", audit.SignOut: "Signed out", audit.SignOutElsewhere: "Signed out everywhere else",
	audit.ConfirmAddress: "Address confirmed", audit.TwoFactorOn: "Two-factor sign-in turned on", audit.TwoFactorOff: "Two-factor sign-in turned off", audit.NewRecoveryCodes: "Recovery codes made",
	audit.PasswordChange: "Password changed", audit.PasswordForgotten: "Password link asked for", audit.PasswordReset: "Password set by a link",
	audit.TokenCreate: "API token made", audit.TokenDelete: "API token revoked", audit.PlanChange: "Plan changed",
	audit.StoreCreate: "Store created", audit.StoreClone: "Store cloned", audit.StoreImport: "Store imported", audit.StoreDelete: "Store deleted", audit.SettingsChange: "Settings changed",
	audit.MemberAdd: "Member invited", audit.MemberChange: "Member changed", audit.MemberRemove: "Member removed",
	audit.WebhookCreate: "Webhook added", audit.WebhookChange: "Webhook changed", audit.WebhookDelete: "Webhook deleted",
	audit.DomainConnect: "Domain connected", audit.DomainVerify: "Domain verified", audit.DomainCertify: "Domain got its certificate", audit.DomainDisconnect: "Domain disconnected",
	audit.DomainBuy: "Domain ordered", audit.DomainRenew: "Renewal ordered", audit.DomainAutoRenew: "Auto-Renew switched",
	audit.RecordCreate: "DNS record added", audit.RecordChange: "DNS record changed", audit.RecordDelete: "DNS record deleted",
	audit.ThemeCreate: "Theme added", audit.ThemeChange: "Theme changed", audit.ThemeDelete: "Theme deleted",
	audit.TaxRuleCreate: "Tax rule added", audit.TaxRuleChange: "Tax rule changed", audit.TaxRuleDelete: "Tax rule deleted",
	audit.DiscountCreate: "Discount added", audit.DiscountChange: "Discount changed", audit.DiscountDelete: "Discount deleted",
	audit.WarehouseCreate: "Warehouse added", audit.WarehouseChange: "Warehouse changed", audit.WarehouseDelete: "Warehouse deleted",
	audit.CatalogImport: "Products imported",
}

// changed says which fields of a line were changed, for people.
func changed(l audit.Line) string { return strings.ReplaceAll(strings.Join(l.Fields, ", "), "_", " ") }

type lines func(context.Context, db.Q, id.UUID, audit.Filter, db.Page) ([]audit.Line, bool, error)

func (d *Dashboard) activity(v *visit, read lines, owner id.UUID, known []audit.Action) (activity, error) {
	q := v.URL.Query()
	a := activity{at: v.URL.Path, me: v.user.ID.UUID, filter: web.Form{Values: q}, actions: []web.Option{{Label: "Everything"}}}
	for _, k := range known {
		a.actions = append(a.actions, web.Option{Value: string(k), Label: actionLabels[k]})
	}
	f := audit.Filter{Action: audit.Action(q.Get("action")), Vitrine: q.Get("actor") == string(audit.Vitrine), From: dayOf(q.Get("from"), 0), Until: dayOf(q.Get("to"), 1)}
	if !slices.Contains(known, f.Action) {
		f.Action = ""
	}
	if actor, err := id.Parse(q.Get("actor")); err == nil {
		f.Actor = actor
	}
	a.said = f != audit.Filter{}
	var err error
	a.listing, err = listed(v.Request, func(p db.Page) ([]audit.Line, bool, error) { return read(v.Context(), d.DB, owner, f, p) },
		func(l audit.Line) id.UUID { return l.ID })
	return a, err
}

// dayOf reads a date that a list is narrowed by, and goes some days on from it.
func dayOf(s string, more int) *time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1970 || t.Year() > 9998 {
		return nil
	}
	t = t.AddDate(0, 0, more)
	return &t
}

func (d *Dashboard) showStoreActivity(w http.ResponseWriter, v *visit) error {
	a, err := d.activity(v, audit.ListStore, v.store.ID.UUID, audit.OfStores)
	if err != nil {
		return err
	}
	frame, err := d.frame(w, v, "Activity", "settings")
	if err != nil {
		return err
	}
	return web.Render(w, v.Request, http.StatusOK, storeActivityPage(frame, settingsTabs(v, "Activity"), a))
}

func (d *Dashboard) showAccountActivity(w http.ResponseWriter, v *visit) error {
	a, err := d.activity(v, audit.ListAccount, v.user.ID.UUID, audit.OfAccounts)
	if err != nil {
		return err
	}
	frame, err := d.frame(w, v, "Activity", "account")
	if err != nil {
		return err
	}
	frame.Crumbs = []web.Crumb{{Label: "Account", Href: profilePath}}
	return web.Render(w, v.Request, http.StatusOK, accountActivityPage(frame, a))
}
