package main

import (
	"fmt"
	"os"
	"time"

	"vitrine/internal/clock"
)

// progress tells how far long work is: once a second, on a terminal over and over in
// one line.
type progress struct {
	out      *os.File
	terminal bool
	told     clock.Watch // since it was told last
	last     string      // what was said last, told or not
	open     bool        // the line on the terminal is not ended
}

func newProgress(out *os.File) *progress {
	info, err := out.Stat()
	return &progress{out: out, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0, told: clock.Start()}
}

func (p *progress) tell(text string) {
	p.last = text
	if p.told.Elapsed() >= time.Second {
		p.told = clock.Start()
		p.print()
	}
}

func (p *progress) print() {
	if !p.terminal {
		_, _ = fmt.Fprintln(p.out, p.last)
		return
	}
	_, _ = fmt.Fprintf(p.out, "\r\x1b[K%s", p.last)
	p.open = true
}

// end ends the line.
func (p *progress) end() {
	if p.open {
		_, _ = fmt.Fprintln(p.out)
		p.open = false
	}
}
