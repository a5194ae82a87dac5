package dashboard

import (
	"bytes"
	"encoding/base64"
	"errors"
	"image"
	"image/draw"
	"image/png"
	"net/http"

	"vitrine/internal/account"
	"vitrine/internal/fault"
	"vitrine/internal/web"
)

func (d *Dashboard) secondFactorRoutes() {
	d.mux.Handle("POST /login/code", web.Handler(d.signInWithCode))
	d.signedIn("GET /dashboard/account/two-factor", d.showSecondFactor)
	d.signedIn("POST /dashboard/account/two-factor", d.turnOnSecondFactor)
	d.signedIn("GET /dashboard/account/two-factor/off", d.askTurnOffSecondFactor)
	d.signedIn("POST /dashboard/account/two-factor/off", d.turnOffSecondFactor)
	d.signedIn("GET /dashboard/account/two-factor/codes", d.askNewRecovery)
	d.signedIn("POST /dashboard/account/two-factor/codes", d.newRecovery)
}

const (
	secondFactorPath = profilePath + "/two-factor"
	turnOffPath      = secondFactorPath + "/off"
	newRecoveryPath  = secondFactorPath + "/codes"
)

// askForCode is the second step of signing in, for who has proven the password.
func (d *Dashboard) askForCode(w http.ResponseWriter, r *http.Request, status int, f web.Form, proof, next string) error {
	return web.Render(w, r, status, codePage(web.Theme(r), f, proof, next))
}

func (d *Dashboard) signInWithCode(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	next, proof := r.PostForm.Get("next"), r.PostForm.Get("proof")
	s, err := d.Accounts.LoginProven(r.Context(), proof, r.PostForm.Get("code"), web.ClientAddress(r.Context()))
	if again, needed := errors.AsType[*account.CodeNeeded](err); needed {
		return d.askForCode(w, r, http.StatusUnprocessableEntity, web.Form{}.With("code", "Enter the code."), again.Proof, next)
	}
	if err != nil {
		f, refused := web.Refill(r, err)
		if refused != nil {
			return refused
		}
		f.Values.Del("code")
		if fault.Is(err, fault.Refused) {
			return web.Render(w, r, http.StatusUnprocessableEntity, signInPage(web.Theme(r), f, next))
		}
		return d.askForCode(w, r, http.StatusUnprocessableEntity, f.At("code"), proof, next)
	}
	web.SignIn(w, s, web.Secured(r.Context()))
	return web.Redirect(w, r, web.LocalPath(next, "/dashboard"))
}

// setupView is what is scanned, or typed, into an authenticator app.
type setupView struct {
	Form    web.Form
	Picture string // of the secret, as a data address
	Secret  string
	Sealed  string
}

// quiet is the white around a QR code, without which apps do not find it on a dark page:
// four modules, ISO/IEC 18004.
const quiet = 16

