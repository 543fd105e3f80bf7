package actor_test

import (
	"context"
	"errors"
	"testing"

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
func stop(t *testing.T, a actor.Unit) {
	t.Helper()
	var unsent *actor.UnsentError
	if err := a.Close(); err != nil && !errors.As(err, &unsent) {
		t.Fatalf("Close = %v", err)
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

// mirror sends everything back to the owner.
func mirror(ctx context.Context, p *actor.Pipe) error {
	for m, err := range p.Messages(ctx) {
		if err != nil {
			return err
		}
		if err := p.Send(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// supervisor makes one whose options are right.
func supervisor(s actor.Strategy, opts ...actor.Option) *actor.Supervisor {
	sup, err := actor.NewSupervisor(s, opts...)
	if err != nil {
		panic(err)
	}
	return sup
}

// idle does nothing until it is stopped.
func idle(ctx context.Context, p *actor.Pipe) error {
	p.Ready()
	<-ctx.Done()
	return ctx.Err()
}

func isDone(a actor.Unit) bool {
	select {
	case <-a.Done():
		return true
	default:
		return false
	}
}
