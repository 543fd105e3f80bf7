package demo

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// Main is `zactor demo`: it runs the demo until its time is over or ctx ends, and
// returns the exit code.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	if err != nil {
		fmt.Fprintf(stderr, "zactor demo: %v (-h explains)\n", err)
		return exitUsage
	}
	s, err := Run(ctx, o, stdout)
	if err != nil {
		fmt.Fprintln(stderr, "zactor demo:", err)
		return exitFailed
	}
	if len(s.Failed) > 0 {
		return exitFailed
	}
	return exitOK
}

// Run runs the demo and shows it on out. When ctx ends, it finishes what is under
// way and returns what was reached by then. An error means that the demo itself
// could not go on; promises that did not hold are in Summary.Failed.
func Run(ctx context.Context, o Options, out io.Writer) (Summary, error) {
	o, err := o.complete()
	if err != nil {
		return Summary{}, err
	}
	b, err := newBoss(ctx, o, newView(o, out))
	if err != nil {
		return Summary{}, err
	}
	defer b.close()
	if err := b.run(ctx); err != nil {
		return Summary{}, err
	}
	s := b.summary()
	b.view.summary(s)
	return s, nil
}
