package db

import (
	"database/sql"
	"fmt"
	"maps"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// defaultConns is this process's share of PostgreSQL: four to six per core of a
// small database machine. More of them make it slower, not faster.
const defaultConns = 12

// postgresParams bound what one statement may cost. Long work (clone, import)
// raises statement_timeout for its own transaction.
var postgresParams = map[string]string{
	"application_name":                    "vitrine",
	"timezone":                            "UTC",
	"statement_timeout":                   "30s",
	"lock_timeout":                        "20s",
	"idle_in_transaction_session_timeout": "60s",
}

// vanished is when a connection is given up whose other machine says nothing at all:
// after 35 seconds, where the system's own way is to wait for some minutes.
var vanished = net.KeepAliveConfig{Enable: true, Idle: 20 * time.Second, Interval: 5 * time.Second, Count: 3}

func (d *DB) openPostgres(address string, conns int, tracer pgx.QueryTracer) error {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return fmt.Errorf("database_url: %w", err)
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 5 * time.Second
	}
	config.Tracer = tracer
	config.DialFunc = (&net.Dialer{KeepAliveConfig: vanished}).DialContext
	for name, value := range postgresParams {
		if _, set := config.RuntimeParams[name]; !set {
			config.RuntimeParams[name] = value
		}
	}
	if conns == 0 {
		conns = defaultConns
	}
	keyed := max(1, conns/4)
	d.engine = Postgres
	d.write = postgresPool(*config, max(1, conns-keyed))
	d.read = d.write
	config.RuntimeParams = maps.Clone(config.RuntimeParams)
	maps.Copy(config.RuntimeParams, keyedParams)
	d.keyed = postgresPool(*config, keyed)
	return nil
}

// keyedParams make PostgreSQL find rows by their keys, in the order that a statement
// joins its tables, and keep its plan for that, whatever it thinks of the tables'
// sizes: it may have made the plan when they were empty, and read all of a store's
// rows from then on.
var keyedParams = map[string]string{
	"plan_cache_mode":     "force_generic_plan",
	"join_collapse_limit": "1",
	"enable_seqscan":      "off",
	"enable_hashjoin":     "off",
	"enable_mergejoin":    "off",
	"enable_material":     "off",
}

func postgresPool(config pgx.ConnConfig, conns int) *sql.DB {
	pool := sql.OpenDB(&knocking{Connector: stdlib.GetConnector(config)})
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	return pool
}