func viewOf(s account.Setup, f web.Form) (setupView, error) {
	code, err := s.Key.Image(200-2*quiet, 200-2*quiet)
	if err != nil {
		return setupView{}, err
	}
	picture := image.NewGray(image.Rect(0, 0, 200, 200))
	draw.Draw(picture, picture.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(picture, picture.Rect.Inset(quiet), code, code.Bounds().Min, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return setupView{}, err
	}
	return setupView{Form: f, Picture: "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes()), Secret: inFours(s.Key.Secret()), Sealed: s.Sealed}, nil
}

// inFours writes a secret as one can read it.
func inFours(secret string) string {
	var b bytes.Buffer
	for i, r := range secret {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func (d *Dashboard) showSecondFactor(w http.ResponseWriter, v *visit) error {
	_, on, err := account.FindSecondFactor(v.Context(), d.DB, v.user.ID)
	if err != nil {
		return err
	}
	if on {
		return web.Redirect(w, v.Request, profilePath)
	}
	setup, err := d.Accounts.NewSetup(v.user)
	if err != nil {
		return err
	}
	return d.setUp(w, v, setup, web.Form{})
}

func (d *Dashboard) setUp(w http.ResponseWriter, v *visit, s account.Setup, f web.Form) error {
	view, err := viewOf(s, f)
	if err != nil {
		return err
	}
	return d.formPage(w, v, "Turn on two-factor sign-in", "account", web.Crumb{Label: "Account", Href: profilePath}, f.Values != nil, secondFactorForm(view))
}

func (d *Dashboard) turnOnSecondFactor(w http.ResponseWriter, v *visit) error {
	if err := form(v.Request); err != nil {
		return err
	}
	sealed := v.PostForm.Get("setup")
	codes, err := d.Accounts.TurnOn(v.Context(), v.user, sealed, v.PostForm.Get("password"), v.PostForm.Get("code"), web.ClientAddress(v.Context()), web.Session(v.Request))
	if err == nil {
		return d.showRecovery(w, v, codes)
	}
	f, refused := web.Refill(v.Request, err)
	if refused != nil {
		return refused
	}
	setup, err := d.Accounts.Resume(v.user, sealed)
	if fault.Is(err, fault.Refused) {
		setup, err = d.Accounts.NewSetup(v.user)
	}
	if err != nil {
		return err
	}
	return d.setUp(w, v, setup, f)
}

// showRecovery shows recovery codes in its answer, and never again.
func (d *Dashboard) showRecovery(w http.ResponseWriter, v *visit, codes []string) error {
	if web.Partial(v.Request) {
		return web.Render(w, v.Request, http.StatusOK, recoveryCodes(codes))
	}
	frame, err := d.frame(w, v, "Your recovery codes", "account")
	if err != nil {
		return err
	}
	frame.Narrow, frame.Crumbs = true, []web.Crumb{{Label: "Account", Href: profilePath}}
	return web.Render(w, v.Request, http.StatusOK, formAlone(frame, recoveryCodes(codes)))
}

func (d *Dashboard) askTurnOffSecondFactor(w http.ResponseWriter, v *visit) error {
	return d.turnOffForm(w, v, web.Form{})
}

func (d *Dashboard) turnOffForm(w http.ResponseWriter, v *visit, f web.Form) error {
	return d.formPage(w, v, "Turn off two-factor sign-in", "account", web.Crumb{Label: "Account", Href: profilePath}, f.Values != nil,
		provenForm(f, turnOffPath, "From then on your password alone signs you in.", "Turn off", "btn danger"))
}

func (d *Dashboard) turnOffSecondFactor(w http.ResponseWriter, v *visit) error {
	if err := form(v.Request); err != nil {
		return err
	}
	if err := d.Accounts.TurnOff(v.Context(), v.user, v.PostForm.Get("password"), v.PostForm.Get("code"), web.ClientAddress(v.Context())); err != nil {
		f, err := web.Refill(v.Request, err)
		if err != nil {
			return err
		}
		return d.turnOffForm(w, v, f)
	}
	return done(w, v, profilePath, "Two-factor sign-in is off.")
}

func (d *Dashboard) askNewRecovery(w http.ResponseWriter, v *visit) error {
	return d.newRecoveryForm(w, v, web.Form{})
}

func (d *Dashboard) newRecoveryForm(w http.ResponseWriter, v *visit, f web.Form) error {
	return d.formPage(w, v, "Make new recovery codes", "account", web.Crumb{Label: "Account", Href: profilePath}, f.Values != nil,
		provenForm(f, newRecoveryPath, "The old ones count no more.", "Make new codes", "btn"))
}

func (d *Dashboard) newRecovery(w http.ResponseWriter, v *visit) error {
	if err := form(v.Request); err != nil {
		return err
	}
	codes, err := d.Accounts.NewRecovery(v.Context(), v.user, v.PostForm.Get("password"), v.PostForm.Get("code"), web.ClientAddress(v.Context()))
	if err != nil {
		f, err := web.Refill(v.Request, err)
		if err != nil {
			return err
		}
		return d.newRecoveryForm(w, v, f)
	}
	return d.showRecovery(w, v, codes)
}
