package dashboard

import (
	"net/http"

	"vitrine/internal/catalog"
	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/store"
	"vitrine/internal/web"
)

func (d *Dashboard) categoryRoutes() {
	d.inStore("GET", "/categories", d.listCategories)
	d.forRole(store.Staff, "GET", "/categories/new", d.showNewCategory)
	d.inStore("POST", "/categories", d.createCategory)
	d.inStore("GET", "/categories/{id}", d.showCategory)
	d.inStore("POST", "/categories/{id}", d.updateCategory)
	d.forRole(store.Staff, "GET", "/categories/{id}/delete", d.askDeleteCategory)
	d.inStore("POST", "/categories/{id}/delete", d.deleteCategory)
}

func (d *Dashboard) listCategories(w http.ResponseWriter, v *visit) error {
	tree, more, err := catalog.Branches(v.Context(), d.DB, v.store.ID, treeLimit)
	if err != nil {
		return err
	}
	frame, err := d.frame(w, v, "Categories", "categories")
	if err != nil {
		return err
	}
	return web.Render(w, v.Request, http.StatusOK, categoriesPage(frame, v.at("/categories"), v.at("/products"), tree, more))
}

func (d *Dashboard) showNewCategory(w http.ResponseWriter, v *visit) error {
	c := catalog.Category{}
	if u, err := id.Parse(v.URL.Query().Get("parent")); err == nil {
		c.Parent = &catalog.CategoryID{UUID: u}
	}
	return d.categoryForm(w, v, "Add category", web.Form{}, c)
}

func (d *Dashboard) createCategory(w http.ResponseWriter, v *visit) error {
	var c catalog.Category
	err := readCategory(v, &c)
	if err == nil {
		_, err = write(v.Context(), d, func(tx *db.Tx) (catalog.Category, error) {
			return catalog.CreateCategory(v.Context(), tx, v.store.ID, c)
		})
	}
	if err != nil {
		return d.refuseCategory(w, v, "Add category", err, c)
	}
	return done(w, v, v.at("/categories"), "The category was added.")
}

func (d *Dashboard) showCategory(w http.ResponseWriter, v *visit) error {
	c, err := d.category(v)
	if err != nil {
		return err
	}
	return d.categoryForm(w, v, c.Name, web.Form{}, c)
}

func (d *Dashboard) updateCategory(w http.ResponseWriter, v *visit) error {
	c, err := d.category(v)
	if err != nil {
		return err
	}
	title := c.Name
	if err = readCategory(v, &c); err == nil {
		_, err = write(v.Context(), d, func(tx *db.Tx) (catalog.Category, error) {
			return catalog.UpdateCategory(v.Context(), tx, v.store.ID, c.ID, func(stored *catalog.Category) { *stored = c })
		})
	}
	if err != nil {
		return d.refuseCategory(w, v, title, err, c)
	}
	return done(w, v, v.at("/categories"), "The category was saved.")
}

func (d *Dashboard) askDeleteCategory(w http.ResponseWriter, v *visit) error {
	c, err := d.category(v)
	if err != nil {
		return err
	}
	return d.confirmPage(w, v, "categories", web.Form{}, web.Confirmation{
		Title: "Delete " + c.Name + "?", About: "Categories below it move up to where it was. Its products stay, without it, and discounts no longer count for it.",
		Action: v.URL.Path, Button: "Delete category", Back: v.at("/categories"),
	})
}

func (d *Dashboard) deleteCategory(w http.ResponseWriter, v *visit) error {
	c, err := d.category(v)
	if err != nil {
		return err
	}
	if err := d.DB.InTx(v.Context(), func(tx *db.Tx) error { return catalog.DeleteCategory(v.Context(), tx, v.store.ID, c.ID) }); err != nil {
		return err
	}
	return done(w, v, v.at("/categories"), "The category was deleted.")
}

func (d *Dashboard) category(v *visit) (catalog.Category, error) {
	c, err := pathID(v.Request, "id", "category")
	if err != nil {
		return catalog.Category{}, err
	}
	return catalog.GetCategory(v.Context(), d.DB, v.store.ID, catalog.CategoryID{UUID: c})
}

// readCategory takes what the form says of a category.
func readCategory(v *visit, c *catalog.Category) error {
	if err := form(v.Request); err != nil {
		return err
	}
	var f fault.Form
	c.Name, c.Slug, c.Description, c.Parent = v.PostForm.Get("name"), v.PostForm.Get("slug"), optional(v.Request, "description"), nil
	if s := v.PostForm.Get("parent_id"); s != "" {
		u, err := id.Parse(s)
		if err != nil {
			f.Addf("parent_id", s, "must be one of the categories")
		}
		c.Parent = &catalog.CategoryID{UUID: u}
	}
	c.Position = 0
	if n := optionalNumber(&f, v.Request, "position"); n != nil {
		c.Position = *n
	}
	return f.Err()
}

// categoryFields are the fields that a rule's refusal is about.
var categoryFields = map[string]string{"slug_taken": "slug", "parent_unknown": "parent_id", "category_cycle": "parent_id"}

func (d *Dashboard) refuseCategory(w http.ResponseWriter, v *visit, title string, err error, c catalog.Category) error {
	f, err := web.Refill(v.Request, atField(err, categoryFields))
	if err != nil {
		return err
	}
	return d.categoryForm(w, v, title, f, c)
}

func (d *Dashboard) categoryForm(w http.ResponseWriter, v *visit, title string, f web.Form, c catalog.Category) error {
	tree, _, err := catalog.Branches(v.Context(), d.DB, v.store.ID, treeLimit)
	if err != nil {
		return err
	}
	action := v.at("/categories")
	if !c.ID.IsZero() {
		action += "/" + c.ID.String()
	}
	content := categoryForm(f, action, v.at("/categories"), c, parents(tree, c.ID))
	return d.formPage(w, v, title, "categories", web.Crumb{Label: "Categories", Href: v.at("/categories")}, f.Values != nil, content)
}

// parents are the categories that one can be put into: not itself, nor what is below
// it.
func parents(tree []catalog.Branch, c catalog.CategoryID) []web.Option {
	all := []web.Option{{Value: "", Label: "None: at the top"}}
	below := -1 // the depth of c while its descendants go by
	for _, b := range tree {
		if below >= 0 && b.Depth > below {
			continue
		}
		if below = -1; b.ID == c && !c.IsZero() {
			below = b.Depth
			continue
		}
		all = append(all, web.Option{Value: b.ID.String(), Label: indented(b)})
	}
	return all
}
