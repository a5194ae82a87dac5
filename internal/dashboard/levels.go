package dashboard

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"

	"vitrine/internal/db"
	"vitrine/internal/fault"
	"vitrine/internal/id"
	"vitrine/internal/inventory"
	"vitrine/internal/web"
)

// levelFields are the numbers of a level that the table edits. The quantity comes
// first: what is wrong with a level as a whole is said there.
var levelFields = []struct {
	name, label string
	of          func(inventory.Level) int64
}{
	{"quantity", "On hand", quantity},
	{"reorder_point", "Reorder at", reorderPoint},
	{"reorder_quantity", "Order", reorderQuantity},
}

// levelField is what a number of a level is called in the form of the table.
func levelField(l inventory.LevelID, name string) string { return name + "-" + l.String() }

// setLevels sets the levels of the table that were changed, all of them or none.
func (d *Dashboard) setLevels(w http.ResponseWriter, v *visit) error {
	if err := form(v.Request); err != nil {
		return err
	}
	levels, err := inventory.GetLevels(v.Context(), d.DB, v.store.ID, editedLevels(v.Request))
	if err != nil {
		return err
	}
	var f fault.Form
	changed, items := changedLevels(&f, v.Request, levels)
	if err = f.Err(); err == nil {
		_, err = write(v.Context(), d, func(tx *db.Tx) (int, error) {
			n, faults, err := d.Stock.SetAll(v.Context(), tx, v.store.ID, items, note(v))
			return n, cmp.Or(err, refusedLevels(changed, faults))
		})
	}
	if err != nil {
		f, err := web.Refill(v.Request, err)
		if err != nil {
			return err
		}
		filter := filterOf(v.Request)
		filter.Editing = true
		return d.renderInventory(w, v, http.StatusUnprocessableEntity, filter, stockList{at: v.at(""), levels: levels}, f)
	}
	return done(w, v, with(v.Request, map[string]string{"edit": ""}), countOf(len(items), "level")+" changed.")
}

// editedLevels are the levels that a form of the table is about.
func editedLevels(r *http.Request) []inventory.LevelID {
	var all []inventory.LevelID
	for _, s := range r.PostForm["level"] {
		if u, err := id.Parse(s); err == nil && len(all) < pageSize {
			all = append(all, inventory.LevelID{UUID: u})
		}
	}
	return all
}

// changedLevels reads which levels say something else than they did when the table
// was drawn, and what they are to be.
func changedLevels(f *fault.Form, r *http.Request, levels []inventory.Level) (changed []inventory.LevelID, items []inventory.Item) {
	for _, l := range levels {
		seen := strings.Fields(r.PostForm.Get(levelField(l.ID, "seen")))
		if len(seen) != len(levelFields) {
			continue
		}
		var now, was [3]int64
		for i, field := range levelFields {
			name := levelField(l.ID, field.name)
			now[i] = int64(wholeNumber(f, name, r.PostForm.Get(name)))
			was[i] = int64(wholeNumber(f, name, seen[i]))
		}
		if now == was {
			continue
		}
		item := inventory.Item{Variant: &l.Variant.UUID, Warehouse: &l.Warehouse, Seen: &was[0], Target: inventory.Target{Quantity: now[0]}}
		if now[1] != was[1] {
			item.ReorderPoint = &now[1]
		}
		if now[2] != was[2] {
			item.ReorderQuantity = &now[2]
		}
		changed, items = append(changed, l.ID), append(items, item)
	}
	return changed, items
}

// refusedLevels says at its row what is wrong with each level; nil where nothing is.
func refusedLevels(changed []inventory.LevelID, faults []inventory.Fault) error {
	var f fault.Form
	for _, x := range faults {
		f.Addf(levelField(changed[x.Index], levelFields[0].name), nil, "%s", x.Message)
	}
	return f.Err()
}

// seenLevel is what a level's numbers were when the table was drawn; after a refusal
// it is still what it was then.
func seenLevel(f web.Form, l inventory.Level) string {
	all := make([]string, len(levelFields))
	for i, field := range levelFields {
		all[i] = strconv.FormatInt(field.of(l), 10)
	}
	return f.Or(levelField(l.ID, "seen"), strings.Join(all, " "))
}
