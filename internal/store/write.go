package store

import (
	"context"

	"vitrine/internal/account"
	"vitrine/internal/audit"
	"vitrine/internal/content"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/money"
	"vitrine/internal/picture"
	"vitrine/internal/text"
)

const maxCSS = 100_000

// New returns a store as it is before the merchant says anything else: an active
// dropshipping store in US dollars.
func New(name string) Store {
	return Store{Name: name, Type: Dropshipping, Status: Active, Currency: "USD"}
}

// Create adds a store for the owner when their plan has a place for it. The slug
// comes from the name. What a store needs around it (theme, warehouse) is its
// caller's to add in the same transaction.
func Create(ctx context.Context, tx *db.Tx, owner account.ID, s Store) (Store, error) {
	if err := check(&s); err != nil {
		return Store{}, err
	}
	s.ID, s.Owner = ID{tx.NewID()}, owner
	if err := checkPictures(ctx, tx, &s); err != nil { // it has none yet
		return Store{}, err
	}
	return place(ctx, tx, s, slugs(s.Name), audit.StoreCreate)
}

// place takes a place in the owner's plan and a slug for a store. how is what the logs
// say of it.
func place(ctx context.Context, tx *db.Tx, s Store, nth func(n int) string, how audit.Action) (Store, error) {
	if err := account.TakeStorePlace(ctx, tx, s.Owner); err != nil {
		return Store{}, err
	}
	s.CreatedAt, s.UpdatedAt = tx.Now(), tx.Now()
	err := claimSlug(ctx, tx, nth, func(slug string) (bool, error) {
		s.Slug = slug
		return insert(ctx, tx, s)
	})
	if err != nil {
		return Store{}, err
	}
	if err := audit.InAccount(ctx, tx, s.Owner.UUID, how, s.thing()); err != nil {
		return Store{}, err
	}
	return s, audit.InStore(ctx, tx, s.ID.UUID, how, s.thing())
}

// CreateCopy adds a store with the settings of source, active and owned by the
// same user. A blank name means "{name} (Copy)" and the slug "{slug}-copy".
func CreateCopy(ctx context.Context, tx *db.Tx, source Store, name string) (Store, error) {
	var f fault.Form
	name = CheckCopyName(&f, name)
	if err := f.Err(); err != nil {
		return Store{}, err
	}
	clone, nth := source, slugs(name)
	if clone.Name = name; name == "" {
		clone.Name = text.Cut(source.Name, text.MaxName-len(copySuffix)) + copySuffix
		nth = copySlugs(source.Slug)
	}
	clone.ID, clone.Source, clone.Status = ID{tx.NewID()}, &source.ID, Active
	clone, err := place(ctx, tx, clone, nth, audit.StoreClone)
	if err != nil {
		return Store{}, err
	}
	return clone, audit.InStore(ctx, tx, source.ID.UUID, audit.StoreClone, clone.thing())
}

// CreateMoved adds a store that comes from somewhere else, with a slug of its own: the
// one that is asked for, else the one that it had, or the next that is free after it.
func CreateMoved(ctx context.Context, tx *db.Tx, owner account.ID, name, had, asked string) (Store, error) {
	s := New(name)
	s.ID, s.Owner = ID{tx.NewID()}, owner
	if asked == "" {
		return place(ctx, tx, s, numbered(cut(text.Slug(had, fallbackSlug), maxSlug), ""), audit.StoreImport)
	}
	if text.Slug(asked, "") != asked || len(asked) > maxSlug {
		return Store{}, fault.Refusedf("slug_invalid", "The slug %q must be of lower-case letters, digits and hyphens, %d at most.", asked, maxSlug)
	}
	made, err := place(ctx, tx, s, numbered(asked, ""), audit.StoreImport)
	if err == nil && made.Slug != asked {
		return Store{}, fault.Refusedf("slug_taken", "The slug %q is taken.", asked)
	}
	return made, err
}

// CheckCopyName checks the name for a copy, which may be blank.
func CheckCopyName(f *fault.Form, name string) string {
	return text.Line(f, "new_name", name, text.MaxName)
}

// copySuffix is what a copy's name ends in when it has none of its own.
const copySuffix = " (Copy)"

