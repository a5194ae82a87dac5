package main_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The marks of a process that has nothing to do.
const (
	readyWithin = 500 * time.Millisecond
	idleAtMost  = 60 << 10 // KiB that are resident
)

// A process with an empty SQLite database is soon ready, and small once its start is
// over.
func TestServe_isReadySoonAndSmall(t *testing.T) { //nolint:paralleltest // it measures
	if !accept() || runtime.GOOS != "linux" {
		t.Skip("measures for 15 seconds, with /proc: make accept")
	}
	s := &server{t: t, binary: build(t), address: "sqlite://" + filepath.Join(t.TempDir(), "v.db")}
	s.start() // the file and its tables are made
	s.kill()
	soonest := time.Hour
	for range 5 {
		began := time.Now()
		s.start()
		soonest = min(soonest, time.Since(began))
		s.kill()
	}
	t.Logf("ready after %v, the best of 5", soonest)
	if soonest > readyWithin {
		t.Errorf("ready after %v, want %v", soonest, readyWithin)
	}
	s.start()
	defer s.kill()
	time.Sleep(12 * time.Second) // the start is over, and what is done every 10 s was done
	resident := statusOf(t, s.process.Process.Pid, "VmRSS")
	t.Logf("%d MiB resident, %d of them its own", resident>>10, statusOf(t, s.process.Process.Pid, "RssAnon")>>10)
	if resident > idleAtMost {
		t.Errorf("%d KiB resident, want %d", resident, idleAtMost)
	}
}

// statusOf returns a figure of a process in KiB.
func statusOf(t *testing.T, pid int, name string) int {
	t.Helper()
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if value, is := strings.CutPrefix(line, name+":"); is {
			n, err := strconv.Atoi(strings.Fields(value)[0])
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("the kernel does not tell %s", name)
	return 0
}
