package dashboard

import (
	"net/http"
	"strconv"
	"strings"

	"vitrine/internal/db"
	"vitrine/internal/domain"
	"vitrine/internal/id"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

func (d *Dashboard) changeRoutes() {
	d.inStore("GET", "/domain/changes", d.listChanges)
	d.forRole(store.Admin, "POST", "/domain/changes/{change}/undo", d.undoChange)
}

// changeList is the journal of a domain's records.
type changeList struct {
	at     string // where the list is
	domain domain.Domain
	listing[domain.Change]
	actors  map[string]string
	refused string // why the last undo was
}

func (d *Dashboard) listChanges(w http.ResponseWriter, v *visit) error {
	return d.changesPage(w, v, http.StatusOK, "")
}

func (d *Dashboard) changesPage(w http.ResponseWriter, v *visit, status int, refused string) error {
	l := changeList{at: v.at("/domain/changes"), refused: refused, actors: map[string]string{v.user.ID.String(): "you"}}
	var err error
	if l.domain, err = domain.Get(v.Context(), d.DB, v.store.ID); err != nil {
		return err
	}
	l.listing, err = listed(v.Request, func(p db.Page) ([]domain.Change, bool, error) {
		return domain.ListChanges(v.Context(), d.DB, v.store.ID, p)
	}, func(c domain.Change) id.UUID { return c.ID.UUID })
	if err != nil {
		return err
	}
	for _, c := range l.rows {
		if c.Actor == nil || l.actors[c.Actor.String()] != "" {
			continue
		}
		if l.actors[c.Actor.String()], err = d.personName(v, c.Actor.String()); err != nil {
			return err
		}
	}
	frame, err := d.domainFrame(w, v, "DNS History")
	if err != nil {
		return err
	}
	frame.Narrow = false
	frame.Crumbs = append(frame.Crumbs, web.Crumb{Label: "Custom Domain", Href: v.at("/domain")}, web.Crumb{Label: "DNS Records", Href: v.at("/domain/records")})
	return web.Render(w, v.Request, status, changesPage(frame, l))
}

func (d *Dashboard) undoChange(w http.ResponseWriter, v *visit) error {
	which, err := pathID(v.Request, "change", "DNS change")
	if err != nil {
		return err
	}
	back, err := d.Domains.Undo(v.Context(), v.store.ID, v.user.ID, domain.ChangeID{UUID: which}, nil)
	if err != nil {
		f, unknown := web.Refill(v.Request, err)
		if unknown != nil {
			return unknown
		}
		return d.changesPage(w, v, http.StatusUnprocessableEntity, f.Message)
	}
	return done(w, v, v.at("/domain/changes"), "The change of "+recordName(back.Subject())+" was undone.")
}

// by says who made a change.
func (l changeList) by(c domain.Change) string {
	if c.Actor == nil {
		return "Vitrine"
	}
	return l.actors[c.Actor.String()]
}

// changeLabels are what changes are called.
var changeLabels = map[domain.Action]string{
	domain.Create: "Created", domain.Update: "Changed", domain.Delete: "Deleted", domain.Adopt: "Adopted",
}

// stateOf is what a record said, in one line; a record that was not there is a dash.
func stateOf(r *domain.Record) string {
	if r == nil {
		return "–"
	}
	return strings.Join([]string{recordValue(r.Value, r.Priority), "TTL " + strconv.Itoa(r.TTL)}, ", ")
}
