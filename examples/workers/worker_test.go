package main

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/actor/actortest"
)

// What waits survives the death of a worker.
func TestWorkerDies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		actortest.NoLeaks(t)
		sup, err := actor.NewSupervisor(actor.OneForOne)
		if err != nil {
			t.Fatal(err)
		}
		go sup.Run(context.Background())
		defer sup.Close()
		pool, _ := actor.Pool(sup, "p", 1, actor.Shared[*Factor](), worker)
		actortest.Kill(pool)
		if f, err := actor.Ask(t.Context(), pool, &Factor{N: 35}); f != 5 || err != nil {
			t.Errorf("Ask = %d, %v", f, err)
		}
	})
}
