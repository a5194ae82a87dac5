package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/internal/api"
	"vitrine/internal/db"
	"vitrine/internal/dbtest"
	"vitrine/internal/id"
)

var respondAsync = http.Header{"Prefer": {"respond-async"}}

// cloneLater asks for a clone that nobody waits for, and returns the job's path.
func (c *client) cloneLater(path string, body any) string {
	c.t.Helper()
	r := c.do("POST", path+"/clone", body, respondAsync).want(http.StatusAccepted)
	location := "/jobs/" + r.object()["job_id"].(string)
	if got := r.header.Get("Location"); got != "/api/v1"+location || r.header.Get("Preference-Applied") != "respond-async" {
		c.t.Fatalf("Location %q, Preference-Applied %q", got, r.header.Get("Preference-Applied"))
	}
	return location
}

// events reads the stream of a job to its end, and returns the jobs in it.
func (c *client) events(path string) []object {
	c.t.Helper()
	stream := c.open(path)
	defer stream.Close()
	var jobs []object
	for lines := bufio.NewScanner(stream); lines.Scan(); {
		if data, isData := strings.CutPrefix(lines.Text(), "data: "); isData {
			var j object
			if err := json.Unmarshal([]byte(data), &j); err != nil {
				c.t.Fatalf("event %q: %v", data, err)
			}
			jobs = append(jobs, j)
		}
	}
	return jobs
}

// open begins to read the stream of a job.
func (c *client) open(path string) io.ReadCloser {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 5*time.Minute)
	c.t.(*testing.T).Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, "GET", c.url+"/api/v1"+path+"/events", nil)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	if kind := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || kind != "text/event-stream" {
		c.t.Fatalf("stream: %d of type %q", res.StatusCode, kind)
	}
	return res.Body
}

// ended waits for the end of a job and returns it.
func (c *client) ended(path string) object {
	c.t.Helper()
	jobs := c.events(path)
	if len(jobs) == 0 {
		c.t.Fatal("the stream has no event")
	}
	last := jobs[len(jobs)-1]
	if now := c.get(path).want(http.StatusOK).object(); !reflect.DeepEqual(now, last) {
		c.t.Fatalf("the stream ends with %v, the job is %v", last, now)
	}
	return last
}

func TestClone_respondAsync_endsWithWhatWouldHaveBeenAnswered(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, other := p.merchant(t), p.merchant(t)
		path := c.largeStore(p)
		job := c.cloneLater(path, object{"new_name": "Later"})
		queued := c.get(job).want(http.StatusOK).object()
		want := object{
			"id": strings.TrimPrefix(job, "/jobs/"), "kind": "clone", "status": "queued", "progress": object{"done": 0.0, "total": 0.0, "step": ""},
			"result": nil, "error": nil, "created_at": "2026-01-15T12:00:00Z", "finished_at": nil,
		}
		if !reflect.DeepEqual(queued, want) {
			t.Errorf("queued: %v", queued)
		}
		other.get(job).want(http.StatusNotFound)
		other.get(job + "/events").want(http.StatusNotFound)
		p.work(t)
		ended := c.ended(job)
		result := ended["result"].(object)
		store := result["store"].(object)
		if ended["status"] != "succeeded" || ended["error"] != nil || ended["finished_at"] != "2026-01-15T12:00:00Z" || store["slug"] != "later" || result["source_store_id"] != strings.TrimPrefix(path, "/stores/") {
			t.Errorf("ended: %v", ended)
		}
		if progress := ended["progress"].(object); progress["done"] != progress["total"] || progress["total"] == 0.0 {
			t.Errorf("progress: %v", progress)
		}
		if got := c.get("/stores/" + store["id"].(string)).want(http.StatusOK).object(); !reflect.DeepEqual(got, store) {
			t.Errorf("the result is %v, the store %v", store, got)
		}
		if n := len(c.all("/stores/"+store["id"].(string)+"/products", 200)); n != small.Products {
			t.Errorf("%d products", n)
		}
		at := c.post(path+"/clone", nil).want(http.StatusCreated).object()
		if !slices.Equal(slices.Sorted(keysOf(at)), slices.Sorted(keysOf(result))) {
			t.Errorf("the result has %v, the answer %v", result, at)
		}
	})
}

func keysOf(o object) func(func(string) bool) {
	return func(yield func(string) bool) {
		for key := range o {
			if !yield(key) {
				return
			}
		}
	}
}

