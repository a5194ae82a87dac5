package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/pquerna/otp/totp"

	"vitrine/internal/account"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/seal"
)

// After everything that has a secret was made, none of them lies in any column of any
// table as it is.
func TestSecrets_noColumnHasOneInTheOpen(t *testing.T) {
	t.Parallel()
	dbtest.EachAt(t, clock.System{}, func(t *testing.T, d *db.DB) {
		const key = "the operator's key"
		r := serveWith(t, d, map[string]string{"CONFIG": os.DevNull, "SECRET_KEY": key})
		secrets := map[string]string{"the operator's key": key}
		me := account.Credentials{Email: "ann@example.com", Password: "a long and secret password"}
		secrets["the password"] = me.Password
		var token string
		ask := func(path string, body, out any) {
			t.Helper()
			raw, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+"/api/v1"+path, bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Idempotency-Key", "once"+path) // whose answers are kept
			if token != "" {
				req.Header.Set("Authorization", "Bearer "+token)
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			got, err := io.ReadAll(res.Body)
			if err != nil || res.StatusCode != http.StatusCreated {
				t.Fatalf("%s: %d, %v", path, res.StatusCode, err)
			}
			if err := json.Unmarshal(got, out); err != nil {
				t.Fatal(err)
			}
		}
		var login struct {
			Token string `json:"access_token"`
		}
		ask("/auth/register", map[string]string{"email": me.Email, "password": me.Password}, &login)
		token = login.Token
		var personal struct{ Token string }
		ask("/auth/tokens", map[string]string{"name": "CI"}, &personal)
		var store struct{ ID string }
		ask("/stores", map[string]string{"name": "Mugs"}, &store)
		var hook struct{ Secret string }
		ask("/stores/"+store.ID+"/webhooks", map[string]any{"url": "https://hooks.example/in", "events": []string{"product.created"}}, &hook)
		secrets["the session's token"], secrets["the personal token"], secrets["the webhook's secret"] = login.Token, personal.Token, hook.Secret
		secretsOfPhone(t, d, key, me, secrets)
		for what, secret := range secrets {
			if len(secret) < 8 {
				t.Fatalf("%s is %q", what, secret)
			}
		}
		noneIn(t, d, secrets)
	})
}

// secretsOfPhone turns a second factor on, and adds what nobody else may know of it.
func secretsOfPhone(t *testing.T, d *db.DB, key string, me account.Credentials, secrets map[string]string) {
	t.Helper()
	settings := account.DefaultSettings
	var err error
	if settings.Sealer, err = seal.Load(t.Context(), d, key); err != nil {
		t.Fatal(err)
	}
	accounts, err := account.New(d, settings)
	if err != nil {
		t.Fatal(err)
	}
	session, err := accounts.Login(t.Context(), me, "")
	if err != nil {
		t.Fatal(err)
	}
	setup, err := accounts.NewSetup(session.User)
	if err != nil {
		t.Fatal(err)
	}
	code, err := totp.GenerateCode(setup.Key.Secret(), d.Now())
	if err != nil {
		t.Fatal(err)
	}
	recovery, err := accounts.TurnOn(t.Context(), session.User, setup.Sealed, me.Password, code, "", session.Secret)
	if err != nil {
		t.Fatal(err)
	}
	secrets["the key of the app"], secrets["a recovery code"] = setup.Key.Secret(), recovery[0]
	secrets["a recovery code without its dashes"] = strings.ReplaceAll(recovery[0], "-", "")
}

// noneIn looks through every row of every table.
func noneIn(t *testing.T, d *db.DB, secrets map[string]string) {
	t.Helper()
	list := `SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'`
	row := `SELECT * FROM `
	if d.Engine() == db.Postgres {
		list = `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`
	}
	tables, err := db.All(t.Context(), d, db.Value[string], list)
	if err != nil || len(tables) < 30 {
		t.Fatalf("%d tables, %v", len(tables), err)
	}
	rows := 0
	for _, table := range tables {
		all, err := d.QueryContext(t.Context(), row+`"`+table+`"`)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := all.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for all.Next() {
			rows++
			values, targets := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				targets[i] = &values[i]
			}
			if err := all.Scan(targets...); err != nil {
				t.Fatal(err)
			}
			for i, value := range values {
				text := fmt.Sprint(value)
				if raw, ok := value.([]byte); ok {
					text = string(raw)
				}
				for what, secret := range secrets {
					if strings.Contains(text, secret) {
						t.Errorf("%s lies in %s.%s", what, table, columns[i])
					}
				}
			}
		}
		if err := all.Err(); err != nil {
			t.Fatal(err)
		}
		_ = all.Close()
	}
	if rows < 10 {
		t.Errorf("only %d rows were looked through", rows)
	}
}
