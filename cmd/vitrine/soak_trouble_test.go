package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// shared is a number in a file that other processes have in their memory.
type shared struct {
	path   string
	memory []byte
}

func newShared(t *testing.T, folder string, size int) *shared {
	t.Helper()
	s := &shared{path: filepath.Join(folder, "number")}
	err := os.WriteFile(s.path, make([]byte, size), 0o600)
	if err == nil {
		err = os.Chmod(s.path, 0o666) //nolint:gosec // for the user who runs PostgreSQL
	}
	var f *os.File
	if err == nil {
		f, err = os.OpenFile(s.path, os.O_RDWR, 0)
	}
	if err == nil {
		s.memory, err = syscall.Mmap(int(f.Fd()), 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
		_ = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Munmap(s.memory) })
	return s
}

func (s *shared) set(n int64) {
	if len(s.memory) == 8 {
		*(*int64)(unsafe.Pointer(&s.memory[0])) = n
		return
	}
	*(*int32)(unsafe.Pointer(&s.memory[0])) = int32(n) //nolint:gosec // milliseconds
}

// slowSource is a library that has PostgreSQL wait whenever it has the disk keep
// something: as long as a file says.
const slowSource = `
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static volatile int *wait;

__attribute__((constructor)) static void begin(void) {
	char *path = getenv("SLOW_DISK");
	int f = path ? open(path, O_RDONLY) : -1;
	if (f < 0) return;
	void *found = mmap(0, 4, PROT_READ, MAP_SHARED, f, 0);
	if (found != MAP_FAILED) wait = found;
	close(f);
}

static void slow(void) { if (wait && *wait > 0) usleep(*wait * 1000); }
int fsync(int fd) { slow(); return syscall(SYS_fsync, fd); }
int fdatasync(int fd) { slow(); return syscall(SYS_fdatasync, fd); }
`

// slowDown makes the cluster one whose disk can be slow.
func (c *cluster) slowDown() {
	c.t.Helper()
	tool(c.t, slowSource, "gcc", "gcc libc6-dev", "-shared", "-fPIC", "-x", "c", "-", "-o", filepath.Join(c.home, "slow.so"))
	if err := os.Chmod(filepath.Join(c.home, "slow.so"), 0o755); err != nil { //nolint:gosec // for the user who runs PostgreSQL
		c.t.Fatal(err)
	}
	c.disk = newShared(c.t, c.home, 4)
	c.env = []string{"LD_PRELOAD=" + filepath.Join(c.home, "slow.so"), "SLOW_DISK=" + c.disk.path}
}

// ahead is by how much the clock goes wrong.
const ahead = time.Hour

// trouble is what a platform meets beside kills: a clock that is set an hour ahead and
// back again, and a disk that takes long for what it is to keep. No request fails.
func (s *soak) trouble(each time.Duration) {
	nodes := len(s.nodes)
	phase := func(what string, lasts time.Duration, begin, end func()) {
		u := &use{name: fmt.Sprintf("%d × %s", nodes, what), nodes: nodes, end: time.Now().Add(lasts)}
		s.inUse(u, 1, func() { time.Sleep(lasts / 4); begin(); time.Sleep(time.Until(u.end)); end() })
	}
	nothing := func() {}
	phase("clock 1 h ahead", each, func() { s.clock.set(int64(ahead.Seconds())) }, nothing)
	phase("clock set back", each, func() { s.clock.set(0) }, nothing)
	for _, ms := range []int64{50, 200} {
		phase(fmt.Sprintf("disk %d ms", ms), each, func() { s.cluster.disk.set(ms) }, func() { s.cluster.disk.set(0) })
	}
}
