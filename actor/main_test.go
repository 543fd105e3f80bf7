package actor_test

import (
	"context"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/msg"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var bg = context.Background()

// ended is a context that has ended.
var ended = func() context.Context {
	ctx, cancel := context.WithCancel(bg)
	cancel()
	return ctx
}()

// spawn starts an actor that is stopped when the test ends.
func spawn(t *testing.T, fn actor.Func, opts ...actor.Option) *actor.Actor {
	t.Helper()
	a, err := actor.Spawn(bg, fn, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, a) })
	return a
}

// stop stops a, and fails when it does not end.
func stop(t *testing.T, a *actor.Actor) {
	t.Helper()
	ctx, cancel := context.WithTimeout(bg, 10*time.Second)
	defer cancel()
	if err := a.Stop(ctx); err != nil {
		t.Fatalf("Stop = %v", err)
	}
}

func text(s string) msg.Msg { return msg.NewString(s) }

// echo answers everything.
func echo(ctx context.Context, p *actor.Pipe) error {
	for m, err := range p.Messages(ctx) {
		if err != nil {
			return err
		}
		if err := p.Reply(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// idle does nothing until it is stopped.
func idle(ctx context.Context, p *actor.Pipe) error {
	p.Ready()
	<-ctx.Done()
	return ctx.Err()
}

func isDone(a *actor.Actor) bool {
	select {
	case <-a.Done():
		return true
	default:
		return false
	}
}
