package catalog

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"vitrine/internal/db"
	"vitrine/internal/store"
	"vitrine/internal/text"
)

// A product is found by any part of its title, vendor and SKUs, without regard to
// case. product.search_text has them, folded, one a line, and is always right.
// product_search is an index over it and over what its variants are called, by which
// stock is found: writes of single products keep it, writes of many leave it to
// IndexSearch and say so in product.indexed.

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

// indexText is what product_search has of a product.
func indexText(p *Product) string {
	titles := make([]string, len(p.Variants))
	for i, v := range p.Variants {
		titles[i] = v.Title
	}
	return withTitles(searchText(p), titles)
}

// withTitles adds what variants are called, each once, to what their product is found
// by.
func withTitles(search string, titles []string) string {
	titles = slices.Compact(slices.Sorted(slices.Values(titles)))
	return search + "\n" + text.Fold(strings.Join(titles, "\n"))
}

// entry is a row of product_search.
type entry struct {
	product ProductID
	text    string
}

// row is where the entry is on SQLite.
func (e entry) row() int64 { return db.EntryRow(e.product.UUID) }

// saveSearch puts products into the index, or anew.
func saveSearch(ctx context.Context, tx *db.Tx, st store.ID, entries ...entry) error {
	var args []any
	if tx.Engine() == db.SQLite {
		// Rows that come in ascending order are merged in memory.
		slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.row(), b.row()) })
		for _, e := range entries {
			args = append(args, e.row(), e.product, db.Grams(st.UUID, e.text))
		}
		_, err := db.Exec(ctx, tx, `INSERT OR REPLACE INTO product_search (rowid, product_id, grams) VALUES `+tx.Engine().Rows(len(entries), 3), args...)
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
		_, err := db.Exec(ctx, tx, `DELETE FROM product_search WHERE rowid = $1`, db.EntryRow(p.UUID))
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
	if err := addTitles(ctx, tx, st, entries); err != nil {
		return 0, err
	}
	return len(entries), saveSearch(ctx, tx, st, entries...)
}

// addTitles adds what variants are called to the entries of their products.
func addTitles(ctx context.Context, tx *db.Tx, st store.ID, entries []entry) error {
	args, titles := []any{st}, map[ProductID][]string{}
	for _, e := range entries {
		args = append(args, e.product)
	}
	err := db.Each(ctx, tx, func(row db.Row) error {
		var p ProductID
		var title string
		err := row.Scan(&p, &title)
		titles[p] = append(titles[p], title)
		return err
	}, `SELECT product_id, title FROM variant WHERE store_id = $1 AND deleted_at IS NULL AND product_id IN `+db.List(2, len(entries)), args...)
	for i := range entries {
		entries[i].text = withTitles(entries[i].text, titles[entries[i].product])
	}
	return err
}

// Naming returns the products that have a text in their title, vendor or SKUs, or in
// what one of their variants is called, and perhaps some others. few is false when
// there may be more than a few, and then none is returned.
func Naming(ctx context.Context, q db.Q, st store.ID, folded string) (products []ProductID, few bool, err error) {
	if !db.Indexed(q.Engine(), folded) {
		return nil, false, nil
	}
	var w db.Where
	candidates(&w, q.Engine(), st, folded)
	of := w.Arg(st)
	products, err = db.All(ctx, q, func(row db.Row) (p ProductID, err error) { return p, row.Scan(&p) }, `
		SELECT id FROM (
			SELECT p.id FROM product_search CROSS JOIN product p `+w.String()+` AND p.id = product_search.product_id AND p.store_id = `+of+` AND p.indexed
			UNION ALL
			SELECT p.id FROM product p WHERE NOT p.indexed AND p.store_id = `+of+`
		) found LIMIT `+w.Arg(fewProducts+1), w.Args...)
	if len(products) > fewProducts {
		return nil, false, err
	}
	return products, err == nil, err
}

// fewProducts are as many as are soon looked at one by one.
const fewProducts = 300

// candidates returns the condition that finds a query in the index.
func candidates(w *db.Where, e db.Engine, st store.ID, folded string) {
	if e == db.SQLite {
		w.Add("product_search MATCH ?", db.MatchGrams(st.UUID, folded))
		return
	}
	w.Add("product_search.store_id = ?", st)
	w.Add(`product_search.text LIKE ? ESCAPE '\'`, like(folded))
}

// like is the pattern of any text that has s in it.
func like(s string) string { return "%" + db.EscapeLike(s) + "%" }
