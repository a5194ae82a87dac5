package web

import (
	"slices"
	"strings"
	"unicode/utf8"

	"vitrine/internal/store"
)

// entry is a line of the sidebar.
type entry struct{ key, label, icon, href string }

// StorePath is where a store's pages begin.
func StorePath(s store.Store) string { return "/dashboard/stores/" + s.Slug }

// shopEntries are the pages of running a shop. Stock has pages only where the store
// owns some.
func shopEntries(s store.Store) []entry {
	at := StorePath(s)
	all := []entry{
		{"home", "Home", "house", at},
		{"orders", "Orders", "shopping-cart", at + "/orders"},
		{"products", "Products", "package", at + "/products"},
		{"categories", "Categories", "folder-tree", at + "/categories"},
	}
	if s.Type.OwnsStock() {
		all = append(all,
			entry{"inventory", "Inventory", "boxes", at + "/inventory"},
			entry{"warehouses", "Warehouses", "warehouse", at + "/warehouses"})
	}
	return append(all,
		entry{"suppliers", "Suppliers", "truck", at + "/suppliers"},
		entry{"customers", "Customers", "users", at + "/customers"},
		entry{"discounts", "Discounts", "badge-percent", at + "/discounts"},
		entry{"taxes", "Tax rules", "receipt", at + "/tax-rules"},
		entry{"reviews", "Reviews", "star", at + "/reviews"},
		entry{"analytics", "Analytics", "chart-column", at + "/analytics"})
}

// onlineEntries are the pages of how a store is seen.
func onlineEntries(s store.Store) []entry {
	at := StorePath(s)
	return []entry{
		{"themes", "Storefront theme", "palette", at + "/themes"},
		{"domain", "Custom domain", "globe", at + "/domain"},
		{"domains", "Domains", "tag", "/dashboard/domains"},
	}
}

// settingsEntry is the page of all that is set once.
func settingsEntry(s store.Store) entry {
	return entry{"settings", "Settings", "settings", StorePath(s) + "/settings"}
}

// Place is a page that can be gone to by its name.
type Place struct{ Label, Icon, Href string }

// Places are the pages of a store, if there is one, that somebody with the role gets,
// and those of the account.
func Places(s *store.Store, r store.Role) []Place {
	var places []Place
	if s != nil {
		for _, e := range slices.Concat(shopEntries(*s), onlineEntries(*s), []entry{settingsEntry(*s)}) {
			places = append(places, Place{e.label, e.icon, e.href})
		}
		at := StorePath(*s)
		if r.Includes(store.Staff) {
			places = append(places, Place{"Add product", "plus", at + "/products/new"}, Place{"Import products", "upload", at + "/import"})
		}
		if r.Includes(store.Owner) {
			places = append(places, Place{"Clone Store", "copy", at + "/clone"})
		}
	}
	return append(places,
		Place{"Stores", "store", "/dashboard/stores"}, Place{"Create store", "plus", "/dashboard/stores/new"},
		Place{"Account", "user", "/dashboard/account"}, Place{"Plan", "credit-card", "/dashboard/account#plan"}, Place{"API tokens", "key", "/dashboard/account#tokens"})
}

// TypeLabel is what a merchant calls a type of store.
func TypeLabel(t store.Type) string {
	switch t {
	case store.Ecommerce:
		return "Ecommerce"
	case store.Hybrid:
		return "Hybrid"
	default:
		return "Dropshipping"
	}
}

// Initial is the first letter of a name, for where there is no picture.
func Initial(name string) string {
	r, _ := utf8.DecodeRuneInString(strings.TrimSpace(name))
	return strings.ToUpper(string(r))
}
