// Package theme knows how a store's pages look. A store has any number of themes,
// and at most one of them is active. A new store starts with one that is; without
// an active one the pages have their plain look.
package theme

import (
	"context"
	"maps"
	"time"

	"vitrine/internal/audit"
	"vitrine/internal/content"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/picture"
	"vitrine/internal/store"
	"vitrine/internal/text"
)

// ID names a theme.
type ID struct{ id.UUID }

// Theme is how a store's pages look, or could.
type Theme struct {
	ID        ID
	Name      string
	Settings  map[string]any // any JSON object; only the theme's pages know how to read it
	CustomCSS *string
	Active    bool
	CreatedAt time.Time
	UpdatedAt time.Time
}

// defaultName is what a new store's theme is called.
const defaultName = "Default"

const maxCSS = 100_000

func (t *Theme) check() error {
	var f fault.Form
	t.Name = text.Name(&f, "name", t.Name)
	t.CustomCSS = text.OptionalLong(&f, "custom_css", t.CustomCSS, maxCSS)
	t.Settings = checkSettings(&f, t.Settings)
	return f.Err()
}

const columns = `id, name, settings, custom_css, is_active, created_at, updated_at`

func scan(row db.Row) (Theme, error) {
	var t Theme
	var settings db.JSON[map[string]any]
	var created, updated db.Time
	err := row.Scan(&t.ID, &t.Name, &settings, &t.CustomCSS, &t.Active, &created, &updated)
	t.Settings, t.CreatedAt, t.UpdatedAt = settings.V, created.Time, updated.Time
	return t, err
}

// CreateDefault gives a new store its one active theme.
func CreateDefault(ctx context.Context, tx *db.Tx, st store.ID) (ID, error) {
	t := Theme{ID: ID{tx.NewID()}, Name: defaultName, Settings: map[string]any{}, Active: true, CreatedAt: tx.Now(), UpdatedAt: tx.Now()}
	return t.ID, insert(ctx, tx, st, t)
}

// Create adds a theme to a store. An active one takes over from the one that was.
func Create(ctx context.Context, tx *db.Tx, st store.ID, t Theme) (Theme, error) {
	if err := t.check(); err != nil {
		return Theme{}, err
	}
	if err := takeTurn(ctx, tx, st); err != nil {
		return Theme{}, err
	}
	if t.Active {
		if err := retire(ctx, tx, st); err != nil {
			return Theme{}, err
		}
	}
	content.Changed(tx, st.UUID)
	t.ID, t.CreatedAt, t.UpdatedAt = ID{tx.NewID()}, tx.Now(), tx.Now()
	if err := insert(ctx, tx, st, t); err != nil {
		return Theme{}, err
	}
	return t, audit.InStore(ctx, tx, st.UUID, audit.ThemeCreate, t.thing())
}

// thing is the theme as logs name it.
func (t Theme) thing() audit.Thing {
	return audit.Thing{Kind: "theme", ID: t.ID.String(), Name: t.Name}
}

func insert(ctx context.Context, tx *db.Tx, st store.ID, t Theme) error {
	_, err := db.Exec(ctx, tx, `
		INSERT INTO theme (store_id, `+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)`,
		st, t.ID, t.Name, db.JSON[map[string]any]{V: t.Settings}, t.CustomCSS, t.Active, db.Time{Time: t.CreatedAt})
	return err
}

// takeTurn lets one transaction at a time change a store's themes: which one is
// active is a fact about all of them, which no lock on a row keeps.
func takeTurn(ctx context.Context, tx *db.Tx, st store.ID) error {
	return tx.Lock(ctx, "themes of "+st.String())
}

// retire makes room for another active theme.
func retire(ctx context.Context, tx *db.Tx, st store.ID) error {
	_, err := db.Exec(ctx, tx, `
		UPDATE theme SET is_active = FALSE, updated_at = $2 WHERE store_id = $1 AND is_active`, st, db.Time{Time: tx.Now()})
	return err
}

// Get returns a theme of a store.
func Get(ctx context.Context, q db.Q, st store.ID, t ID) (Theme, error) {
	found, err := db.One(ctx, q, scan, `SELECT `+columns+` FROM theme WHERE store_id = $1 AND id = $2`, st, t)
	return found, db.Missing(err, "theme")
}

// FindActive returns the active theme of a store, if there is one.
func FindActive(ctx context.Context, q db.Q, st store.ID) (t Theme, ok bool, err error) {
	found, err := db.All(ctx, q, scan, `SELECT `+columns+` FROM theme WHERE store_id = $1 AND is_active`, st)
	if err != nil || len(found) == 0 {
		return Theme{}, false, err
	}
	return found[0], true, nil
}

// List returns a page of a store's themes, newest first.
func List(ctx context.Context, q db.Q, st store.ID, p db.Page) ([]Theme, bool, error) {
	var w db.Where
	w.Add("store_id = ?", st)
	return db.Paged(ctx, q, p, w, scan, `SELECT `+columns+` FROM theme`)
}

// Activate makes a theme the active one. Doing it again changes nothing.
func Activate(ctx context.Context, tx *db.Tx, st store.ID, id ID) (Theme, error) {
	return Update(ctx, tx, st, id, func(t *Theme) { t.Active = true })
}

// Update changes a theme. One that becomes active takes over from the one that was.
func Update(ctx context.Context, tx *db.Tx, st store.ID, id ID, edit func(*Theme)) (Theme, error) {
	if err := takeTurn(ctx, tx, st); err != nil {
		return Theme{}, err
	}
	t, err := db.One(ctx, tx, scan, `
		UPDATE theme SET updated_at = $3 WHERE store_id = $1 AND id = $2 RETURNING `+columns, st, id, db.Time{Time: tx.Now()})
	if err != nil {
		return Theme{}, db.Missing(err, "theme")
	}
	before := t
	before.Settings = maps.Clone(t.Settings)
	edit(&t)
	if err := t.check(); err != nil {
		return Theme{}, err
	}
	if t.Active && !before.Active {
		if err := retire(ctx, tx, st); err != nil {
			return Theme{}, err
		}
	}
	content.Changed(tx, st.UUID)
	_, err = db.Exec(ctx, tx, `
		UPDATE theme SET name = $3, settings = $4, custom_css = $5, is_active = $6 WHERE store_id = $1 AND id = $2`,
		st, id, t.Name, db.JSON[map[string]any]{V: t.Settings}, t.CustomCSS, t.Active)
	if err != nil {
		return Theme{}, err
	}
	return t, audit.Changed(ctx, tx, st.UUID, audit.ThemeChange, t.thing(), before, t)
}

// Delete removes a theme, also the active one.
func Delete(ctx context.Context, tx *db.Tx, st store.ID, id ID) error {
	content.Changed(tx, st.UUID)
	t, err := db.One(ctx, tx, scan, `DELETE FROM theme WHERE store_id = $1 AND id = $2 RETURNING `+columns, st, id)
	if err != nil {
		return db.Missing(err, "theme")
	}
	return audit.InStore(ctx, tx, st.UUID, audit.ThemeDelete, t.thing())
}

// ShowsPicture tells whether the settings or the style of a store's theme name a
// picture.
func ShowsPicture(ctx context.Context, q db.Q, st store.ID, sum picture.Sum) (bool, error) {
	return db.One(ctx, q, db.Value[bool], `
		SELECT EXISTS (SELECT 1 FROM theme WHERE store_id = $1 AND (settings LIKE $2 OR custom_css LIKE $2))`,
		st, "%"+sum.String()+"%")
}
