package demo

import (
	"iter"

	"github.com/go-zactor/zactor/zloop"
)

// watch has fn called on the node's loop with each value of a sequence that waits
// for its values, as those of beacons and monitors do. It needs a goroutine, which
// ends with the sequence or the node; close waits for it.
func watch[T any](n *node, seq iter.Seq[T], fn func(T) error) {
	c := make(chan T)
	n.watchers.Go(func() {
		defer close(c)
		for v := range seq {
			select {
			case c <- v:
			case <-n.ctx.Done():
				return
			}
		}
	})
	zloop.Chan(n.loop, c, fn)
}
