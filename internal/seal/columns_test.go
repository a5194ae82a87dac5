package seal

import (
	"reflect"
	"slices"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/dbtest"
)

// unsealed are the columns of bytes that have no secret: hashes, and what everybody may
// know; and the keys that the database itself keeps.
var unsealed = []string{
	"certificate.chain", "idempotency_key.fingerprint", "idempotency_key.key_hash",
	"order_once.key_hash", "password_link.hash", "recovery_code.hash", "secret.value", "token.hash", "upload_chunk.data",
}

func TestColumns_areAllThatAreSealed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if d.Engine() != db.Postgres {
			t.Skip("its columns of bytes are those of PostgreSQL")
		}
		want := slices.Clone(unsealed)
		for _, c := range Columns {
			want = append(want, c.String())
		}
		got, err := db.All(t.Context(), d, db.Value[string], `
			SELECT table_name || '.' || column_name FROM information_schema.columns
			WHERE table_schema = current_schema() AND data_type = 'bytea' AND table_name NOT LIKE 'river%'`)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("got  %v\nwant %v: say of a new column whether it is sealed", got, want)
		}
	})
}

// Each column can be read and written with the key that it says it has.
func TestColumns_haveTheirKeys(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, err := New(Key{1})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range Columns {
			_, places := c.keys()
			r := row{sealed: []byte("x")}
			for _, v := range places() {
				r.key = append(r.key, reflect.ValueOf(v).Elem().Interface())
			}
			if all, err := c.read(t.Context(), d, r.key); err != nil || len(all) != 0 {
				t.Errorf("read %s: %v, %v", c, all, err)
			}
			err := d.InTx(t.Context(), func(tx *db.Tx) error {
				_, err := s.write(t.Context(), tx, c, []row{r})
				return err
			})
			if err != nil {
				t.Errorf("write %s: %v", c, err)
			}
		}
	})
}
