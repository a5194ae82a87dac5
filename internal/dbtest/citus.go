package dbtest

import (
	"testing"

	"vitrine/internal/db"
)

// AsCluster has what is sent to a database be what is sent to a Citus cluster, which
// plain PostgreSQL runs as well.
func AsCluster(t testing.TB, d *db.DB) {
	t.Helper()
	if _, err := db.Exec(t.Context(), d, `CREATE TABLE pg_dist_partition ()`); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Migrate(t.Context()); err != nil || !d.Cluster() {
		t.Fatalf("it is no cluster: %v", err)
	}
}

// CitusStandIn makes the functions of Citus that a distribution calls. They write down
// what they are called with; the rest of its statements are PostgreSQL's own.
var CitusStandIn = []string{
	`CREATE TABLE calls (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, said text NOT NULL)`,
	`CREATE TABLE pg_dist_partition (logicalrelid regclass PRIMARY KEY)`,
	`CREATE FUNCTION create_reference_table(t regclass) RETURNS void LANGUAGE sql AS $$
		INSERT INTO calls (said) VALUES ('reference ' || t); INSERT INTO pg_dist_partition VALUES (t) $$`,
	`CREATE FUNCTION create_distributed_table(t regclass, c text, colocate_with text DEFAULT 'default') RETURNS void LANGUAGE sql AS $$
		INSERT INTO calls (said) VALUES ('distributed ' || t || ' by ' || c || ' with ' || colocate_with); INSERT INTO pg_dist_partition VALUES (t) $$`,
	`CREATE FUNCTION citus_add_local_table_to_metadata(t regclass, cascade_via_foreign_keys boolean DEFAULT FALSE) RETURNS void LANGUAGE sql AS $$
		INSERT INTO calls (said) VALUES ('local ' || t); INSERT INTO pg_dist_partition VALUES (t) $$`,
	`CREATE FUNCTION create_distributed_function(f regprocedure) RETURNS void LANGUAGE sql AS $$
		INSERT INTO calls (said) VALUES ('function ' || f) $$`,
}
