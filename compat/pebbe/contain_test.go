package zmq4_test

import (
	"errors"
	"log"
	"runtime"
	"testing"
	"time"

	zmq "github.com/go-zactor/zactor/compat/pebbe"
)

var disasters = map[string]func(){"panic": func() { panic("disaster") }, "goexit": runtime.Goexit}

type badWriter func()

func (w badWriter) Write(p []byte) (int, error) { w(); return len(p), nil }

// Whatever the program's handler, or its log, does in the authenticator, one peer is
// refused; the next one is let in.
func TestAuthIsContained(t *testing.T) {
	defer log.SetOutput(log.Writer())
	for name, how := range disasters {
		for place, spoil := range map[string]func(func()){
			"handler": func(how func()) {
				zmq.AuthSetMetadataHandler(func(_, _, _, _, _, _ string, _ ...string) map[string]string { how(); return nil })
			},
			"log": func(how func()) {
				zmq.AuthSetVerbose(true)
				log.SetOutput(badWriter(how))
			},
		} {
			t.Run(place+"/"+name, func(t *testing.T) {
				k := newKit(t)
				k.started()
				k.Cleanup(func() { zmq.AuthSetVerbose(false) })
				zmq.AuthPlainAdd("*", "ada", "secret")
				_, events, endpoint := k.server(func(s *zmq.Socket) error { return s.ServerAuthPlain("x") })
				ada := func(s *zmq.Socket) error { return s.ClientAuthPlain("ada", "secret") }
				spoil(how)
				if k.tries(events, endpoint, ada) {
					t.Error("it lets everybody in")
				}
				spoil(func() {})
				if !k.tries(events, endpoint, ada) {
					t.Error("it lets nobody in any more")
				}
				zmq.AuthStop()
				k.ok(zmq.AuthStart()) // its place is free
			})
		}
	}
}

// What a reactor calls runs in the caller of its Run and reaches that; the reactor can be
// run again, and what came meanwhile is there.
func TestReactorIsContained(t *testing.T) {
	enough := errors.New("enough")
	for place, add := range map[string]func(k *kit, r *zmq.Reactor, handle func() error){
		"channel": func(_ *kit, r *zmq.Reactor, handle func() error) {
			c := make(chan any, 2)
			c <- 1
			c <- 2
			r.AddChannel(c, 1, func(any) error { return handle() })
		},
		"clock": func(_ *kit, r *zmq.Reactor, handle func() error) {
			c := make(chan time.Time, 2)
			c <- time.Time{}
			c <- time.Time{}
			r.AddChannelTime(c, 1, func(any) error { return handle() })
		},
		"socket": func(k *kit, r *zmq.Reactor, handle func() error) {
			pull, push := k.pair(zmq.PULL, zmq.PUSH)
			k.send(push, "1")
			k.send(push, "2")
			r.AddSocket(pull, zmq.POLLIN, func(zmq.State) error {
				if _, err := pull.Recv(0); err != nil {
					return err
				}
				return handle()
			})
		},
	} {
		t.Run(place, func(t *testing.T) {
			k, r, calls := newKit(t), zmq.NewReactor(), 0
			add(k, r, func() error {
				if calls++; calls == 1 {
					panic(enough)
				}
				return enough
			})
			func() {
				defer func() {
					if v := recover(); v != enough {
						t.Errorf("Run's caller gets %v", v)
					}
				}()
				_ = r.Run(time.Millisecond)
			}()
			if err := r.Run(time.Millisecond); err != enough || calls != 2 {
				t.Errorf("run again: %v after %d calls", err, calls)
			}
		})
	}
}
