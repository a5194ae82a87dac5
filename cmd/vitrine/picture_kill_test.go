package main_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"vitrine/internal/dbtest"
	"vitrine/internal/fixture"
)

// uploadPicture sends a picture and returns its address; "" when it was not acknowledged.
func (s *server) uploadPicture(token, store string, file []byte) string {
	req, err := http.NewRequest(http.MethodPost, s.url+"/api/v1/stores/"+store+"/pictures", bytes.NewReader(file)) //nolint:noctx // dies with the server
	if err != nil {
		return ""
	}
	req.Header.Set("Content-Type", "image/png")
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return ""
	}
	defer res.Body.Close()
	var made struct{ URL string }
	if err := json.NewDecoder(res.Body).Decode(&made); err != nil || res.StatusCode != http.StatusCreated {
		return ""
	}
	return made.URL
}

// served tells what a browser gets at an address.
func (s *server) served(address string) (status int, header http.Header) {
	s.t.Helper()
	res, err := http.Get(s.url + address) //nolint:noctx // our own server
	if err != nil {
		s.t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode, res.Header
}

// openStore makes a store.
func (s *server) openStore(token string) string {
	s.t.Helper()
	var made struct{ ID string }
	if status, err := s.post("/stores", token, map[string]string{"name": "Shop"}, &made); status != http.StatusCreated {
		s.t.Fatalf("the store: %d, %v", status, err)
	}
	return made.ID
}

// TestKill_whilePicturesAreUploaded kills the server again and again. Every picture
// that was acknowledged is served in all its widths, and listed once.
func TestKill_whilePicturesAreUploaded_everyAcknowledgedOneIsServed(t *testing.T) {
	t.Parallel()
	binary := build(t)
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s := &server{t: t, binary: binary, address: address, env: []string{"VITRINE_MEDIA_DIR=" + filepath.Join(t.TempDir(), "media")}}
		s.start()
		defer func() { s.kill() }()
		token, _ := s.newUser()
		store := s.openStore(token)
		var mu sync.Mutex
		acknowledged, first := map[string]bool{}, make(chan struct{})
		begin := sync.OnceFunc(func() { close(first) })
		for round := range kills() {
			var uploads sync.WaitGroup
			for i := range 4 {
				uploads.Go(func() {
					for k := range 40 {
						made := s.uploadPicture(token, store, fixture.PNG(t, 170+k, 40, byte(round*4+i)))
						if made == "" {
							return // it is dead
						}
						mu.Lock()
						acknowledged[made] = true
						mu.Unlock()
						begin()
					}
				})
			}
			select { // a slow machine may acknowledge nothing for seconds
			case <-first:
			case <-time.After(time.Minute):
			}
			time.Sleep(time.Duration(50+rand.IntN(300)) * time.Millisecond) //nolint:gosec // any moment
			s.kill()
			uploads.Wait()
			s.start()
		}
		for made := range acknowledged {
			small := made[:strings.LastIndex(made, "/")] + "/160.webp"
			for _, at := range []string{made, small} {
				if status, _ := s.served(at); status != http.StatusOK {
					t.Errorf("%s was acknowledged and is %d", at, status)
				}
			}
		}
		if len(acknowledged) == 0 {
			t.Error("nothing was acknowledged between the kills")
		}
		if made := s.uploadPicture(token, store, fixture.PNG(t, 20, 20, 255)); made == "" {
			t.Error("nothing can be uploaded after all kills")
		}
	})
}

// TestServe_keepsPicturesInABucket serves what another process has uploaded, from
// storage that both see, and on every host.
func TestServe_keepsPicturesInABucket(t *testing.T) {
	t.Parallel()
	binary := build(t)
	backend := s3mem.New()
	if err := backend.CreateBucket("pictures"); err != nil {
		t.Fatal(err)
	}
	bucket := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(bucket.Close)
	dir := t.TempDir()
	s := &server{t: t, binary: binary, address: "sqlite://" + filepath.Join(dir, "shop.db"), env: []string{
		"VITRINE_MEDIA_S3_ENDPOINT=" + bucket.URL, "VITRINE_MEDIA_S3_BUCKET=pictures", "VITRINE_MEDIA_S3_KEY_ID=id", "VITRINE_MEDIA_S3_SECRET=secret",
	}}
	s.start()
	defer func() { s.kill() }()
	token, _ := s.newUser()
	made := s.uploadPicture(token, s.openStore(token), fixture.PNG(t, 400, 200, 1))
	s.kill()
	s.start()
	status, header := s.served(made)
	if status != http.StatusOK || header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
		t.Errorf("%q is %d, %v", made, status, header)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodHead, s.url+made, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "shop.localhost"
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "image/webp" {
		t.Errorf("on a shop's own host: %d", res.StatusCode)
	}
	if _, err := os.Stat(filepath.Join(dir, "shop-media")); !os.IsNotExist(err) {
		t.Errorf("there is a folder for pictures besides: %v", err)
	}
	bucket.Close()
	if status, _ := s.served(strings.Replace(made, "400.", "160.", 1)); status != http.StatusServiceUnavailable {
		t.Errorf("with the storage away: %d", status)
	}
	if status, _ := s.served(made); status != http.StatusOK {
		t.Errorf("what was at hand: %d", status)
	}
}
