package storefront

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"vitrine/internal/catalog"
	"vitrine/internal/content"
	"vitrine/internal/db"
	"vitrine/internal/id"
	"vitrine/internal/store"
	"vitrine/internal/theme"
)

// glance is for how long a shop is taken to be as it was when it was last looked at:
// so long a change that another process made may not show. What this process changes
// shows at once.
const glance = time.Second

// maxKnown is how many bytes of shops are remembered: they are about as large as size
// says.
const maxKnown = 24 << 20

// size is about how much memory a shop takes.
func (s *shop) size() int {
	n := 1500 + len(s.dress.own)
	for _, text := range []*string{s.Description, s.CustomCSS, s.theme.CustomCSS} {
		if text != nil {
			n += len(*text)
		}
	}
	return n + 200*len(s.categories)
}

// directory remembers what pages show of shops. It is safe for concurrent use.
type directory struct {
	db *db.DB

	mu     sync.Mutex
	bySlug map[string]*known
	byID   map[id.UUID]*known
	bytes  int // of what was ever remembered since it was empty
}

// known is a shop in the directory.
type known struct {
	changes atomic.Int64 // that this process has made
	seen    atomic.Pointer[sight]

	looking sync.Mutex // one looks, the others wait
}

// sight is a shop at a moment.
type sight struct {
	shop    shop
	at      time.Time
	changes int64 // those that it shows
}

func newDirectory(d *db.DB) *directory {
	dir := &directory{db: d, bySlug: map[string]*known{}, byID: map[id.UUID]*known{}}
	content.Listen(d, dir.changed)
	return dir
}

// changed has the shop looked at by whoever asks next.
func (d *directory) changed(st id.UUID) {
	d.mu.Lock()
	k := d.byID[st]
	d.mu.Unlock()
	if k != nil {
		k.changes.Add(1)
	}
}

// find returns the shop that has a slug now.
func (d *directory) find(ctx context.Context, slug string) (*shop, error) {
	d.mu.Lock()
	k := d.bySlug[slug]
	d.mu.Unlock()
	if k == nil {
		k = &known{}
	}
	if s := k.fresh(d.db.Now()); s != nil {
		return &s.shop, nil
	}
	k.looking.Lock()
	defer k.looking.Unlock()
	if s := k.fresh(d.db.Now()); s != nil { // somebody else has looked meanwhile
		return &s.shop, nil
	}
	s, err := d.look(ctx, k, slug)
	if err != nil {
		return nil, err
	}
	return &s.shop, nil
}

// fresh returns what was seen of the shop, unless it may have changed.
func (k *known) fresh(now time.Time) *sight {
	s := k.seen.Load()
	if s == nil || s.changes != k.changes.Load() || now.Sub(s.at).Abs() >= glance { // the clock may have been set back
		return nil
	}
	return s
}

// look sees whether a shop has changed, and reads it anew when it has.
func (d *directory) look(ctx context.Context, k *known, slug string) (*sight, error) {
	s := &sight{at: d.db.Now(), changes: k.changes.Load()}
	if last := k.seen.Load(); last != nil {
		version, err := content.Version(ctx, d.db.Prepared(), last.shop.ID.UUID)
		if err != nil {
			return nil, err
		}
		if version == last.shop.version {
			s.shop = last.shop
			k.seen.Store(s)
			return s, nil
		}
	}
	var err error
	if s.shop, err = read(ctx, d.db.Prepared(), slug); err != nil {
		d.forget(slug)
		return nil, err
	}
	d.remember(slug, k, s)
	return s, nil
}

// read reads what every page of a shop shows. The version is as old as the oldest
// part, so that what is kept under it is never older.
func read(ctx context.Context, q db.Q, slug string) (shop, error) {
	var s shop
	var err error
	if s.Store, s.version, err = store.Front(ctx, q, slug); err != nil {
		return shop{}, err
	}
	if s.theme, _, err = theme.FindActive(ctx, q, s.ID); err != nil {
		return shop{}, err
	}
	s.dress = dressed(s.Store, s.theme)
	s.categories, s.truncated, err = catalog.Branches(ctx, q, s.ID, maxCategories)
	return s, err
}

func (d *directory) remember(slug string, k *known, s *sight) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.bytes += s.shop.size(); d.bytes > maxKnown {
		clear(d.bySlug)
		clear(d.byID)
		d.bytes = s.shop.size()
	}
	if d.byID[s.shop.ID.UUID] != k { // nobody would have told us of a change since we began to look
		s.at = time.Time{}
	}
	k.seen.Store(s)
	d.bySlug[slug], d.byID[s.shop.ID.UUID] = k, k
}

func (d *directory) forget(slug string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.bySlug, slug)
}
