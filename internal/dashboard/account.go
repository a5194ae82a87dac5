package dashboard

import (
	"errors"
	"net/http"
	"net/url"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/web"
)

func (d *Dashboard) accountRoutes() {
	d.mux.Handle("GET /login", web.Handler(d.showSignIn))
	d.mux.Handle("POST /login", web.Handler(d.signIn))
	d.mux.Handle("GET /register", web.Handler(d.showRegister))
	d.mux.Handle("POST /register", web.Handler(d.register))
	d.mux.Handle("POST /logout", web.Handler(d.signOut))
	d.mux.Handle("POST /dashboard/theme", web.Handler(d.switchTheme))
}

// signInPath leads to the sign-in page and from there back to where r wanted to go.
func signInPath(r *http.Request) string {
	if r.Method != http.MethodGet {
		return "/login"
	}
	return "/login?next=" + url.QueryEscape(r.URL.RequestURI())
}

func (d *Dashboard) showSignIn(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, signInPage(web.Theme(r), web.Form{}, r.FormValue("next")))
}

func (d *Dashboard) signIn(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	next := r.PostForm.Get("next")
	s, err := d.Accounts.Login(r.Context(), account.Credentials{Email: r.PostForm.Get("email"), Password: r.PostForm.Get("password")}, web.ClientAddress(r.Context()))
	if code, needed := errors.AsType[*account.CodeNeeded](err); needed {
		return d.askForCode(w, r, http.StatusOK, web.Form{}, code.Proof, next)
	}
	if err != nil {
		f, err := web.Refill(r, err)
		if err != nil {
			return err
		}
		return web.Render(w, r, http.StatusUnprocessableEntity, signInPage(web.Theme(r), f, next))
	}
	web.SignIn(w, s, web.Secured(r.Context()))
	return web.Redirect(w, r, web.LocalPath(next, "/dashboard"))
}

func (d *Dashboard) showRegister(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, http.StatusOK, registerPage(web.Theme(r), web.Form{}))
}

func (d *Dashboard) register(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	s, err := d.Accounts.Register(r.Context(), account.Credentials{Email: r.PostForm.Get("email"), Password: r.PostForm.Get("password")}, r.PostForm.Get("name"))
	if err != nil {
		f, err := web.Refill(r, err)
		if err != nil {
			return err
		}
		return web.Render(w, r, http.StatusUnprocessableEntity, registerPage(web.Theme(r), f))
	}
	web.SignIn(w, s, web.Secured(r.Context()))
	return web.Redirect(w, r, "/dashboard")
}

func (d *Dashboard) signOut(w http.ResponseWriter, r *http.Request) error {
	err := d.DB.InTx(r.Context(), func(tx *db.Tx) error { return account.Logout(r.Context(), tx, web.Session(r)) })
	if err != nil {
		return err
	}
	web.SignOut(w)
	return web.Redirect(w, r, "/login")
}

func (d *Dashboard) switchTheme(w http.ResponseWriter, r *http.Request) error {
	web.SwitchTheme(w, r)
	back, err := url.Parse(r.Referer())
	if err != nil {
		return web.Redirect(w, r, "/dashboard")
	}
	return web.Redirect(w, r, web.LocalPath(back.RequestURI(), "/dashboard"))
}
