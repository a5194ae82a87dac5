package api

import (
	"context"
	"net/http"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/store"
)

// Category is a shelf of a store.
type Category struct {
	ID          string  `json:"id" format:"uuid"`
	StoreID     string  `json:"store_id" format:"uuid"`
	Name        string  `json:"name"`
	Slug        string  `json:"slug" doc:"Unique in the store."`
	Description *string `json:"description"`
	ParentID    *string `json:"parent_id" format:"uuid" doc:"null: at the top."`
	Position    int     `json:"position"`
	CreatedAt   string  `json:"created_at" format:"date-time"`
	UpdatedAt   string  `json:"updated_at" format:"date-time"`
}

// categoryWriter returns how categories read in a store.
func categoryWriter(st store.ID) func(catalog.Category) Category {
	return func(c catalog.Category) Category {
		out := Category{
			ID: c.ID.String(), StoreID: st.String(), Name: c.Name, Slug: c.Slug, Description: c.Description, Position: c.Position,
			CreatedAt: utc(c.CreatedAt), UpdatedAt: utc(c.UpdatedAt),
		}
		if c.Parent != nil {
			parent := c.Parent.String()
			out.ParentID = &parent
		}
		return out
	}
}

// CategoryFields are what can be left out of a category.
type CategoryFields struct {
	Slug        Opt[string]     `json:"slug,omitempty" doc:"Lower-case letters, digits, hyphens and underscores; by default made from the name."`
	Description OptNull[string] `json:"description,omitempty"`
	ParentID    OptNull[string] `json:"parent_id,omitempty" doc:"A category of the same store; null: at the top."`
	Position    Opt[int]        `json:"position,omitempty" doc:"Default 0."`
}

// apply sets the fields on a category, but for its parent.
func (b CategoryFields) apply(c *catalog.Category) {
	b.Slug.to(&c.Slug)
	b.Description.to(&c.Description)
	b.Position.to(&c.Position)
}

// parent reads the id of the parent.
func (b CategoryFields) parent() (OptNull[catalog.CategoryID], error) {
	out := OptNull[catalog.CategoryID]{Set: b.ParentID.Set}
	if b.ParentID.Value == nil {
		return out, nil
	}
	u, err := id.Parse(*b.ParentID.Value)
	if err != nil {
		return out, fault.Invalidf("parent_id", "must be a category's id")
	}
	out.Value = &catalog.CategoryID{UUID: u}
	return out, nil
}

type createCategoryInput struct {
	StorePath
	Body struct {
		Name string `json:"name"`
		CategoryFields
	}
}

type updateCategoryInput struct {
	CategoryPath
	Body struct {
		Name Opt[string] `json:"name,omitempty"`
		CategoryFields
	}
}

// CategoryPath is the path of one category.
type CategoryPath struct {
	StorePath
	ID catalog.CategoryID `path:"category_id" format:"uuid" doc:"The category's id."`
}

func (a *API) categoryRoutes() {
	const tag, path, one = "Categories", storePath + "/categories", storePath + "/categories/{category_id}"
	there := exists(a, "category_id", catalog.GetCategory)
	register(a, route{method: http.MethodPost, path: path, id: "create-category", tag: tag, status: http.StatusCreated, summary: "Create a category"}, a.createCategory)
	register(a, route{method: http.MethodGet, path: path, id: "list-categories", tag: tag, summary: "List categories"}, a.listCategories)
	register(a, route{method: http.MethodGet, path: one, id: "get-category", tag: tag, summary: "Get a category", guard: there}, a.getCategory)
	register(a, route{method: http.MethodPatch, path: one, id: "update-category", tag: tag, summary: "Change or move a category", guard: there}, a.updateCategory)
	register(a, route{method: http.MethodDelete, path: one, id: "delete-category", tag: tag, status: http.StatusNoContent, summary: "Delete a category", detail: "Its children are lifted to its parent.", guard: there}, a.deleteCategory)
}

func (a *API) createCategory(ctx context.Context, in *createCategoryInput) (*answer[Category], error) {
	parent, err := in.Body.parent()
	if err != nil {
		return nil, err
	}
	return once(ctx, a, func(tx *db.Tx) (*answer[Category], error) {
		c := catalog.Category{Name: in.Body.Name, Parent: parent.Value}
		in.Body.apply(&c)
		c, err := catalog.CreateCategory(ctx, tx, shop(ctx).ID, c)
		return made(c, err, categoryWriter(shop(ctx).ID))
	})
}

func (a *API) listCategories(ctx context.Context, in *listInput) (*listed[Category], error) {
	return pageOf(ctx, a, &in.PageQuery, catalog.ListCategories, categoryWriter(shop(ctx).ID), func(c catalog.Category) id.UUID { return c.ID.UUID })
}

func (a *API) getCategory(ctx context.Context, in *CategoryPath) (*answer[Category], error) {
	c, err := catalog.GetCategory(ctx, a.DB, shop(ctx).ID, in.ID)
	return shown(c, err, categoryWriter(shop(ctx).ID))
}

func (a *API) updateCategory(ctx context.Context, in *updateCategoryInput) (*answer[Category], error) {
	parent, err := in.Body.parent()
	if err != nil {
		return nil, err
	}
	c, err := inTx(ctx, a, func(tx *db.Tx) (catalog.Category, error) {
		return catalog.UpdateCategory(ctx, tx, shop(ctx).ID, in.ID, func(c *catalog.Category) {
			in.Body.Name.to(&c.Name)
			in.Body.apply(c)
			parent.to(&c.Parent)
		})
	})
	return shown(c, err, categoryWriter(shop(ctx).ID))
}

func (a *API) deleteCategory(ctx context.Context, in *CategoryPath) (*nothing, error) {
	return gone(ctx, a, func(tx *db.Tx) error { return catalog.DeleteCategory(ctx, tx, shop(ctx).ID, in.ID) })
}
