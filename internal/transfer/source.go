package transfer

import "context"

// source is what a Copy reads from.
type source interface {
	// layout returns the columns of every table that holds data.
	layout(ctx context.Context) (map[string][]string, error)
	// derived names the tables that the target makes from others.
	derived() []string
	// adapt changes how columns are read that belong to derived tables.
	adapt(t *table)
	// page returns the rows after a key, at most limit.
	page(ctx context.Context, t table, after key, limit int) (*chunk, error)
	count(ctx context.Context, t table) (int64, error)
	close()
}
