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

// deliveryRoutes are the pages of what was sent to a webhook, whose path is one.
func (d *Dashboard) deliveryRoutes(one string) {
	d.forRole(store.Admin, "GET", one, d.showWebhook)
	d.forRole(store.Admin, "POST", one+"/test", d.testWebhook)
	d.forRole(store.Admin, "GET", one+"/deliveries/{delivery}", d.showDelivery)
	d.forRole(store.Admin, "POST", one+"/deliveries/{delivery}/redeliver", d.redeliver)
}

// deliveryList is what was sent to a webhook, as it is shown.
type deliveryList struct {
	hook        webhook.Webhook
	at          string // where the webhook is
	here        string // the list's address as it is narrowed now
	status      webhook.Status
	deliveries  []webhook.Delivery
	tabs        []web.Tab
	first, next string
}

// busy tells whether something is about to be sent.
func (l deliveryList) busy() bool {
	return slices.ContainsFunc(l.deliveries, func(d webhook.Delivery) bool { return d.Status == webhook.Pending })
}

// deliveryTabs are the ways to look at deliveries.
var deliveryTabs = []struct {
	label  string
	status webhook.Status
}{
	{"All", ""},
	{"Waiting", webhook.Pending},
	{"Delivered", webhook.Succeeded},
	{"Given up", webhook.Failed},
}

func (d *Dashboard) showWebhook(w http.ResponseWriter, v *visit) error {
	x, err := d.webhook(v)
	if err != nil {
		return err
	}
	l, err := d.deliveryList(v, x)
	if err != nil {
		return err
	}
	if web.Partial(v.Request) {
		return web.Render(w, v.Request, http.StatusOK, deliveryTable(l))
	}
	frame, err := d.frame(w, v, "Webhook", "settings")
	if err != nil {
		return err
	}
	frame.Crumbs = []web.Crumb{{Label: "Webhooks", Href: webhooksAt(v)}}
	return web.Render(w, v.Request, http.StatusOK, webhookPage(frame, l))
}

func (d *Dashboard) deliveryList(v *visit, x webhook.Webhook) (deliveryList, error) {
	l := deliveryList{hook: x, at: webhooksAt(v) + "/" + x.ID.String(), here: v.URL.RequestURI()}
	for _, t := range deliveryTabs {
		if string(t.status) == v.URL.Query().Get("status") {
			l.status = t.status
		}
	}
	for _, t := range deliveryTabs {
		l.tabs = append(l.tabs, web.Tab{Label: t.label, Href: with(v.Request, map[string]string{"status": string(t.status), "after": ""}), Current: t.status == l.status})
	}
	page, err := listed(v.Request, func(p db.Page) ([]webhook.Delivery, bool, error) {
		return webhook.ListDeliveries(v.Context(), d.DB, v.store.ID, x.ID, l.status, p)
	}, func(x webhook.Delivery) id.UUID { return x.ID.UUID })
	l.deliveries, l.first, l.next = page.rows, page.first, page.next
	return l, err
}

func (d *Dashboard) testWebhook(w http.ResponseWriter, v *visit) error {
	x, err := d.webhook(v)
	if err != nil {
		return err
	}
	_, err = write(v.Context(), d, func(tx *db.Tx) (webhook.Delivery, error) {
		return webhook.SendTest(v.Context(), tx, v.store.ID, x.ID)
	})
	if err != nil {
		return err
	}
	return done(w, v, webhooksAt(v)+"/"+x.ID.String(), "A test event is on its way.")
}

func (d *Dashboard) delivery(v *visit) (webhook.Delivery, error) {
	x, err := d.webhook(v)
	if err != nil {
		return webhook.Delivery{}, err
	}
	u, err := pathID(v.Request, "delivery", "delivery")
	if err != nil {
		return webhook.Delivery{}, err
	}
	return webhook.GetDelivery(v.Context(), d.DB, v.store.ID, x.ID, webhook.DeliveryID{UUID: u})
}

func (d *Dashboard) showDelivery(w http.ResponseWriter, v *visit) error {
	found, err := d.delivery(v)
	if err != nil {
		return err
	}
	at := webhooksAt(v) + "/" + found.Webhook.String()
	o := overlay{
		title: string(found.Event), about: found.ID.String(), current: "settings", drawer: true,
		back: web.Crumb{Label: "Webhook", Href: at},
	}
	return d.overlayPage(w, v, o, deliveryContent(at, found))
}

func (d *Dashboard) redeliver(w http.ResponseWriter, v *visit) error {
	found, err := d.delivery(v)
	if err != nil {
		return err
	}
	_, err = write(v.Context(), d, func(tx *db.Tx) (webhook.Delivery, error) {
		return webhook.Redeliver(v.Context(), tx, v.store.ID, found.Webhook, found.ID)
	})
	if err != nil {
		return err
	}
	return done(w, v, webhooksAt(v)+"/"+found.Webhook.String(), "The event is on its way again.")
}
