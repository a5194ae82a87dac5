package db_test

import (
	"strings"
	"testing"

	"vitrine/internal/dbtest"
)

// What a Citus cluster would refuse, or have to ask every machine for, is told from the
// plans of PostgreSQL.
func TestFanning_findsWhatLooksEverywhere(t *testing.T) {
	t.Parallel()
	postgres(t)
	for statement, want := range map[string]string{
		`SELECT title FROM product WHERE id = $1`:     "product is searched without store_id",
		`UPDATE variant SET price = $1 WHERE id = $2`: "variant is searched without store_id",
		`DELETE FROM review WHERE created_at < $1`:    "review is searched without store_id",
		`SELECT p.title FROM product p JOIN variant v ON v.store_id = p.store_id AND v.product_id = p.id WHERE p.slug = $1`:                     "variant is searched without store_id",
		`SELECT p.title FROM product p JOIN store s ON s.id = p.store_id WHERE s.slug = $1`:                                                     "product is searched without store_id",
		`SELECT p.title FROM product p JOIN variant v ON v.product_id = p.id WHERE p.store_id = $1`:                                             "[product variant] are joined over different stores",
		`SELECT p.title FROM product p JOIN custom_domain d ON d.store_id = p.store_id WHERE p.store_id = $1`:                                   "[product] is joined with [custom_domain]",
		`SELECT id FROM webhook_delivery WHERE next_at < $1 LIMIT 1 FOR UPDATE SKIP LOCKED`:                                                     "rows of [webhook_delivery] are locked without store_id",
		`UPDATE store SET name = $1 WHERE EXISTS (SELECT 1 FROM product p WHERE p.store_id = store.id)`:                                         "store is changed by what is in [product]",
		`SELECT id FROM webhook_delivery WHERE store_id = $1 LIMIT 1 FOR UPDATE SKIP LOCKED`:                                                    "",
		`SELECT title FROM product WHERE store_id = $1 AND id = $2`:                                                                             "",
		`SELECT p.title FROM product p LEFT JOIN variant v ON v.store_id = p.store_id AND v.product_id = p.id WHERE p.store_id = $1`:            "",
		`SELECT p.title, s.name FROM product p JOIN store s ON s.id = p.store_id WHERE p.store_id = $1`:                                         "",
		`SELECT p.title, s.name FROM product p JOIN store s ON s.id = p.store_id WHERE s.id = $1`:                                               "",
		`UPDATE product SET title = (SELECT min(v.title) FROM variant v WHERE v.store_id = product.store_id AND v.id = $2) WHERE store_id = $1`: "",
		`INSERT INTO tax_rule SELECT * FROM tax_rule t WHERE t.store_id = $1`:                                                                   "",
		`UPDATE store SET name = $1 WHERE id = $2`:                                                                                              "",
		`SELECT id FROM job WHERE run_at < $1 FOR UPDATE SKIP LOCKED`:                                                                           "",
	} {
		broken, err := dbtest.Fanning(t.Context(), []dbtest.Statement{{Text: statement}})
		if err != nil {
			t.Fatal(err)
		}
		if said := strings.Join(broken, "\n"); want == "" && said != "" || !strings.Contains(said, want) {
			t.Errorf("%s:\ngot %q, want %q", statement, said, want)
		}
	}
}
