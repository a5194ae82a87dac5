package dashboard

import (
	"net/http"
	"net/url"
	"time"

	"vitrine/internal/fault"
	"vitrine/internal/web"
)

func (d *Dashboard) kitRoutes() {
	d.signedIn("GET /dashboard/kit", d.showKit)
	d.signedIn("GET /dashboard/kit/{what}", d.showKitOver)
}

// showKit shows what pages are made of, to those who change it.
func (d *Dashboard) showKit(w http.ResponseWriter, v *visit) error {
	if !d.DevPages {
		return fault.Missing("page")
	}
	frame, err := d.frame(w, v, "Kit", "")
	if err != nil {
		return err
	}
	return web.Render(w, v.Request, http.StatusOK, kitPage(frame, d.DB.Now()))
}

// showKitOver shows what opens over a page.
func (d *Dashboard) showKitOver(w http.ResponseWriter, v *visit) error {
	if !d.DevPages {
		return fault.Missing("page")
	}
	switch v.PathValue("what") {
	case "dialog":
		return web.Render(w, v.Request, http.StatusOK, inside(web.Dialog("A dialog", "For a short question."), web.Confirm(web.Form{}, sampleQuestion)))
	case "drawer":
		return web.Render(w, v.Request, http.StatusOK, inside(web.Drawer("A drawer", "To look at one thing beside its list."), kitForm("drawer-", sampleForm)))
	case "toast":
		return web.Render(w, v.Request, http.StatusOK, web.Toast("A toast says that something worked."))
	}
	return fault.Missing("page")
}

var sampleQuestion = web.Confirmation{Title: "A question", Action: "/dashboard/kit", Button: "Delete", Back: "/dashboard/kit", Name: "Mug"}

// sampleForm is a form with something wrong.
var sampleForm = web.Form{Values: url.Values{}, Message: "A rule says no to the whole form."}

// wrong is a form whose field has an error.
func wrong(name string) web.Form {
	return web.Form{Values: url.Values{}, Errors: map[string]string{name: "Must be a decimal number such as 12.99."}}
}

// sampleSteps are one of each state.
var sampleSteps = []web.Step{{Label: "Done", State: "done"}, {Label: "Failed", About: "And why.", State: "failed"}, {Label: "Now", State: "now"}, {Label: "Later"}}

func sampleTabs() []web.Tab {
	return []web.Tab{{Label: "All", Href: "/dashboard/kit", Current: true}, {Label: "Active", Href: "/dashboard/kit"}, {Label: "Draft", Href: "/dashboard/kit"}}
}

// ago is a moment before now.
func ago(now time.Time, d time.Duration) time.Time { return now.Add(-d) }
