package dashboard

import (
	"net/http"

	"github.com/a-h/templ"

	"vitrine/internal/account"
	"vitrine/internal/fault"
	"vitrine/internal/web"
)

func (d *Dashboard) passwordRoutes() {
	d.signedIn("GET "+changePasswordPath, d.showChangePassword)
	d.signedIn("POST "+changePasswordPath, d.changePassword)
	d.mux.Handle("GET "+forgotPath, web.Handler(d.showForgot))
	d.mux.Handle("POST "+forgotPath, web.Handler(d.forgot))
	d.mux.Handle("GET "+account.ResetPath, web.Handler(d.showReset))
	d.mux.Handle("POST "+account.ResetPath, web.Handler(d.reset))
}

const (
	changePasswordPath = profilePath + "/password"
	forgotPath         = "/password"
)

func (d *Dashboard) showChangePassword(w http.ResponseWriter, v *visit) error {
	return d.changePasswordForm(w, v, web.Form{})
}

func (d *Dashboard) changePasswordForm(w http.ResponseWriter, v *visit, f web.Form) error {
	return d.formPage(w, v, "Change password", "account", web.Crumb{Label: "Account", Href: profilePath}, f.Values != nil, newPasswordForm(f))
}

func (d *Dashboard) changePassword(w http.ResponseWriter, v *visit) error {
	if err := form(v.Request); err != nil {
		return err
	}
	n, err := d.Accounts.ChangePassword(v.Context(), v.user, v.PostForm.Get("password"), v.PostForm.Get("new_password"), web.ClientAddress(v.Context()), web.Session(v.Request))
	if err != nil {
		f, err := web.Refill(v.Request, err, "password", "new_password")
		if err != nil {
			return err
		}
		return d.changePasswordForm(w, v, f)
	}
	return done(w, v, profilePath, "Your password was changed, and "+countOf(n, "other session")+" ended.")
}

func (d *Dashboard) showForgot(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, d.forgotPage(r, web.Form{}))
}

func (d *Dashboard) forgotPage(r *http.Request, f web.Form) templ.Component {
	return forgotPage(web.Theme(r), f, d.Silent, d.Mails != nil)
}

// forgot says the same whether there is an account or not.
func (d *Dashboard) forgot(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	if err := d.Accounts.Forgot(r.Context(), r.PostForm.Get("email"), web.ClientAddress(r.Context())); err != nil {
		f, err := web.Refill(r, err, "email")
		if err != nil {
			return err
		}
		return web.Render(w, r, http.StatusUnprocessableEntity, d.forgotPage(r, f))
	}
	return web.Render(w, r, http.StatusOK, linkSentPage(web.Theme(r), d.Silent, d.Mails != nil))
}

func (d *Dashboard) showReset(w http.ResponseWriter, r *http.Request) error {
	token := r.URL.Query().Get("token")
	if err := d.Accounts.CheckLink(r.Context(), token); err != nil {
		f, err := web.Refill(r, err, "email")
		if err != nil {
			return err
		}
		return web.Render(w, r, http.StatusUnprocessableEntity, d.forgotPage(r, f))
	}
	return web.Render(w, r, http.StatusOK, resetPage(web.Theme(r), web.Form{}, token))
}

func (d *Dashboard) reset(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	token := r.PostForm.Get("token")
	err := d.Accounts.Reset(r.Context(), token, r.PostForm.Get("password"))
	if err == nil {
		return web.Render(w, r, http.StatusOK, passwordSetPage(web.Theme(r)))
	}
	f, refused := web.Refill(r, err, "password")
	if refused != nil {
		return refused
	}
	if fault.Is(err, fault.Refused) {
		return web.Render(w, r, http.StatusUnprocessableEntity, d.forgotPage(r, f))
	}
	return web.Render(w, r, http.StatusUnprocessableEntity, resetPage(web.Theme(r), f, token))
}
