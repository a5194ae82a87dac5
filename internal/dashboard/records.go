package dashboard

import (
	"net/http"
	"slices"
	"strconv"

	"vitrine/internal/db"
	"vitrine/internal/dns"
	"vitrine/internal/domain"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

func (d *Dashboard) recordRoutes() {
	d.inStore("GET", "/domain/records", d.listRecords)
	d.forRole(store.Admin, "POST", "/domain/records", d.createRecord)
	d.forRole(store.Admin, "POST", "/domain/sync", d.syncRecords)
	d.forRole(store.Admin, "POST", "/domain/drift/{drift}", d.resolveDrift)
	d.forRole(store.Admin, "GET", "/domain/records/new", d.showNewRecord)
	d.forRole(store.Admin, "GET", "/domain/records/{record}", d.showRecord)
	d.forRole(store.Admin, "POST", "/domain/records/{record}", d.updateRecord)
	d.forRole(store.Admin, "GET", "/domain/records/{record}/delete", d.askDeleteRecord)
	d.forRole(store.Admin, "POST", "/domain/records/{record}/delete", d.deleteRecord)
}

// recordList is the records of a domain beside those that its provider has.
type recordList struct {
	at     string // where the list is
	domain domain.Domain
	listing[domain.Record]
	drift  []domain.Difference // those too that are ignored
	silent string              // why the provider could not be asked
}

func (d *Dashboard) listRecords(w http.ResponseWriter, v *visit) error {
	return d.recordsPage(w, v, http.StatusOK, "")
}

// recordsPage shows the records. refused is what the provider said to what was asked
// of it last.
func (d *Dashboard) recordsPage(w http.ResponseWriter, v *visit, status int, refused string) error {
	l := recordList{at: v.at("/domain/records"), silent: refused}
	var err error
	if l.domain, err = domain.Get(v.Context(), d.DB, v.store.ID); err != nil {
		return err
	}
	l.listing, err = listed(v.Request, func(p db.Page) ([]domain.Record, bool, error) {
		return domain.ListRecords(v.Context(), d.DB, v.store.ID, p)
	}, func(r domain.Record) id.UUID { return r.ID.UUID })
	if err != nil {
		return err
	}
	if refused == "" {
		if l.drift, err = d.Domains.Drift(v.Context(), v.store.ID); err != nil {
			f, unknown := web.Refill(v.Request, err)
			if unknown != nil {
				return unknown
			}
			l.silent = f.Message
		}
	}
	frame, err := d.domainFrame(w, v, "DNS Records")
	if err != nil {
		return err
	}
	frame.Narrow = false
	frame.Crumbs = append(frame.Crumbs, web.Crumb{Label: "Custom Domain", Href: v.at("/domain")})
	return web.Render(w, v.Request, status, recordsPage(frame, l))
}

// observed is what the provider has where it differs from a record; nil where both
// are the same.
func (l recordList) observed(r domain.Record) *domain.Difference {
	i := slices.IndexFunc(l.drift, func(x domain.Difference) bool { return x.Record != nil && x.Record.ID == r.ID })
	if i < 0 {
		return nil
	}
	return &l.drift[i]
}

// inbox are the differences to be told of, or those that are ignored.
func (l recordList) inbox(ignored bool) []domain.Difference {
	var all []domain.Difference
	for _, x := range l.drift {
		if x.Ignored == ignored {
			all = append(all, x)
		}
	}
	return all
}

// resolveDrift adopts, restores or ignores what somebody has changed at the provider.
func (d *Dashboard) resolveDrift(w http.ResponseWriter, v *visit) error {
	which, err := pathID(v.Request, "drift", "difference any more")
	if err != nil {
		return err
	}
	if err := form(v.Request); err != nil {
		return err
	}
	how := domain.Resolution(v.PostForm.Get("how"))
	message, known := resolved[how]
	if !known {
		return fault.Invalidf("how", "must be adopt, restore or ignore")
	}
	if _, err := d.Domains.Resolve(v.Context(), v.store.ID, v.user.ID, domain.DriftID{UUID: which}, how, nil); err != nil {
		f, unknown := web.Refill(v.Request, err)
		if unknown != nil {
			return unknown
		}
		return d.recordsPage(w, v, http.StatusUnprocessableEntity, f.Message)
	}
	return done(w, v, v.at("/domain/records"), message)
}

// resolved says what was done about a difference.
var resolved = map[domain.Resolution]string{
	domain.Take: "The record was adopted from the DNS provider.", domain.Restore: "The DNS provider has the record again as it stands here.", domain.Ignore: "The difference is ignored.",
}

func (d *Dashboard) syncRecords(w http.ResponseWriter, v *visit) error {
	settled, err := d.Domains.Sync(v.Context(), v.store.ID, v.user.ID, nil)
	if err != nil {
		f, unknown := web.Refill(v.Request, err)
		if unknown != nil {
			return unknown
		}
		return d.recordsPage(w, v, http.StatusUnprocessableEntity, f.Message)
	}
	return done(w, v, v.at("/domain/records"), countOf(len(settled), "record")+" brought in step.")
}

func (d *Dashboard) showNewRecord(w http.ResponseWriter, v *visit) error {
	if _, err := domain.Get(v.Context(), d.DB, v.store.ID); err != nil {
		return err
	}
	return d.recordForm(w, v, web.Form{}, nil)
}

// recordForm asks for a record; known is the one that is edited, if there is one.
func (d *Dashboard) recordForm(w http.ResponseWriter, v *visit, f web.Form, known *domain.Record) error {
	list := v.at("/domain/records")
	title, action, r := "Add Record", list, domain.Record{Type: dns.A, TTL: domain.DefaultTTL}
	if known != nil {
		title, action, r = "Edit record", list+"/"+known.ID.String(), *known
	}
	content := recordForm(f, action, list, r, known != nil)
	return d.formPage(w, v, title, "domain", web.Crumb{Label: "DNS Records", Href: list}, f.Values != nil, content)
}

func (d *Dashboard) createRecord(w http.ResponseWriter, v *visit) error {
	if err := form(v.Request); err != nil {
		return err
	}
	var f fault.Form
	r := domain.Record{Type: dns.Type(v.PostForm.Get("record_type"))}
	readRecord(&f, v.Request, &r)
	err := f.Err()
	if err == nil {
		_, err = d.Domains.CreateRecord(v.Context(), v.store.ID, v.user.ID, r, nil)
	}
	return d.keptRecord(w, v, err, nil, "The record was created.")
}

// readRecord sets what a form says of a record. A type without a priority has none,
// whatever its hidden field holds.
func readRecord(f *fault.Form, r *http.Request, x *domain.Record) {
	x.Name, x.Value, x.TTL, x.Priority = r.PostForm.Get("name"), r.PostForm.Get("value"), number(f, r, "ttl"), nil
	if x.Type.Ranked() {
		x.Priority = optionalNumber(f, r, "priority")
	}
}

// keptRecord leads back to the list, or shows the form again with what is wrong.
func (d *Dashboard) keptRecord(w http.ResponseWriter, v *visit, err error, known *domain.Record, message string) error {
	if err == nil {
		return done(w, v, v.at("/domain/records"), message)
	}
	f, err := web.Refill(v.Request, err, "record_type", "name", "value", "ttl", "priority")
	if err != nil {
		return err
	}
	return d.recordForm(w, v, f, known)
}

// record returns the record that the path names.
func (d *Dashboard) record(v *visit) (domain.Record, error) {
	u, err := pathID(v.Request, "record", "DNS record")
	if err != nil {
		return domain.Record{}, err
	}
	return domain.GetRecord(v.Context(), d.DB, v.store.ID, domain.RecordID{UUID: u})
}

func (d *Dashboard) showRecord(w http.ResponseWriter, v *visit) error {
	r, err := d.record(v)
	if err != nil {
		return err
	}
	return d.recordForm(w, v, web.Form{}, &r)
}

func (d *Dashboard) updateRecord(w http.ResponseWriter, v *visit) error {
	known, err := d.record(v)
	if err != nil {
		return err
	}
	if err := form(v.Request); err != nil {
		return err
	}
	var f fault.Form
	to := known
	readRecord(&f, v.Request, &to)
	if err = f.Err(); err == nil {
		_, err = d.Domains.UpdateRecord(v.Context(), v.store.ID, v.user.ID, known.ID, func(r *domain.Record) {
			r.Name, r.Value, r.TTL, r.Priority = to.Name, to.Value, to.TTL, to.Priority
		})
	}
	return d.keptRecord(w, v, err, &known, "The record was changed.")
}

func (d *Dashboard) askDeleteRecord(w http.ResponseWriter, v *visit) error {
	r, err := d.record(v)
	if err != nil {
		return err
	}
	return d.confirmPage(w, v, "domain", web.Form{}, recordDeletion(v, r))
}

func recordDeletion(v *visit, r domain.Record) web.Confirmation {
	list := v.at("/domain/records")
	c := web.Confirmation{
		Title: "Delete the " + string(r.Type) + " record " + r.Name + "?", About: "It leaves the DNS provider, too. What relies on it stops working.",
		Action: list + "/" + r.ID.String() + "/delete", Button: "Delete record", Back: list,
	}
	if r.Managed {
		c.About = "This record was made by Auto-Configure DNS and leads shoppers to your store: without it they may not find it any more. Auto-Configure DNS makes it again."
	}
	return c
}

func (d *Dashboard) deleteRecord(w http.ResponseWriter, v *visit) error {
	r, err := d.record(v)
	if err != nil {
		return err
	}
	if err := form(v.Request); err != nil {
		return err
	}
	if err := d.Domains.DeleteRecord(v.Context(), v.store.ID, v.user.ID, r.ID); err != nil {
		return d.refuseQuestion(w, v, "domain", err, recordDeletion(v, r))
	}
	return done(w, v, v.at("/domain/records"), "The record was deleted.")
}

// recordHints tell what the value of each type is.
var recordHints = []struct {
	of   dns.Type
	hint string
}{
	{dns.A, "An IPv4 address, such as 203.0.113.7."},
	{dns.AAAA, "An IPv6 address, such as 2001:db8::7."},
	{dns.CNAME, "The name that this one stands for, such as shops.example.com."},
	{dns.MX, "The mail server, such as mx.example.com."},
	{dns.TXT, "A text of up to 2,048 characters."},
	{dns.NS, "A name server, such as ns1.example.com."},
	{dns.SRV, "Weight, port and target, such as 5 5060 sip.example.com."},
	{dns.CAA, `Flags, tag and value, such as 0 issue "letsencrypt.org".`},
}

func recordTypes() []web.Option {
	options := make([]web.Option, len(dns.Types))
	for i, t := range dns.Types {
		options[i] = web.Option{Value: string(t), Label: string(t)}
	}
	return options
}

// priorityOf is a record's priority as its field holds it.
func priorityOf(r domain.Record) string {
	if r.Priority == nil {
		return ""
	}
	return strconv.Itoa(*r.Priority)
}
