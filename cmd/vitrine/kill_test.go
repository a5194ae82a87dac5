package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"vitrine/internal/account"
	"vitrine/internal/clock"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/fixture"
	"vitrine/internal/id"
)

// kills is how often the server is killed: a few times, or as often as the
// acceptance run asks for.
func kills() int {
	if os.Getenv("VITRINE_TEST_ACCEPT") != "" {
		return 50
	}
	return 4
}

// server is the real binary on a database.
type server struct {
	t       *testing.T
	binary  string
	address string // of the database
	env     []string
	url     string
	process *exec.Cmd
}

func (s *server) start() {
	s.t.Helper()
	listen := freeAddress(s.t)
	s.url = "http://" + listen
	s.process = exec.Command(s.binary, "serve") //nolint:gosec,noctx // our own binary, killed below
	s.process.Env = append(os.Environ(), "VITRINE_DATABASE_URL="+s.address, "VITRINE_LISTEN_ADDR="+listen)
	s.process.Env = append(s.process.Env, s.env...)
	if err := s.process.Start(); err != nil {
		s.t.Fatal(err)
	}
	eventually(s.t, "the server is ready", func() bool {
		res, err := http.Get(s.url + "/readyz") //nolint:noctx // our own server
		if err != nil {
			return false
		}
		_ = res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
}

// eventually waits for what another process is about to do.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it never happens: %s", what)
		}
	}
}

func (s *server) kill() {
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
}

func (s *server) post(path, token string, body, into any, headers ...string) (int, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequest(http.MethodPost, s.url+"/api/v1"+path, bytes.NewReader(raw)) //nolint:noctx // dies with the server
	if err != nil {
		return 0, err
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	return res.StatusCode, json.NewDecoder(res.Body).Decode(into)
}

// newUser registers a user.
func (s *server) newUser() (token string, user account.ID) {
	s.t.Helper()
	var login struct {
		AccessToken string `json:"access_token"`
		User        struct{ ID id.UUID }
	}
	if status, err := s.post("/auth/register", "", map[string]string{"email": "kill@example.com", "password": "a long password"}, &login); status != http.StatusCreated {
		s.t.Fatalf("register: %d, %v", status, err)
	}
	return login.AccessToken, account.ID{UUID: login.User.ID}
}

// register makes a user and a store of theirs that takes a while to clone.
func (s *server) register() (token, source string, products int) {
	s.t.Helper()
	token, user := s.newUser()
	source, products = seed(s.t, s.address, user)
	return token, source, products
}

func TestKill_inTheMiddleOfAClone_leavesNoHalfStoreAndNoLostSlug(t *testing.T) {
	t.Parallel()
	binary := build(t)
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s := &server{t: t, binary: binary, address: address}
		s.start()
		defer func() { s.kill() }()
		token, source, products := s.register()
		acknowledged := map[string]bool{}
		for range kills() {
			done := make(chan string, 1)
			go func() {
				var answer struct{ Store struct{ Slug string } }
				status, err := s.post("/stores/"+source+"/clone", token, struct{}{}, &answer)
				if err != nil || status != http.StatusCreated {
					answer.Store.Slug = ""
				}
				done <- answer.Store.Slug
			}()
			time.Sleep(time.Duration(rand.IntN(400)) * time.Millisecond) //nolint:gosec // any moment
			s.kill()
			if slug := <-done; slug != "" {
				acknowledged[slug] = true
			}
			s.start()
			checkWhole(t, address, products, acknowledged)
		}
		var last struct{ Store struct{ Slug string } }
		if status, err := s.post("/stores/"+source+"/clone", token, struct{}{}, &last); status != http.StatusCreated {
			t.Fatalf("the clone after all kills: %d, %v", status, err)
		}
	})
}

func TestKill_inTheMiddleOfACloneInTheBackground_endsInOneStore(t *testing.T) {
	t.Parallel()
	binary := build(t)
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s := &server{t: t, binary: binary, address: address}
		s.start()
		defer func() { s.kill() }()
		token, source, products := s.register()
		d := dbtest.Open(t, address, clock.System{})
		for range kills() {
			asked := make(chan struct{})
			go func() {
				defer close(asked)
				var answer struct {
					JobID string `json:"job_id"`
				}
				_, _ = s.post("/stores/"+source+"/clone", token, struct{}{}, &answer, "Prefer", "respond-async")
			}()
			time.Sleep(time.Duration(rand.IntN(400)) * time.Millisecond) //nolint:gosec // any moment
			s.kill()
			<-asked
			s.start()
			waitForJobs(t, d)
			checkWhole(t, address, products, nil)
			checkOneStoreEach(t, d)
		}
		interrupted, err := db.One(t.Context(), d, db.Value[int], `SELECT COALESCE(sum(interruptions), 0) FROM job WHERE kind = 'clone'`)
		t.Logf("%d of %d kills hit a clone that ran (%v)", interrupted, kills(), err)
	})
}

