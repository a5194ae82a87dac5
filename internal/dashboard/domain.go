package dashboard

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/domain"
	"vitrine/internal/fault"
	"vitrine/internal/purchase"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

func (d *Dashboard) domainRoutes() {
	d.inStore("GET", "/domain", d.showDomain)
	d.forRole(store.Admin, "POST", "/domain", d.attachDomain)
	d.forRole(store.Admin, "POST", "/domain/verify", d.verifyDomain)
	d.forRole(store.Admin, "POST", "/domain/configure", d.configureDomain)
	d.forRole(store.Admin, "POST", "/domain/ssl", d.certifyDomain)
	d.forRole(store.Admin, "GET", "/domain/detach", d.askDetach)
	d.forRole(store.Admin, "POST", "/domain/detach", d.detachDomain)
}

// domainView is a store's domain as its page shows it.
type domainView struct {
	at     string // where the page is
	now    time.Time
	bought []purchase.Event // what was done to register it; none where it was not bought here
	state  domain.State
	sights []sighting
	failed string // the step that was just refused, and why
	reason string
	retake bool // a record that was made by hand is in the way
}

// sighting is what is seen of a record that leads to the platform.
type sighting struct {
	record   domain.Record
	observed []string // each value once
	seen     bool     // by everybody who counts
	answers  []dns.Answer
}

func (d *Dashboard) showDomain(w http.ResponseWriter, v *visit) error {
	state, err := d.Domains.Status(v.Context(), v.store.ID)
	if fault.Is(err, fault.NotFound) && web.Partial(v.Request) { // it was disconnected meanwhile
		return web.Redirect(w, v.Request, v.at("/domain"))
	}
	if fault.Is(err, fault.NotFound) {
		return d.connectPage(w, v, http.StatusOK, web.Form{})
	}
	if err != nil {
		return err
	}
	view := domainView{at: v.at("/domain"), state: state, sights: sightings(state.Seen)}
	if web.Partial(v.Request) {
		return web.Render(w, v.Request, http.StatusOK, domainState(view))
	}
	return d.domainPage(w, v, http.StatusOK, view)
}

func (d *Dashboard) connectPage(w http.ResponseWriter, v *visit, status int, f web.Form) error {
	frame, err := d.domainFrame(w, v, "Custom Domain")
	if err != nil {
		return err
	}
	return web.Render(w, v.Request, status, connectPage(frame, settingsTabs(v, "Custom Domain"), f, v.at("/domain"), v.store.Slug+"."+d.PlatformDomain))
}

func (d *Dashboard) domainPage(w http.ResponseWriter, v *visit, status int, view domainView) error {
	frame, err := d.domainFrame(w, v, "Custom Domain")
	if err != nil {
		return err
	}
	view.now = d.DB.Now()
	if view.bought, err = purchase.Events(v.Context(), d.DB, view.state.Domain.ID); err != nil {
		return err
	}
	return web.Render(w, v.Request, status, domainPage(frame, settingsTabs(v, "Custom Domain"), view))
}

func (d *Dashboard) domainFrame(w http.ResponseWriter, v *visit, title string) (web.Frame, error) {
	frame, err := d.frame(w, v, title, "domain")
	frame.Narrow, frame.Crumbs = true, []web.Crumb{{Label: "Settings", Href: v.at("/settings")}}
	return frame, err
}

// sightings sum up what each server says of each record.
func sightings(p domain.Propagation) []sighting {
	var all []sighting
	for _, s := range p.Details {
		i := slices.IndexFunc(all, func(x sighting) bool { return x.record.ID == s.Record.ID })
		if i < 0 {
			i, all = len(all), append(all, sighting{record: s.Record, seen: s.Everywhere})
		}
		all[i].answers = append(all[i].answers, s.Answer)
		for _, value := range s.Observed {
			if !slices.Contains(all[i].observed, value) {
				all[i].observed = append(all[i].observed, value)
			}
		}
	}
	return all
}

func (d *Dashboard) attachDomain(w http.ResponseWriter, v *visit) error {
	if err := form(v.Request); err != nil {
		return err
	}
	made, err := write(v.Context(), d, func(tx *db.Tx) (domain.Domain, error) {
		return d.Domains.Attach(v.Context(), tx, v.store, v.PostForm.Get("domain"))
	})
	if err != nil {
		f, err := web.Refill(v.Request, err)
		if err != nil {
			return err
		}
		return d.connectPage(w, v, http.StatusUnprocessableEntity, f.At("domain"))
	}
	return done(w, v, v.at("/domain"), made.Name+" is connected. Verify now that it is yours.")
}

