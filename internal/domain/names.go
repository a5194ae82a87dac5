package domain

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// Place is what stands under a name.
type Place struct {
	Store         store.ID
	Slug          string // of the store
	Primary       string // the name that visitors are led to
	Active        bool   // the store answers there
	Configured    bool   // its records lead to the platform
	CertificateID string // "" while there is none
}

// Names knows in memory which names are proven to be whose store's, and answers
// without asking the database. What this process changes it knows at once, what
// others change within a second while Follow runs. It is safe for concurrent use.
type Names struct {
	db *db.DB

	reading sync.Mutex // what is read later is put in later
	version int64      // up to which all is known; what this process changes comes beside it

	mu     sync.RWMutex
	byHost map[string]*Place
	bySlug map[string]*Place
	hosts  map[id.UUID]*Place
}

// OpenNames reads all names.
func OpenNames(ctx context.Context, d *db.DB) (*Names, error) {
	n := &Names{db: d}
	d.Listen(namesTopic, n.changed)
	n.reading.Lock()
	defer n.reading.Unlock()
	return n, n.readAll(ctx)
}

// Find returns what stands under a host: a name, or the one that belongs to it.
func (n *Names) Find(host string) (Place, bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if p := n.byHost[host]; p != nil {
		return *p, true
	}
	if p := n.byHost[Partner(host)]; p != nil {
		return *p, true
	}
	return Place{}, false
}

// Primary returns the name that the store with a slug answers under, or "".
func (n *Names) Primary(slug string) string {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if p := n.bySlug[slug]; p != nil && p.Active {
		return p.Primary
	}
	return ""
}

// Partner returns the name whose visitors a domain gets too: its www or, for a www,
// what it is the www of.
func Partner(name string) string {
	if bare, is := strings.CutPrefix(name, "www."); is {
		return bare
	}
	return "www." + name
}

// namesTopic is what changes of names are announced under.
const namesTopic = "names"

// renamed tells all processes that what stands under a domain changes when the
// transaction commits.
func renamed(tx *db.Tx, domain ID) {
	tx.Last(namesTopic+" "+domain.String(), func(ctx context.Context) error {
		version, err := db.One(ctx, tx, db.Value[int64], `UPDATE name_version SET version = version + 1 RETURNING version`)
		if err != nil {
			return err
		}
		_, err = db.Exec(ctx, tx, `
			INSERT INTO name_change (domain_id, version) VALUES ($1, $2)
			ON CONFLICT (domain_id) DO UPDATE SET version = excluded.version`, domain, version)
		return err
	})
	tx.Announce(namesTopic, domain.UUID)
}

const placeColumns = `
	SELECT d.id, d.domain, d.store_id, s.slug, d.status, d.auto_dns_configured, d.ssl_certificate_id
	FROM custom_domain d JOIN store s ON s.id = d.store_id
	WHERE d.verified_at IS NOT NULL AND s.deleted_at IS NULL`

func scanPlace(row db.Row) (domain id.UUID, p *Place, err error) {
	p = &Place{}
	var status Status
	var certificate *string
	err = row.Scan(&domain, &p.Primary, &p.Store, &p.Slug, &status, &p.Configured, &certificate)
	p.Active = status == Active
	if certificate != nil {
		p.CertificateID = *certificate
	}
	return domain, p, err
}

// readAll reads the names anew. The version is read before, so that what is committed
// meanwhile is read again.
func (n *Names) readAll(ctx context.Context) error {
	version, err := db.One(ctx, n.db, db.Value[int64], `SELECT version FROM name_version`)
	if err != nil {
		return err
	}
	all := map[id.UUID]*Place{}
	err = db.Each(ctx, n.db, func(row db.Row) error {
		domain, p, err := scanPlace(row)
		all[domain] = p
		return err
	}, placeColumns)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.version = version
	n.hosts, n.byHost, n.bySlug = all, make(map[string]*Place, len(all)), make(map[string]*Place, len(all))
	for _, p := range all {
		n.byHost[p.Primary], n.bySlug[p.Slug] = p, p
	}
	return nil
}

// readingFor is how long a change of our own may take to be read.
const readingFor = 5 * time.Second

// changed reads what stands under a domain that this process has changed.
func (n *Names) changed(domain id.UUID) {
	ctx, cancel := context.WithTimeout(context.Background(), readingFor)
	defer cancel()
	n.reading.Lock()
	defer n.reading.Unlock()
	var found *Place
	err := db.Each(ctx, n.db, func(row db.Row) (err error) {
		_, found, err = scanPlace(row)
		return err
	}, placeColumns+` AND d.id = $1`, domain)
	if err != nil {
		slog.WarnContext(ctx, "names: a change could not be read; it is read again", "domain", domain, "error", err)
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.put(domain, found)
}

// put has a place in the place of what stood under a domain; nil is none.
func (n *Names) put(domain id.UUID, p *Place) {
	if was := n.hosts[domain]; was != nil {
		forget(n.byHost, was.Primary, was)
		forget(n.bySlug, was.Slug, was)
		delete(n.hosts, domain)
	}
	if p != nil {
		n.hosts[domain], n.byHost[p.Primary], n.bySlug[p.Slug] = p, p, p
	}
}

// forget takes a place away, unless another one has come in its place.
func forget(from map[string]*Place, key string, p *Place) {
	if from[key] == p {
		delete(from, key)
	}
}

// newsEvery is how often Follow looks for what other processes have changed.
const newsEvery = 500 * time.Millisecond

// Follow learns what other processes change until ctx ends.
func (n *Names) Follow(ctx context.Context) {
	for pause(ctx, newsEvery) == nil {
		if err := n.Refresh(ctx); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "names: changes could not be read", "error", err)
		}
	}
}

// Refresh reads what somebody has changed since the last time.
func (n *Names) Refresh(ctx context.Context) error {
	n.reading.Lock()
	defer n.reading.Unlock()
	version, changed := n.version, map[id.UUID]*Place{}
	err := db.Each(ctx, n.db.Prepared(), func(row db.Row) error {
		var domain id.UUID
		var at int64
		err := row.Scan(&domain, &at)
		version, changed[domain] = max(version, at), nil
		return err
	}, `SELECT domain_id, version FROM name_change WHERE version > $1`, n.version)
	if err != nil || len(changed) == 0 {
		return err
	}
	err = db.Each(ctx, n.db, func(row db.Row) error {
		domain, p, err := scanPlace(row)
		changed[domain] = p
		return err
	}, placeColumns+` AND d.id IN (SELECT domain_id FROM name_change WHERE version > $1)`, n.version)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for domain, p := range changed {
		n.put(domain, p)
	}
	n.version = version
	return nil
}
