package mdns

import (
	"errors"
	"iter"
	"net"
	"testing"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/ztest"
)

// These tests are not parallel: a disaster strikes whichever node is there first.

// found waits for a service, for as long as mDNS repeats its questions.
func found(t testing.TB, instance string, opts ...Option) {
	t.Helper()
	b, err := Browse(t.Context(), "_zre._tcp", opts...)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	got := make(chan struct{})
	go func() {
		for e := range b.Events(t.Context()) {
			if e.Service.Instance == instance {
				close(got)
				return
			}
		}
	}()
	ztest.Soon(t, instance+" is found", got)
}

// A packet, a turn or a look at the interfaces that panics is over: what was missed is
// said again.
func TestTasksAreContained(t *testing.T) {
	for _, where := range []string{"mdns: packet", "mdns: decode", "mdns: turn", "mdns: rescan", "mdns: command"} {
		t.Run(where, func(t *testing.T) {
			opts := append(mdnsLoopback(t), WithRescan(20*time.Millisecond))
			hit, stop := contain.Disaster(where, 1)
			defer stop()
			a := announce(t, Service{Instance: "one", Type: "_zre._tcp", Port: 1}, opts...)
			if where == "mdns: command" { // that was the first
				_ = a.Add(Service{Instance: "one", Type: "_zre._tcp", Port: 1})
			}
			found(t, "one", opts...)
			ztest.Soon(t, where, hit)
		})
	}
}

// A node that loses the goroutine of its machine says ErrClosed, and one that loses a
// socket's goes on with the others.
func TestGoroutinesAreContained(t *testing.T) {
	opts := mdnsLoopback(t)
	hit, stop := contain.Disaster("mdns: run", 1)
	a, err := Announce(t.Context(), Service{Instance: "one", Type: "_zre._tcp", Port: 1}, opts...)
	ztest.Soon(t, "the loss", hit)
	stop()
	if err == nil {
		err = a.Add(Service{Instance: "two", Type: "_zre._tcp", Port: 1})
		defer a.Close()
	}
	if !errors.Is(err, ErrClosed) {
		t.Errorf("Add = %v, want ErrClosed", err)
	}
	hit, stop = contain.Disaster("mdns: listen", 1)
	defer stop()
	b, err := Announce(t.Context(), Service{Instance: "three", Type: "_zre._tcp", Port: 1}, opts...)
	if err != nil {
		t.Fatal(err)
	}
	ztest.Soon(t, "the loss", hit)
	if err := b.Add(Service{Instance: "four", Type: "_zre._tcp", Port: 1}); err != nil {
		t.Error(err)
	}
	b.Close()
}

// WithInterfaces: one for which it panics is left out.
func TestHooksAreContained(t *testing.T) {
	opts := mdnsLoopback(t)
	a := announce(t, Service{Instance: "one", Type: "_zre._tcp", Port: 1}, append(opts, WithInterfaces(func(net.Interface) bool { panic("disaster") }))...)
	if err := a.Add(Service{Instance: "two", Type: "_zre._tcp", Port: 1}); err != nil {
		t.Error(err)
	}
	if a.node.config.tasks.Panics() == 0 {
		t.Error("it was not counted")
	}
}

// A Discoverer goes on after a service that panics, and ends without its goroutine.
func TestDiscovererIsContained(t *testing.T) {
	opts := mdnsLoopback(t)
	announce(t, Service{Instance: "one", Type: "_zre._tcp", Port: 1}, opts...)
	hit, stop := contain.Disaster("mdns: service", 1)
	d, err := New(t.Context(), "_zre._tcp", opts...)
	if err != nil {
		t.Fatal(err)
	}
	ztest.Soon(t, "the service", hit)
	stop()
	announce(t, Service{Instance: "two", Type: "_zre._tcp", Port: 2}, opts...)
	next, end := iter.Pull(d.Events(ztest.Within(t)))
	if e, ok := next(); !ok || e.Kind != beacon.Found || e.Peer.ID != "two" {
		t.Errorf("found %+v, %v", e, ok)
	}
	end()
	d.Close()
	hit, stop = contain.Disaster("mdns: follow", 1)
	defer stop()
	d, err = New(t.Context(), "_zre._tcp", opts...)
	if err != nil {
		t.Fatal(err)
	}
	ztest.Soon(t, "the loss", hit)
	ztest.Soon(t, "the end", d.life.Done())
}
