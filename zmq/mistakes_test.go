package zmq_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// witness sees what a socket tells: its lines, in both kinds of logger, and its events.
type witness struct {
	mu     sync.Mutex
	zero   bytes.Buffer
	slog   bytes.Buffer
	events []zmq.Event
	opened []*zmq.Socket
}

type lockedWriter struct {
	w *witness
	b *bytes.Buffer
}

func (l lockedWriter) Write(p []byte) (int, error) {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	return l.b.Write(p)
}

// open makes a socket that is witnessed.
func (w *witness) open(k *kit, typ zmq.Type, opts ...zmq.Option) *zmq.Socket {
	z := zerolog.New(lockedWriter{w, &w.zero})
	sl := slog.New(slog.NewJSONHandler(lockedWriter{w, &w.slog}, nil))
	s := k.open(typ, append([]zmq.Option{zmq.WithLogger(z), zmq.WithSlog(sl), zmq.WithReconnectInterval(time.Millisecond, 20*time.Millisecond)}, opts...)...)
	w.mu.Lock()
	w.opened = append(w.opened, s)
	w.mu.Unlock()
	events := s.Events(k.ctx)
	go func() {
		for e := range events {
			w.mu.Lock()
			w.events = append(w.events, e)
			w.mu.Unlock()
		}
	}()
	return s
}

// logged reports whether both loggers have a line with all words.
func (w *witness) logged(words []string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return hasLine(w.zero.String(), words) && hasLine(w.slog.String(), words)
}

func hasLine(text string, words []string) bool {
	for line := range strings.Lines(text) {
		if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(line, word) }) {
			return true
		}
	}
	return false
}

// saw reports whether there was an event of a kind whose error has all words.
func (w *witness) saw(kind zmq.EventMask, words []string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.events, func(e zmq.Event) bool {
		return e.Kind == kind && !slices.ContainsFunc(words, func(word string) bool {
			return e.Err == nil && word != "" || e.Err != nil && !strings.Contains(e.Err.Error(), word)
		})
	})
}

func (w *witness) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return fmt.Sprintf("lines:\n%s\n%s\nevents: %v", head(w.zero.String()), head(w.slog.String()), w.events[:min(len(w.events), 8)])
}

// head is the beginning of what may be long.
func head(s string) string { return s[:min(len(s), 3000)] }

// told is what one side must be told about a mistake.
type told struct {
	event zmq.EventMask // 0: none
	err   string        // in the event
	line  []string      // words of a log line, the id first; nil: none
}

// mistake is something that users do wrong, or that goes wrong around them.
type mistake struct {
	name string
	// make makes it, with sockets that here and there are told of, and returns what the
	// call returned that suffers from it; over says when enough has been told, for calls
	// that would wait for ever.
	make func(k *kit, here, there *witness) error
	call []string // words of the call's error; nil: the call does not fail
	here told     // the side whose call it is
	// there is the other side.
	there  told
	passes bool // it is over when it has been told: nothing is waited for
}

// await is a context that ends when a witness has been told what it must.
func (w *witness) await(k *kit, t told) context.Context {
	return k.impatient(func() bool { return w.has(t) })
}

func (w *witness) has(t told) bool {
	return (t.event == 0 || w.saw(t.event, []string{t.err})) && (t.line == nil || w.logged(t.line))
}

// Each mistake is made for real. The call, an event and a line of the log name the cause,
// on each side that can know it: word for word what docs/mistakes.md has.
func TestMistakes(t *testing.T) {
	list := mistakes()
	page := newMistakesPage(t)
	for i := range list {
		m := &list[i]
		t.Run(strings.ReplaceAll(m.name, " ", "_"), func(t *testing.T) {
			k := alone(t, "tcp")
			k.zctx.SetNoAnswer(time.Hour) // on a busy machine other reasons come late
			here, there := &witness{}, &witness{}
			err := m.make(k, here, there)
			switch {
			case m.call == nil && err != nil:
				t.Errorf("the call failed: %v", err)
			case m.call != nil && err == nil:
				t.Errorf("the call did not fail, want %q", m.call)
			case m.call != nil:
				k.mentions(err, m.call...)
			}
			for side, w := range map[string]*witness{"here": here, "there": there} {
				want := m.here
				if side == "there" {
					want = m.there
				}
				deadline := time.Now().Add(ztest.Patience)
				for !w.has(want) {
					if time.Now().After(deadline) || k.ctx.Err() != nil {
						t.Fatalf("%s was not told of %v %q, or not %q\n%v", side, want.event, want.err, want.line, w)
					}
					time.Sleep(time.Millisecond)
				}
			}
			page.compare(k, m, err, here, there)
		})
	}
	page.check(t, list)
}

