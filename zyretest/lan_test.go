package zyretest_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmqtest"
	"github.com/go-zactor/zactor/zyre"
	"github.com/go-zactor/zactor/zyretest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// next takes events up to one of a kind.
func next(t *testing.T, c <-chan zyre.Event, kind zyre.EventKind) zyre.Event {
	t.Helper()
	for e := range c {
		if e.Kind == kind {
			return e
		}
	}
	t.Fatalf("the stream ended before %v", kind)
	return zyre.Event{}
}

// Two nodes find each other and talk; the cable of one is pulled for so long that it counts
// as gone, and put back: in the default times of ZRE, which take none here.
func TestCable(t *testing.T) {
	for _, f := range []zmqtest.Faults{{}, {Delay: 50 * time.Millisecond, Jitter: 50 * time.Millisecond, Slice: 3}} {
		t.Run(fmt.Sprintf("%+v", f), func(t *testing.T) {
			seed := zmqtest.Seed(t)
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				lan := zyretest.NewLAN(seed, f)
				start := func(name, ip string) (*zyre.Node, <-chan zyre.Event) {
					n, err := zyre.New(ctx, name, append(lan.Host(ip), zyre.WithGroups("room"))...)
					if err != nil {
						t.Fatal(err)
					}
					return n, n.Chan(ctx)
				}
				ann, atAnn := start("ann", "10.0.0.1")
				bob, atBob := start("bob", "10.0.0.2")
				for range 3 {
					if e := next(t, atAnn, zyre.Join); e.Name != "bob" {
						t.Errorf("ann meets %s", e.Name)
					}
					next(t, atBob, zyre.Join)
					if err := ann.Shout(ctx, "room", msg.NewString("hello")); err != nil {
						t.Error(err)
					}
					if e := next(t, atBob, zyre.Shout); e.Msg.PopString() != "hello" {
						t.Errorf("bob hears %v", e)
					}
					lan.Partition("10.0.0.2")
					cut := time.Now()
					next(t, atAnn, zyre.Exit)
					next(t, atBob, zyre.Exit)
					if d := time.Since(cut); d < 20*time.Second || d > time.Minute {
						t.Errorf("gone after %v", d)
					}
					lan.Heal()
					next(t, atAnn, zyre.Enter)
					next(t, atBob, zyre.Enter)
				}
				if err := bob.Close(); err != nil {
					t.Error(err)
				}
				next(t, atAnn, zyre.Exit)
				if err := ann.Close(); err != nil {
					t.Error(err)
				}
				cancel()
				synctest.Wait()
			})
		})
	}
}

// A node that comes late finds those that are there, and does not find one that has gone.
func TestComingAndGoing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lan := zyretest.NewLAN(1, zmqtest.Faults{})
		var last *zyre.Node
		for i := range 4 {
			n, err := zyre.New(t.Context(), fmt.Sprint("n", i), lan.Host(fmt.Sprint("10.0.0.", i))...)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second) // of the bubble
			if i == 0 {
				if err := n.Close(); err != nil {
					t.Error(err)
				}
				continue
			}
			defer n.Close()
			last = n
		}
		if got := len(last.Peers()); got != 2 {
			t.Errorf("the last one knows %d peers: %v", got, last.Peers())
		}
	})
}
