package remote

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/logbook"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zyre"
)

// Who is refused hears of it, each one, also where there is no room on the way at once.
func TestEveryRefusalArrives(t *testing.T) {
	port, ctx := network(t), ztest.Within(t)
	there, _ := space(t, port, "there")
	n, err := zyre.New(ctx, "crowd", zyre.WithLoopback(true), zyre.WithPort(port), zyre.WithLinger(100*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	events := n.Chan(ctx)
	for e := range events {
		if e.Kind == zyre.Enter {
			break
		}
	}
	const all = 5000
	refused := make(chan int)
	go func() {
		got := map[uint64]bool{}
		for e := range events {
			if p, err := parse(e.Msg); Owns(e) && err == nil && p.op == opFailure && p.fault == faultNotFound {
				got[p.id] = true
			}
			if len(got) == all {
				break
			}
		}
		refused <- len(got)
	}()
	for i := range all {
		if err := n.Whisper(ctx, there.node.ID(), (&packet{op: opAsk, id: uint64(i), name: "nobody"}).msg()); err != nil {
			t.Fatal(err)
		}
	}
	if got := <-refused; got != all {
		t.Errorf("%d of %d were told; %+v", got, all, there.Stats())
	}
}

// What happens between nodes is told to those who range over Events, and written by
// both loggers, each line with its id.
func TestEventsAndLogs(t *testing.T) {
	var log logbook.Book
	port, ctx := network(t), ztest.Within(t)
	n, err := zyre.New(ctx, "there", zyre.WithLoopback(true), zyre.WithPort(port), zyre.WithLinger(100*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	there, err := New(ctx, n, WithLogger(log.Zerolog()), WithSlog(log.Slog()), WithQuota(1, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { there.Close() })
	events := there.Events(ctx)
	here, _ := space(t, port, "here")
	b := newTeller()
	if err := errors.Join(
		Publish(there, account(t, "closed", newTeller()), bank, WithAllow(func(Peer) bool { return false })),
		Publish(there, account(t, "open", b), bank),
	); err != nil {
		t.Fatal(err)
	}
	shut, err1 := Find[any](ctx, here, "closed", bank)
	c, err2 := Find[any](ctx, here, "open", bank)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	frames, _ := here.Lookup("open")
	_, denied := Ask(ctx, shut, &who{})
	_, unknown := frames.Ask(ctx, msg.New())
	held := make(chan error, 1)
	go func() {
		_, err := Ask(ctx, c, &hold{})
		held <- err
	}()
	<-b.held
	_, busy := Ask(ctx, c, &who{})
	close(b.released)
	if err := <-held; err != nil || !errors.Is(denied, ErrDenied) || !errors.Is(unknown, actor.ErrType) || !errors.Is(busy, ErrBusy) {
		t.Fatalf("%v, %v, %v, %v", err, denied, unknown, busy)
	}
	want := []string{
		`Denied "here" actor "closed": remote: not allowed to use the actor`,
		`Unknown "here" actor "open": actor: wrong type: the actor takes values of its protocol`,
		`Busy "here" actor "open"`,
	}
	for e := range events {
		if e.String() == want[0] {
			want = want[1:]
		}
		if len(want) == 0 {
			break
		}
	}
	if len(want) > 0 {
		t.Fatalf("not told: %q", want)
	}
	there.Close()
	for _, id := range []string{"ZA0612", "ZA0613", "ZA0614"} {
		if !log.Has(id) {
			t.Errorf("one of the two logs has no %s:\n%s", id, &log)
		}
	}
	for range there.Events(context.Background()) {
		t.Error("an event after the end")
	}
}
