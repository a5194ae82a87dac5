package demo

import (
	"embed"
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"
)

//go:embed shops/*.toml
var files embed.FS

// shop is one of the demo merchant's stores, as its file describes it. Amounts and
// rates are decimal strings, as the API takes them.
type shop struct {
	Name        string
	Code        string // its SKUs begin with it
	Type        string
	Currency    string
	Niche       string
	Description string
	CSS         string
	Lines       []line
	Suppliers   []supplier
	Discounts   []discount
	Taxes       []tax
	Themes      []look
	Shelves     []shelf
}

// line is a way in which a shop's things are made: its colors and what is said of
// them.
type line struct {
	Name    string
	Code    string
	Text    string
	Colors  []string
	Palette palette
}

type supplier struct {
	Name     string
	Country  string
	Email    string
	Phone    string
	Website  string
	LeadDays int `toml:"lead_days"`
	Notes    string
	Retired  bool
}

// discount counts for everything, or for the shelves or the items that it names.
// Days count from the day on which the shop is opened.
type discount struct {
	Code         string
	Percent      string
	Amount       string
	FreeShipping bool `toml:"free_shipping"`
	Minimum      string
	Shelves      []string
	Items        []string
	Limit        int
	FromDays     int `toml:"from_days"`
	UntilDays    int `toml:"until_days"`
	Disabled     bool
}

type tax struct {
	Name     string
	Country  string
	State    string
	Zip      string
	Rate     string
	Priority int
	Shipping bool
	Disabled bool
}

type look struct {
	Name     string
	Active   bool
	Settings map[string]any
}

// shelf is a category. One that has items says what holds for all of them.
type shelf struct {
	Name      string
	Text      string
	Care      string
	Supplier  string
	Motif     string
	Untracked bool // made to order: no stock is kept
	Shelves   []shelf
	Items     []item
}

// item is a thing that is made in several lines, each of which is a product.
type item struct {
	Title   string
	Code    string
	Text    string
	Price   string
	Step    string // what each size costs more than the one before it
	Grams   int
	Colored bool   // comes in the colors of its line
	Size    string // what its sizes are called
	Sizes   []string
	Tags    []string
}

// stocked are the files of the shops, in the order in which they are opened.
var stocked = []string{"juniper", "larch", "kettle"}

// shops returns what the demo merchant sells where.
func shops() ([]shop, error) {
	all := make([]shop, len(stocked))
	for i, name := range stocked {
		path := "shops/" + name + ".toml"
		known, err := toml.DecodeFS(files, path, &all[i])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, key := range known.Undecoded() {
			if !strings.HasPrefix(key.String(), "themes.settings.") { // the decoder leaves out what is within a map
				return nil, fmt.Errorf("%s: nobody knows %s", path, key)
			}
		}
	}
	return all, nil
}