// turnedAway is what a peer is told that is not let in after its handshake.
func turnedAway(why string) told {
	return told{zmq.EventHandshakeFailedNoDetail, why, []string{"ZA0423", "turned away by the peer", why}}
}

// exhausted is a network whose listeners have no descriptor for who comes.
type exhausted struct{ zmq.Network }

func (exhausted) Listen(context.Context, string) (net.Listener, string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	return poor{l}, "tcp://" + l.Addr().String(), nil
}

type poor struct{ net.Listener }

func (p poor) Accept() (net.Conn, error) {
	return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: p.Addr(), Err: syscall.EMFILE}
}

// recvUntil receives until the witness was told.
func recvUntil(k *kit, s *zmq.Socket, w *witness, t told) error {
	_, err := s.Recv(w.await(k, t))
	return err
}

func mistakes() []mistake {
	other, _ := cert.New()
	refusedLine := []string{"ZA0404", "connecting failed", "connection refused", `"type":"PULL"`, `"socket":"in"`, `"endpoint":"tcp://`}
	wrongType := told{zmq.EventDisconnected, "incompatible socket types", []string{"ZA0401", "handshake failed", "PUSH", "PUB"}}
	mechanism := told{zmq.EventHandshakeFailedProtocol, "mechanism", []string{"ZA0401", "handshake failed", "NULL", "CURVE"}}
	noAuth := told{zmq.EventHandshakeFailedNoDetail, "no authenticator in this context", []string{"ZA0402", "peer refused by us", "no authenticator in this context"}}
	noVerdict := told{zmq.EventHandshakeFailedNoDetail, "no verdict on our credentials: the server hung up when it had our credentials, and said nothing about them: it has no authenticator",
		[]string{"ZA0401", "handshake failed", "it has no authenticator (start one there: auth.New; or WithAllowAnyKey), or that does not answer"}}
	serverKey := told{0, "", []string{"ZA0401", "another public key than we expect"}}
	unknownKey := told{zmq.EventHandshakeFailedAuth, "400", []string{"ZA0403", "refused by the peer", "status 400"}}
	silent := told{zmq.EventNoAnswer, "a connection is there, and no handshake", []string{"ZA0405", "no answer", "is it a ZeroMQ socket"}}
	unbound := told{zmq.EventNoAnswer, "nobody has bound it in this Context", []string{"ZA0405", "no answer", "nobody has bound it"}}
	notZMTP := told{zmq.EventHandshakeFailedProtocol, "", []string{"ZA0401", "handshake failed"}}
	return []mistake{
		{name: "wrong port", make: func(k *kit, here, _ *witness) error {
			s := here.open(k, zmq.Pull, zmq.WithName("in"))
			k.ok(s.Connect(k.endpoint()))
			return recvUntil(k, s, here, told{zmq.EventConnectRetried, "connection refused", refusedLine})
		}, call: []string{`recv on PULL "in": no peer: tcp://`, "connection refused"},
			here: told{zmq.EventConnectRetried, "connection refused", refusedLine}},

		{name: "unknown host", make: func(k *kit, here, _ *witness) error {
			s := here.open(k, zmq.Push, zmq.WithImmediate(true))
			k.ok(s.Connect("tcp://no-such-host.invalid:5555"))
			return s.SendString(here.await(k, told{zmq.EventConnectRetried, "no-such-host.invalid", []string{"ZA0404"}}), "x")
		}, call: []string{"send on PUSH: no peer: tcp://no-such-host.invalid:5555", "no-such-host.invalid"},
			here: told{zmq.EventConnectRetried, "no-such-host.invalid", []string{"ZA0404", "no-such-host.invalid"}}},

		{name: "wrong socket type", make: func(k *kit, here, there *witness) error {
			pub := there.open(k, zmq.Pub)
			s := here.open(k, zmq.Push, zmq.WithImmediate(true))
			k.ok(s.Connect(k.bind(pub)))
			return s.SendString(here.await(k, wrongType), "x")
		}, call: []string{"send on PUSH: no peer", "PUSH", "PUB"}, here: wrongType, there: wrongType},

		{name: "security on one side", make: func(k *kit, here, there *witness) error {
			rep := there.open(k, zmq.Rep, zmq.WithCurveServer(serverKeys()), zmq.WithAllowAnyKey(true))
			s := here.open(k, zmq.Req)
			k.ok(s.Connect(k.bind(rep)))
			k.send(s, "ask")
			return recvUntil(k, s, here, mechanism)
		}, call: []string{"recv on REQ: no peer", "NULL", "CURVE"}, here: mechanism,
			there: told{zmq.EventHandshakeFailedProtocol, "mechanism", []string{"ZA0401", "NULL", "CURVE"}}},

		{name: "no authenticator", make: func(k *kit, here, there *witness) error {
			pull := there.open(k, zmq.Pull, zmq.WithCurveServer(serverKeys()))
			s := here.open(k, zmq.Push, zmq.WithCurveClient(clientKeys(), serverKeys().Public()), zmq.WithImmediate(true))
			k.ok(s.Connect(k.bind(pull)))
			there.await(k, noAuth)
			return s.SendString(here.await(k, noVerdict), "x")
		}, call: []string{"send on PUSH: no peer", "no verdict on our credentials", "it has no authenticator"}, here: noVerdict, there: noAuth},

		{name: "no authenticator for passwords", make: func(k *kit, here, there *witness) error {
			pull := there.open(k, zmq.Pull, zmq.WithPlainServer())
			s := here.open(k, zmq.Push, zmq.WithPlainClient("ann", "secret"), zmq.WithImmediate(true))
			k.ok(s.Connect(k.bind(pull)))
			return s.SendString(here.await(k, noVerdict), "x")
		}, call: []string{"send on PUSH: no peer", "no verdict on our credentials"}, here: noVerdict, there: noAuth},

		{name: "bound without an authenticator", make: func(k *kit, here, _ *witness) error {
			_, err := here.open(k, zmq.Pull, zmq.WithName("vault")).Bind("tcp://127.0.0.1:*", zmq.WithCurveServer(serverKeys()))
			return err
		}, here: told{0, "", []string{"ZA0416", "bound with security, and no authenticator", `"socket":"vault"`, `"mechanism":"CURVE"`, "tcp://127.0.0.1:"}}},

		{name: "wrong server key", make: func(k *kit, here, there *witness) error {
			pull := there.open(k, zmq.Pull, zmq.WithCurveServer(serverKeys()), zmq.WithAllowAnyKey(true))
			s := here.open(k, zmq.Push, zmq.WithCurveClient(clientKeys(), other.Public()), zmq.WithImmediate(true))
			k.ok(s.Connect(k.bind(pull)))
			return s.SendString(here.await(k, serverKey), "x")
		}, call: []string{"send on PUSH: no peer", "another public key than we expect"}, here: serverKey,
			there: told{zmq.EventHandshakeFailedProtocol, "", []string{"ZA0401", "handshake failed"}}},

		{name: "unknown client key", make: func(k *kit, here, there *witness) error {
			a, err := auth.New(k.zctx)
			k.ok(err)
			k.Cleanup(func() { a.Close() })
			pull := there.open(k, zmq.Pull, zmq.WithCurveServer(serverKeys()))
			s := here.open(k, zmq.Push, zmq.WithCurveClient(clientKeys(), serverKeys().Public()))
			k.ok(s.Connect(k.bind(pull)))
			return s.WaitConnected(k.ctx, 1)
		}, call: []string{"authentication refused", "400"}, here: unknownKey,
			there: told{zmq.EventHandshakeFailedAuth, "", []string{"ZA0402", "peer refused by us"}}},

		{name: "something that takes connections and is silent", make: func(k *kit, here, _ *witness) error {
			k.zctx.SetNoAnswer(3 * time.Second) // on a busy machine it takes that long until a connection is there
			l, err := net.Listen("tcp", "127.0.0.1:0")
			k.ok(err)
			k.Cleanup(func() { l.Close() })
			s := here.open(k, zmq.Pull)
			k.ok(s.Connect("tcp://" + l.Addr().String()))
			return recvUntil(k, s, here, silent)
		}, call: []string{"recv on PULL: no peer: tcp://127.0.0.1:", "no answer for", "a connection is there, and no handshake: is it a ZeroMQ socket, and not stopped?"}, here: silent},

		{name: "an HTTP server", make: func(k *kit, here, _ *witness) error {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			k.ok(err)
			k.Cleanup(func() { l.Close() })
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					_, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"))
					c.Close()
				}
			}()
			s := here.open(k, zmq.Pull)
			k.ok(s.Connect("tcp://" + l.Addr().String()))
			return recvUntil(k, s, here, told{0, "", notZMTP.line})
		}, call: []string{"recv on PULL: no peer: tcp://127.0.0.1:"}, here: told{0, "", notZMTP.line}},

		{name: "inproc name that nobody has bound", make: func(k *kit, here, _ *witness) error {
			k.zctx.SetNoAnswer(50 * time.Millisecond)
			s := here.open(k, zmq.Pull)
			k.ok(s.Connect("inproc://nowhere"))
			return recvUntil(k, s, here, unbound)
		}, call: []string{"recv on PULL: no peer: inproc://nowhere: no answer for 50ms: nobody has bound it in this Context"}, here: unbound},

		{name: "address in use", make: func(k *kit, here, there *witness) error {
			at := k.bind(there.open(k, zmq.Pull))
			_, err := here.open(k, zmq.Pull).Bind(at)
			return err
		}, call: []string{"bind", "tcp://", "address already in use"}, here: told{zmq.EventBindFailed, "address already in use", nil}},

		{name: "no subscription", make: func(k *kit, here, there *witness) error {
			s := here.open(k, zmq.Sub)
			k.ok(s.Connect(k.bind(there.open(k, zmq.Pub))))
			k.ok(s.WaitConnected(k.ctx, 1))
			_, err := s.Recv(k.impatient(always))
			return err
		}, call: []string{`recv on SUB: it has no subscription: call Subscribe, with "" for everything`}},

		{name: "a slow subscriber", make: func(k *kit, here, there *witness) error {
			pub := here.open(k, zmq.Pub, zmq.WithSendHWM(2), zmq.WithName("ticks"))
			sub := there.open(k, zmq.Sub, zmq.WithRecvHWM(1))
			k.ok(sub.Subscribe(""))
			k.ok(sub.Connect(k.bind(pub)))
			k.ok(pub.WaitSubscribers(k.ctx, "", 1))
			for pub.Stats().Drops.HWM == 0 {
				k.ok(pub.SendBytes(k.ctx, make([]byte, 100_000)))
			}
			return nil
		}, here: told{zmq.EventPeerFull, "", []string{"ZA0408", "messages dropped at the high-water mark", `"socket":"ticks"`, `"type":"PUB"`, `"dropped":`}}},

		{name: "a full peer", make: func(k *kit, here, there *witness) error {
			s := here.open(k, zmq.Push, zmq.WithSendHWM(3), zmq.WithSendTimeout(time.Millisecond))
			k.ok(s.Connect(k.bind(there.open(k, zmq.Pull, zmq.WithRecvHWM(1)))))
			k.ok(s.WaitConnected(k.ctx, 1))
			for {
				// Room may come in the moment of a timeout: it takes some to fill what the kernel takes.
				if err := s.SendBytes(k.ctx, make([]byte, 100_000)); err != nil && strings.Contains(err.Error(), "peers at") {
					return err
				}
			}
		}, call: []string{"send on PUSH: 1 of 1 peers at the high-water mark (SNDHWM 3): they read too slowly, or not at all"}},

		{name: "unknown routing id", make: func(k *kit, here, _ *witness) error {
			s := here.open(k, zmq.Router)
			k.bind(s)
			return s.Send(k.ctx, msg.NewString("nobody", "x"))
		}, here: told{0, "", []string{"ZA0409", "nobody has that routing id", `"dropped":1`}}},

		{name: "unknown routing id, mandatory", make: func(k *kit, here, _ *witness) error {
			s := here.open(k, zmq.Router, zmq.WithRouterMandatory(true))
			k.bind(s)
			return s.Send(k.ctx, msg.NewString("nobody", "x"))
		}, call: []string{"host unreachable", `no peer has routing id "nobody"`}},

		{name: "message too large", passes: true, make: func(k *kit, here, there *witness) error {
			pull := there.open(k, zmq.Pull, zmq.WithMaxMsgSize(1000))
			s := here.open(k, zmq.Push)
			k.ok(s.Connect(k.bind(pull)))
			return s.SendBytes(k.ctx, make([]byte, 2000))
		}, here: told{zmq.EventDisconnected, "refused by the peer", []string{"ZA0407", "message was too large for the peer"}},
			there: told{zmq.EventDisconnected, "message too large", []string{"ZA0406", "message of a peer is too large", "peer"}}},

		{name: "closed before it was sent", passes: true, make: func(k *kit, here, _ *witness) error {
			s := here.open(k, zmq.Push, zmq.WithName("jobs"), zmq.WithLinger(time.Millisecond))
			at := k.endpoint()
			k.ok(s.Connect(at))
			k.until("it was tried", func() bool { return s.Endpoint(at).Attempts > 0 })
			k.send(s, "a")
			k.send(s, "b")
			return s.Close()
		}, call: []string{`2 messages not sent (2 of PUSH "jobs" for tcp://`, "connection refused"},
			here: told{0, "", []string{"ZA0415", "closed with messages unsent", `"socket":"jobs"`, "2 of PUSH", "connection refused"}}},

		{name: "closed while the key is refused", passes: true, make: func(k *kit, here, there *witness) error {
			a, err := auth.New(k.zctx)
			k.ok(err)
			k.Cleanup(func() { a.Close() })
			pull := there.open(k, zmq.Pull, zmq.WithCurveServer(serverKeys()))
			s := here.open(k, zmq.Push, zmq.WithName("jobs"), zmq.WithCurveClient(clientKeys(), serverKeys().Public()), zmq.WithLinger(time.Millisecond))
			at := k.bind(pull)
			k.ok(s.Connect(at))
			k.ok(s.SendString(k.ctx, "a"))
			k.until("it is refused", func() bool { return errors.Is(s.Endpoint(at).Err, zmq.ErrAuth) })
			return s.Close()
		}, call: []string{`1 message not sent (1 of PUSH "jobs" for tcp://`, "authentication refused", "status 400"},
			here:  told{0, "", []string{"ZA0415", "closed with messages unsent", "authentication refused"}},
			there: told{zmq.EventHandshakeFailedAuth, "", []string{"ZA0402", "peer refused by us"}}},

		{name: "the server dies with the request", make: func(k *kit, here, there *witness) error {
			rep := there.open(k, zmq.Rep)
			s := here.open(k, zmq.Req, zmq.WithReqFailFast(true))
			k.ok(s.Connect(k.bind(rep)))
			k.send(s, "ask")
			k.recv(rep)
			k.ok(rep.Close())
			_, err := s.Recv(k.ctx)
			return err
		}, call: []string{"the peer that had the request is gone"}},

		{name: "a REQ that receives before it sends", make: func(k *kit, here, _ *witness) error {
			s := here.open(k, zmq.Req)
			k.bind(s)
			_, err := s.Recv(k.ctx)
			return err
		}, call: []string{"not legal in this state", "recv on REQ"}},

		{name: "a REQ waits for a peer that has died", make: func(k *kit, here, there *witness) error {
			rep := there.open(k, zmq.Rep)
			s := here.open(k, zmq.Req, zmq.WithName("orders"))
			at := k.bind(rep)
			k.ok(s.Connect(at))
			k.send(s, "ask")
			k.recv(rep)
			k.ok(rep.Close())
			k.until("it is gone", func() bool { return s.Stats().Connected == 0 })
			again := k.open(zmq.Rep) // it is back, and knows of no request
			_, err := again.Bind(at)
			k.ok(err)
			_, err = s.Recv(k.impatient(func() bool { return s.Stats().Connected == 1 }))
			return err
		}, call: []string{`recv on REQ "orders": the peer that had the request is gone`, "WithReqRelaxed", "WithReqFailFast"}},

		{name: "routing id in use", make: func(k *kit, here, there *witness) error {
			router := there.open(k, zmq.Router)
			at := k.bind(router)
			k.ok(here.open(k, zmq.Dealer, zmq.WithRoutingID("me")).Connect(at))
			k.until("it is there", func() bool { return router.Stats().Connected == 1 })
			return here.open(k, zmq.Dealer, zmq.WithRoutingID("me")).Connect(at)
		}, here: turnedAway("routing id in use"), there: told{zmq.EventHandshakeFailedNoDetail, "routing id in use", []string{"ZA0422", "peer turned away", "routing id in use"}}},

		{name: "a second peer of a PAIR", make: func(k *kit, here, there *witness) error {
			pair := there.open(k, zmq.Pair)
			at := k.bind(pair)
			k.ok(k.open(zmq.Pair).Connect(at))
			k.until("it is there", func() bool { return pair.Stats().Connected == 1 })
			return here.open(k, zmq.Pair).Connect(at)
		}, here: turnedAway("the socket has its one peer"), there: told{zmq.EventHandshakeFailedNoDetail, "one peer", []string{"ZA0422", "peer turned away", "the socket has its one peer"}}},

		{name: "send on a PULL", make: func(k *kit, here, _ *witness) error {
			return here.open(k, zmq.Pull, zmq.WithName("in")).SendString(k.ctx, "x")
		}, call: []string{"not supported", `PULL "in"`}},

		{name: "neither bound nor connected", make: func(k *kit, here, _ *witness) error {
			_, err := here.open(k, zmq.Pull).Recv(k.impatient(always))
			return err
		}, call: []string{"recv on PULL: no peer: the socket is neither bound nor connected"}},

		{name: "a DEALER that sends no empty frame to a REP", make: func(k *kit, here, there *witness) error {
			rep := there.open(k, zmq.Rep)
			s := here.open(k, zmq.Dealer)
			k.ok(s.Connect(k.bind(rep)))
			k.send(s, "ask")
			_, err := rep.Recv(there.await(k, told{0, "", []string{"ZA0412"}}))
			if err != nil {
				err = nil // it waits for a proper request
			}
			return err
		}, there: told{0, "", []string{"ZA0412", "messages received without a proper envelope", `"dropped":1`}}},

		{name: "an endpoint without a port", make: func(k *kit, here, _ *witness) error {
			return here.open(k, zmq.Pull).Connect("tcp://127.0.0.1")
		}, call: []string{"invalid endpoint", "tcp://127.0.0.1", "port"}},

		{name: "an unknown transport", make: func(k *kit, here, _ *witness) error {
			return here.open(k, zmq.Pull).Connect("http://127.0.0.1:80")
		}, call: []string{"invalid endpoint", "http"}},

		{name: "an option out of its rule", make: func(k *kit, here, _ *witness) error {
			_, err := zmq.New(k.zctx, zmq.Pull, zmq.WithRecvHWM(-1))
			return err
		}, call: []string{"invalid option", "RCVHWM", "-1", "must be 0 (no limit) or more"}},

		{name: "wrong password", make: func(k *kit, here, there *witness) error {
			passwords := new(auth.Passwords)
			k.ok(passwords.Set("ann", "right"))
			a, err := auth.New(k.zctx)
			k.ok(err)
			k.Cleanup(func() { a.Close() })
			a.Plain(auth.AnyDomain, passwords)
			pull := there.open(k, zmq.Pull, zmq.WithPlainServer())
			s := here.open(k, zmq.Push, zmq.WithPlainClient("ann", "wrong"))
			k.ok(s.Connect(k.bind(pull)))
			return s.WaitConnected(k.ctx, 1)
		}, call: []string{"authentication refused", "400"},
			here:  told{zmq.EventHandshakeFailedAuth, "400", []string{"ZA0403", "refused by the peer", "status 400"}},
			there: told{zmq.EventHandshakeFailedAuth, "", []string{"ZA0402", "peer refused by us"}}},

		{name: "unknown domain", make: func(k *kit, here, there *witness) error {
			a, err := auth.New(k.zctx)
			k.ok(err)
			k.Cleanup(func() { a.Close() })
			a.Curve("inside", cert.NewMemStore(clientKeys()))
			pull := there.open(k, zmq.Pull, zmq.WithCurveServer(serverKeys()), zmq.WithZAPDomain("outside"))
			s := here.open(k, zmq.Push, zmq.WithCurveClient(clientKeys(), serverKeys().Public()))
			k.ok(s.Connect(k.bind(pull)))
			return s.WaitConnected(k.ctx, 1)
		}, call: []string{"authentication refused", "400"}, here: unknownKey,
			there: told{zmq.EventHandshakeFailedAuth, "knows no keys", []string{"ZA0402", "peer refused by us", "outside", "knows no keys"}}},

		{name: "too many parts", passes: true, make: func(k *kit, here, there *witness) error {
			pull := there.open(k, zmq.Pull, zmq.WithMaxParts(2))
			s := here.open(k, zmq.Push)
			k.ok(s.Connect(k.bind(pull)))
			return s.Send(k.ctx, msg.NewString("a", "b", "c"))
		}, here: told{zmq.EventDisconnected, "refused by the peer", []string{"ZA0407", "message was too large for the peer"}},
			there: told{zmq.EventDisconnected, "", []string{"ZA0406", "message of a peer is too large"}}},

		{name: "a secret file that others may read", make: func(k *kit, _, _ *witness) error {
			c, err := cert.New()
			k.ok(err)
			path := filepath.Join(k.TempDir(), "key")
			k.ok(c.Save(path))
			k.ok(os.Chmod(path+"_secret", 0o644))
			_, err = cert.Load(path)
			return err
		}, call: []string{"cert: load ", "secret file is open to others", "its mode is 0644: must be 0600: chmod 600 ", "key_secret"}},

		{name: "a swap folder that is a file", make: func(k *kit, here, there *witness) error {
			dir := filepath.Join(k.TempDir(), "no", "such", "folder")
			k.ok(os.MkdirAll(filepath.Dir(dir), 0o700))
			k.ok(os.WriteFile(dir, nil, 0o600)) // a file stands where the folder should be
			s := here.open(k, zmq.Push, zmq.WithName("spool"), zmq.WithSendHWM(1), zmq.WithSwap(dir, 0))
			return s.Connect(k.endpoint())
		}, call: []string{`zmq: connect "tcp://`, "swap", "not a directory", "folder"}},

		{name: "PLAIN and CURVE", make: func(k *kit, here, there *witness) error {
			pull := there.open(k, zmq.Pull, zmq.WithCurveServer(serverKeys()), zmq.WithAllowAnyKey(true))
			s := here.open(k, zmq.Push, zmq.WithPlainClient("ann", "secret"))
			k.ok(s.Connect(k.bind(pull)))
			return s.WaitConnected(here.await(k, told{mechanism.event, "PLAIN", []string{"ZA0401", "PLAIN", "CURVE"}}), 1)
		}, call: []string{"no peer", "mechanism mismatch: ours is PLAIN, the peer's is \"CURVE\""},
			here:  told{mechanism.event, "PLAIN", []string{"ZA0401", "PLAIN", "CURVE"}},
			there: told{mechanism.event, "CURVE", []string{"ZA0401", "PLAIN", "CURVE"}}},

		{name: "an address that the filter does not let in", make: func(k *kit, here, there *witness) error {
			pull := there.open(k, zmq.Pull, zmq.WithTCPAcceptFilter("192.0.2.0/24"))
			return here.open(k, zmq.Push).Connect(k.bind(pull))
		}, there: told{zmq.EventAcceptFailed, "the accept filters do not let it in", []string{"ZA0422", "peer turned away", "the accept filters do not let it in"}}},

		{name: "no descriptor is left", make: func(k *kit, here, _ *witness) error {
			zctx := zmq.NewContext(k.ctx, zmq.WithNetwork(exhausted{}))
			k.Cleanup(func() { zctx.Close() })
			in := *k
			in.zctx = zctx
			_, err := here.open(&in, zmq.Pull).Bind("tcp://127.0.0.1:*")
			return err
		}, here: told{zmq.EventAcceptFailed, "too many open files", []string{"ZA0417", "connections can't be accepted", "too many open files"}}},

		{name: "a peer that leaves before it has read", make: func(k *kit, here, there *witness) error {
			s := here.open(k, zmq.Push, zmq.WithName("jobs"))
			pull := there.open(k, zmq.Pull, zmq.WithRecvHWM(1))
			k.ok(pull.Connect(k.bind(s)))
			k.ok(s.WaitConnected(k.ctx, 1))
			for range 100 { // more than the kernel takes
				k.ok(s.SendBytes(k.ctx, make([]byte, 100_000)))
			}
			return pull.Close()
		}, here: told{0, "", []string{"ZA0410", "messages lost with a peer", `"socket":"jobs"`}}},

		{name: "a message to a socket that only sends", make: func(k *kit, here, there *witness) error {
			pub := there.open(k, zmq.Pub, zmq.WithName("ticks"))
			s := here.open(k, zmq.XSub)
			k.ok(s.Connect(k.bind(pub)))
			k.ok(s.WaitConnected(k.ctx, 1))
			return s.SendString(k.ctx, "hello")
		}, there: told{0, "", []string{"ZA0411", "messages received that this type does not take", `"socket":"ticks"`}}},

		{name: "closing waits for a peer that is not there", passes: true, make: func(k *kit, here, _ *witness) error {
			s := here.open(k, zmq.Push, zmq.WithName("jobs"))
			at := k.endpoint()
			k.ok(s.Connect(at))
			k.send(s, "a")
			k.until("it was tried", func() bool { return s.Endpoint(at).Attempts > 0 })
			return s.Shutdown(here.await(k, told{line: []string{"ZA0414"}}))
		}, call: []string{`1 message not sent (1 of PUSH "jobs" for tcp://`, "connection refused"},
			here: told{0, "", []string{"ZA0414", "closing still waits", `"socket":"jobs"`, `"queued":1`, "connection refused"}}},

		{name: "a subscriber that was away for too long", make: func(k *kit, here, there *witness) error {
			pub := there.open(k, zmq.Pub, zmq.WithDurableBounds(2, 0, 0))
			at := k.bind(pub)
			first := k.open(zmq.Sub, zmq.WithDurable("ledger"))
			k.ok(first.Subscribe(""))
			k.ok(first.Connect(at))
			k.ok(pub.WaitSubscribers(k.ctx, "", 1))
			k.send(pub, "0")
			k.want(first, "0")
			k.until("it is acknowledged", func() bool { return pub.Stats().Queued == 0 })
			k.ok(first.Close())
			k.until("it is gone", func() bool { return pub.Stats().Connected == 0 })
			for range 5 {
				k.send(pub, "x")
			}
			s := here.open(k, zmq.Sub, zmq.WithDurable("ledger"))
			k.ok(s.Subscribe(""))
			return s.Connect(at)
		}, here: told{zmq.EventGap, "", []string{"ZA0418", "messages were lost on their way to us"}}},

		{name: "a topic that is too long", make: func(k *kit, here, there *witness) error {
			pub := there.open(k, zmq.Pub, zmq.WithMaxTopic(8))
			s := here.open(k, zmq.Sub)
			k.ok(s.Subscribe("a long topic"))
			return s.Connect(k.bind(pub))
		}, here: told{zmq.EventTopicRefused, "a long topic", []string{"ZA0424", "subscription not entered", "a long topic"}},
			there: told{zmq.EventTopicRefused, "a long topic", []string{"ZA0424", "subscription not entered", "a long topic"}}},

		{name: "Panic in a hook of the program", make: func(k *kit, here, _ *witness) error {
			f := &fuse{how: func() { panic("the value") }}
			f.left.Store(2)
			zctx := zmq.NewContext(k.ctx, zmq.WithNetwork(&fragile{map[string]*fuse{"Read": f}}))
			k.Cleanup(func() { zctx.Close() })
			in := *k
			in.zctx = zctx
			at, err := here.open(&in, zmq.Pull).Bind("tcp://127.0.0.1:*")
			k.ok(err)
			return k.open(zmq.Push).Connect(at)
		}, here: told{zmq.EventPanic, "the value", []string{"ZA0420", "panicked, and was contained", "the value"}}},

		{name: "a call on a closed socket", make: func(k *kit, here, _ *witness) error {
			s := here.open(k, zmq.Pull)
			k.ok(s.Close())
			_, err := s.Recv(k.ctx)
			return err
		}, call: []string{"socket closed"}},
	}
}

// A server that has nobody to judge who comes says so wherever it is looked at, and its
// client where that is.
func TestNoAuthenticatorIsSeen(t *testing.T) {
	k := alone(t, "tcp")
	pull := k.open(zmq.Pull, zmq.WithCurveServer(serverKeys()))
	at := k.bind(pull)
	push := k.open(zmq.Push, zmq.WithCurveClient(clientKeys(), serverKeys().Public()))
	k.ok(push.Connect(at))
	k.until("both say why", func() bool {
		here := push.Endpoint(at)
		there := pull.Endpoint(at)
		return errors.Is(here.Err, zmq.ErrNoVerdict) && there.Err != nil && strings.Contains(there.Err.Error(), "no authenticator in this context")
	})
	if f := pull.Stats().Failures; f.Total() == 0 {
		t.Errorf("the server counts no failure: %v", f)
	}
	if f := push.Stats().Failures; f.Total() == 0 {
		t.Errorf("the client counts no failure: %v", f)
	}
}
