package dashboard

import (
	"net/http"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

func (d *Dashboard) memberRoutes() {
	const list, one = "/settings/members", "/settings/members/{id}"
	d.inStore("GET", list, d.listMembers)
	d.forRole(store.Admin, "GET", list+"/new", d.showInvitation)
	d.forRole(store.Admin, "POST", list, d.invite)
	d.forRole(store.Admin, "GET", one, d.showMember)
	d.forRole(store.Admin, "POST", one, d.changeRole)
	d.forRole(store.Admin, "GET", one+"/delete", d.askRemoveMember)
	d.forRole(store.Admin, "POST", one+"/delete", d.removeMember)
}

// membersAt is where the members are.
func membersAt(v *visit) string { return v.at("/settings/members") }

func (d *Dashboard) listMembers(w http.ResponseWriter, v *visit) error {
	l, err := listed(v.Request, func(p db.Page) ([]store.Member, bool, error) {
		return store.ListMembers(v.Context(), d.DB, v.store.ID, p)
	}, func(x store.Member) id.UUID { return x.ID.UUID })
	if err != nil {
		return err
	}
	frame, err := d.frame(w, v, "Members", "settings")
	if err != nil {
		return err
	}
	frame.Narrow = true
	return web.Render(w, v.Request, http.StatusOK, membersPage(frame, settingsTabs(v, "Members"), membersAt(v), l.rows, l.first, l.next))
}

// memberOverlay is what opens over the members.
func memberOverlay(v *visit, title, about string, f web.Form) overlay {
	return overlay{
		title: title, about: about, current: "settings", refused: f.Values != nil,
		back: web.Crumb{Label: "Members", Href: membersAt(v)},
	}
}

func (d *Dashboard) showInvitation(w http.ResponseWriter, v *visit) error {
	return d.invitation(w, v, web.Form{})
}

func (d *Dashboard) invitation(w http.ResponseWriter, v *visit, f web.Form) error {
	const about = "Whoever has an account with the address gets in at once, others as soon as they register."
	return d.overlayPage(w, v, memberOverlay(v, "Invite member", about, f), inviteForm(f, membersAt(v)))
}

func (d *Dashboard) invite(w http.ResponseWriter, v *visit) error {
	if err := form(v.Request); err != nil {
		return err
	}
	m, err := write(v.Context(), d, func(tx *db.Tx) (store.Member, error) {
		return store.Invite(v.Context(), tx, v.store.ID, v.user.ID, v.PostForm.Get("email"), store.Role(v.PostForm.Get("role")))
	})
	if err != nil {
		f, err := web.Refill(v.Request, atField(err, map[string]string{"member_exists": "email"}))
		if err != nil {
			return err
		}
		return d.invitation(w, v, f)
	}
	if m.Account == nil {
		return done(w, v, membersAt(v), m.Email+" is invited: they get in as soon as they register.")
	}
	return done(w, v, membersAt(v), m.Email+" is a member now.")
}

func (d *Dashboard) member(v *visit) (store.Member, error) {
	u, err := pathID(v.Request, "id", "member")
	if err != nil {
		return store.Member{}, err
	}
	return store.GetMember(v.Context(), d.DB, v.store.ID, store.MemberID{UUID: u})
}

func (d *Dashboard) showMember(w http.ResponseWriter, v *visit) error {
	m, err := d.member(v)
	if err != nil {
		return err
	}
	return d.roleForm(w, v, web.Form{}, m)
}

func (d *Dashboard) roleForm(w http.ResponseWriter, v *visit, f web.Form, m store.Member) error {
	return d.overlayPage(w, v, memberOverlay(v, "Change role", m.Email, f), roleForm(f, v.URL.Path, membersAt(v), m))
}

func (d *Dashboard) changeRole(w http.ResponseWriter, v *visit) error {
	m, err := d.member(v)
	if err != nil {
		return err
	}
	if err := form(v.Request); err != nil {
		return err
	}
	to := store.Role(v.PostForm.Get("role"))
	_, err = write(v.Context(), d, func(tx *db.Tx) (store.Member, error) {
		return store.ChangeRole(v.Context(), tx, v.store.ID, v.user.ID, m.ID, func(r *store.Role) { *r = to })
	})
	if err != nil {
		f, err := web.Refill(v.Request, err)
		if err != nil {
			return err
		}
		return d.roleForm(w, v, f, m)
	}
	return done(w, v, membersAt(v), m.Email+" has another role now.")
}

func (d *Dashboard) askRemoveMember(w http.ResponseWriter, v *visit) error {
	m, err := d.member(v)
	if err != nil {
		return err
	}
	return d.confirmPage(w, v, "settings", web.Form{}, removal(v, m))
}

func removal(v *visit, m store.Member) web.Confirmation {
	c := web.Confirmation{
		Title: "Remove " + m.Email + "?", About: "They no longer see this store. What they did in it stays.",
		Action: membersAt(v) + "/" + m.ID.String() + "/delete", Button: "Remove member", Back: membersAt(v),
	}
	if m.Account == nil {
		c.Title, c.About, c.Button = "Take back the invitation of "+m.Email+"?", "Nobody has registered with the address yet.", "Take back"
	}
	return c
}

func (d *Dashboard) removeMember(w http.ResponseWriter, v *visit) error {
	m, err := d.member(v)
	if err != nil {
		return err
	}
	err = d.DB.InTx(v.Context(), func(tx *db.Tx) error {
		return store.Remove(v.Context(), tx, v.store.ID, v.user.ID, m.ID)
	})
	if err != nil {
		if err := form(v.Request); err != nil {
			return err
		}
		return d.refuseQuestion(w, v, "settings", err, removal(v, m))
	}
	if m.Account != nil && *m.Account == v.user.ID {
		return done(w, v, "/dashboard/stores", "You have left "+v.store.Name+".")
	}
	return done(w, v, membersAt(v), m.Email+" was removed.")
}
