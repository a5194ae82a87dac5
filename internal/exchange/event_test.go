package exchange_test

import (
	"fmt"
	"testing"

	"vitrine/internal/db"
	"vitrine/internal/seal"
	"vitrine/internal/webhook"
)

func TestImport_tellsTheWebhooksOfEachProductThatItChanged(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		sealer, err := seal.New(seal.Key{})
		if err != nil {
			t.Fatal(err)
		}
		hook := webhook.New()
		hook.URL, hook.Events = "https://hooks.example", []webhook.Event{webhook.ProductCreated, webhook.ProductUpdated}
		err = s.db.InTx(t.Context(), func(tx *db.Tx) error {
			hook, err = webhook.NewService(sealer, false).Create(t.Context(), tx, s.ID, hook)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		told := func(created, updated int) {
			t.Helper()
			found, err := db.One(t.Context(), s.db, func(row db.Row) (string, error) {
				var made, changed int
				err := row.Scan(&made, &changed)
				return fmt.Sprintf("%d+%d", made, changed), err
			}, `SELECT count(*) FILTER (WHERE event = 'product.created'), count(*) FILTER (WHERE event = 'product.updated') FROM webhook_delivery`)
			if want := fmt.Sprintf("%d+%d", created, updated); err != nil || found != want {
				t.Errorf("told of %s, want %s (%v)", found, want, err)
			}
		}
		header := "Handle,Title,Variant SKU,Variant Price\n"
		file := header
		for i := range 120 { // more than one statement's
			file += fmt.Sprintf("mug-%d,Mug %d,M-%d,1.00\n", i, i, i)
		}
		s.take(file)
		told(120, 0)
		s.take(file)
		told(120, 0)
		s.take(header + "mug-1,Mug 1,M-1,2.00\nmug-2,Mug two,M-2,1.00\nmug-3,Mug 3,M-3,1.00\n")
		told(120, 2)
	})
}
