package remote

import (
	"errors"
	"testing"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/registry"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zyre"
)

// An event that panics fails what its peer has asked for, and the next request is answered.
// This test is not parallel: a disaster strikes whichever space is there first.
func TestEventsAreContained(t *testing.T) {
	for _, where := range []string{"remote: event", "remote: event with the lock held"} {
		t.Run(where, func(t *testing.T) {
			port := network(t)
			near, _ := space(t, port, "near")
			far, _ := space(t, port, "far")
			if err := far.Publish(spawn(t, "echo", echo)); err != nil {
				t.Fatal(err)
			}
			ctx := ztest.Within(t)
			ref, err := near.Find(ctx, "echo")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := ref.Ask(ctx, msg.NewString("x")); err != nil {
				t.Fatal(err)
			}
			hit, stop := contain.Disaster(where, 1)
			defer stop()
			if _, err := ref.Ask(ctx, msg.NewString("x")); err != nil && !errors.Is(err, ErrFailed) && !errors.Is(err, ErrLost) {
				t.Errorf("Ask = %v, want ErrFailed or ErrLost", err)
			}
			ztest.Soon(t, where, hit)
			if ref, err = near.Find(ctx, "echo"); err != nil {
				t.Fatal(err)
			}
			if m, err := ref.Ask(ctx, msg.NewString("y")); err != nil || m.PopString() != "y" {
				t.Errorf("then Ask = %v, %v", m, err)
			}
			if got := near.Stats().Panics + far.Stats().Panics; got != 1 {
				t.Errorf("%d panics were counted, want 1", got)
			}
			if got := shown(near, "panics") + shown(far, "panics"); got != 1 {
				t.Errorf("the registry shows %v panics, want 1", got)
			}
		})
	}
}

// shown is a figure of a space as the registry, and so the page and the metrics, have it.
func shown(s *Space, name string) (value float64) {
	var snap registry.Snapshot
	(*subject)(s).RegistrySnapshot(&snap)
	for _, n := range snap.Numbers {
		if n.Name == name {
			value += n.Value
		}
	}
	return value
}

// A space without its goroutine ends, and its node does not.
func TestSpaceIsContained(t *testing.T) {
	n, err := zyre.New(t.Context(), "a", zyre.WithLoopback(true), zyre.WithPort(network(t)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	hit, stop := contain.Disaster("remote: follow", 1)
	defer stop()
	s, err := New(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	ztest.Soon(t, "the loss", hit)
	ztest.Soon(t, "the end of the space", s.life.Done())
	if err := s.Publish(spawn(t, "echo", echo)); !errors.Is(err, ErrClosed) {
		t.Errorf("Publish = %v, want ErrClosed", err)
	}
	if err := n.Join("group"); err != nil {
		t.Error(err)
	}
}
