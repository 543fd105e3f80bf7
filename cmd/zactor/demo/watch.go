package demo

import "iter"

// watch has fn called on the node's loop with each value of a sequence that waits
// for its values, as those of beacons and monitors do. It needs a goroutine, which
// ends with the sequence; close waits for it. A loop that is so far behind that it
// takes no more posts misses values, as any slow reader of these sequences does.
func watch[T any](n *node, seq iter.Seq[T], fn func(T) error) {
	n.watchers.Go(func() {
		for v := range seq {
			n.loop.Post(func() error { return fn(v) })
		}
	})
}
