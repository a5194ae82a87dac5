package main_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/id"
)

// ids is a set that is safe for concurrent use.
type ids struct {
	mu  sync.Mutex
	all map[id.UUID]bool
}

// add tells whether the id is new.
func (s *ids) add(one id.UUID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.all[one]
	s.all[one] = true
	return !known
}

// without returns what is in s and not in other.
func (s *ids) without(other *ids) []id.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	other.mu.Lock()
	defer other.mu.Unlock()
	var missing []id.UUID
	for one := range s.all {
		if !other.all[one] {
			missing = append(missing, one)
		}
	}
	return missing
}

// TestKill_whileWebhooksAreSent kills the server again and again while products are
// made. Every product that was acknowledged is told of at least once, and none that
// is not there.
func TestKill_whileWebhooksAreSent_everyAcknowledgedChangeIsToldOf(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "vitrine")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil { //nolint:noctx,gosec // our own
		t.Fatalf("build: %v\n%s", err, out)
	}
	dbtest.EachURL(t, func(t *testing.T, address string) {
		told, refused := &ids{all: map[id.UUID]bool{}}, &ids{all: map[id.UUID]bool{}}
		receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var event struct{ Data struct{ ID id.UUID } }
			if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
				return
			}
			// Some are tried again. None is refused twice: a third try comes minutes later.
			if rand.IntN(10) == 0 && refused.add(event.Data.ID) { //nolint:gosec // any of them
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			told.add(event.Data.ID)
		}))
		t.Cleanup(receiver.Close)
		s := &server{t: t, binary: binary, address: address, env: []string{"VITRINE_WEBHOOK_ALLOW_PRIVATE=true"}}
		s.start()
		defer func() { s.kill() }()
		store, token := s.shopWithHook(receiver.URL)
		acknowledged, nobody := &ids{all: map[id.UUID]bool{}}, &ids{}
		for range kills() {
			stopped := make(chan struct{})
			go func() {
				defer close(stopped)
				for n := 0; ; n++ {
					var made struct{ ID id.UUID }
					status, err := s.post("/stores/"+store+"/products", token, map[string]string{"title": fmt.Sprint("Mug ", n)}, &made)
					if err != nil {
						return // killed
					}
					if status == http.StatusCreated {
						acknowledged.add(made.ID)
					}
				}
			}()
			eventually(t, "a product is made", func() bool { return len(acknowledged.without(nobody)) > 0 })
			time.Sleep(time.Duration(50+rand.IntN(500)) * time.Millisecond) //nolint:gosec // any moment
			s.kill()
			<-stopped
			s.start()
		}
		for deadline := time.Now().Add(2 * time.Minute); len(acknowledged.without(told)) > 0; time.Sleep(100 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("nobody was told of %v", acknowledged.without(told))
			}
		}
		if len(acknowledged.all) == 0 {
			t.Fatal("no product was made")
		}
		if ghosts := told.without(products(t, address)); len(ghosts) > 0 {
			t.Errorf("products that are not there were told of: %v", ghosts)
		}
	})
}

// shopWithHook registers a merchant with a store and a webhook.
func (s *server) shopWithHook(url string) (store, token string) {
	s.t.Helper()
	var login struct {
		AccessToken string `json:"access_token"`
	}
	var made struct{ ID string }
	for _, step := range []func() (int, error){
		func() (int, error) {
			return s.post("/auth/register", "", map[string]string{"email": "hooks@example.com", "password": "a long password"}, &login)
		},
		func() (int, error) {
			return s.post("/stores", login.AccessToken, map[string]string{"name": "Shop"}, &made)
		},
		func() (int, error) {
			var hook any
			return s.post("/stores/"+made.ID+"/webhooks", login.AccessToken, map[string]any{"url": url, "events": []string{"product.created"}}, &hook)
		},
	} {
		if status, err := step(); status != http.StatusCreated {
			s.t.Fatalf("status %d, %v", status, err)
		}
	}
	return made.ID, login.AccessToken
}

func products(t *testing.T, address string) *ids {
	t.Helper()
	d := dbtest.Open(t, address, clock.System{})
	found, err := db.All(t.Context(), d, db.Value[id.UUID], `SELECT id FROM product`)
	if err != nil {
		t.Fatal(err)
	}
	all := &ids{all: map[id.UUID]bool{}}
	for _, one := range found {
		all.add(one)
	}
	return all
}
