package observe

import "testing"

func TestDescribe_namesWhatAStatementDoesToWhichTable(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		`SELECT id FROM job WHERE a = 'from x'`:                                           "select job",
		"\n\tSELECT (SELECT count(*) FROM inner_one), 'it''s from' FROM outer_one o":      "select outer_one",
		`INSERT INTO job (id, kind) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET a = 1`: "insert job",
		`INSERT INTO product SELECT * FROM committed.product`:                             "insert product",
		`UPDATE level SET on_hand = 1 FROM given WHERE true RETURNING id`:                 "update level",
		`DELETE FROM mail WHERE id IN (SELECT id FROM job)`:                               "delete mail",
		`WITH given (a) AS (VALUES ($1)) UPDATE level SET a = given.a FROM given`:         "update level",
		`WITH x AS (SELECT 1 FROM y) SELECT a FROM committed.product p JOIN x ON true`:    "select product",
		`SELECT a FROM (SELECT 1) b`:                                                      "select other",
		`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`:                           "select none",
		`PRAGMA optimize`: "other none",
		`SELECT 'unended`: "select none",
		``:                "other none",
		`SELECT 1 FROM a7c11d1e-0000-7000-8000-000000000000`: "select a7c11d1e",
	} {
		if kind, table := describe(query); kind+" "+table != want {
			t.Errorf("%q: %s %s, not %s", query, kind, table, want)
		}
	}
}

func FuzzDescribe_neverHangs(f *testing.F) {
	f.Add("WITH a AS (SELECT ')' FROM b) UPDATE c.d SET e = ((1))")
	f.Fuzz(func(t *testing.T, query string) {
		kind, table := describe(query)
		if kind == "" || table == "" || len(table) > 40 {
			t.Errorf("%q: %q %q", query, kind, table)
		}
	})
}