func (d *Dashboard) verifyDomain(w http.ResponseWriter, v *visit) error {
	came, err := d.Domains.Verify(v.Context(), v.store.ID, nil)
	if err == nil && !came.Verified {
		err = fault.Refusedf("not_verified", "%s", came.Detail)
	}
	return d.took(w, v, "Verify", err, "The domain is yours.")
}

// configureDomain makes the records. Those that were made by hand are taken away only
// when that was asked for.
func (d *Dashboard) configureDomain(w http.ResponseWriter, v *visit) error {
	if err := form(v.Request); err != nil {
		return err
	}
	_, err := d.Domains.Configure(v.Context(), v.store.ID, v.user.ID, v.PostForm.Get("replace") != "", nil)
	return d.took(w, v, "DNS", err, "The DNS records are made.")
}

func (d *Dashboard) certifyDomain(w http.ResponseWriter, v *visit) error {
	_, err := d.Domains.Certify(v.Context(), v.store.ID, nil)
	return d.took(w, v, "SSL", err, "The certificate is there: your store is live on its domain.")
}

// took leads back to the page after a step, or says at the step why it was refused.
func (d *Dashboard) took(w http.ResponseWriter, v *visit, step string, err error, message string) error {
	if err == nil {
		return done(w, v, v.at("/domain"), message)
	}
	f, unknown := web.Refill(v.Request, err)
	if unknown != nil {
		return unknown
	}
	state, stateErr := d.Domains.Status(v.Context(), v.store.ID)
	if stateErr != nil {
		return err // who does not answer now did not before
	}
	return d.domainPage(w, v, http.StatusUnprocessableEntity, domainView{
		at: v.at("/domain"), state: state, sights: sightings(state.Seen),
		failed: step, reason: f.Message, retake: fault.Code(err) == "record_conflict",
	})
}

func (d *Dashboard) askDetach(w http.ResponseWriter, v *visit) error {
	ask, err := d.detachment(v)
	if err != nil {
		return err
	}
	return d.confirmPage(w, v, "domain", web.Form{}, ask)
}

func (d *Dashboard) detachment(v *visit) (web.Confirmation, error) {
	now, err := domain.Get(v.Context(), d.DB, v.store.ID)
	return web.Confirmation{
		Title: "Disconnect " + now.Name + "?", About: "Your store no longer answers there, and the records that were made for it leave the DNS provider. Its address " + v.store.Slug + "." + d.PlatformDomain + " stays.",
		Action: v.at("/domain/detach"), Button: "Disconnect", Back: v.at("/domain"), Name: now.Name,
	}, err
}

func (d *Dashboard) detachDomain(w http.ResponseWriter, v *visit) error {
	if err := form(v.Request); err != nil {
		return err
	}
	ask, err := d.detachment(v)
	if err != nil {
		return err
	}
	if !strings.EqualFold(v.PostForm.Get("confirm"), ask.Name) {
		return d.refuseQuestion(w, v, "domain", fault.Invalidf("confirm", "must be the domain, %s", ask.Name), ask)
	}
	if err := d.Domains.Detach(v.Context(), v.store.ID); err != nil {
		return d.refuseQuestion(w, v, "domain", err, ask)
	}
	return done(w, v, v.at("/domain"), ask.Name+" is disconnected.")
}

// live tells whether shoppers reach the store at the domain.
func (x domainView) live() bool {
	return x.state.Domain.Status == domain.Active && x.state.Spread == domain.Propagated
}

// steps are how far the domain is, in the words of its page.
func (x domainView) steps() []web.Step {
	d := x.state.Domain
	done := []bool{true, d.VerifiedAt != nil, d.AutoConfigured && x.state.Spread == domain.Propagated, d.Certified, x.live()}
	all := []web.Step{{Label: "Connect"}, {Label: "Verify"}, {Label: "DNS"}, {Label: "SSL"}, {Label: "Live"}}
	current := slices.Index(done, false)
	for i := range all {
		switch {
		case all[i].Label == x.failed:
			all[i].State = "failed"
		case done[i]:
			all[i].State = "done"
		case i == current:
			all[i].State = "now"
		}
	}
	return all
}

// spreads are what a merchant calls how far records are seen.
var spreads = map[domain.Spread]struct{ tone, label string }{
	domain.NotConfigured: {"", "No records yet"},
	domain.NotSeen:       {"warn", "Not seen yet"},
	domain.PartlySeen:    {"warn", "Seen in part"},
	domain.Propagated:    {"ok", "Propagated"},
}
