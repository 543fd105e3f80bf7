package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/dustin/go-humanize"
)

// Unit is what progress is counted in.
type Unit func(uint64) string

// Messages and Bytes are units.
var (
	Messages Unit = func(n uint64) string { return humanize.Comma(int64(n)) }
	Bytes    Unit = humanize.IBytes
)

// Progress is a line at the bottom of a terminal that says how far long work is. It is
// drawn after a second of work, and gone when the work is over. Where standard error is no
// terminal, or all is to be quiet, there is none.
type Progress struct {
	what  string
	total uint64 // 0: nobody knows
	unit  Unit
	done  atomic.Uint64
	start time.Time
	line  *line
	stop  chan struct{}
	wg    sync.WaitGroup
}

// line is the last line of standard error, which notes and progress share.
type line struct {
	mu    sync.Mutex
	w     io.Writer
	drawn bool
}

// progressEvery is how often the line is drawn.
const progressEvery = 200 * time.Millisecond

// Progress begins to show progress until Stop.
func (a *App) Progress(what string, total uint64, unit Unit) *Progress {
	p := &Progress{what: what, total: total, unit: unit, start: time.Now(), line: a.stderr(), stop: make(chan struct{})}
	if a.Quiet || !isTerminal(a.Stderr) || Plain() {
		return p
	}
	p.wg.Go(func() { p.run(Width(a.Stderr)) })
	return p
}

// stderr is the line that all writers of standard error share.
func (a *App) stderr() *line {
	a.once.Do(func() { a.line = &line{w: a.Stderr} })
	return a.line
}

// Add counts what was done.
func (p *Progress) Add(n uint64) { p.done.Add(n) }

// Stop ends it, and wipes the line.
func (p *Progress) Stop() {
	close(p.stop)
	p.wg.Wait()
	p.line.print("")
}

func (p *Progress) run(width int) {
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			if since := now.Sub(p.start); since > patience {
				p.line.draw(ansi.Truncate(p.text(since), width-1, ""))
			}
		case <-p.stop:
			return
		}
	}
}

// text is the line after so long.
func (p *Progress) text(since time.Duration) string {
	done := p.done.Load()
	rate := float64(done) / since.Seconds()
	speed := p.unit(uint64(rate)) + "/s"
	if p.total == 0 {
		return fmt.Sprintf("%s %s, %s", p.what, p.unit(done), speed)
	}
	part := min(float64(done)/float64(p.total), 1)
	text := fmt.Sprintf("%s %s %3.0f%%  %s of %s, %s", p.what, bar(part), part*100, p.unit(done), p.unit(p.total), speed)
	if rate > 0 && part < 1 {
		left := time.Duration(float64(p.total-done) / rate * float64(time.Second))
		text += ", " + left.Round(time.Second).String() + " left"
	}
	return text
}

// bar is a part of 20 columns.
func bar(part float64) string {
	full := int(part * 20)
	return strings.Repeat("█", full) + strings.Repeat("░", 20-full)
}

// draw replaces the line.
func (l *line) draw(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drawn = true
	fmt.Fprint(l.w, "\r\x1b[K"+text)
}

// print prints whole lines above it.
func (l *line) print(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.drawn {
		l.drawn = false
		text = "\r\x1b[K" + text
	}
	io.WriteString(l.w, text)
}
