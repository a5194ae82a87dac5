package catalog

import (
	"context"
	"fmt"
	"time"

	"vitrine/internal/content"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/store"
	"vitrine/internal/text"
)

// CategoryID names a category.
type CategoryID struct{ id.UUID }

// Category is a shelf of a store. Categories form a tree.
type Category struct {
	ID          CategoryID
	Name        string
	Slug        string // unique in the store
	Description *string
	Parent      *CategoryID
	Position    int
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

const (
	fallbackCategory = "category"
	maxPosition      = 1_000_000_000
)

func (c *Category) check() error {
	var f fault.Form
	c.Name = text.Name(&f, "name", c.Name)
	c.Slug = checkSlug(&f, c.Slug)
	c.Description = text.OptionalLong(&f, "description", c.Description, text.MaxLong)
	if c.Position < 0 || c.Position > maxPosition {
		f.Addf("position", c.Position, "must be from 0 to %d", maxPosition)
	}
	return f.Err()
}

const categoryColumns = `id, name, slug, description, parent_id, position, created_at, updated_at`

func scanCategory(row db.Row) (Category, error) {
	var c Category
	var created, updated db.Time
	err := row.Scan(&c.ID, &c.Name, &c.Slug, &c.Description, &c.Parent, &c.Position, &created, &updated)
	c.CreatedAt, c.UpdatedAt = created.Time, updated.Time
	return c, err
}

// CreateCategory adds a category to a store. Its slug comes from its name unless it
// has one.
func CreateCategory(ctx context.Context, tx *db.Tx, st store.ID, c Category) (Category, error) {
	if err := c.check(); err != nil {
		return Category{}, err
	}
	if err := lockTree(ctx, tx, st); err != nil {
		return Category{}, err
	}
	c.ID, c.CreatedAt, c.UpdatedAt = CategoryID{tx.NewID()}, tx.Now(), tx.Now()
	if err := checkParent(ctx, tx, st, c); err != nil {
		return Category{}, err
	}
	content.Changed(tx, st.UUID)
	return c, claimCategorySlug(ctx, tx, st, &c)
}

// claimCategorySlug inserts a category under its own slug or, without one, under the
// first free one that its name gives.
func claimCategorySlug(ctx context.Context, tx *db.Tx, st store.ID, c *Category) error {
	insert := func(slug string) (bool, error) {
		c.Slug = slug
		n, err := db.Exec(ctx, tx, `
			INSERT INTO category (store_id, `+categoryColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
			ON CONFLICT (store_id, slug) DO NOTHING`,
			st, c.ID, c.Name, c.Slug, c.Description, c.Parent, c.Position, db.Time{Time: tx.Now()})
		return n == 1, err
	}
	if c.Slug != "" {
		ok, err := insert(c.Slug)
		if err == nil && !ok {
			return slugTaken(c.Slug)
		}
		return err
	}
	return text.ClaimSlug(text.Numbers(text.Slug(c.Name, fallbackCategory)), func(candidates []string) ([]string, error) {
		return db.All(ctx, tx, db.Value[string], `SELECT slug FROM category WHERE store_id = $1 AND slug IN `+db.List(2, len(candidates)),
			append([]any{st}, db.Args(candidates)...)...)
	}, insert)
}

// lockTree lets one transaction at a time change a store's tree, so that two moves
// cannot make a cycle together.
func lockTree(ctx context.Context, tx *db.Tx, st store.ID) error {
	return tx.Lock(ctx, "categories of "+st.String())
}

// checkParent refuses a parent that is not there, or is below the category itself.
func checkParent(ctx context.Context, tx *db.Tx, st store.ID, c Category) error {
	if c.Parent == nil {
		return nil
	}
	above, err := db.All(ctx, tx, db.Value[id.UUID], `
		WITH RECURSIVE above (id, parent_id) AS (
			SELECT id, parent_id FROM category WHERE store_id = $1 AND id = $2
			UNION
			SELECT c.id, c.parent_id FROM category c JOIN above a ON c.id = a.parent_id WHERE c.store_id = $1
		)
		SELECT id FROM above`, st, *c.Parent)
	if err != nil {
		return fmt.Errorf("walk up from category %s: %w", c.Parent, err)
	}
	if len(above) == 0 {
		return fault.Refusedf("parent_unknown", "The parent category is not in this store.")
	}
	for _, ancestor := range above {
		if ancestor == c.ID.UUID {
			return fault.Refusedf("category_cycle", "A category cannot be below itself.")
		}
	}
	return nil
}

// GetCategory returns a category of a store.
func GetCategory(ctx context.Context, q db.Q, st store.ID, c CategoryID) (Category, error) {
	found, err := db.One(ctx, q, scanCategory, `SELECT `+categoryColumns+` FROM category WHERE store_id = $1 AND id = $2`, st, c)
	return found, db.Missing(err, "category")
}

// FindCategory returns the category that has a slug or an id.
func FindCategory(ctx context.Context, q db.Q, st store.ID, name string) (c CategoryID, ok bool, err error) {
	one, _ := id.Parse(name) // what is no id is no category's
	found, err := db.All(ctx, q, db.Value[id.UUID], `
		SELECT id FROM category WHERE store_id = $1 AND (slug = $2 OR id = $3) ORDER BY slug <> $2 LIMIT 1`, st, name, one)
	if err != nil || len(found) == 0 {
		return CategoryID{}, false, err
	}
	return CategoryID{found[0]}, true, nil
}

// Tree returns a page of a store's categories in the order in which they are shown:
// by position, then by slug.
func Tree(ctx context.Context, q db.Q, st store.ID, p db.Page) ([]Category, bool, error) {
	w := db.Where{Args: []any{st}}
	w.Add("store_id = $1")
	if !p.Before.IsZero() {
		w.Add("(position, slug) > (SELECT position, slug FROM category WHERE store_id = $1 AND id = ?)", p.Before)
	}
	found, err := db.All(ctx, q, scanCategory, `SELECT `+categoryColumns+` FROM category `+w.String()+` ORDER BY position, slug LIMIT `+w.Arg(p.Limit+1), w.Args...)
	found, more := db.Cut(p, found)
	return found, more, err
}

// ListCategories returns a page of a store's categories, newest first.
func ListCategories(ctx context.Context, q db.Q, st store.ID, p db.Page) ([]Category, bool, error) {
	var w db.Where
	w.Add("store_id = ?", st)
	return db.Paged(ctx, q, p, w, scanCategory, `SELECT `+categoryColumns+` FROM category`)
}

// UpdateCategory changes a category or moves it in the tree. The slug does not follow
// the name: it is part of addresses.
func UpdateCategory(ctx context.Context, tx *db.Tx, st store.ID, id CategoryID, edit func(*Category)) (Category, error) {
	if err := lockTree(ctx, tx, st); err != nil {
		return Category{}, err
	}
	c, err := db.One(ctx, tx, scanCategory, `
		UPDATE category SET updated_at = $3 WHERE store_id = $1 AND id = $2 RETURNING `+categoryColumns, st, id, db.Time{Time: tx.Now()})
	if err != nil {
		return Category{}, db.Missing(err, "category")
	}
	edit(&c)
	if err := c.check(); err != nil {
		return Category{}, err
	}
	if c.Slug == "" {
		return Category{}, fault.Invalidf("slug", "must not be empty")
	}
	if err := checkParent(ctx, tx, st, c); err != nil {
		return Category{}, err
	}
	content.Changed(tx, st.UUID)
	_, err = db.Exec(ctx, tx, `
		UPDATE category SET name = $3, slug = $4, description = $5, parent_id = $6, position = $7 WHERE store_id = $1 AND id = $2`,
		st, id, c.Name, c.Slug, c.Description, c.Parent, c.Position)
	if tx.Violates(err, "category_slug") {
		return Category{}, slugTaken(c.Slug)
	}
	return c, err
}

// DeleteCategory removes a category. Its children are lifted to its parent; its
// products stay, without it.
func DeleteCategory(ctx context.Context, tx *db.Tx, st store.ID, c CategoryID) error {
	if err := lockTree(ctx, tx, st); err != nil {
		return err
	}
	for _, statement := range []string{
		`UPDATE category SET parent_id = (SELECT d.parent_id FROM category d WHERE d.store_id = $1 AND d.id = $2) WHERE store_id = $1 AND parent_id = $2`,
		`DELETE FROM product_category WHERE store_id = $1 AND category_id = $2`,
		`DELETE FROM discount_category WHERE store_id = $1 AND category_id = $2`,
	} {
		if _, err := db.Exec(ctx, tx, statement, st, c); err != nil {
			return err
		}
	}
	content.Changed(tx, st.UUID)
	err := db.ExecOne(ctx, tx, `DELETE FROM category WHERE store_id = $1 AND id = $2`, st, c)
	if db.ViolatesForeignKey(err) { // something was put into it a moment ago
		return fault.Conflictf("category_in_use", "The category is being used at this moment. Please try again.")
	}
	return db.Missing(err, "category")
}
