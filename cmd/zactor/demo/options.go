package demo

import (
	"errors"
	"fmt"
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

// ErrUsage is matched by errors that are the caller's.
var ErrUsage = errors.New("wrong usage")

// complete fills in the default duration and checks the bounds.
func (o Options) complete() (Options, error) {
	switch {
	case o.Duration == 0 && o.Open:
		o.Duration = openRun
	case o.Duration == 0:
		o.Duration = usualRun
	}
	if o.Nodes < fewestNodes || o.Nodes > mostNodes {
		return o, fmt.Errorf("%w: --nodes %d: want %d to %d", ErrUsage, o.Nodes, fewestNodes, mostNodes)
	}
	if o.Duration < shortestRun {
		return o, fmt.Errorf("%w: --duration %v: want at least %v", ErrUsage, o.Duration, shortestRun)
	}
	return o, nil
}
