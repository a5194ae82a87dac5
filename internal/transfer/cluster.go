package transfer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"vitrine/internal/db"
)

// cluster is a database of PostgreSQL over one connection of its own.
type cluster struct{ conn *pgx.Conn }

// session lets a statement take as long as it takes. A chunk that was written and not
// flushed is lost together with the note that it was written.
var session = map[string]string{
	"application_name": "vitrine copy-database", "timezone": "UTC", "statement_timeout": "0", "synchronous_commit": "off",
	"maintenance_work_mem": "256MB",
}

func connect(ctx context.Context, d *db.DB) (*cluster, error) {
	config, err := pgx.ParseConfig(d.URL())
	if err != nil {
		return nil, fmt.Errorf("read the address: %w", err)
	}
	for name, value := range session {
		config.RuntimeParams[name] = value
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", d.Name(), err)
	}
	return &cluster{conn}, nil
}

func (c *cluster) close() { _ = c.conn.Close(context.Background()) }

// alone refuses a target that another Copy writes to.
func (c *cluster) alone(ctx context.Context) error {
	var mine bool
	if err := c.conn.QueryRow(ctx, `SELECT pg_try_advisory_lock(hashtextextended('vitrine copy-database', 0))`).Scan(&mine); err != nil {
		return err
	}
	if !mine {
		return errors.New("another copy-database writes to the target")
	}
	return nil
}

// idle refuses a source that a process serves: what it writes meanwhile would be left
// behind.
func (c *cluster) idle(ctx context.Context) error {
	var served bool
	err := c.conn.QueryRow(ctx, `
		SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'vitrine jobs')`).Scan(&served)
	if err == nil && served {
		return errServed
	}
	return err
}

var errServed = errors.New("a vitrine serves the source. Stop it first: what it writes meanwhile would be left behind")

const columnsOf = `
	SELECT c.relname, a.attname, t.typname, t.oid, COALESCE(k.place, 0)
	FROM pg_class c
	JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
	JOIN pg_type t ON t.oid = a.atttypid
	LEFT JOIN pg_constraint p ON p.conrelid = c.oid AND p.contype = 'p'
	LEFT JOIN LATERAL unnest(p.conkey) WITH ORDINALITY AS k (attnum, place) ON k.attnum = a.attnum
	WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
		AND c.relname NOT IN ('goose_db_version', '` + progressTable + `', '` + laterTable + `')
		AND NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.objid = c.oid AND e.deptype = 'e')
	ORDER BY c.relname, k.place NULLS LAST, a.attnum`

