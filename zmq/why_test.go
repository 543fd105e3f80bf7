package zmq_test

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zactor/zactor/internal/ztest/logbook"
	"github.com/go-zactor/zactor/zmq"
)

// impatient is a context that ends once ready says so.
func (k *kit) impatient(ready func() bool) context.Context {
	ctx, cancel := context.WithCancel(k.ctx)
	go func() {
		defer cancel()
		for !ready() && k.ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
	}()
	return ctx
}

func always() bool { return true }

// A call that waited in vain says what for, and what failed last.
func TestCallsSayWhatTheyWaitedFor(t *testing.T) {
	k := alone(t, "tcp")
	nobody := k.endpoint()
	quick := zmq.WithReconnectInterval(time.Millisecond, time.Millisecond)

	// A server that speaks CURVE, and one of another type.
	curve := k.open(zmq.Rep, zmq.WithCurveServer(serverKeys()), zmq.WithAllowAnyKey(true))
	curveAt := k.bind(curve)
	_, pubAt := k.bound(zmq.Pub)

	tries := func(s *zmq.Socket, endpoint string) func() bool {
		return func() bool { return s.Endpoint(endpoint).Attempts >= 2 }
	}
	for name, c := range map[string]struct {
		call func() error
		want []string
	}{
		"nothing bound or connected": {func() error {
			_, err := k.open(zmq.Pull).Recv(k.impatient(always))
			return err
		}, []string{"zmq: recv on PULL: no peer: the socket is neither bound nor connected"}},
		"nobody has come": {func() error {
			pull, at := k.bound(zmq.Pull)
			_, err := pull.Recv(k.impatient(always))
			if err != nil && !strings.Contains(err.Error(), at) {
				t.Errorf("%v does not name %s", err, at)
			}
			return err
		}, []string{"recv on PULL: no peer: nobody is connected to tcp://"}},
		"nobody listens": {func() error {
			pull := k.open(zmq.Pull, quick)
			k.ok(k.dial(pull, nobody))
			_, err := pull.Recv(k.impatient(tries(pull, nobody)))
			return err
		}, []string{"recv on PULL: no peer: " + nobody, "connection refused", "attempts"}},
		"another mechanism": {func() error {
			req := k.open(zmq.Req, quick)
			k.ok(req.Connect(curveAt))
			k.send(req, "ask")
			_, err := req.Recv(k.impatient(tries(req, curveAt)))
			return err
		}, []string{"recv on REQ: no peer: " + curveAt, "NULL", "CURVE"}},
		"another type": {func() error {
			push := k.open(zmq.Push, quick, zmq.WithImmediate(true))
			k.ok(push.Connect(pubAt))
			return push.SendString(k.impatient(tries(push, pubAt)), "x")
		}, []string{"send on PUSH: no peer: " + pubAt, "PUSH", "PUB"}},
		"no subscription": {func() error {
			sub := k.open(zmq.Sub)
			k.ok(sub.Connect(pubAt))
			k.ok(sub.WaitConnected(k.ctx, 1))
			_, err := sub.Recv(k.impatient(always))
			return err
		}, []string{"recv on SUB: it has no subscription: call Subscribe"}},
		"no group": {func() error {
			_, err := k.open(zmq.Dish).Recv(k.impatient(always))
			return err
		}, []string{"recv on DISH: it has joined no group: call Join"}},
		"a full peer": {func() error {
			pull, push := k.pair(zmq.Pull, zmq.Push)
			defer pull.Close()
			k.ok(push.Set(zmq.WithSendTimeout(time.Millisecond)))
			for {
				// Room may come in the moment of a timeout: it takes some to fill what the kernel takes.
				if err := push.SendBytes(k.ctx, make([]byte, 100_000)); err != nil && strings.Contains(err.Error(), "peers at") {
					k.is(err, zmq.ErrAgain)
					return err
				}
			}
		}, []string{"send on PUSH: 1 of 1 peers at the high-water mark (SNDHWM 1000)"}},
		"the peer that had the request is gone": {func() error {
			rep, req := k.pair(zmq.Rep, zmq.Req)
			other := k.open(zmq.Rep)
			k.ok(k.dial(req, k.bind(other)))
			k.ok(req.WaitConnected(k.ctx, 2))
			k.send(req, "ask")
			k.until("one has it", func() bool { return rep.Stats().Unread+other.Stats().Unread == 1 })
			if rep.Stats().Unread == 1 {
				k.ok(rep.Close())
			} else {
				k.ok(other.Close())
			}
			k.until("it is gone", func() bool { return req.Stats().Connected == 1 })
			_, err := req.Recv(k.impatient(always))
			return err
		}, []string{"the peer that had the request is gone", "WithReqFailFast"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.call()
			if !errors.Is(err, context.Canceled) && !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%v is neither the context's error nor ErrAgain", err)
			}
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%v\ndoes not say %q", err, want)
				}
			}
			if err != nil && strings.Count(err.Error(), "zmq:") != 1 {
				t.Errorf("%v says zmq: more than once", err)
			}
		})
	}
}

