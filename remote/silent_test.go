package remote

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zyre"
)

// mute is a node that says it has an actor, and answers nothing: as one that is stopped
// looks to others. It speaks the packets of the second version.
func mute(t *testing.T, port int, name string) (n *zyre.Node, got <-chan packet) {
	t.Helper()
	n, err := zyre.New(context.Background(), "mute", zyre.WithLoopback(true), zyre.WithPort(port), zyre.WithLinger(100*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	if err := errors.Join(n.Join(versionGroup), n.Join(prefix+name)); err != nil {
		t.Fatal(err)
	}
	c := make(chan packet, 10000)
	events := n.Chan(ztest.Within(t))
	go func() {
		for e := range events {
			if Owns(e) {
				p, _ := parse(e.Msg)
				c <- p
			}
		}
	}()
	return n, c
}

// want returns the next packet of a kind.
func want(t *testing.T, got <-chan packet, o op) packet {
	t.Helper()
	after := time.After(ztest.Patience)
	for {
		select {
		case p := <-got:
			if p.op == o {
				return p
			}
		case <-after:
			t.Fatalf("no packet %d", o)
		}
	}
}

// One question, of those that end with their deadlines, goes to a node that does not
// answer, and then none until it is heard again. It is asked whether it is there.
func TestSilentNodeIsPassedOver(t *testing.T) {
	port, ctx := network(t), ztest.Within(t)
	deaf, got := mute(t, port, "account")
	there, _ := space(t, port, "there")
	here, node := space(t, port, "here")
	if err := Publish(there, account(t, "account", newTeller()), bank); err != nil {
		t.Fatal(err)
	}
	c, err := Find[any](ctx, here, "account", bank)
	if err != nil {
		t.Fatal(err)
	}
	ztest.Eventually(t, "both are known", func() bool { return len(c.Nodes()) == 2 })
	here.mu.Lock()
	here.options.probe = time.Hour // it is the end of the Ask that shows it
	here.mu.Unlock()
	lost := 0
	for range 40 {
		short, cancel := context.WithTimeout(ctx, ztest.Patience)
		done := make(chan error, 1)
		go func() {
			_, err := Ask(short, c, &who{})
			done <- err
		}()
		select {
		case p := <-got:
			if p.op != opQuestion || p.left <= 0 || p.left > ztest.Patience {
				t.Errorf("it got %+v", p)
			}
			lost++
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("Ask = %v", err)
			}
			want(t, got, opCancel)
			_, err := Ask(ctx, c, &who{}) // passes it over
			if err != nil {
				t.Error(err)
			}
			want(t, got, opPing)
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		}
		cancel()
	}
	if lost != 1 || here.Stats().Silenced != 1 {
		t.Errorf("%d of 40 were lost; %+v", lost, here.Stats())
	}
	if nodes := c.Nodes(); len(nodes) != 2 || nodes[0] != there.node.ID() {
		t.Errorf("nodes %v", nodes)
	}
	if err := deaf.Whisper(ctx, node.ID(), (&packet{op: opPong}).msg()); err != nil {
		t.Fatal(err)
	}
	ztest.Eventually(t, "it is asked again", func() bool {
		short, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
		defer cancel()
		_, _ = Ask(short, c, &who{})
		select {
		case p := <-got:
			return p.op == opQuestion
		default:
			return false
		}
	})
}

// A question without a deadline finds out as well, so that those after it need not wait.
func TestSilentWithoutDeadline(t *testing.T) {
	port, ctx := network(t), ztest.Within(t)
	deaf, got := mute(t, port, "it")
	here, _ := space(t, port, "here")
	ref, err := here.Find(ctx, "it")
	if err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		_, err := ref.Ask(gone, msg.NewString("hello"))
		done <- err
	}()
	want(t, got, opAsk)
	want(t, got, opPing)
	ztest.Eventually(t, "it counts as silent", func() bool { return here.Stats().Silenced == 1 })
	there, _ := space(t, port, "there")
	if err := there.Publish(spawn(t, "it", echo)); err != nil {
		t.Fatal(err)
	}
	ztest.Eventually(t, "the other one is preferred", func() bool {
		ref, ok := here.Lookup("it")
		return ok && ref.(*Remote).Node() == there.node.ID()
	})
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Ask = %v", err)
	}
	deaf.Close()
	if err := ended(t, ref); !errors.Is(err, ErrLost) {
		t.Errorf("Err = %v", err)
	}
}

// An actor that takes its time is not silent: its node answers for it.
func TestSlowIsNotSilent(t *testing.T) {
	c, b, _, here := opened(t)
	ctx := ztest.Within(t)
	done := make(chan error, 1)
	go func() {
		_, err := Ask(ctx, c, &hold{})
		done <- err
	}()
	<-b.held
	pings := func() time.Time {
		here.mu.Lock()
		defer here.mu.Unlock()
		for _, p := range here.peers {
			return p.pinged
		}
		return time.Time{}
	}
	first := time.Time{}
	ztest.Eventually(t, "it was pinged", func() bool { first = pings(); return !first.IsZero() })
	ztest.Eventually(t, "and again, after its answer", func() bool { return pings().After(first) })
	ztest.Eventually(t, "it is not passed over", func() bool {
		here.mu.Lock()
		defer here.mu.Unlock()
		for _, p := range here.peers {
			return !p.silent
		}
		return false
	})
	close(b.released)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// An error of the actor's own, and one of who asks too much, tell which it was.
func TestFaults(t *testing.T) {
	for f := faultNotFound; f <= lastFault; f++ {
		if got := faultOf(faults[f]); got != f {
			t.Errorf("%v is fault %d, and becomes %d", faults[f], f, got)
		}
	}
	if faultOf(actor.ErrMailboxFull) != faultBusy || faultOf(errPoor) != faultOther {
		t.Error("ErrMailboxFull or another error")
	}
}