// tables returns all tables, those that others name first.
func (c *cluster) tables(ctx context.Context) ([]table, error) {
	var all []table
	var name string
	var col column
	var place int
	rows, err := c.conn.Query(ctx, columnsOf)
	if err != nil {
		return nil, err
	}
	_, err = pgx.ForEachRow(rows, []any{&name, &col.name, &col.kind, &col.oid, &place}, func() error {
		if len(all) == 0 || all[len(all)-1].name != name {
			all = append(all, table{name: name})
		}
		t := &all[len(all)-1]
		col.read = quote(col.name)
		t.columns = append(t.columns, col)
		if place > 0 {
			t.keys++
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, t := range all {
		if t.keys == 0 {
			return nil, fmt.Errorf("table %s has no primary key", t.name)
		}
	}
	return c.sorted(ctx, all)
}

// sorted puts tables behind those that they name.
func (c *cluster) sorted(ctx context.Context, all []table) ([]table, error) {
	names := map[string][]string{}
	rows, err := c.conn.Query(ctx, `
		SELECT DISTINCT child.relname, parent.relname
		FROM pg_constraint k JOIN pg_class child ON child.oid = k.conrelid JOIN pg_class parent ON parent.oid = k.confrelid
		WHERE k.contype = 'f' AND child.relnamespace = current_schema()::regnamespace`)
	if err != nil {
		return nil, err
	}
	var child, parent string
	if _, err := pgx.ForEachRow(rows, []any{&child, &parent}, func() error {
		names[child] = append(names[child], parent)
		return nil
	}); err != nil {
		return nil, err
	}
	var sorted []table
	for len(all) > 0 {
		i := slices.IndexFunc(all, func(t table) bool {
			return !slices.ContainsFunc(all, func(other table) bool { return other.name != t.name && slices.Contains(names[t.name], other.name) })
		})
		if i < 0 {
			return nil, fmt.Errorf("the tables from %s on name each other in a circle", all[0].name)
		}
		all[i].whole = slices.Contains(names[all[i].name], all[i].name)
		sorted = append(sorted, all[i])
		all = slices.Delete(all, i, i+1)
	}
	return sorted, nil
}

func (c *cluster) layout(ctx context.Context) (map[string][]string, error) {
	tables, err := c.tables(ctx)
	layout := map[string][]string{}
	for _, t := range tables {
		for _, col := range t.columns {
			layout[t.name] = append(layout[t.name], col.name)
		}
	}
	return layout, err
}

func (c *cluster) derived() []string { return nil }

func (c *cluster) adapt(*table) {}

func (c *cluster) count(ctx context.Context, t table) (n int64, err error) {
	err = c.conn.QueryRow(ctx, "SELECT count(*) FROM "+quote(t.name)).Scan(&n)
	return n, err
}

func (c *cluster) page(ctx context.Context, t table, after key, limit int) (*chunk, error) {
	oids := make([]uint32, len(after))
	formats := make([]int16, len(after))
	for i := range after {
		oids[i], formats[i] = t.columns[i].oid, pgtype.BinaryFormatCode
	}
	out := &chunk{}
	rows := c.conn.PgConn().ExecParams(ctx, t.page(after != nil, limit), after, oids, formats, []int16{pgtype.BinaryFormatCode})
	for rows.NextRow() {
		out.begin(len(t.columns))
		for _, value := range rows.Values() {
			out.field(value)
		}
		out.end()
	}
	_, err := rows.Close()
	out.last = out.len() < limit
	return out, err
}

// state is how far the copy of a table is.
type state struct {
	after key // nil: at its beginning
	rows  int64
	done  bool
}

// begin makes the place where the target keeps how far the copy is, and takes away
// what every new database has: the source has its own. A copy that has begun goes on.
func (c *cluster) begin(ctx context.Context, from string, tables []table) error {
	return pgx.BeginFunc(ctx, c.conn, func(tx pgx.Tx) error {
		var there bool
		if err := tx.QueryRow(ctx, `SELECT to_regclass($1) IS NOT NULL`, progressTable).Scan(&there); err != nil {
			return err
		}
		if there {
			return sameSource(ctx, tx, from)
		}
		seeded, err := c.seeded(ctx, tables)
		if err == nil {
			err = c.putOff(ctx, tx)
		}
		for _, t := range slices.Backward(seeded) {
			if err == nil {
				_, err = tx.Exec(ctx, "DELETE FROM "+quote(t.name)+" WHERE TRUE")
			}
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `CREATE TABLE `+progressTable+` (
			source text NOT NULL, name text PRIMARY KEY, after text, copied bigint NOT NULL, done boolean NOT NULL)`)
		for _, t := range tables {
			if err == nil {
				_, err = tx.Exec(ctx, `INSERT INTO `+progressTable+` (source, name, copied, done) VALUES ($1, $2, 0, FALSE)`, from, t.name)
			}
		}
		return err
	})
}

func sameSource(ctx context.Context, tx pgx.Tx, from string) error {
	var was string
	if err := tx.QueryRow(ctx, `SELECT source FROM `+progressTable+` LIMIT 1`).Scan(&was); err != nil {
		return fmt.Errorf("read how far the copy is: %w", err)
	}
	if was != from {
		return fmt.Errorf("the target has a part of another database: %s. Go on with that one, or take an empty target", was)
	}
	var there bool
	if err := tx.QueryRow(ctx, `SELECT to_regclass($1) IS NOT NULL`, laterTable).Scan(&there); err != nil {
		return fmt.Errorf("read what is made later: %w", err)
	}
	if !there {
		return errors.New("an older vitrine has begun to copy to the target. Take an empty target")
	}
	return nil
}

func (c *cluster) progress(ctx context.Context, t table) (s state, err error) {
	var after *string
	err = c.conn.QueryRow(ctx, `SELECT after, copied, done FROM `+progressTable+` WHERE name = $1`, t.name).Scan(&after, &s.rows, &s.done)
	if errors.Is(err, pgx.ErrNoRows) {
		return s, fmt.Errorf("the copy was begun without table %s. Take an empty target", t.name)
	}
	if err != nil || after == nil {
		return s, err
	}
	s.after, err = parseKey(*after)
	return s, err
}

// analyze has the target learn how large its tables are: it plans by that.
func (c *cluster) analyze(ctx context.Context, tables []table) error {
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = quote(t.name)
	}
	_, err := c.conn.Exec(ctx, "ANALYZE "+strings.Join(names, ", "))
	return err
}

// finish ends a copy that was compared. Everything before it is on the disk, too, when
// this commit is.
func (c *cluster) finish(ctx context.Context) error {
	_, err := c.conn.Exec(ctx, `BEGIN; SET LOCAL synchronous_commit = on; DROP TABLE `+progressTable+`, `+laterTable+`; COMMIT`)
	return err
}