// Update changes a store's settings. The slug stays: it is the store's address.
func Update(ctx context.Context, tx *db.Tx, st ID, edit func(*Store)) (Store, error) {
	s, err := lock(ctx, tx, st)
	if err != nil {
		return Store{}, err
	}
	before := s
	edit(&s)
	if err := check(&s); err != nil {
		return Store{}, err
	}
	if err := checkCurrency(ctx, tx, before, s); err != nil {
		return Store{}, err
	}
	if err := checkPictures(ctx, tx, &s); err != nil {
		return Store{}, err
	}
	content.Changed(tx, st.UUID)
	_, err = db.Exec(ctx, tx, `
		UPDATE store SET name = $2, niche = $3, description = $4, store_type = $5, status = $6, currency = $7,
			logo_url = $8, favicon_url = $9, custom_css = $10, shipping_rate = $11, free_shipping_over = $12
		WHERE id = $1`,
		s.ID, s.Name, s.Niche, s.Description, string(s.Type), string(s.Status), string(s.Currency), s.LogoURL, s.FaviconURL, s.CustomCSS,
		s.Shipping, s.FreeOver)
	if err != nil {
		return Store{}, err
	}
	return s, audit.Changed(ctx, tx, st.UUID, audit.SettingsChange, s.thing(), before, s)
}

// checkCurrency lets the figures of a store stand when its currency changes. What
// was sold is told in it, so that it stays once there are orders; and it needs the same
// number of decimals once there are products, discounts or a price for shipping.
func checkCurrency(ctx context.Context, q db.Q, before, after Store) error {
	if before.Currency == after.Currency {
		return nil
	}
	sold, err := db.One(ctx, q, db.Value[bool], `SELECT EXISTS (SELECT 1 FROM shop_order WHERE store_id = $1)`, after.ID)
	if err != nil {
		return err
	}
	if sold {
		return fault.Refusedf("currency_sold_in", "This store has orders in %s, so its currency stays. Clone the store and change the currency of the clone to sell in %s.", before.Currency, after.Currency)
	}
	if before.Currency.Decimals() == after.Currency.Decimals() {
		return nil
	}
	used, err := before.Shipping != 0 || before.FreeOver != nil, error(nil)
	if !used {
		used, err = db.One(ctx, q, db.Value[bool], `
			SELECT EXISTS (SELECT 1 FROM product WHERE store_id = $1) OR EXISTS (SELECT 1 FROM discount WHERE store_id = $1)`, after.ID)
	}
	if err != nil || !used {
		return err
	}
	return fault.Refusedf("currency_decimals", "The prices in this store have the decimals of %s; it cannot change to %s once it has products, discounts or a price for shipping.", before.Currency, after.Currency)
}

// Delete takes a store out of every list. Its slug and its place in the plan are
// free at once; its rows stay for the books, but for its log.
func Delete(ctx context.Context, tx *db.Tx, user account.ID, st ID) error {
	s := Store{ID: st}
	var err error
	s.Name, err = db.One(ctx, tx, db.Value[string], `
		UPDATE store SET status = $3, deleted_at = $4, updated_at = $4
		WHERE id = $1 AND account_id = $2 AND deleted_at IS NULL RETURNING name`, st, user, string(Deleted), db.Time{Time: tx.Now()})
	if err != nil {
		return db.Missing(err, "store")
	}
	if err := audit.InAccount(ctx, tx, user.UUID, audit.StoreDelete, s.thing()); err != nil {
		return err
	}
	if err := audit.DropStore(ctx, tx, st.UUID); err != nil {
		return err
	}
	content.Changed(tx, st.UUID)
	return account.FreeStorePlace(ctx, tx, user)
}

func check(s *Store) error {
	var f fault.Form
	s.Name = text.Name(&f, "name", s.Name)
	s.Niche = text.OptionalLine(&f, "niche", s.Niche, text.MaxName)
	s.Description = text.OptionalLong(&f, "description", s.Description, text.MaxLong)
	s.CustomCSS = text.OptionalLong(&f, "custom_css", s.CustomCSS, maxCSS)
	s.LogoURL = picture.OptionalURL(&f, "logo_url", s.LogoURL)
	s.FaviconURL = picture.OptionalURL(&f, "favicon_url", s.FaviconURL)
	checkAmount(&f, "rate", &s.Shipping)
	checkAmount(&f, "free_over", s.FreeOver)
	if s.Type != Dropshipping && !s.Type.OwnsStock() {
		f.Addf("store_type", s.Type, "must be dropshipping, ecommerce or hybrid")
	}
	if s.Status != Active && s.Status != Paused {
		f.Addf("status", s.Status, "must be active or paused")
	}
	if c, ok := money.ParseCurrency(string(s.Currency)); ok {
		s.Currency = c
	} else {
		f.Addf("currency", s.Currency, "must be an ISO 4217 code such as USD")
	}
	return f.Err()
}

func checkAmount(f *fault.Form, path string, a *money.Amount) {
	if a != nil && (*a < 0 || *a > money.Max) {
		f.Addf(path, nil, "must be an amount of 0 or more")
	}
}
