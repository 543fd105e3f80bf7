//go:build interop

package before

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/gossip"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/remote"
	"github.com/go-zactor/zactor/zyre"
)

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// port is one that both versions can share on the loopback.
func port(t *testing.T) int {
	t.Helper()
	return ztest.Port(t)
}

// Tables become equal, whoever is bound: values, changes of another one's, deletions.
func playGossip(t *testing.T, old string) {
	for _, bound := range []bool{false, true} {
		ctx, other := ztest.Within(t), start(t, old, "gossip")
		n, err := gossip.New(ctx)
		ok(t, err)
		t.Cleanup(func() { n.Close() })
		events := n.Events(ctx)
		becomes := func(key, value string, there bool) { // waits for it
			t.Helper()
			for range events {
				if got, ok := n.Get(key); ok == there && got.Value == value {
					return
				}
			}
			t.Fatalf("%s did not become %q", key, value)
		}
		ok(t, n.Publish("today", "1", 0))
		other.do("publish old 1")
		if bound {
			ok(t, n.Connect(other.do("bind %s", fresh(t, "tcp"))))
		} else {
			endpoint, err := n.Bind(fresh(t, "tcp"))
			ok(t, err)
			other.do("connect %s", endpoint)
		}
		becomes("old", "1", true)
		other.do("get today 1")
		other.do("publish today 2") // it knows the tuple, and puts another one in its place
		becomes("today", "2", true)
		ok(t, n.Publish("old", "3", 0))
		other.do("get old 3")
		ok(t, n.Delete("old"))
		other.do("get old -")
		other.do("delete today")
		becomes("today", "", false)
	}
}

func playBeacon(t *testing.T, old string) {
	ctx, at := ztest.Within(t), port(t)
	other := start(t, old, "beacon", strconv.Itoa(at))
	b, err := beacon.New(ctx, beacon.WithLoopback(true), beacon.WithPort(at))
	ok(t, err)
	t.Cleanup(func() { b.Close() })
	b.Subscribe([]byte("old"))
	events := b.Events(ctx)
	ok(t, b.Publish([]byte("today"), 50*time.Millisecond))
	other.do("hear today")
	other.do("publish old")
	for s := range events {
		if string(s.Data) == "old" {
			return
		}
	}
	t.Error("nothing was heard")
}

func playZyre(t *testing.T, old string) {
	ctx, at := ztest.Within(t), port(t)
	other := start(t, old, "zyre", strconv.Itoa(at))
	n, err := zyre.New(ctx, "today", zyre.WithLoopback(true), zyre.WithPort(at))
	ok(t, err)
	t.Cleanup(func() { n.Close() })
	events := n.Chan(ctx)
	want := func(kind zyre.EventKind) zyre.Event {
		t.Helper()
		for {
			select {
			case e := <-events:
				if e.Kind == kind {
					return e
				}
			case <-ctx.Done():
				t.Fatalf("no %v", kind)
			}
		}
	}
	enter := want(zyre.Enter)
	if enter.Name != "old" || enter.Headers["X-Version"] != "before" {
		t.Errorf("%+v", enter)
	}
	other.do("wait ENTER")
	ok(t, n.Join("group"))
	other.want("today group", "wait JOIN")
	other.do("join group")
	want(zyre.Join)
	other.do("shout group hello")
	if e := want(zyre.Shout); e.Group != "group" || e.Msg.PopString() != "hello" {
		t.Errorf("%+v", e)
	}
	ok(t, n.Shout(ctx, "group", msg.NewString("hello")))
	other.want("today group hello", "wait SHOUT")
	ok(t, n.Whisper(ctx, enter.Peer, msg.NewString("psst")))
	other.want("today  psst", "wait WHISPER")
	other.do("whisper psst")
	if e := want(zyre.Whisper); e.Msg.PopString() != "psst" {
		t.Errorf("%+v", e)
	}
	other.do("stop")
	want(zyre.Exit)
}

func playRemote(t *testing.T, old string) {
	ctx, at := ztest.Within(t), port(t)
	other := start(t, old, "remote", strconv.Itoa(at))
	n, err := zyre.New(ctx, "today", zyre.WithLoopback(true), zyre.WithPort(at))
	ok(t, err)
	t.Cleanup(func() { n.Close() })
	s, err := remote.New(ctx, n)
	ok(t, err)
	t.Cleanup(func() { _ = s.Close() })
	echo, err := actor.Spawn(ctx, func(ctx context.Context, p *actor.Pipe) error {
		for m, err := range p.Messages(ctx) {
			if err != nil {
				return err
			}
			if err := p.Reply(ctx, msg.NewString("today heard "+m.PopString())); err != nil {
				return err
			}
		}
		return nil
	}, actor.WithName("today"))
	ok(t, err)
	t.Cleanup(func() { _ = echo.Close() })
	ok(t, s.Publish(echo))
	other.want("today heard hello", "ask today hello")
	other.do("publish")
	ref, err := s.Find(ctx, "old")
	ok(t, err)
	m, err := ref.Ask(ctx, msg.NewString("hello"))
	ok(t, err)
	if text := m.PopString(); text != "old heard hello" {
		t.Errorf("got %q", text)
	}
	// It knows no cancellation, and can't be asked for values: it goes on all the same.
	short, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := ref.Ask(short, msg.NewString("nobody waits")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if m, err = ref.Ask(ctx, msg.NewString("again")); err != nil || m.PopString() != "old heard again" {
		t.Errorf("afterwards: %v", err)
	}
	says := remote.NewProtocol(remote.JSON, remote.Message[string]("text"))
	short, cancel = context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if _, err := remote.Find[string](short, s, "old", says); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("values of a node that knows none: %v", err)
	}
	values, err := actor.New(ctx, func(*actor.Context[string]) (actor.Handler[string], error) {
		return func(*actor.Context[string], string) error { return nil }, nil
	}, actor.WithName("values"))
	ok(t, err)
	t.Cleanup(func() { _ = values.Close() })
	ok(t, remote.Publish(s, values, says))
	other.Say("ask values hello")
	if line := other.Line(); !strings.Contains(line, "wrong type") {
		t.Errorf("asked for frames, an actor of values says %q", line)
	}
	other.want("today heard hello", "ask today hello")
	ok(t, echo.Close())
	other.do("gone")
	other.do("withdraw")
	select {
	case <-ref.Done():
	case <-ctx.Done():
		t.Error("it does not end")
	}
}
