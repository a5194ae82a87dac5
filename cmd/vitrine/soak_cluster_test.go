package main_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"vitrine/internal/porttest"
)

// cluster is a PostgreSQL of the test's own that keeps what it commits, run by a user
// who is not root, and killed with all its processes.
type cluster struct {
	t    *testing.T
	bin  string
	home string
	port string
	as   *syscall.Credential
	main *exec.Cmd
	disk *shared // how many milliseconds its disk takes for what it is to keep; nil: it cannot be slowed down
	env  []string
}

// newCluster makes and starts one, whose disk can be slow.
func newCluster(t *testing.T, slow bool) *cluster {
	t.Helper()
	c := newHome(t)
	out, err := c.program("initdb", "-D", c.data(), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions").CombinedOutput()
	if err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	if slow {
		c.slowDown()
	}
	c.start()
	c.exec("CREATE DATABASE vitrine")
	return c
}

// replica makes and starts a cluster that follows this one.
func (c *cluster) replica() *cluster {
	c.t.Helper()
	r := newHome(c.t)
	servers := r.bin
	r.bin = postgresProgram(c.t, "pg_basebackup") // it may lie elsewhere
	out, err := r.program("pg_basebackup", "-D", r.data(), "-d", c.dsn("postgres"), "--write-recovery-conf", "--checkpoint=fast", "--no-sync").CombinedOutput()
	if err != nil {
		c.t.Fatalf("pg_basebackup: %v\n%s", err, out)
	}
	r.bin = servers
	r.start()
	return r
}

// newHome makes a place for a cluster, or skips the test where PostgreSQL is missing.
func newHome(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{t: t, bin: postgresProgram(t, "initdb"), port: porttest.Free(t)}
	home, err := os.MkdirTemp("/var/tmp", "vitrine-soak-") // a disk, where the user may go
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.kill(); _ = os.RemoveAll(home) })
	c.home = home
	if os.Getuid() == 0 {
		c.as = credential(t, "postgres")
		if err := os.Chown(home, int(c.as.Uid), int(c.as.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func (c *cluster) data() string { return filepath.Join(c.home, "data") }

func (c *cluster) program(name string, arguments ...string) *exec.Cmd {
	p := exec.Command(filepath.Join(c.bin, name), arguments...) //nolint:gosec,noctx // PostgreSQL's own
	p.Dir = c.home
	p.SysProcAttr = &syscall.SysProcAttr{Credential: c.as, Setpgid: true}
	return p
}

func (c *cluster) dsn(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%s/%s?sslmode=disable", c.port, database)
}

// start starts the server and waits until it answers: what it was killed in is mended
// then. It does not start while a process of the last one lives.
func (c *cluster) start() {
	c.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		log, err := os.OpenFile(filepath.Join(c.home, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			c.t.Fatal(err)
		}
		c.main = c.program("postgres", "-D", c.data(), "-p", c.port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
			"-c", "max_connections=60", "-c", "shared_buffers=128MB", "-c", "timezone=UTC")
		c.main.Stdout, c.main.Stderr = log, log
		c.main.Env = append(os.Environ(), c.env...)
		err = c.main.Start()
		_ = log.Close()
		if err != nil {
			c.t.Fatal(err)
		}
		if c.answers() {
			return
		}
		_ = c.main.Process.Kill()
		_ = c.main.Wait()
		if time.Now().After(deadline) {
			c.t.Fatal("PostgreSQL does not start")
		}
	}
}

// answers waits until the server answers, or has ended.
func (c *cluster) answers() bool {
	ended := make(chan struct{})
	main := c.main
	go func() { _, _ = main.Process.Wait(); close(ended) }()
	for {
		select {
		case <-ended:
			return false
		case <-time.After(10 * time.Millisecond):
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		conn, err := pgx.Connect(ctx, c.dsn("postgres"))
		if err == nil {
			_ = conn.Close(ctx)
		}
		cancel()
		if err == nil {
			return true
		}
	}
}

func (c *cluster) exec(statement string) {
	c.t.Helper()
	conn, err := pgx.Connect(context.Background(), c.dsn("postgres"))
	if err == nil {
		_, err = conn.Exec(context.Background(), statement)
		_ = conn.Close(context.Background())
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// processes are those of the server, the first one first.
func (c *cluster) processes() []int {
	all := []int{c.main.Process.Pid}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		stat, err := os.ReadFile(path) //nolint:gosec // of the system
		_, rest, ok := bytes.Cut(stat, []byte(") "))
		if fields := strings.Fields(string(rest)); err == nil && ok && len(fields) > 1 && fields[1] == strconv.Itoa(all[0]) {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
				all = append(all, pid)
			}
		}
	}
	return all
}

// kill kills all processes at once.
func (c *cluster) kill() { c.signal(syscall.SIGKILL) }

func (c *cluster) signal(s syscall.Signal) {
	if c.main == nil || c.main.Process == nil {
		return
	}
	for _, pid := range c.processes() {
		_ = syscall.Kill(pid, s)
	}
}

// stop asks the server to stop in the way that the signal means, and waits until it has.
func (c *cluster) stop(how syscall.Signal) {
	c.t.Helper()
	pid := c.main.Process.Pid
	_ = syscall.Kill(pid, how)
	for deadline := time.Now().Add(time.Minute); syscall.Kill(pid, 0) == nil; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			c.t.Fatal("PostgreSQL does not stop")
		}
	}
}

// stall has nothing happen in the server for a while, as when its disk does not answer.
func (c *cluster) stall(d time.Duration) {
	c.signal(syscall.SIGSTOP)
	time.Sleep(d)
	c.signal(syscall.SIGCONT)
}

// postgresProgram returns the folder of a program of PostgreSQL, or skips the test.
func postgresProgram(t *testing.T, name string) string {
	t.Helper()
	for _, folder := range append(filepath.SplitList(os.Getenv("PATH")), filepath.SplitList(postgresPrograms())...) {
		if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
			return folder
		}
	}
	t.Skip("there is no " + name + ": scripts/postgres.sh install installs it")
	return ""
}

func credential(t *testing.T, name string) *syscall.Credential {
	t.Helper()
	u, err := user.Lookup(name)
	if err != nil {
		t.Skip("there is no user " + name + " to run PostgreSQL, which refuses to run as root")
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)} //nolint:gosec // numbers of the system
}

