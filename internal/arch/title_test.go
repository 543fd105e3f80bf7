package arch_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/beacon/members"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/gossip"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/pattern/clone"
	"github.com/go-zactor/zactor/pattern/lastvalue"
	"github.com/go-zactor/zactor/pattern/lazypirate"
	"github.com/go-zactor/zactor/pattern/majordomo"
	"github.com/go-zactor/zactor/remote"
	"github.com/go-zactor/zactor/zloop"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zyre"
)

// shown is what TestTitles prints: what begins its text, the thing, and what keeps it busy.
type shown struct {
	begins string
	thing  any
	work   func()
}

// stage has what TestTitles prints.
type stage struct {
	*testing.T
	ctx context.Context
	own *cert.Cert
	all []shown
}

const password = "the-password-of-ann"

// made returns what a constructor made, closes it at the end, and has it printed.
func made[T any](s *stage, begins string, thing T, err error) T {
	s.Helper()
	if err != nil {
		s.Fatal(begins, err)
	}
	if c, ok := any(thing).(io.Closer); ok {
		s.Cleanup(func() { _ = c.Close() })
	}
	s.all = append(s.all, shown{begins, thing, func() {}})
	return thing
}

// busy says what keeps the last one at work.
func (s *stage) busy(work func()) { s.all[len(s.all)-1].work = work }

// runs has a service run until the test ends.
func (s *stage) runs(service actor.Service) {
	ctx, cancel := context.WithCancel(s.ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = service.Run(ctx)
	}()
	s.Cleanup(func() { cancel(); <-ended })
}

func (s *stage) sockets() {
	z := zmq.NewContext(s.ctx)
	s.ctx = z
	s.all = append(s.all, shown{"zmq.Context (open, sockets=", z, func() {
		push, err := zmq.NewPush(z, zmq.WithPlainClient("ann", password))
		if err == nil {
			_ = push.Close()
		}
	}})
	store := new(auth.Passwords)
	if err := store.Set("ann", password); err != nil {
		s.Fatal(err)
	}
	made(s, "auth.Auth (running)", must(auth.New(z)), nil).Plain(auth.AnyDomain, store)
	poller := zmq.NewPoller()
	made(s, "zmq.Poller (open, items=", poller, nil)
	pull := must(zmq.NewPull(z))
	s.busy(func() { _ = poller.Add(pull, zmq.PollIn); _ = poller.Remove(pull) })
	loop := must(zloop.New(zloop.WithName("reader")))
	made(s, `zloop.Loop "reader" (`, loop, nil)
	s.busy(func() { _ = loop.Post(func() error { return nil }) })
	s.runs(loop)
}

func (s *stage) actors() {
	sup := must(actor.NewSupervisor(actor.OneForOne))
	made(s, `actor.Supervisor "`, sup, nil)
	s.runs(sup)
	within := make(chan *actor.Context[string], 1)
	ref, err := actor.New(s.ctx, func(c *actor.Context[string]) (actor.Handler[string], error) {
		within <- c
		return func(*actor.Context[string], string) error { return nil }, nil
	}, actor.WithName("ann"))
	made(s, `actor.Ref "ann" (running)`, ref, err)
	tell := func() { _ = ref.Tell(s.ctx, "x") }
	s.busy(tell)
	made(s, `actor.Context "ann" (running)`, <-within, nil)
	s.busy(tell)
	pipes := make(chan *actor.Pipe, 1)
	a, err := actor.Spawn(s.ctx, func(ctx context.Context, p *actor.Pipe) error {
		p.Ready()
		pipes <- p
		for {
			if _, err := p.Recv(ctx); err != nil {
				return nil
			}
		}
	}, actor.WithName("bob"))
	made(s, `actor.Actor "bob" (running)`, a, err)
	send := func() { _ = a.Send(s.ctx, msg.NewString("x")) }
	s.busy(send)
	made(s, `actor.Pipe "bob" (running)`, <-pipes, nil)
	s.busy(send)
}

