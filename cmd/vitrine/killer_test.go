package main_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// killer kills a command of the binary's at random moments of its work.
type killer struct {
	t               *testing.T
	binary, address string
	arguments       []string

	begins, takes time.Duration // of the command: when its work begins, and when it ends
	tries         int
}

// start begins the command. What it complains of goes to said.
func (k *killer) start(said io.Writer) *exec.Cmd {
	k.t.Helper()
	c := exec.Command(k.binary, k.arguments...) //nolint:gosec,noctx // our own binary
	c.Env = append(os.Environ(), "VITRINE_DATABASE_URL="+k.address)
	c.Stderr = said
	if err := c.Start(); err != nil {
		k.t.Fatal(err)
	}
	return c
}

// run has the command do its work, and measures it.
func (k *killer) run() {
	k.t.Helper()
	var said strings.Builder
	began := time.Now()
	if err := k.start(&said).Wait(); err != nil {
		k.t.Errorf("%s: %v, %s", strings.Join(k.arguments, " "), err, said.String())
	}
	k.takes = time.Since(began)
}

// once runs the command and kills it at any moment of its work, or is too late for that.
func (k *killer) once() (killed bool) {
	k.t.Helper()
	var said strings.Builder
	began := time.Now()
	c := k.start(&said)
	end := time.AfterFunc(k.begins+rand.N(max(k.takes-k.begins, time.Millisecond)), func() { _ = c.Process.Kill() }) //nolint:gosec // any moment
	defer end.Stop()
	err := c.Wait()
	exit, failed := errors.AsType[*exec.ExitError](err)
	switch {
	case err == nil: // quicker than it was measured
		k.takes = min(k.takes, time.Since(began))
		return false
	case failed && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL:
		return true
	}
	k.t.Errorf("%s: %v, %s", strings.Join(k.arguments, " "), err, said.String())
	return false
}

// often kills the command until as many kills as are asked for have hit its work. After
// each one look sees whether everything is whole, and tells whether it was a hit.
func (k *killer) often(look func() bool) {
	k.t.Helper()
	hits := 0
	for ; hits < kills() && k.tries < 10*kills(); k.tries++ {
		if killed := k.once(); look() && killed {
			hits++
		}
	}
	k.t.Logf("%d of %d kills hit %s while it worked", hits, k.tries, k.arguments[0])
	if accept() && hits < kills() {
		k.t.Errorf("no more than %d kills hit its work", hits)
	}
}

// changes tells, each time, whether a file is there and is another one than the last
// time.
func changes(path string) func() bool {
	var last time.Time
	return func() bool {
		info, err := os.Stat(path)
		changed := err == nil && !info.ModTime().Equal(last)
		if changed {
			last = info.ModTime()
		}
		return changed
	}
}