func TestStop_inTheMiddleOfACloneInTheBackground_losesNothing(t *testing.T) {
	t.Parallel()
	binary := build(t)
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s := &server{t: t, binary: binary, address: address}
		s.start()
		defer func() { s.kill() }()
		token, source, products := s.register()
		d := dbtest.Open(t, address, clock.System{})
		for range 2 {
			var answer struct {
				JobID string `json:"job_id"`
			}
			if status, err := s.post("/stores/"+source+"/clone", token, struct{}{}, &answer, "Prefer", "respond-async"); status != http.StatusAccepted {
				t.Fatalf("clone: %d, %v", status, err)
			}
		}
		if err := s.process.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := s.process.Wait(); err != nil {
			t.Errorf("a clean stop: %v", err)
		}
		s.start()
		waitForJobs(t, d)
		checkWhole(t, address, products, nil)
		checkOneStoreEach(t, d)
	})
}

// waitForJobs returns when there is nothing more to be done.
func waitForJobs(t *testing.T, d *db.DB) {
	t.Helper()
	for range 15000 { // many thousand products may be left
		left, err := db.One(t.Context(), d, db.Value[int], `SELECT count(*) FROM job WHERE finished_at IS NULL`)
		if err != nil {
			t.Fatal(err)
		}
		if left == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the jobs do not end")
}

// checkOneStoreEach checks that each job that clones has succeeded, with a store
// of its own that is there, and that there are no other clones.
func checkOneStoreEach(t *testing.T, d *db.DB) {
	t.Helper()
	type outcome struct {
		status string
		result db.JSON[struct{ Store struct{ ID string } }]
	}
	jobs, err := db.All(t.Context(), d, func(row db.Row) (o outcome, err error) {
		err = row.Scan(&o.status, &o.result)
		return o, err
	}, `SELECT status, COALESCE(result, '{}') FROM job WHERE kind = 'clone'`)
	if err != nil {
		t.Fatal(err)
	}
	clones := map[string]bool{}
	err = db.Each(t.Context(), d, func(row db.Row) error {
		clone, err := db.Value[id.UUID](row)
		clones[clone.String()] = true
		return err
	}, `SELECT id FROM store WHERE source_store_id IS NOT NULL`)
	if err != nil {
		t.Fatal(err)
	}
	if len(clones) != len(jobs) {
		t.Errorf("%d clones of %d jobs", len(clones), len(jobs))
	}
	for _, o := range jobs {
		if store := o.result.V.Store.ID; o.status != "succeeded" || !clones[store] {
			t.Errorf("a job %s, its store is %q", o.status, store)
		}
		delete(clones, o.result.V.Store.ID)
	}
}

// seed gives the user a store that takes a while to clone.
func seed(t *testing.T, address string, owner account.ID) (storeID string, products int) {
	t.Helper()
	d := dbtest.Open(t, address, clock.System{})
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := db.Exec(t.Context(), tx, `UPDATE account SET plan_id = 'scale' WHERE id = $1`, owner)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	size := fixture.Large.Scaled(1, 10)
	s, err := fixture.Catalog(t.Context(), d, owner, size)
	if err != nil {
		t.Fatal(err)
	}
	return s.ID.String(), size.Products
}

// checkWhole looks at the database: every store is whole, those that were
// acknowledged are there, the plan's count is right and the slugs have no gap.
func checkWhole(t *testing.T, address string, products int, acknowledged map[string]bool) {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{URL: address})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	slugs := map[string]bool{}
	base := ""
	err = db.Each(t.Context(), d, func(row db.Row) error {
		var slug string
		var n, variants int
		if err := row.Scan(&slug, &n, &variants); err != nil {
			return err
		}
		if n != products || variants != products*fixture.Large.VariantsEach {
			t.Errorf("store %s has %d products and %d variants of %d", slug, n, variants, products)
		}
		slugs[slug] = true
		if base == "" || len(slug) < len(base) {
			base = slug
		}
		return nil
	}, `
		SELECT s.slug, (SELECT count(*) FROM product p WHERE p.store_id = s.id),
			(SELECT count(*) FROM variant v WHERE v.store_id = s.id)
		FROM store s WHERE s.deleted_at IS NULL`)
	if err != nil {
		t.Fatal(err)
	}
	for slug := range acknowledged {
		if !slugs[slug] {
			t.Errorf("the clone %s was acknowledged and is gone", slug)
		}
	}
	for n := 1; n < len(slugs); n++ {
		want := base + "-copy"
		if n > 1 {
			want = fmt.Sprintf("%s-copy-%d", base, n)
		}
		if !slugs[want] {
			t.Errorf("%s is missing among %s", want, strings.Join(keys(slugs), ", "))
		}
	}
	counted, err := db.One(t.Context(), d, db.Value[int], `SELECT max(store_count) FROM account`)
	if err != nil || counted != len(slugs) {
		t.Errorf("the plan counts %d stores of %d (%v)", counted, len(slugs), err)
	}
}

func keys(m map[string]bool) []string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	return all
}
