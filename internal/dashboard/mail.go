package dashboard

import (
	"net/http"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/web"
)

func (d *Dashboard) mailRoutes() {
	d.signedIn("GET /dashboard/outbox", d.showOutbox)
	d.signedIn("POST /dashboard/account/verify", d.askToVerify)
	d.mux.Handle("GET "+account.VerifyPath+"{token}", web.Handler(d.showVerify))
	d.mux.Handle("POST "+account.VerifyPath+"{token}", web.Handler(d.verify))
}

// outboxSize is how many mails the outbox shows.
const outboxSize = 100

// showOutbox shows what was mailed to anybody, to those who try the platform out.
func (d *Dashboard) showOutbox(w http.ResponseWriter, v *visit) error {
	if d.Mails == nil {
		return fault.Missing("page")
	}
	all, err := d.Mails.Outbox(v.Context(), outboxSize)
	if err != nil {
		return err
	}
	frame, err := d.frame(w, v, "Outbox", "")
	if err != nil {
		return err
	}
	return web.Render(w, v.Request, http.StatusOK, outboxPage(frame, all, d.Mails.Sends()))
}

func (d *Dashboard) askToVerify(w http.ResponseWriter, v *visit) error {
	err := d.DB.InTx(v.Context(), func(tx *db.Tx) error { return d.Accounts.AskAgain(v.Context(), tx, v.user) })
	if err != nil {
		return err
	}
	return done(w, v, profilePath, "The link is on its way to "+v.user.Email+".")
}

// showVerify asks before it confirms: programs that look through mails follow links.
func (d *Dashboard) showVerify(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, verifyPage(web.Theme(r), r.URL.Path))
}

func (d *Dashboard) verify(w http.ResponseWriter, r *http.Request) error {
	err := d.DB.InTx(r.Context(), func(tx *db.Tx) error { return d.Accounts.Confirm(r.Context(), tx, r.PathValue("token")) })
	if err != nil {
		return err
	}
	web.Flash(w, "Your address is confirmed.")
	return web.Redirect(w, r, "/dashboard")
}