// node is a Vitrine that keeps its address over its lives, and its log.
type node struct {
	t       *testing.T
	binary  string
	listen  string
	env     []string
	log     string
	process *exec.Cmd
	ready   time.Duration // how long it took to be ready, the last time
}

func newNode(t *testing.T, binary string, env ...string) *node {
	t.Helper()
	n := &node{t: t, binary: binary, listen: freeAddress(t), env: env, log: filepath.Join(t.TempDir(), "log")}
	n.start()
	t.Cleanup(n.kill)
	return n
}

func (n *node) url() string { return "http://" + n.listen }

// start starts it and waits until it is ready.
func (n *node) start() {
	n.t.Helper()
	log, err := os.OpenFile(n.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		n.t.Fatal(err)
	}
	began := time.Now()
	n.process = exec.Command(n.binary, "serve") //nolint:gosec,noctx // our own binary, killed below
	n.process.Env = append(append(os.Environ(), "VITRINE_LISTEN_ADDR="+n.listen), n.env...)
	n.process.Stderr = log
	err = n.process.Start()
	_ = log.Close()
	if err != nil {
		n.t.Fatal(err)
	}
	if !n.waitReady(30 * time.Second) {
		n.t.Fatalf("vitrine does not get ready; its log is %s", n.log)
	}
	n.ready = time.Since(began)
}

// waitReady waits until it says that it is ready.
func (n *node) waitReady(limit time.Duration) bool {
	client := http.Client{Timeout: time.Second}
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		res, err := client.Get(n.url() + "/readyz") //nolint:noctx // bounded above
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return true
			}
		}
	}
	return false
}

func (n *node) kill() {
	_ = n.process.Process.Kill()
	_ = n.process.Wait()
}
