package dashboard

import (
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/payment/sandbox"
	"vitrine/internal/web"
)

func (d *Dashboard) profileRoutes() {
	d.signedIn("GET /dashboard/account", d.showProfile)
	d.signedIn("POST /dashboard/account/plan", d.changePlan)
	d.signedIn("POST /dashboard/account/card", d.keepCard)
	d.signedIn("GET /dashboard/account/tokens/new", d.showNewToken)
	d.signedIn("POST /dashboard/account/tokens", d.createToken)
	d.signedIn("GET /dashboard/account/tokens/{id}/delete", d.askDeleteToken)
	d.signedIn("POST /dashboard/account/tokens/{id}/delete", d.deleteToken)
	d.signedIn("POST /dashboard/account/sessions/end", d.signOutElsewhere)
}

const profilePath = "/dashboard/account"

// profile is what the account's page shows.
type profile struct {
	Form        web.Form
	Plans       []account.Plan
	Tokens      []account.Token
	First, Next string // of the tokens
	Logins      []account.Login
	MoreLogins  bool

	SecondFactor account.SecondFactor
	TwoFactor    bool // whether it is on

	TestPayments bool
	Card         string // that pays for names; "": none
	CardUnknown  bool   // the payment provider does not answer
}

// loginsShown is how many sessions the page names.
const loginsShown = 10

func (d *Dashboard) showProfile(w http.ResponseWriter, v *visit) error {
	return d.profile(w, v, http.StatusOK, web.Form{})
}

func (d *Dashboard) profile(w http.ResponseWriter, v *visit, status int, f web.Form) error {
	tokens, err := listed(v.Request, func(p db.Page) ([]account.Token, bool, error) {
		return account.ListTokens(v.Context(), d.DB, v.user.ID, p)
	}, func(x account.Token) id.UUID { return x.ID.UUID })
	if err != nil {
		return err
	}
	p := profile{Form: f, Tokens: tokens.rows, First: tokens.first, Next: tokens.next}
	if p.Plans, err = account.Plans(v.Context(), d.DB); err != nil {
		return err
	}
	p.Logins, p.MoreLogins, err = account.ListLogins(v.Context(), d.DB, v.user.ID, web.Session(v.Request), d.DB.Now(), db.Page{Limit: loginsShown})
	if err != nil {
		return err
	}
	if p.SecondFactor, p.TwoFactor, err = account.FindSecondFactor(v.Context(), d.DB, v.user.ID); err != nil {
		return err
	}
	p.TestPayments = d.testPayments()
	if p.Card, err = d.Payments.Card(v.Context(), v.user.ID.String()); err != nil {
		slog.WarnContext(v.Context(), "the payment provider could not be asked for a card", "error", err)
		p.CardUnknown = true
	}
	frame, err := d.frame(w, v, "Account", "account")
	if err != nil {
		return err
	}
	frame.Narrow = true
	return web.Render(w, v.Request, status, profilePage(frame, p))
}

// testPayments tells whether no money moves.
func (d *Dashboard) testPayments() bool { return d.Payments.Name() == sandbox.Name }

// keepCard leads to where the payment provider is given a card.
func (d *Dashboard) keepCard(w http.ResponseWriter, v *visit) error {
	page, err := d.Payments.KeepCard(v.Context(), v.user.ID.String(), v.user.Email, web.Origin(v.Request)+profilePath)
	if err != nil {
		slog.WarnContext(v.Context(), "the payment provider gives no page for a card", "error", err)
		return &fault.Error{Kind: fault.Provider, Code: "payment_failed", Message: err.Error()}
	}
	if page == "" {
		return web.Redirect(w, v.Request, profilePath)
	}
	return web.Leave(w, v.Request, page)
}

