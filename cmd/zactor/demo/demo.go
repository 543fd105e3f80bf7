package demo

import (
	"context"
	"io"
)

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
