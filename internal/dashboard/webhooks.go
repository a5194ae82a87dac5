package dashboard

import (
	"net/http"
	"slices"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/store"
	"vitrine/internal/web"
	"vitrine/internal/webhook"
)

func (d *Dashboard) webhookRoutes() {
	const list, one = "/settings/webhooks", "/settings/webhooks/{id}"
	d.forRole(store.Admin, "GET", list, d.listWebhooks)
	d.forRole(store.Admin, "GET", list+"/new", d.showNewWebhook)
	d.forRole(store.Admin, "POST", list, d.createWebhook)
	d.forRole(store.Admin, "GET", one+"/edit", d.showEditWebhook)
	d.forRole(store.Admin, "POST", one+"/edit", d.updateWebhook)
	d.forRole(store.Admin, "GET", one+"/delete", d.askDeleteWebhook)
	d.forRole(store.Admin, "POST", one+"/delete", d.deleteWebhook)
	d.deliveryRoutes(one)
}

// webhooksAt is where the webhooks are.
func webhooksAt(v *visit) string { return v.at("/settings/webhooks") }

func (d *Dashboard) listWebhooks(w http.ResponseWriter, v *visit) error {
	l, err := listed(v.Request, func(p db.Page) ([]webhook.Webhook, bool, error) {
		return webhook.List(v.Context(), d.DB, v.store.ID, p)
	}, func(x webhook.Webhook) id.UUID { return x.ID.UUID })
	if err != nil {
		return err
	}
	frame, err := d.frame(w, v, "Webhooks", "settings")
	if err != nil {
		return err
	}
	frame.Narrow = true
	return web.Render(w, v.Request, http.StatusOK, webhooksPage(frame, settingsTabs(v, "Webhooks"), webhooksAt(v), l.rows, l.first, l.next))
}

func (d *Dashboard) showNewWebhook(w http.ResponseWriter, v *visit) error {
	return d.webhookForm(w, v, "Add webhook", web.Form{}, webhook.New())
}

func (d *Dashboard) webhookForm(w http.ResponseWriter, v *visit, title string, f web.Form, x webhook.Webhook) error {
	action := webhooksAt(v)
	if !x.ID.IsZero() {
		action = v.URL.Path
	}
	back := web.Crumb{Label: "Webhooks", Href: webhooksAt(v)}
	return d.formPage(w, v, title, "settings", back, f.Values != nil, webhookForm(f, action, back.Href, x))
}

// createWebhook shows the secret in its answer, and never again.
func (d *Dashboard) createWebhook(w http.ResponseWriter, v *visit) error {
	made := webhook.New()
	err := d.readWebhook(v, &made)
	if err == nil {
		made, err = write(v.Context(), d, func(tx *db.Tx) (webhook.Webhook, error) {
			return d.Webhooks.Create(v.Context(), tx, v.store.ID, made)
		})
	}
	if err != nil {
		f, err := web.Refill(v.Request, err)
		if err != nil {
			return err
		}
		return d.webhookForm(w, v, "Add webhook", f, webhook.New())
	}
	secret := webhookSecret(made, webhooksAt(v)+"/"+made.ID.String())
	if web.Partial(v.Request) {
		return web.Render(w, v.Request, http.StatusOK, secret)
	}
	frame, err := d.frame(w, v, "Your new webhook", "settings")
	if err != nil {
		return err
	}
	frame.Narrow, frame.Crumbs = true, []web.Crumb{{Label: "Webhooks", Href: webhooksAt(v)}}
	return web.Render(w, v.Request, http.StatusOK, formAlone(frame, secret))
}

// readWebhook takes what the form says of a webhook. Its host is looked up here,
// before a transaction begins.
func (d *Dashboard) readWebhook(v *visit, x *webhook.Webhook) error {
	if err := form(v.Request); err != nil {
		return err
	}
	x.URL, x.Active, x.Events = v.PostForm.Get("url"), v.PostForm.Get("is_active") != "", nil
	for _, e := range v.PostForm["event"] {
		x.Events = append(x.Events, webhook.Event(e))
	}
	return d.Webhooks.CheckHost(v.Context(), x.URL)
}

func (d *Dashboard) webhook(v *visit) (webhook.Webhook, error) {
	u, err := pathID(v.Request, "id", "webhook")
	if err != nil {
		return webhook.Webhook{}, err
	}
	return webhook.Get(v.Context(), d.DB, v.store.ID, webhook.ID{UUID: u})
}

func (d *Dashboard) showEditWebhook(w http.ResponseWriter, v *visit) error {
	x, err := d.webhook(v)
	if err != nil {
		return err
	}
	return d.webhookForm(w, v, "Edit webhook", web.Form{}, x)
}

func (d *Dashboard) updateWebhook(w http.ResponseWriter, v *visit) error {
	stored, err := d.webhook(v)
	if err != nil {
		return err
	}
	typed := stored
	if err = d.readWebhook(v, &typed); err == nil {
		_, err = write(v.Context(), d, func(tx *db.Tx) (webhook.Webhook, error) {
			return d.Webhooks.Update(v.Context(), tx, v.store.ID, stored.ID, func(x *webhook.Webhook) {
				x.URL, x.Events, x.Active = typed.URL, slices.Clone(typed.Events), typed.Active
			})
		})
	}
	if err != nil {
		f, err := web.Refill(v.Request, err)
		if err != nil {
			return err
		}
		return d.webhookForm(w, v, "Edit webhook", f, stored)
	}
	return done(w, v, webhooksAt(v)+"/"+stored.ID.String(), "The webhook was saved.")
}

func (d *Dashboard) askDeleteWebhook(w http.ResponseWriter, v *visit) error {
	x, err := d.webhook(v)
	if err != nil {
		return err
	}
	return d.confirmPage(w, v, "settings", web.Form{}, web.Confirmation{
		Title: "Delete this webhook?", About: x.URL + " hears of nothing any more, and what waits to be sent to it is given up.",
		Action: v.URL.Path, Button: "Delete webhook", Back: webhooksAt(v),
	})
}

func (d *Dashboard) deleteWebhook(w http.ResponseWriter, v *visit) error {
	x, err := d.webhook(v)
	if err != nil {
		return err
	}
	if err := d.DB.InTx(v.Context(), func(tx *db.Tx) error { return webhook.Delete(v.Context(), tx, v.store.ID, x.ID) }); err != nil {
		return err
	}
	return done(w, v, webhooksAt(v), "The webhook was deleted.")
}
