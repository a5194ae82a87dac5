package db

import (
	"context"
	"fmt"
)

// assumeLargeStores tells SQLite's planner what the tables of a store will look
// like. Without figures it takes a store for ten rows, and reads all of a store's
// rows by the primary key instead of some by an index. Figures that ANALYZE has
// gathered since are left as they are.
func (d *DB) assumeLargeStores(ctx context.Context) error {
	for _, statement := range []string{`ANALYZE sqlite_schema`, assumedStats, `ANALYZE sqlite_schema`} {
		if _, err := d.write.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("tell the planner about stores: %w", err)
		}
	}
	return nil
}

// assumedStats fills sqlite_stat1, which "ANALYZE sqlite_schema" makes and reads,
// for every index that begins with store_id: how many rows it has, how many are
// alike in its first column, in its first two, and so on. A table has a million
// rows of a hundred stores; partial indexes leave most of them out, unless it is
// only the deleted ones. The index of a primary key goes by the table's name.
const assumedStats = `
	INSERT INTO sqlite_stat1 (tbl, idx, stat)
	SELECT x.tbl, x.idx, CASE WHEN x.few THEN '10000 100' ELSE '1000000 10000' END
		|| string_agg(CASE WHEN x.n = 0 THEN '' WHEN x.n = x.last AND x.is_unique THEN ' 1' ELSE ' 10' END, '' ORDER BY x.n)
	FROM (
		SELECT t.name AS tbl, CASE l.origin WHEN 'pk' THEN t.name ELSE l.name END AS idx, l."unique" AS is_unique,
			l.partial AND (SELECT i.sql NOT LIKE '% WHERE deleted_at IS NULL' FROM sqlite_schema i WHERE i.name = l.name) AS few,
			c.seqno AS n, max(c.seqno) OVER of_index AS last, first_value(c.name) OVER of_index AS leader
		FROM sqlite_schema t, pragma_index_list(t.name) l, pragma_index_info(l.name) c
		WHERE t.type = 'table'
		WINDOW of_index AS (PARTITION BY l.name ORDER BY c.seqno ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
	) x
	WHERE x.leader = 'store_id' AND NOT EXISTS (SELECT 1 FROM sqlite_stat1 s WHERE s.tbl = x.tbl AND s.idx = x.idx)
	GROUP BY x.tbl, x.idx, x.few`
