package main_test

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Pages of shops are read from a replica. One that is behind, or away, costs no request,
// and no page shows what was before a change that another page has shown.
func TestReplica_isReadFrom_andNeverTooOld(t *testing.T) {
	if os.Getenv("TEST_POSTGRES_DSN") == "" {
		t.Skip("TEST_POSTGRES_DSN is not set: it asks for what needs PostgreSQL")
	}
	t.Parallel()
	primary := newCluster(t, false)
	replica := primary.replica()
	n := newNode(t, build(t), "VITRINE_DATABASE_URL="+primary.dsn("vitrine"), "VITRINE_REPLICA_URL="+replica.dsn("vitrine"), "VITRINE_STOREFRONT_RATE_LIMIT=0", "VITRINE_MEDIA_DIR="+t.TempDir())
	f := newTraffic(t, n.url())
	read := f.readFrom(replica)
	f.begin(4)

	read("when all is well")
	f.rename("Second")
	f.shows("Second")

	replica.exec(`SELECT pg_wal_replay_pause()`)
	f.rename("Third")
	f.shows("Third") // which the replica does not know
	replica.exec(`SELECT pg_wal_replay_resume()`)
	read("when it has caught up")

	if accept() {
		replica.kill()
		f.rename("Fourth")
		f.shows("Fourth")
		f.after(100)
		replica.start()
		read("when it is back")
		f.rename("Fifth")
		f.shows("Fifth")
	}

	for _, r := range f.end() {
		if !r.good() {
			t.Errorf("failed: %v", r)
		}
	}
	f.tell()
}

// rename gives the product another title.
func (f *traffic) rename(title string) {
	f.t.Helper()
	r := f.send(http.DefaultClient, "rename", http.MethodPatch, "/api/v1/stores/"+f.store+"/products/"+f.id, map[string]string{"title": title})
	if !r.good() {
		f.t.Fatal(r)
	}
}

// shows wants a title on every page, also when it is asked for again.
func (f *traffic) shows(title string) {
	f.t.Helper()
	for range 2 {
		for _, path := range []string{"", "/products", "/products/" + f.product} {
			if r := f.send(http.DefaultClient, path, http.MethodGet, "/s/"+f.slug+path, nil); !r.good() || !strings.Contains(r.body, title) {
				f.t.Errorf("%s: %d, without %s", path, r.status, title)
			}
		}
	}
}

// readFrom returns a function that waits until pages are read from a replica: what they
// read there are tables' rows.
func (f *traffic) readFrom(replica *cluster) func(when string) {
	ctx := context.WithoutCancel(f.t.Context())
	count := func() (n int) {
		conn, err := pgx.Connect(ctx, replica.dsn("vitrine"))
		if err != nil {
			f.t.Fatal(err)
		}
		defer func() { _ = conn.Close(ctx) }()
		if err := conn.QueryRow(ctx, `SELECT COALESCE(sum(COALESCE(seq_scan, 0) + COALESCE(idx_scan, 0)), 0) FROM pg_stat_user_tables WHERE relname = 'product'`).Scan(&n); err != nil {
			f.t.Fatal(err)
		}
		return n
	}
	return func(when string) {
		f.t.Helper()
		before := count()
		eventually(f.t, "a page is read from the replica "+when, func() bool {
			f.draw()
			return count() > before
		})
	}
}

// draw asks for a page that nobody has seen yet.
func (f *traffic) draw() {
	f.t.Helper()
	if r := f.send(http.DefaultClient, "draw", http.MethodGet, "/s/"+f.slug+"/products?q=mug"+string(rune('a'+f.number.Add(1)%26))+time.Now().Format("150405.000000"), nil); !r.good() {
		f.t.Error(r)
	}
}
