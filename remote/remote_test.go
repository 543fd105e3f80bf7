package remote

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zyre"
)

// play is for a process that a test has started to play a part: it does not return.
var play = func() {}

func TestMain(m *testing.M) {
	play()
	goleak.VerifyTestMain(m)
}

// network returns a port for nodes of this host that are to meet.
func network(t testing.TB) int {
	t.Helper()
	return ztest.Port(t)
}

// space starts a node with a space.
func space(t testing.TB, port int, name string, opts ...zyre.Option) (*Space, *zyre.Node) {
	t.Helper()
	opts = append([]zyre.Option{zyre.WithLoopback(true), zyre.WithPort(port), zyre.WithLinger(100 * time.Millisecond)}, opts...)
	n, err := zyre.New(context.Background(), name, opts...)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(context.Background(), n)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	t.Cleanup(func() { s.Close() })
	return s, n
}

func spawn(t testing.TB, name string, fn actor.Func, opts ...actor.Option) *actor.Actor {
	t.Helper()
	a, err := actor.Spawn(context.Background(), fn, append(opts, actor.WithName(name))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

// echo answers what it is asked.
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

// published is an actor on one node, as another one sees it.
func published(t testing.TB, fn actor.Func, opts ...zyre.Option) (ref Ref, a *actor.Actor, there, here *Space, node *zyre.Node) {
	t.Helper()
	port := network(t)
	there, node = space(t, port, "there", opts...)
	here, _ = space(t, port, "here", opts...)
	a = spawn(t, "it", fn)
	if err := there.Publish(a); err != nil {
		t.Fatal(err)
	}
	ref, err := here.Find(ztest.Within(t), "it")
	if err != nil {
		t.Fatal(err)
	}
	return ref, a, there, here, node
}

func ended(t testing.TB, r Ref) error {
	t.Helper()
	ztest.Soon(t, r.Name()+" is done", r.Done())
	return r.Err()
}

func TestAsk(t *testing.T) {
	ref, _, there, here, _ := published(t, echo)
	ctx := ztest.Within(t)
	for _, m := range []msg.Msg{msg.NewString("a", "", "b"), msg.New(), msg.New(make([]byte, 1<<20))} {
		got, err := ref.Ask(ctx, m.Clone())
		if err != nil || !got.Equal(m) {
			t.Errorf("asked with %d frames, got %d, %v", m.Len(), got.Len(), err)
		}
	}
	if there.Stats().Asks != 3 || len(here.asks) != 0 {
		t.Errorf("%+v, %d open", there.Stats(), len(here.asks))
	}
	local, ok := there.Lookup("it")
	if _, isLocal := local.(*actor.Actor); !ok || !isLocal {
		t.Errorf("at home it is a %T", local)
	}
	if again, _ := here.Lookup("it"); again != ref {
		t.Error("two refs for one actor")
	}
}

// Sends and Asks of one goroutine arrive in their order.
func TestOrder(t *testing.T) {
	next := 0
	ref, _, _, _, _ := published(t, func(ctx context.Context, p *actor.Pipe) error {
		for m, err := range p.Messages(ctx) {
			if err != nil {
				return err
			}
			if got := m.PopString(); got != fmt.Sprint(next) {
				t.Errorf("%s came, want %d", got, next)
			}
			next++
			if next%10 == 0 {
				_ = p.Reply(ctx, msg.NewString(fmt.Sprint(next)))
			}
		}
		return nil
	})
	ctx := ztest.Within(t)
	for i := range 500 {
		m := msg.NewString(fmt.Sprint(i))
		if i%10 != 9 {
			if err := ref.Send(ctx, m); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if got, err := ref.Ask(ctx, m); err != nil || got.PopString() != fmt.Sprint(i+1) {
			t.Fatal(err)
		}
	}
}

// The end of an actor is seen by those who use it, and it is found again when there is
// a new one.
func TestActorEnds(t *testing.T) {
	ref, a, there, here, _ := published(t, echo)
	ctx := ztest.Within(t)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := ended(t, ref); err != nil {
		t.Errorf("ended with %v", err)
	}
	if err := ref.Send(ctx, msg.New()); !errors.Is(err, actor.ErrClosed) {
		t.Errorf("send: %v", err)
	}
	if _, err := ref.Ask(ctx, msg.New()); !errors.Is(err, actor.ErrClosed) {
		t.Errorf("ask: %v", err)
	}
	if err := there.Publish(spawn(t, "it", echo)); err != nil {
		t.Fatal(err)
	}
	again, err := here.Find(ctx, "it")
	if err != nil || again == ref {
		t.Fatalf("found %v, %v", again, err)
	}
	if _, err := again.Ask(ctx, msg.NewString("x")); err != nil {
		t.Error(err)
	}
}

// A node that goes takes its actors with it: an Ask under way ends, and Done tells.
func TestNodeIsLost(t *testing.T) {
	asked := make(chan struct{})
	ref, _, _, here, node := published(t, func(ctx context.Context, p *actor.Pipe) error {
		if _, err := p.Recv(ctx); err != nil {
			return err
		}
		p.Defer()
		close(asked)
		<-ctx.Done()
		return nil
	})
	failed := make(chan error, 1)
	go func() {
		_, err := ref.Ask(ztest.Within(t), msg.NewString("never answered"))
		failed <- err
	}()
	<-asked
	node.Close()
	if err := ended(t, ref); !errors.Is(err, ErrLost) {
		t.Errorf("ended with %v", err)
	}
	if err := <-failed; !errors.Is(err, ErrLost) {
		t.Errorf("ask: %v", err)
	}
	if _, ok := here.Lookup("it"); ok {
		t.Error("it is still found")
	}
}

// What goes wrong where the actor is has the same name here.
func TestErrorsCross(t *testing.T) {
	ref, _, there, _, _ := published(t, func(ctx context.Context, p *actor.Pipe) error {
		for range 2 {
			if _, err := p.Recv(ctx); err != nil { // the first one stays unanswered
				return err
			}
		}
		return errors.New("broken \x00 for good")
	})
	ctx := ztest.Within(t)
	first := make(chan error, 1)
	go func() {
		_, err := ref.Ask(ctx, msg.NewString("1"))
		first <- err
	}()
	for there.Stats().Asks == 0 {
		time.Sleep(time.Millisecond)
	}
	if _, err := ref.Ask(ctx, msg.NewString("2")); !errors.Is(err, actor.ErrNoReply) && !errors.Is(err, actor.ErrClosed) {
		t.Errorf("of an actor that fails: %v", err)
	}
	if err := <-first; !errors.Is(err, actor.ErrNoReply) {
		t.Errorf("unanswered: %v", err)
	}
}

// An actor that does not receive costs a bounded queue, and askers are told; others on
// the same node go on.
func TestBusy(t *testing.T) {
	port, ctx := network(t), ztest.Within(t)
	there, _ := space(t, port, "there")
	here, _ := space(t, port, "here")
	stuck := spawn(t, "stuck", func(ctx context.Context, p *actor.Pipe) error { p.Ready(); <-ctx.Done(); return nil }, actor.WithMailbox(1))
	if err := errors.Join(there.Publish(stuck), there.Publish(spawn(t, "fine", echo))); err != nil {
		t.Fatal(err)
	}
	ref, err1 := here.Find(ctx, "stuck")
	fine, err2 := here.Find(ctx, "fine")
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	for range 1000 + 10 {
		if err := ref.Send(ctx, msg.NewString("x")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := ref.Ask(ctx, msg.NewString("x")); !errors.Is(err, ErrBusy) {
		t.Errorf("ask: %v", err)
	}
	if there.Stats().Dropped == 0 {
		t.Error("nothing counted")
	}
	if _, err := fine.Ask(ctx, msg.NewString("x")); err != nil {
		t.Errorf("the other one: %v", err)
	}
}

func TestCurve(t *testing.T) {
	key, err := cert.New()
	if err != nil {
		t.Fatal(err)
	}
	ref, _, _, _, _ := published(t, echo, zyre.WithCurve(key, cert.NewMemStore(key)))
	if got, err := ref.Ask(ztest.Within(t), msg.NewString("secret")); err != nil || got.PopString() != "secret" {
		t.Error(err)
	}
}

func TestMisuse(t *testing.T) {
	s, n := space(t, network(t), "n")
	a := spawn(t, "it", echo)
	long := spawn(t, string(make([]byte, 300)), echo)
	if err := s.Publish(long); !errors.Is(err, ErrName) {
		t.Errorf("a long name: %v", err)
	}
	if err := s.Publish(a); err != nil {
		t.Fatal(err)
	}
	if err := s.Publish(a); !errors.Is(err, ErrPublished) {
		t.Errorf("twice: %v", err)
	}
	s.Withdraw("it")
	s.Withdraw("it")
	if fmt.Sprint(n.Groups()) != "["+versionGroup+"]" {
		t.Errorf("groups %v", n.Groups())
	}
	short, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if _, err := s.Find(short, "it"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("find: %v", err)
	}
	if first, again := s.Close(), s.Shutdown(t.Context()); first != nil || again != nil {
		t.Errorf("Close says %v, Shutdown after it %v", first, again)
	}
	if _, err := s.Find(ztest.Within(t), "it"); !errors.Is(err, ErrClosed) || !errors.Is(err, zmq.ErrClosed) {
		t.Errorf("find: %v", err)
	}
	if err := s.Publish(a); !errors.Is(err, ErrClosed) {
		t.Errorf("publish: %v", err)
	}
}

// Packets that nobody of this package sends are counted, and do nothing.
func TestHostilePackets(t *testing.T) {
	ref, a, there, here, node := published(t, echo)
	ctx := ztest.Within(t)
	me := here.node
	for _, m := range []msg.Msg{
		msg.NewString(mark),
		msg.NewString(mark + "\x01\x00\x00\x00\x00\x00\x00\x00\x00"),
		msg.NewString(mark+"\x09\x00\x00\x00\x00\x00\x00\x00\x00", "it"),
		msg.NewString(mark+"\x04\x00\x00\x00\x00\x00\x00\x00\x00", "", "x"),
		(&packet{op: opReply, id: 99}).msg(),
		(&packet{op: opAsk, id: 98, name: "nobody"}).msg(),
	} {
		if err := me.Whisper(ctx, node.ID(), m); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := ref.Ask(ctx, msg.NewString("still there")); err != nil {
		t.Fatal(err)
	}
	if s := there.Stats(); s.Malformed != 4 || s.Stale != 1 || s.NotFound != 1 {
		t.Errorf("%+v", s)
	}
	if a.Err() != nil {
		t.Error(a.Err())
	}
}

func FuzzParse(f *testing.F) {
	for _, p := range []packet{
		{op: opSend, name: "it", body: [][]byte{[]byte("x")}}, {op: opAsk, id: 7, name: "it"},
		{op: opReply, id: 7}, {op: opFailure, id: 7, fault: faultBusy, text: "busy"},
		{op: opFailure, id: 7, text: "poor", err: "poor"}, {op: opCancel, id: 7}, {op: opPing}, {op: opPong},
		{op: opTimedAsk, id: 7, left: 1, name: "it"}, {op: opTell, name: "it", codec: "json", typ: "t", body: [][]byte{[]byte("{}")}},
		{op: opQuestion, id: 7, left: 9, name: "it", codec: "json", typ: "t", body: [][]byte{[]byte("{}")}},
	} {
		b, err := p.msg().MarshalBinary()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var m msg.Msg
		if m.UnmarshalBinary(b) != nil || m.Len() == 0 {
			return
		}
		if !Owns(zyre.Event{Kind: zyre.Whisper, Msg: m}) {
			return
		}
		whole := m.Clone()
		p, err := parse(m)
		if err != nil {
			if !errors.Is(err, errMalformed) {
				t.Fatal(err)
			}
			return
		}
		if !p.msg().Equal(whole) {
			t.Fatalf("%v became %v", whole, p.msg())
		}
	})
}

// A space ends with its context, and none is made for one that has ended.
func TestSpaceEndsWithItsContext(t *testing.T) {
	_, n := space(t, 5690, "")
	ctx, cancel := context.WithCancel(t.Context())
	s, err := New(ctx, n)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	<-s.life.Done()
	if _, err := s.Find(t.Context(), "nothing"); !errors.Is(err, ErrClosed) {
		t.Errorf("Find after the end: %v", err)
	}
	if _, err := New(ctx, n); !errors.Is(err, context.Canceled) {
		t.Errorf("New with an ended context: %v", err)
	}
}

// An actor that answers what was only sent is not wedged by that, from afar either: the
// answers go nowhere, and are counted.
func TestAnswersToWhatWasSent(t *testing.T) {
	ref, a, _, _, _ := published(t, echo)
	ctx := ztest.Within(t)
	const n = 500
	for i := range 5 * n {
		if err := ref.Send(ctx, msg.NewString("x")); err != nil {
			t.Fatal(err)
		}
		if i%n == 0 { // so that the quota is never full
			if _, err := ref.Ask(ctx, msg.NewString("y")); err != nil {
				t.Fatal(err)
			}
		}
	}
	if m, err := ref.Ask(ctx, msg.NewString("z")); err != nil || m.PopString() != "z" {
		t.Errorf("Ask = %v, %v", m, err)
	}
	if s := a.Stats(); s.Unasked != 5*n || s.Output != 0 {
		t.Errorf("%+v", s)
	}
}
