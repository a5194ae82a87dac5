package db_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
)

func postgres(t *testing.T) *db.DB {
	t.Helper()
	if os.Getenv("TEST_POSTGRES_DSN") == "" {
		t.Skip("the rules are about PostgreSQL: set TEST_POSTGRES_DSN")
	}
	return dbtest.Open(t, dbtest.NewURL(t, db.Postgres), clock.System{})
}

func do(t *testing.T, d *db.DB, statements ...string) error {
	t.Helper()
	return d.InTx(t.Context(), func(tx *db.Tx) error {
		for _, s := range statements {
			if _, err := db.Exec(t.Context(), tx, s); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
		}
		return nil
	})
}

func must(t *testing.T, d *db.DB, statements ...string) {
	t.Helper()
	if err := do(t, d, statements...); err != nil {
		t.Fatal(err)
	}
}

func TestCitusRules_theSchemaKeepsAll(t *testing.T) {
	t.Parallel()
	broken, err := db.CitusRules(t.Context(), postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range broken {
		t.Error(b)
	}
}

// Each rule is broken once, and named.
func TestCitusRules_findWhatIsBroken(t *testing.T) {
	t.Parallel()
	for want, statement := range map[string]string{
		"bad: the unique index bad_name does not begin with store_id":               `CREATE TABLE bad (store_id uuid, id uuid, name text CONSTRAINT bad_name UNIQUE, PRIMARY KEY (store_id, id))`,
		"theme: the unique index theme_lower does not begin with store_id":          `CREATE UNIQUE INDEX theme_lower ON theme (lower(name), store_id)`,
		"theme: the foreign key theme_of does not begin with store_id":              `ALTER TABLE theme ADD COLUMN by_account uuid CONSTRAINT theme_of REFERENCES account (id)`,
		"mail: the foreign key mail_of names product, which belongs to stores":      `ALTER TABLE mail ADD COLUMN s uuid, ADD COLUMN p uuid, ADD CONSTRAINT mail_of FOREIGN KEY (s, p) REFERENCES product (store_id, id)`,
		"account: the foreign key a_of names mail, which is on the coordinator":     `ALTER TABLE account ADD COLUMN m uuid CONSTRAINT a_of REFERENCES mail (id)`,
		"theme: the foreign key theme_p sets columns when product changes":          `ALTER TABLE theme ADD COLUMN p uuid, ADD CONSTRAINT theme_p FOREIGN KEY (store_id, p) REFERENCES product (store_id, id) ON DELETE SET NULL (p)`,
		"theme: the trigger theme_made does more than to keep rows as they are":     `CREATE TRIGGER theme_made BEFORE INSERT ON theme FOR EACH ROW EXECUTE FUNCTION inventory_level_stays()`,
		"job_chore is not kept on the coordinator, where jobs are taken":            `ALTER TABLE job_chore DROP CONSTRAINT job_chore_pkey, ADD COLUMN store_id uuid NOT NULL, ADD PRIMARY KEY (store_id, name)`,
		"review: the foreign key r_domain names custom_domain, which is on the coo": `ALTER TABLE custom_domain ADD CONSTRAINT by_store UNIQUE (store_id); ALTER TABLE review ADD CONSTRAINT r_domain FOREIGN KEY (store_id) REFERENCES custom_domain (store_id)`,
	} {
		t.Run(strings.Fields(want)[0], func(t *testing.T) {
			t.Parallel()
			d := postgres(t)
			must(t, d, strings.Split(statement, "; ")...)
			broken, err := db.CitusRules(t.Context(), d)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(broken, func(b string) bool { return strings.HasPrefix(b, want) }) {
				t.Errorf("%q is not among %q", want, broken)
			}
		})
	}
}

func calls(t *testing.T, d *db.DB) []string {
	t.Helper()
	all, err := db.All(t.Context(), d, db.Value[string], `SELECT said FROM calls ORDER BY n`)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// asUser opens the database as one who is no superuser and owns it all.
func asUser(t *testing.T, d *db.DB) *db.DB {
	t.Helper()
	address, err := url.Parse(d.URL())
	if err != nil {
		t.Fatal(err)
	}
	name := "u_" + strings.ReplaceAll(d.NewID().String(), "-", "")
	address.User = url.UserPassword(name, "secret")
	must(t, d, `CREATE ROLE `+name+` LOGIN PASSWORD 'secret'`, `GRANT ALL ON SCHEMA public TO `+name)
	t.Cleanup(func() {
		_ = d.InTx(context.Background(), func(tx *db.Tx) error {
			_, err := db.Exec(context.Background(), tx, `DROP OWNED BY `+name+`; DROP ROLE `+name)
			return err
		})
	})
	owned, err := db.All(t.Context(), d, db.Value[string], `
		SELECT 'ALTER TABLE ' || c.oid::regclass || ' OWNER TO `+name+`' FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'`)
	if err != nil {
		t.Fatal(err)
	}
	must(t, d, owned...)
	return dbtest.Open(t, address.String(), clock.System{})
}

func TestDistribute_putsEveryTableInItsPlace(t *testing.T) {
	t.Parallel()
	d := postgres(t)
	must(t, d, dbtest.CitusStandIn...)
	before := foreignKeys(t, d)
	done, err := d.Distribute(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all := calls(t, d)
	for _, want := range []string{
		"function lineage_id(bigint,uuid)", "reference plan", "reference account", "reference store", "distributed product by store_id with default",
		"distributed shop_order by store_id with product", "distributed inventory_level by store_id with product", "distributed content_version by store_id with product",
		"distributed sales_mark by store_id with product", "local job", "local job_chore", "local charge", "local custom_domain", "local token", "local member",
	} {
		if !slices.Contains(all, want) {
			t.Errorf("%q is not among the calls:\n%s", want, strings.Join(all, "\n"))
		}
	}
	tables, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('goose_db_version', 'pg_dist_partition')`)
	if err != nil || len(done) != tables || len(all) != tables+1 {
		t.Errorf("%d tables, %d of them moved with %d calls, %v", tables, len(done), len(all), err)
	}
	if !slices.IsSortedFunc(all[1:], func(a, b string) int { return strings.Compare(turn(a), turn(b)) }) {
		t.Errorf("the calls come in the wrong order:\n%s", strings.Join(all, "\n"))
	}
	if after := foreignKeys(t, d); !slices.Equal(before, after) {
		t.Errorf("foreign keys before: %v\nafter: %v", before, after)
	}
	if again, err := d.Distribute(t.Context()); err != nil || len(again) != 0 || len(calls(t, d)) != len(all) {
		t.Errorf("a second go moves %v, %v", again, err)
	}
}

// turn is when a call has its turn: what others name goes first.
func turn(call string) string {
	kind, _, _ := strings.Cut(call, " ")
	return map[string]string{"reference": "1", "distributed": "2", "local": "3"}[kind]
}

func foreignKeys(t *testing.T, d *db.DB) []string {
	t.Helper()
	all, err := db.All(t.Context(), d, db.Value[string], `
		SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || ' ' || convalidated FROM pg_constraint WHERE contype = 'f' ORDER BY 1`)
	if err != nil || len(all) < 30 {
		t.Fatal(len(all), err)
	}
	return all
}

func TestDistribute_privilegesKeepTheLedgerWhereTriggersDid(t *testing.T) {
	t.Parallel()
	admin := postgres(t)
	must(t, admin, dbtest.CitusStandIn...)
	d := asUser(t, admin)
	if _, err := d.Distribute(t.Context()); err != nil {
		t.Fatal(err)
	}
	triggers, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid <> 'account_action'::regclass`) // which stays on the coordinator
	if err != nil || triggers != 0 {
		t.Errorf("%d triggers are left, %v", triggers, err)
	}
	for _, refused := range []string{
		`UPDATE inventory_adjustment SET notes = ''`, `DELETE FROM inventory_adjustment`, `TRUNCATE inventory_adjustment`,
		`DELETE FROM inventory_level`, `TRUNCATE inventory_level CASCADE`, `UPDATE store_action SET email = ''`,
	} {
		if err := do(t, d, refused); err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: %v", refused, err)
		}
	}
	must(t, d, `UPDATE inventory_level SET updated_at = updated_at`, `SELECT count(*) FROM inventory_adjustment`)
}

func TestDistribute_withoutCitus_saysWhatIsMissing(t *testing.T) {
	t.Parallel()
	if _, err := postgres(t).Distribute(t.Context()); err == nil || !strings.Contains(err.Error(), "CREATE EXTENSION citus") {
		t.Errorf("got %v", err)
	}
}