// A lock keeps the clone from its themes, when products and all that hangs on them
// are copied but not committed.
func TestClone_respondAsync_tellsHowFarItIs(t *testing.T) {
	t.Parallel()
	p := serve(t, dbtest.OnlyPostgres(t), api.Deps{})
	c := p.merchant(t)
	path := c.largeStore(p)
	c.post(path+"/themes", object{"name": "Spring"}).want(http.StatusCreated)
	var job string
	err := p.db.InTx(t.Context(), func(tx *db.Tx) error {
		if _, err := db.Exec(t.Context(), tx, `LOCK TABLE theme IN SHARE ROW EXCLUSIVE MODE`); err != nil {
			return err
		}
		job = c.cloneLater(path, nil)
		p.work(t)
		eventually(t, "it waits to copy the themes", func() bool {
			now := c.get(job).object()
			progress := now["progress"].(object)
			done, total := progress["done"].(float64), progress["total"].(float64)
			return now["status"] == "running" && progress["step"] == "themes" && done >= float64(small.Products*small.VariantsEach) && done < total
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if ended := c.ended(job); ended["status"] != "succeeded" {
		t.Errorf("ended: %v", ended)
	}
}

func TestClone_respondAsync_refusesAtOnceWhatCanBeRefused(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c, other := p.merchant(t), p.merchant(t)
		path := c.store(object{})
		other.do("POST", path+"/clone", object{"new_name": 1}, respondAsync).want(http.StatusNotFound)
		c.do("POST", path+"/clone", object{"new_name": strings.Repeat("x", 201)}, respondAsync).invalid("body.new_name")
		c.do("POST", path+"/clone", object{"inventory": "all"}, respondAsync).invalid("body.inventory")
		c.store(object{})
		c.store(object{})
		c.do("POST", path+"/clone", nil, respondAsync).want(http.StatusForbidden)
		c.do("POST", path+"/clone", object{"new_name": strings.Repeat("x", 201)}, respondAsync).want(http.StatusForbidden)
		if n := p.count(t, `SELECT count(*) FROM job`); n != 0 {
			t.Errorf("%d jobs", n)
		}
		c.do("POST", path+"/clone?dry_run=true", nil, respondAsync).want(http.StatusOK)
	})
}

func TestClone_respondAsync_isAPreferenceAmongOthers(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t).onPlan("growth")
		path := c.store(object{})
		for _, prefer := range []http.Header{{"Prefer": {"wait=10, Respond-Async"}}, {"Prefer": {"return=minimal", "respond-async; foo=bar"}}} {
			c.do("POST", path+"/clone", nil, prefer).want(http.StatusAccepted)
		}
		r := c.do("POST", path+"/clone", nil, http.Header{"Prefer": {"return=representation"}}).want(http.StatusCreated)
		if r.header.Get("Preference-Applied") != "" {
			t.Errorf("a preference that was not applied: %v", r.header)
		}
	})
}

func TestClone_respondAsync_withAKeyMakesOneStore(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path := c.store(object{})
		header := http.Header{"Prefer": {"respond-async"}, "Idempotency-Key": {"clone-once"}}
		first := c.do("POST", path+"/clone", nil, header).want(http.StatusAccepted)
		p.work(t)
		c.ended("/jobs/" + first.object()["job_id"].(string))
		again := c.do("POST", path+"/clone", nil, header).want(http.StatusAccepted)
		if !slices.Equal(again.raw, first.raw) || again.header.Get("Idempotency-Replayed") != "true" || again.header.Get("Location") != first.header.Get("Location") || again.header.Get("Preference-Applied") != "respond-async" {
			t.Errorf("again: %v %s, first: %v %s", again.header, again.raw, first.header, first.raw)
		}
		c.postKeyed("clone-once", path+"/clone", nil).want(http.StatusUnprocessableEntity)
		if got := c.get("/auth/me").object()["store_count"]; got != 2.0 {
			t.Errorf("%v stores", got)
		}
	})
}

func TestClone_respondAsync_failsWithASentenceWhenItCannotBeAnyMore(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		path, gone := c.store(object{}), c.store(object{})
		ofGone := c.cloneLater(gone, nil)
		c.delete(gone).want(http.StatusNoContent)
		c.store(object{})
		first, second := c.cloneLater(path, nil), c.cloneLater(path, nil) // for one place
		p.work(t)
		message, _ := c.ended(ofGone)["error"].(string)
		if message != "There is no such store." {
			t.Errorf("of a store that was deleted: %q", message)
		}
		lost := c.ended(first)
		if won := c.ended(second); lost["status"] == "succeeded" {
			lost = won
		}
		refused := c.post(path+"/clone", nil).want(http.StatusForbidden).object()["detail"]
		if lost["status"] != "failed" || lost["error"] != refused || lost["result"] != nil {
			t.Errorf("the second for one place: %v, a clone now: %v", lost, refused)
		}
		if got := c.get("/auth/me").object()["store_count"]; got != 3.0 {
			t.Errorf("%v stores", got)
		}
	})
}

func TestClone_isFoundBeforeAndAfterItIsIndexed(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		clone := "/stores/" + c.post(c.largeStore(p)+"/clone", nil).want(http.StatusCreated).object()["store"].(object)["id"].(string)
		st, err := id.Parse(strings.TrimPrefix(clone, "/stores/"))
		if err != nil {
			t.Fatal(err)
		}
		unindexed := func() int { return p.count(t, `SELECT count(*) FROM product WHERE store_id = $1 AND NOT indexed`, st) }
		find := func() []any { return column(c.all(clone+"/products?q=NUMBER%201", 200), "id") }
		before := find()
		if unindexed() != small.Products || len(before) != 3 {
			t.Errorf("before: %d not indexed, found %v", unindexed(), before)
		}
		p.work(t)
		eventually(t, "the clone is indexed", func() bool { return unindexed() == 0 })
		if after := find(); !slices.Equal(after, before) {
			t.Errorf("found %v before and %v after", before, after)
		}
	})
}

// eventually waits for what another goroutine is about to do.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it never happens: %s", what)
		}
	}
}

func TestEvents_endWhenTheProcessStops(t *testing.T) {
	each(t, func(t *testing.T, p *platform) {
		c := p.merchant(t)
		stream := bufio.NewReader(c.open(c.cloneLater(c.store(object{}), nil)))
		if line, err := stream.ReadString('\n'); err != nil || !strings.HasPrefix(line, "data: {") {
			t.Fatalf("first line %q, %v", line, err)
		}
		if err := p.api.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if rest, err := io.ReadAll(stream); err != nil || string(rest) != "\n" {
			t.Errorf("the rest of the stream: %q, %v", rest, err)
		}
	})
}
