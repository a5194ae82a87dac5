package store

import (
	"context"

	"vitrine/internal/account"
	"vitrine/internal/content"
	"vitrine/internal/db"
	"vitrine/internal/id"
)

const columns = `id, account_id, name, slug, niche, description, store_type, status, currency,
	logo_url, favicon_url, custom_css, shipping_rate, free_shipping_over, source_store_id, created_at, updated_at`

func scan(row db.Row) (Store, error) {
	var s Store
	var created, updated db.Time
	err := row.Scan(&s.ID, &s.Owner, &s.Name, &s.Slug, &s.Niche, &s.Description, &s.Type, &s.Status, &s.Currency,
		&s.LogoURL, &s.FaviconURL, &s.CustomCSS, &s.Shipping, &s.FreeOver, &s.Source, &created, &updated)
	s.CreatedAt, s.UpdatedAt = created.Time, updated.Time
	return s, err
}

// Get returns a store that the user may see: their own, or one that they are a
// member of. Any other is not found.
func Get(ctx context.Context, q db.Q, user account.ID, st ID) (Store, error) {
	s, err := db.One(ctx, q, scan, `
		SELECT `+columns+` FROM store WHERE id = $1 AND deleted_at IS NULL AND (account_id = $2 OR EXISTS (
			SELECT 1 FROM member m JOIN account a ON a.email_key = m.email_key AND a.unverified_since IS NULL WHERE m.store_id = $1 AND a.id = $2))`, st, user)
	return s, db.Missing(err, "store")
}

// ForShoppers returns the store that shoppers find under a slug. Nobody is asked who
// they are; merchants come in by Enter and EnterBySlug.
func ForShoppers(ctx context.Context, q db.Q, slug string) (Store, error) {
	s, err := db.One(ctx, q, scan, `SELECT `+columns+` FROM store WHERE slug = $1 AND deleted_at IS NULL`, slug)
	return s, db.Missing(err, "store")
}

// Front is ForShoppers with the version of what the store's shoppers see, as of the
// same moment.
func Front(ctx context.Context, q db.Q, slug string) (Store, int64, error) {
	if q.Cluster() {
		return frontOfCluster(ctx, q, slug)
	}
	var version int64
	s, err := db.One(ctx, q, func(row db.Row) (Store, error) { return scan(versioned{row, &version}) }, `
		SELECT `+columns+`, coalesce((SELECT version FROM content_version WHERE store_id = store.id), 0)
		FROM store WHERE slug = $1 AND deleted_at IS NULL`, slug)
	return s, version, db.Missing(err, "store")
}

// frontOfCluster is Front on Citus, where a version is looked for on the machine of its
// store, which has to be known. The store is read last: what is of an older version is
// soon seen to be.
func frontOfCluster(ctx context.Context, q db.Q, slug string) (Store, int64, error) {
	of, err := db.One(ctx, q, db.Value[ID], `SELECT id FROM store WHERE slug = $1 AND deleted_at IS NULL`, slug)
	if err != nil {
		return Store{}, 0, db.Missing(err, "store")
	}
	version, err := content.Version(ctx, q, of.UUID)
	if err != nil {
		return Store{}, 0, err
	}
	s, err := ForShoppers(ctx, q, slug)
	return s, version, err
}

// versioned is a row with the version behind its store.
type versioned struct {
	db.Row
	version *int64
}

// Scan is part of db.Row.
func (r versioned) Scan(dest ...any) error { return r.Row.Scan(append(dest, r.version)...) }

// Named returns a store by its slug or its id, whoever owns it. It is for those who
// run the platform.
func Named(ctx context.Context, q db.Q, slugOrID string) (Store, error) {
	column, arg := "slug", any(slugOrID)
	if st, err := id.Parse(slugOrID); err == nil {
		column, arg = "id", st
	}
	s, err := db.One(ctx, q, scan, `SELECT `+columns+` FROM store WHERE `+column+` = $1 AND deleted_at IS NULL`, arg)
	return s, db.Missing(err, "store")
}

// List returns a page of the stores that a user may see, newest first: their own
// and those that they are a member of.
func List(ctx context.Context, q db.Q, user account.ID, p db.Page) ([]Store, bool, error) {
	var w db.Where
	w.Add("deleted_at IS NULL")
	w.Add(`id IN (
		SELECT id FROM store WHERE account_id = ? AND deleted_at IS NULL
		UNION ALL
		SELECT m.store_id FROM member m JOIN account a ON a.email_key = m.email_key AND a.unverified_since IS NULL WHERE a.id = ?)`, user, user)
	return db.Paged(ctx, q, p, w, scan, `SELECT `+columns+` FROM store`)
}

// lock returns a store and keeps its row from changing until the transaction ends.
func lock(ctx context.Context, tx *db.Tx, st ID) (Store, error) {
	s, err := db.One(ctx, tx, scan, `
		UPDATE store SET updated_at = $2 WHERE id = $1 AND deleted_at IS NULL
		RETURNING `+columns, st, db.Time{Time: tx.Now()})
	return s, db.Missing(err, "store")
}

// insert adds a store unless its slug is taken.
func insert(ctx context.Context, tx *db.Tx, s Store) (bool, error) {
	n, err := db.Exec(ctx, tx, `
		INSERT INTO store (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
		ON CONFLICT (slug) WHERE deleted_at IS NULL DO NOTHING`,
		s.ID, s.Owner, s.Name, s.Slug, s.Niche, s.Description, string(s.Type), string(s.Status), string(s.Currency),
		s.LogoURL, s.FaviconURL, s.CustomCSS, s.Shipping, s.FreeOver, s.Source, db.Time{Time: s.CreatedAt}, db.Time{Time: s.UpdatedAt})
	return n == 1, err
}