// WaitSubscribers says how many there are.
func TestWaitSubscribersSaysHowMany(t *testing.T) {
	k := alone(t, "inproc")
	pub, sub := k.pair(zmq.Pub, zmq.Sub)
	k.ok(sub.Subscribe("a"))
	k.ok(pub.WaitSubscribers(k.ctx, "a", 1))
	err := pub.WaitSubscribers(k.impatient(always), "a", 2)
	k.is(err, context.Canceled)
	k.mentions(err, "1 of the 2 wanted peers", `"a"`)
}

// hole is a network that swallows what is sent, as some firewalls do.
type hole struct{ zmq.Network }

func (hole) Dial(ctx context.Context, _ string) (net.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// What waits says so in five seconds, whatever it waits for: by an event, by a line of the
// log, in Endpoints and in Peers, in the same words; and the call goes on.
func TestWhatWaitsSaysSoInFiveSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		zctx := zmq.NewContext(t.Context(), zmq.WithNetwork(hole{}))
		defer zctx.Close()
		var b logbook.Book
		pull, err := zmq.NewPull(zctx, zmq.WithName("in"), zmq.WithLogger(b.Zerolog()), zmq.WithSlog(b.Slog()))
		if err != nil {
			t.Fatal(err)
		}
		events := pull.Events(t.Context(), zmq.EventNoAnswer)
		const at = "tcp://192.0.2.1:5555"
		if err := pull.Connect(at); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		call := make(chan error, 1)
		go func() {
			_, err := pull.Recv(ctx)
			call <- err
		}()
		begin := time.Now()
		const says = "no answer for 5s: firewall or host down?"
		for e := range events {
			if took := time.Since(begin); took > 5*time.Second || e.Endpoint != at || !strings.Contains(e.Err.Error(), says) {
				t.Errorf("after %v: %v", took, e)
			}
			break
		}
		synctest.Wait()
		if !b.Has("ZA0405", `"socket":"in"`, at, says) {
			t.Errorf("no line says it:\n%s", &b)
		}
		if e := pull.Endpoint(at); e.Err == nil || !strings.Contains(e.Err.Error(), says) {
			t.Errorf("Endpoint: %v", e)
		}
		if p := pull.Peers(); len(p) != 1 || p[0].LastError == nil || !strings.Contains(p[0].LastError.Error(), says) {
			t.Errorf("Peers: %v", p)
		}
		select {
		case err := <-call:
			t.Errorf("the call has ended: %v", err)
		default:
		}
		cancel()
		if err := <-call; !strings.Contains(err.Error(), `zmq: recv on PULL "in": no peer: `+at+": "+says) {
			t.Errorf("the call: %v", err)
		}
	})
}
