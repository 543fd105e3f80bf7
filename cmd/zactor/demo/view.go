package demo

import (
	"io"
	"os"
	"runtime"
	"time"

	"golang.org/x/term"
)

// A view shows the demo. Its methods are called from the boss's goroutine; times
// are since the demo began.
type view interface {
	interval() time.Duration // between two calls of roster
	event(at time.Duration, e event)
	roster(at time.Duration, rows []row)
	invite(command string) // a command with which a guest may join
	summary(s Summary)
}

// newView chooses how to show the demo on out.
func newView(o Options, out io.Writer) view {
	switch file, ok := out.(*os.File); {
	case o.JSON:
		return newJSONView(out)
	case ok && live(file):
		return &liveView{out: out, size: func() (int, int, error) { return term.GetSize(int(file.Fd())) }}
	}
	return &plainView{out: out}
}

// live reports whether a table may be redrawn on f. Consoles of Windows need not
// understand how that is done.
func live(f *os.File) bool {
	return os.Getenv("NO_COLOR") == "" && os.Getenv("CI") == "" && os.Getenv("TERM") != "dumb" &&
		runtime.GOOS != "windows" && term.IsTerminal(int(f.Fd()))
}
