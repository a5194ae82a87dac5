package db

import (
	"fmt"
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

func (d *DB) openPostgres(address string, conns int) error {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return fmt.Errorf("database_url: %w", err)
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 5 * time.Second
	}
	config.DialFunc = (&net.Dialer{KeepAliveConfig: vanished}).DialContext
	for name, value := range postgresParams {
		if _, set := config.RuntimeParams[name]; !set {
			config.RuntimeParams[name] = value
		}
	}
	if conns == 0 {
		conns = defaultConns
	}
	d.engine = Postgres
	d.write = stdlib.OpenDB(*config)
	d.write.SetMaxOpenConns(conns)
	d.write.SetMaxIdleConns(conns)
	d.write.SetConnMaxIdleTime(5 * time.Minute)
	d.read = d.write
	return nil
}