func (d *Dashboard) changePlan(w http.ResponseWriter, v *visit) error {
	if err := form(v.Request); err != nil {
		return err
	}
	_, err := d.Till.ChangePlan(v.Context(), v.user.ID, v.PostForm.Get("plan"))
	if err != nil {
		f, err := web.Refill(v.Request, atField(err, map[string]string{"plan_too_small": "plan", "payment_failed": "plan", "payment_pending": "plan"}))
		if err != nil {
			return err
		}
		return d.profile(w, v, http.StatusUnprocessableEntity, f)
	}
	return done(w, v, profilePath, "Your plan was changed.")
}

func (d *Dashboard) showNewToken(w http.ResponseWriter, v *visit) error {
	return d.tokenForm(w, v, web.Form{})
}

func (d *Dashboard) tokenForm(w http.ResponseWriter, v *visit, f web.Form) error {
	const title, about = "Make an API token", "For programs that act for you: whoever has it can do all that you can."
	content, refused := tokenForm(f), f.Values != nil
	if web.Partial(v.Request) && !refused {
		return web.Render(w, v.Request, http.StatusOK, inside(web.Dialog(title, about), content))
	}
	return d.formPage(w, v, title, "account", web.Crumb{Label: "Account", Href: profilePath}, refused, content)
}

// createToken shows the secret in its answer, and never again.
func (d *Dashboard) createToken(w http.ResponseWriter, v *visit) error {
	if err := form(v.Request); err != nil {
		return err
	}
	expires, err := expiry(v.PostForm.Get("days"), d.DB.Now())
	var t account.Token
	if err == nil {
		t, err = write(v.Context(), d, func(tx *db.Tx) (account.Token, error) {
			return account.CreateToken(v.Context(), tx, v.user.ID, v.PostForm.Get("name"), expires)
		})
	}
	if err != nil {
		f, err := web.Refill(v.Request, err)
		if err != nil {
			return err
		}
		return d.tokenForm(w, v, f)
	}
	if web.Partial(v.Request) {
		return web.Render(w, v.Request, http.StatusOK, tokenSecret(t))
	}
	frame, err := d.frame(w, v, "Your new token", "account")
	if err != nil {
		return err
	}
	frame.Narrow, frame.Crumbs = true, []web.Crumb{{Label: "Account", Href: profilePath}}
	return web.Render(w, v.Request, http.StatusOK, formAlone(frame, tokenSecret(t)))
}

// expiry reads in how many days a token ends; "" is never.
func expiry(days string, now time.Time) (*time.Time, error) {
	if days == "" {
		return nil, nil //nolint:nilnil // it never ends
	}
	n, err := strconv.Atoi(days)
	if err != nil {
		return nil, fault.Invalidf("days", "must be a number of days")
	}
	ends := now.AddDate(0, 0, n)
	return &ends, nil
}

func (d *Dashboard) askDeleteToken(w http.ResponseWriter, v *visit) error {
	if _, err := pathID(v.Request, "id", "token"); err != nil {
		return err
	}
	return d.confirmPage(w, v, "account", web.Form{}, web.Confirmation{
		Title: "Revoke this token?", About: "Programs that use it are shut out at once.", Action: v.URL.Path, Button: "Revoke token", Back: profilePath,
	})
}

func (d *Dashboard) deleteToken(w http.ResponseWriter, v *visit) error {
	t, err := pathID(v.Request, "id", "token")
	if err != nil {
		return err
	}
	err = d.DB.InTx(v.Context(), func(tx *db.Tx) error {
		return account.DeleteToken(v.Context(), tx, v.user.ID, account.TokenID{UUID: t})
	})
	if err != nil {
		return err
	}
	return done(w, v, profilePath, "The token was revoked.")
}

func (d *Dashboard) signOutElsewhere(w http.ResponseWriter, v *visit) error {
	n, err := write(v.Context(), d, func(tx *db.Tx) (int, error) {
		return account.LogoutElsewhere(v.Context(), tx, v.user.ID, web.Session(v.Request))
	})
	if err != nil {
		return err
	}
	return done(w, v, profilePath, countOf(n, "other session")+" ended.")
}
