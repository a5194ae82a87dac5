package inventory

import (
	"context"
	"time"

	"vitrine/internal/db"
	"vitrine/internal/store"
)

const (
	day = 24 * time.Hour

	// trendEntries is how many of a level's last adjustments a trend looks at. Before
	// them it is flat.
	trendEntries = 2000
)

// Trends returns what was on hand of levels at the end of each of the last days
// (UTC), the oldest first and today last. It is one statement, however many levels
// there are.
func Trends(ctx context.Context, q db.Q, st store.ID, levels []Level, days int, now time.Time) (map[LevelID][]int64, error) {
	trends := make(map[LevelID][]int64, len(levels))
	if len(levels) == 0 {
		return trends, nil
	}
	first := now.UTC().Truncate(day).Add(-time.Duration(days-1) * day)
	args := []any{st, db.Time{Time: first}, trendEntries}
	for _, l := range levels {
		trends[l.ID] = make([]int64, days)
		args = append(args, l.ID)
	}
	err := db.Each(ctx, q, func(row db.Row) error {
		var l LevelID
		var date string
		var change int64
		if err := row.Scan(&l, &date, &change); err != nil {
			return err
		}
		at, err := time.Parse(time.DateOnly, date)
		if i := int(at.Sub(first) / day); err == nil && i < days {
			trends[l][i] = change
		}
		return err
	}, `WITH RECURSIVE lately (level_id, quantity_change, created_at, before_id, place) AS (
			SELECT a.level_id, a.quantity_change, a.created_at, a.before_id, 1
			FROM inventory_level l JOIN inventory_adjustment a ON a.store_id = l.store_id AND a.id = l.last_entry
			WHERE l.store_id = $1 AND l.id IN `+db.List(4, len(levels))+` AND a.created_at >= $2
			UNION ALL
			SELECT a.level_id, a.quantity_change, a.created_at, a.before_id, p.place + 1
			FROM lately p JOIN inventory_adjustment a ON a.store_id = $1 AND a.id = p.before_id
			WHERE p.place < $3 AND a.created_at >= $2
		)
		SELECT level_id, substr(CAST(created_at AS TEXT), 1, 10) AS day, CAST(sum(quantity_change) AS BIGINT)
		FROM lately GROUP BY level_id, day`, args...)
	for _, l := range levels {
		backwards(trends[l.ID], l.Quantity)
	}
	return trends, err
}

// backwards turns the changes of days into what there was at the end of each, from
// what there is now.
func backwards(days []int64, now int64) {
	for i := len(days) - 1; i >= 0; i-- {
		days[i], now = now, now-days[i]
	}
}
