package demo

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"time"
)

// Options are what the flags of `zactor demo` set.
type Options struct {
	Nodes    int
	Duration time.Duration
	JSON     bool
	Open     bool
}

// The bounds keep a run within what one process with usual limits can hold: each
// pair of nodes has four connections.
const (
	fewestNodes = 2
	mostNodes   = 32
	shortestRun = time.Second
	usualRun    = 10 * time.Second
	openRun     = time.Minute // long enough to paste a command into another shell
)

// errUsage is matched by errors that are the caller's.
var errUsage = errors.New("wrong usage")

const intro = `usage: zactor demo [flags]

Starts nodes that find each other by zyre on this host's loopback, whisper to
each other, publish news and share work, all over CURVE links with fresh keys. Then
one of them panics, and comes back; and a stranger is refused, and joins when its
certificate has been dropped into the store. Exits with 0 if everybody was found,
nothing was lost, the node returned, and nobody came in who was not trusted.

`

// parse reads the flags. With flag.ErrHelp it has been asked for help, and has
// written it.
func parse(args []string, help io.Writer) (Options, error) {
	var o Options
	f := flag.NewFlagSet("zactor demo", flag.ContinueOnError)
	f.SetOutput(io.Discard) // errors are the caller's to print
	f.IntVar(&o.Nodes, "nodes", 5, "how many nodes, 2 to 32")
	f.DurationVar(&o.Duration, "duration", 0, "how long it runs (default 10s; 1m0s with -open)")
	f.BoolVar(&o.JSON, "json", false, "print one JSON object per line")
	f.BoolVar(&o.Open, "open", false, "print a command by which a Python program on libzmq joins")
	switch err := f.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		f.SetOutput(help)
		io.WriteString(help, intro)
		f.PrintDefaults()
		return o, err
	case err != nil:
		return o, fmt.Errorf("%w: %w", errUsage, err)
	case f.NArg() > 0:
		return o, fmt.Errorf("%w: unexpected argument %q", errUsage, f.Arg(0))
	}
	return o.complete()
}

// complete fills in the default duration and checks the bounds.
func (o Options) complete() (Options, error) {
	switch {
	case o.Duration == 0 && o.Open:
		o.Duration = openRun
	case o.Duration == 0:
		o.Duration = usualRun
	}
	if o.Nodes < fewestNodes || o.Nodes > mostNodes {
		return o, fmt.Errorf("%w: -nodes %d: want %d to %d", errUsage, o.Nodes, fewestNodes, mostNodes)
	}
	if o.Duration < shortestRun {
		return o, fmt.Errorf("%w: -duration %v: want at least %v", errUsage, o.Duration, shortestRun)
	}
	return o, nil
}