func (s *stage) networks() {
	node, err := zyre.New(s.ctx, "ann", zyre.WithoutBeacon(true), zyre.WithBind("tcp://127.0.0.1:*"))
	made(s, `zyre.Node "ann" (running)`, node, err)
	s.busy(func() { _ = node.Join("room"); _ = node.Leave("room") })
	space, err := remote.New(s.ctx, node)
	made(s, `remote.Space "ann" (running)`, space, err)
	made(s, "beacon.Beacon \"udp ", must(beacon.New(s.ctx, beacon.WithLoopback(true), beacon.WithPort(ztest.Port(s.T)))), nil)
	made(s, `members.Member`, must(members.New(s.ctx, members.WithBind("127.0.0.1:0"), members.WithSecretKey([]byte(password)[:16]))), nil)
	mesh := must(gossip.New(s.ctx))
	made(s, "gossip.Node (running)", mesh, nil)
	s.busy(func() { _ = mesh.Publish("k", "v", 0) })
	made(s, `gossip.Discoverer "p" (running)`, mesh.Discoverer("p", 0), nil)
}

func (s *stage) patterns() {
	echo := func(_ context.Context, r *majordomo.Request) (msg.Msg, error) { return r.Body, nil }
	any := zmq.WithAllowAnyKey(true)
	b := must(majordomo.NewBroker(majordomo.WithBind("inproc://broker"), majordomo.WithCurveServer(s.own), majordomo.WithSocket(any)))
	made(s, `majordomo.Broker "inproc://broker" (`, b, nil)
	s.runs(b)
	if _, err := b.Endpoints(s.ctx); err != nil {
		s.Fatal(err)
	}
	w := must(majordomo.NewWorker("inproc://broker", "echo", echo))
	made(s, `majordomo.Worker "echo" (`, w, nil)
	s.runs(w)
	c := must(majordomo.NewClient(s.ctx, []string{"inproc://broker"}))
	made(s, "majordomo.Client (", c, nil)
	s.busy(func() { _, _ = c.Call(s.ctx, "echo", msg.NewString("x")) })
	made(s, "lazypirate.Caller (", must(lazypirate.New(s.ctx, []string{"inproc://x"}, lazypirate.WithCurve(s.own, s.own.Public()))), nil)
	cache := must(lastvalue.New(lastvalue.WithBind("inproc://cache"), lastvalue.WithCurveServer(s.own)))
	made(s, `lastvalue.Cache "inproc://cache" (`, cache, nil)
	s.runs(cache)
	s.busy(func() { _ = cache.Publish(msg.NewString("k", "v")) })
	table := must(clone.NewServer(clone.WithBind("tcp://127.0.0.1:65533"), clone.WithCurveServer(s.own)))
	made(s, `clone.Server "tcp://127.0.0.1:65533" (`, table, nil)
	made(s, "clone.Client (running)", must(clone.NewClient(s.ctx, []string{"tcp://127.0.0.1:1"}, clone.WithCurveClient(s.own, s.own.Public()))), nil)
}

func must[T any](thing T, err error) T {
	if err != nil {
		panic(err)
	}
	return thing
}

// What is at work is printed by its name and state: fmt does not look into it, which would
// race with what it does (see -race), and would show keys and passwords.
func TestTitles(t *testing.T) {
	own := must(cert.New())
	s := &stage{T: t, ctx: ztest.Within(t), own: own}
	s.sockets()
	s.actors()
	s.networks()
	s.patterns()
	key := own.SecretKey().Expose()
	secrets := []string{password, fmt.Sprint(key[:8])[1:], fmt.Sprintf("%#v", key[:4])[7:], string(key[:])}
	for _, one := range s.all {
		var both sync.WaitGroup
		both.Go(func() {
			for range 20 {
				one.work()
			}
		})
		for range 5 {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
				text := fmt.Sprintf(verb, one.thing)
				if !strings.HasPrefix(text, one.begins) || bytes.ContainsAny([]byte(text), "{}\n") {
					t.Errorf("%s of %T: %.200s", verb, one.thing, text)
				}
				for _, secret := range secrets {
					if strings.Contains(text, strings.TrimSuffix(secret, "]")) {
						t.Errorf("%s of %T shows a secret: %.200s", verb, one.thing, text)
					}
				}
			}
		}
		both.Wait()
	}
}
