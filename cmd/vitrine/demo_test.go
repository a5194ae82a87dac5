package main_test

import (
	"bufio"
	"context"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vitrine/internal/dbtest"
	"vitrine/internal/porttest"
)

// demoRun is a running vitrine demo.
type demoRun struct {
	process *exec.Cmd
	said    string // up to the line that says how to end it
}

// freeAddress returns an address that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	return net.JoinHostPort("127.0.0.1", porttest.Free(t))
}

// picturesIn is the setting that has a demo's pictures in its folder, whatever its
// database is.
func picturesIn(dir string) string { return "VITRINE_MEDIA_DIR=" + filepath.Join(dir, "pictures") }

// startDemo runs the demo in a folder and waits until it has said all.
func startDemo(t *testing.T, binary, dir, listen, database string) demoRun {
	t.Helper()
	c := exec.CommandContext(context.WithoutCancel(t.Context()), binary, "demo")
	c.Dir = dir
	c.Env = append(os.Environ(), "VITRINE_LISTEN_ADDR="+listen, picturesIn(dir))
	if database != "" {
		c.Env = append(c.Env, "VITRINE_DATABASE_URL="+database)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		said.WriteString(lines.Text() + "\n")
		if strings.HasPrefix(lines.Text(), "Ctrl-C") {
			return demoRun{c, said.String()}
		}
	}
	t.Fatalf("the demo ends without a welcome: %v, %q", c.Wait(), said.String())
	return demoRun{}
}

// end asks the demo to stop and waits for it.
func (d demoRun) end(t *testing.T) {
	t.Helper()
	_ = d.process.Process.Signal(os.Interrupt)
	if err := d.process.Wait(); err != nil {
		t.Errorf("the demo ends with %v", err)
	}
}

// curl returns the lines that the demo tells to copy, run as they are.
func (d demoRun) curl(t *testing.T) string {
	t.Helper()
	var script strings.Builder
	for line := range strings.Lines(d.said) {
		if command := strings.TrimSpace(line); strings.Contains(command, "curl ") {
			script.WriteString(command + "\n")
		}
	}
	out, err := exec.CommandContext(t.Context(), "sh", "-eu", "-c", script.String()).CombinedOutput() //nolint:gosec // our own words
	if err != nil {
		t.Errorf("what the demo tells to copy fails: %v\n%s\n%s", err, script.String(), out)
	}
	return string(out)
}

func TestDemo_inAnEmptyFolder_tellsHowToGetInAndHowToClone(t *testing.T) {
	t.Parallel()
	binary, listen := build(t), freeAddress(t)
	d := startDemo(t, binary, t.TempDir(), listen, "")
	defer d.end(t)
	if n := strings.Count(d.said, "curl "); n != 3 || !strings.Contains(d.said, "http://"+listen) {
		t.Errorf("%d lines to copy:\n%s", n, d.said)
	}
	answers := d.curl(t)
	for _, want := range []string{`"slug":"juniper-oak"`, `"slug":"larch-trail-outfitters"`, `"slug":"ink-kettle"`, `"slug":"juniper-oak-copy"`} {
		if !strings.Contains(answers, want) {
			t.Errorf("the copied lines do not show %s: %s", want, answers)
		}
	}
}

func TestDemo_again_tellsTheSame(t *testing.T) {
	t.Parallel()
	binary := build(t)
	dbtest.EachURL(t, func(t *testing.T, database string) {
		dir, listen := t.TempDir(), freeAddress(t)
		first := startDemo(t, binary, dir, listen, database)
		first.curl(t)
		first.end(t)
		second := startDemo(t, binary, dir, listen, database)
		defer second.end(t)
		if first.said != second.said {
			t.Errorf("first:\n%s\nthen:\n%s", first.said, second.said)
		}
	})
}

func TestDemo_killedWhileItFills_beginsAnew(t *testing.T) {
	t.Parallel()
	binary := build(t)
	dbtest.EachURL(t, func(t *testing.T, database string) {
		dir, listen := t.TempDir(), freeAddress(t)
		for range 3 {
			c := exec.CommandContext(t.Context(), binary, "demo")
			c.Dir, c.Env = dir, append(os.Environ(), "VITRINE_LISTEN_ADDR="+listen, "VITRINE_DATABASE_URL="+database)
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			waitUntilListening(t, listen)                                // it fills from then on
			time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond) //nolint:gosec // any moment
			_ = c.Process.Kill()
			_ = c.Wait()
		}
		d := startDemo(t, binary, dir, listen, database)
		defer d.end(t)
		answers := d.curl(t)
		for _, slug := range []string{"juniper-oak", "larch-trail-outfitters", "ink-kettle"} {
			if strings.Count(answers, `"slug":"`+slug+`"`) != 1 || strings.Contains(answers, `"slug":"`+slug+`-2"`) {
				t.Errorf("after kills, %s is not there once: %s", slug, answers)
			}
		}
	})
}

// waitUntilListening returns when somebody takes connections at the address.
func waitUntilListening(t *testing.T, address string) {
	t.Helper()
	eventually(t, "somebody listens on "+address, func() bool {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
}
