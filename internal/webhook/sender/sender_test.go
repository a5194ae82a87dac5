package sender

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fixture"
	"vitrine/internal/seal"
	"vitrine/internal/store"
	"vitrine/internal/webhook"
)

// TestRun_oneThatFailsKeepsNobodyElseWaiting has a receiver refuse every fourth event.
// The sender looks into the outbox by itself but once.
func TestRun_oneThatFailsKeepsNobodyElseWaiting(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		const events = 40
		d := dbtest.Open(t, address, clock.System{})
		told := make(chan int, events)
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			var event struct{ Data struct{ N int } }
			if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
				t.Error(err)
			}
			if event.Data.N%4 == 0 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			told <- event.Data.N
		})
		s := New(d, hooked(t, d, url, events), Options{Poll: time.Hour})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		seen := map[int]bool{}
		for len(seen) < events*3/4 {
			select {
			case n := <-told:
				seen[n] = true
			case <-time.After(30 * time.Second):
				t.Fatalf("%d of %d were told of", len(seen), events*3/4)
			}
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// hooked makes a store with a webhook and events that wait for it.
func hooked(t *testing.T, d *db.DB, url string, events int) *webhook.Service {
	t.Helper()
	sealer, err := seal.New(seal.Key{1})
	if err != nil {
		t.Fatal(err)
	}
	hooks := webhook.NewService(sealer, true)
	owner, err := fixture.Account(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	err = d.InTx(t.Context(), func(tx *db.Tx) error {
		st, err := store.Create(t.Context(), tx, owner, store.New("Shop"))
		if err != nil {
			return err
		}
		w := webhook.New()
		w.URL, w.Events = url, []webhook.Event{webhook.ProductCreated}
		if _, err := hooks.Create(t.Context(), tx, st.ID, w); err != nil {
			return err
		}
		messages := make([]webhook.Message, events)
		for i := range messages {
			messages[i] = webhook.Message{Store: st.ID, Event: webhook.ProductCreated, Data: webhook.Data{"n": i}}
		}
		return webhook.EmitAll(t.Context(), tx, messages)
	})
	if err != nil {
		t.Fatal(err)
	}
	return hooks
}
