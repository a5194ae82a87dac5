package purchase

import (
	"context"

	"vitrine/internal/db"
)

// States tells how many purchases stand where.
func States(ctx context.Context, q db.Q) (map[State]int, error) {
	states := map[State]int{}
	err := db.Each(ctx, q, func(row db.Row) error {
		var (
			s State
			n int
		)
		err := row.Scan(&s, &n)
		states[s] = n
		return err
	}, `SELECT state, count(*) FROM purchase GROUP BY state`)
	return states, err
}
