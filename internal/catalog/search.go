package catalog

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"vitrine/internal/db"
	"vitrine/internal/store"
	"vitrine/internal/text"
)

// A product is found by any part of its title, vendor and SKUs, without regard to
// case. product.search_text has them, folded, one a line, and is always right.
// product_search is an index over it: writes of single products keep it, writes of
// many leave it to IndexSearch and say so in product.indexed.

// searchText is what a product is found by.
func searchText(p *Product) string {
	parts := []string{p.Title}
	if p.Vendor != nil {
		parts = append(parts, *p.Vendor)
	}
	for _, v := range p.Variants {
		if v.SKU != nil {
			parts = append(parts, *v.SKU)
		}
	}
	return text.Fold(strings.Join(parts, "\n"))
}

// entry is a row of product_search.
type entry struct {
	product ProductID
	text    string
}

// row is where the entry is on SQLite: the random bits of the product's id.
func (e entry) row() int64 { return searchRow(e.product) }

func searchRow(p ProductID) int64 {
	return int64(binary.BigEndian.Uint64(p.UUID[8:]) << 2 >> 2) //nolint:gosec // 62 bits
}

// trigram stands for a store in SQLite's index: three characters for private use,
// of 15 bits each. Two stores that share one only share the way to their products.
func trigram(st store.ID) string {
	n := binary.BigEndian.Uint64(st.UUID[8:])
	at := func(shift int) rune { return 0xF0000 + rune(n>>shift&0x7fff) } //nolint:gosec // 15 bits
	return string([]rune{at(0), at(15), at(30)})
}

// saveSearch puts products into the index, or anew.
func saveSearch(ctx context.Context, tx *db.Tx, st store.ID, entries ...entry) error {
	var args []any
	if tx.Engine() == db.SQLite {
		// Rows that come in ascending order are merged in memory.
		slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.row(), b.row()) })
		for _, e := range entries {
			args = append(args, e.row(), trigram(st), e.product, e.text)
		}
		_, err := db.Exec(ctx, tx, `INSERT OR REPLACE INTO product_search (rowid, store, product_id, text) VALUES `+tx.Engine().Rows(len(entries), 4), args...)
		return err
	}
	for _, e := range entries {
		args = append(args, st, e.product, e.text)
	}
	_, err := db.Exec(ctx, tx, `
		INSERT INTO product_search (store_id, product_id, text) VALUES `+db.Rows(len(entries), 3)+`
		ON CONFLICT (store_id, product_id) DO UPDATE SET text = excluded.text`, args...)
	return err
}

// dropSearch takes a product out of the index.
func dropSearch(ctx context.Context, tx *db.Tx, st store.ID, p ProductID) error {
	if tx.Engine() == db.SQLite {
		_, err := db.Exec(ctx, tx, `DELETE FROM product_search WHERE rowid = $1`, searchRow(p))
		return err
	}
	_, err := db.Exec(ctx, tx, `DELETE FROM product_search WHERE store_id = $1 AND product_id = $2`, st, p)
	return err
}

// indexBatch is how many products IndexSearch takes at a time, which is how long
// it keeps SQLite's writer.
const indexBatch = 250

// IndexSearch puts the products of a store into the index that bulk writes left
// out of it, in small transactions. It can be stopped and begun again at any time.
func IndexSearch(ctx context.Context, d *db.DB, st store.ID) error {
	for {
		var n int
		err := d.InTx(ctx, func(tx *db.Tx) (err error) {
			n, err = indexSome(ctx, tx, st)
			return err
		})
		if err != nil {
			return fmt.Errorf("index the products of store %s: %w", st, err)
		}
		if n < indexBatch {
			return nil
		}
	}
}

func indexSome(ctx context.Context, tx *db.Tx, st store.ID) (int, error) {
	entries, err := db.All(ctx, tx, func(row db.Row) (entry, error) {
		var e entry
		err := row.Scan(&e.product, &e.text)
		return e, err
	}, `
		UPDATE product SET indexed = TRUE
		WHERE store_id = $1 AND NOT indexed AND id IN (SELECT id FROM product WHERE store_id = $1 AND NOT indexed ORDER BY id LIMIT $2)
		RETURNING id, search_text`, st, indexBatch)
	if err != nil || len(entries) == 0 {
		return 0, err
	}
	return len(entries), saveSearch(ctx, tx, st, entries...)
}

// candidates returns the condition that finds a query in the index.
func candidates(w *db.Where, e db.Engine, st store.ID, folded string) {
	if e == db.SQLite {
		w.Add("product_search MATCH ?", allTrigrams(trigram(st), folded))
		return
	}
	w.Add("product_search.store_id = ?", st)
	w.Add(`product_search.text LIKE ? ESCAPE '\'`, like(folded))
}

// like is the pattern of any text that has s in it.
func like(s string) string { return "%" + db.EscapeLike(s) + "%" }

// trigramLength is how many characters a query needs for the index to be of use.
const trigramLength = 3

// maxTrigrams bounds how many trigrams of a long query are looked up.
const maxTrigrams = 12

// allTrigrams asks FTS5 for the texts with the store's trigram and those of a query.
func allTrigrams(storeTrigram, folded string) string {
	terms := []string{quote(storeTrigram)}
	letters := []rune(folded)
	for i := 0; i+trigramLength <= len(letters) && len(terms) <= maxTrigrams; i++ {
		if term := quote(string(letters[i : i+trigramLength])); !slices.Contains(terms, term) {
			terms = append(terms, term)
		}
	}
	return strings.Join(terms, " AND ")
}

func quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
