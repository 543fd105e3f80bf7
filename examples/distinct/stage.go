package main

import (
	"iter"

	"github.com/go-zactor/zactor/actor"
)

const mailbox = 16 // of each stage

// stage makes an actor that tells next what work makes of each message.
func stage[In, Out any](next *actor.Ref[Out], work func(In) iter.Seq[Out]) actor.Setup[In] {
	return func(*actor.Context[In]) (actor.Handler[In], error) {
		return func(c *actor.Context[In], m In) error {
			for out := range work(m) {
				if err := next.Tell(c, out); err != nil { // waits for room
					return err
				}
			}
			return nil
		}, nil
	}
}

// sink makes the last stage.
func sink[In any](use func(In) error) actor.Setup[In] {
	return func(*actor.Context[In]) (actor.Handler[In], error) {
		return func(_ *actor.Context[In], m In) error { return use(m) }, nil
	}
}

// fresh lets through what it has not seen. It belongs to one actor: it needs no lock.
func fresh() func(string) iter.Seq[string] {
	seen := map[string]bool{}
	return func(word string) iter.Seq[string] {
		return func(yield func(string) bool) {
			if !seen[word] {
				seen[word] = true
				yield(word)
			}
		}
	}
}
