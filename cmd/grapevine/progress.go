package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

const (
	barWidth      = 24
	barInterval   = 100 * time.Millisecond // on a terminal
	plainInterval = 10 * time.Second       // in a log
)

// progress shows how far a command is: as a bar on a terminal, elsewhere as a plain line from time to time.
type progress struct {
	to       io.Writer
	terminal bool
	next     time.Time // when something is shown again
	inLine   bool      // the terminal's line is not ended
}

func newProgress(to *os.File) *progress {
	return &progress{to: to, terminal: term.IsTerminal(int(to.Fd()))} //nolint:gosec // a file descriptor is small
}

// show tells how much is done. total is zero while it is unknown.
func (p *progress) show(done, total int64, text string) {
	now := time.Now()
	if now.Before(p.next) {
		return
	}
	if p.terminal {
		p.next, p.inLine = now.Add(barInterval), true
		fmt.Fprintf(p.to, "\r\x1b[K%s%s", bar(done, total), text)
		return
	}
	if p.next.IsZero() { // what is done in a moment needs no line
		p.next = now.Add(plainInterval)
		return
	}
	p.next = now.Add(plainInterval)
	if total > 0 {
		text = fmt.Sprintf("%d %%, %s", percent(done, total), text)
	}
	fmt.Fprintln(p.to, text)
}

// say prints a line of its own.
func (p *progress) say(line string) {
	p.endLine()
	fmt.Fprintln(p.to, line)
}

// endLine leaves the bar as it is, so that other text begins below it. What comes next is shown at once.
func (p *progress) endLine() {
	if p.inLine {
		fmt.Fprintln(p.to)
	}
	p.inLine, p.next = false, time.Time{}
}

func percent(done, total int64) int64 { return min(done, total) * 100 / total }

func bar(done, total int64) string {
	if total <= 0 {
		return ""
	}
	filled := int(percent(done, total) * barWidth / 100)
	return fmt.Sprintf("[%s%s] %3d %%  ", strings.Repeat("#", filled), strings.Repeat(".", barWidth-filled), percent(done, total))
}

// megabytes is a size for people.
func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
