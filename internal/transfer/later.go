package transfer

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"vitrine/internal/db"
)

// laterTable holds the statements that make what a target does without while its rows
// arrive: foreign keys and indexes, which cost a fraction for all rows at once of what
// they cost row by row.
const laterTable = "database_copy_later"

// putOff takes foreign keys and indexes away, except those of primary keys and unique
// constraints, and notes how they are made. A cluster of Citus keeps them.
func (c *cluster) putOff(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `CREATE TABLE `+laterTable+` (place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, statement text NOT NULL)`); err != nil {
		return err
	}
	if spread, err := c.spread(ctx); err != nil || spread {
		return err
	}
	for _, kind := range []string{indexesOf, foreignKeysOf} {
		if _, err := tx.Exec(ctx, `INSERT INTO `+laterTable+` (statement) SELECT make FROM (`+kind+`) AS kind ORDER BY make`); err != nil {
			return err
		}
	}
	for _, kind := range []string{foreignKeysOf, indexesOf} { // keys first: some stand on an index
		rows, err := tx.Query(ctx, `SELECT drop FROM (`+kind+`) AS kind ORDER BY drop`)
		if err != nil {
			return err
		}
		statements, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, s := range statements {
			if _, err := tx.Exec(ctx, s); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
		}
	}
	return nil
}

const indexesOf = `
	SELECT format('DROP INDEX %s', i.indexrelid::regclass) AS drop, pg_get_indexdef(i.indexrelid) AS make
	FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
	WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind = 'r' AND NOT i.indisprimary AND t.relname <> 'goose_db_version'
		AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype <> 'f')
		AND NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.objid = t.oid AND e.deptype = 'e')`

const foreignKeysOf = `
	SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', k.conrelid::regclass, k.conname) AS drop,
		format('ALTER TABLE %s ADD CONSTRAINT %I %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid)) AS make
	FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
	WHERE k.contype = 'f' AND t.relnamespace = current_schema()::regnamespace AND k.conparentid = 0`

// spread tells whether the database is a cluster of Citus.
func (c *cluster) spread(ctx context.Context) (is bool, err error) {
	err = c.conn.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus')`).Scan(&is)
	return is, err
}

// makeUp makes what was put off, each in a transaction with the note that it is made.
func (c *cluster) makeUp(ctx context.Context) error {
	for {
		var statement string
		err := pgx.BeginFunc(ctx, c.conn, func(tx pgx.Tx) error {
			err := tx.QueryRow(ctx, `DELETE FROM `+laterTable+` WHERE place = (SELECT min(place) FROM `+laterTable+`) RETURNING statement`).Scan(&statement)
			if err == nil {
				_, err = tx.Exec(ctx, statement)
			}
			return err
		})
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
}

// Half refuses a database that a Copy has begun to fill and has not finished: rows,
// indexes and foreign keys are missing.
func Half(ctx context.Context, d *db.DB) error {
	if d.Engine() != db.Postgres {
		return nil
	}
	begun, err := db.One(ctx, d, db.Value[bool], `SELECT to_regclass($1) IS NOT NULL AND to_regclass($2) IS NOT NULL`, progressTable, laterTable)
	if err != nil || !begun {
		return err
	}
	half, err := db.One(ctx, d, db.Value[bool], `
		SELECT EXISTS (SELECT 1 FROM `+progressTable+` WHERE NOT done) OR EXISTS (SELECT 1 FROM `+laterTable+`)`)
	if err == nil && half {
		err = fmt.Errorf("copy-database has not finished with %s: rows, indexes and foreign keys are missing. Run the same copy-database again, which goes on", d.Name())
	}
	return err
}
