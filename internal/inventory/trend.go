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
	// them it is flat: a level that is sold from every minute has years of them.
	trendEntries = 5000
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
	}, `SELECT a.level_id, substr(CAST(a.created_at AS TEXT), 1, 10) AS day, CAST(sum(a.quantity_change) AS BIGINT)
		FROM inventory_level l CROSS JOIN inventory_adjustment a
		WHERE l.store_id = $1 AND l.id IN `+db.List(4, len(levels))+`
			AND a.store_id = l.store_id AND a.level_id = l.id AND a.n > l.entries - $3 AND a.created_at >= $2
		GROUP BY a.level_id, day`, args...)
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
