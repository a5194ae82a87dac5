package api_test

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"vitrine/internal/api"
	"vitrine/internal/dbtest"
)

func TestDatabase_awayIs503AndComesBackByItself(t *testing.T) {
	t.Parallel()
	address := dbtest.OnlyPostgres(t)
	p := serve(t, address, api.Deps{})
	p.work(t)
	c := p.merchant(t)
	path := c.store(object{})
	c.ended(c.cloneLater(path, nil))
	back := dbtest.TakeAway(t, address)
	host := p.url
	for _, r := range []*response{c.get(path), c.get("/plans"), c.postKeyed("key", path+"/clone", nil), c.get(host + "/readyz")} {
		if r.want(http.StatusServiceUnavailable); r.header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", r.what)
		}
	}
	c.get(host + "/healthz").want(http.StatusOK)
	back()
	var later *response // some connections may only now be found to be dead
	eventually(t, "a clone is accepted", func() bool {
		later = c.do("POST", path+"/clone", nil, respondAsync)
		return later.status == http.StatusAccepted
	})
	eventually(t, "the clone is made", func() bool {
		r := c.get("/jobs/" + later.object()["job_id"].(string))
		return r.status == http.StatusOK && r.object()["status"] == "succeeded"
	})
	eventually(t, "ready", func() bool { return c.get(host+"/readyz").status == http.StatusOK })
}

// The database hangs when its machine does: connections stand, and nothing comes.
func TestDatabase_thatHangsIs503AndComesBackByItself(t *testing.T) {
	t.Parallel()
	address := dbtest.OnlyPostgres(t)
	through, behind := newValve(t, address)
	direct, p := serve(t, address, api.Deps{}), serve(t, behind, api.Deps{Deadline: 500 * time.Millisecond})
	p.work(t)
	c := direct.merchant(t)
	path := c.store(object{})
	hanging := &client{t: t, url: p.url, token: c.token}
	open := through.shut(t)
	for _, r := range []*response{
		hanging.get(path), hanging.postKeyed("key", "/stores", object{"name": "While it hangs"}), hanging.get(p.url + "/readyz"),
	} {
		if r.want(http.StatusServiceUnavailable); r.header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", r.what)
		}
	}
	open()
	eventually(t, "the database is back", func() bool { return hanging.get(path).status == http.StatusOK })
	if ended := c.ended(c.cloneLater(path, nil)); ended["status"] != "succeeded" {
		t.Errorf("a clone after the database is back: %v", ended)
	}
}

// valve passes bytes on to a database while it is open.
type valve struct {
	mu sync.RWMutex // held for reading by what flows, for writing while it is shut
}

func newValve(t *testing.T, address string) (v *valve, through string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	v = &valve{}
	server := u.Host
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			database, err := new(net.Dialer).DialContext(t.Context(), "tcp", server)
			if err != nil {
				_ = client.Close()
				continue
			}
			go v.flow(client, database)
			go v.flow(database, client)
		}
	}()
	u.Host = listener.Addr().String()
	return v, u.String()
}

// shut lets nothing through until open is called.
func (v *valve) shut(t *testing.T) (open func()) {
	v.mu.Lock()
	open = sync.OnceFunc(v.mu.Unlock)
	t.Cleanup(open)
	return open
}

func (v *valve) flow(from, to net.Conn) {
	defer func() { _, _ = from.Close(), to.Close() }()
	_, _ = io.Copy(passing{to, v}, from)
}

// passing writes while the valve is open.
type passing struct {
	io.Writer
	valve *valve
}

func (p passing) Write(b []byte) (int, error) {
	p.valve.mu.RLock()
	defer p.valve.mu.RUnlock()
	return p.Writer.Write(b)
}
