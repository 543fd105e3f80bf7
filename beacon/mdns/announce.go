package mdns

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/go-zactor/zactor/beacon/internal/lan"
	"github.com/go-zactor/zactor/beacon/mdns/internal/dnssd"
	"github.com/go-zactor/zactor/internal/lifetime"
)

// An Announcer keeps services known on the local network. Its methods may be called
// from any goroutine.
type Announcer struct {
	node      *node
	responder *dnssd.Responder // belongs to the node's goroutine
	unicast   *unicastServers  // belongs to the node's goroutine
	life      *lifetime.Life

	mu      sync.Mutex
	names   map[serviceKey]naming // guarded by mu
	changed chan struct{}         // guarded by mu; closed and replaced when names changes
	version int                   // belongs to the node's goroutine; of the responder, when names was taken
}

// A serviceKey is what a service was added under.
type serviceKey struct{ instance, kind string }

func keyOf(instance, kind string) serviceKey { return serviceKey{instance, strings.ToLower(kind)} }

// A naming is what a service is called and whether that has been announced.
type naming struct {
	name      string
	announced bool
}

// Announce makes a service known by multicast DNS and DNS-SD (RFC 6762, RFC 6763) on
// every usable interface, over IPv4 and IPv6: Bonjour, avahi and [Browse] find it.
// It asks whether the name is free (three times, a quarter of a second apart), takes
// "name (2)" if it is not, announces the service twice, answers questions about it,
// and defends it. An interface that comes later is told too.
//
// It returns at once; [Announcer.Wait] waits until the service is announced. When ctx
// ends or Close is called a goodbye is sent, and everything is released.
//
// Errors: ErrInvalidOption, ErrInvalidService, or that of opening the port.
//
// One Announcer can hold many services, see [Announcer.Add]. Questions for a unicast
// answer are answered by a server of github.com/hashicorp/mdns on each interface; all
// others, the probes, announcements and goodbyes are this package's own.
func Announce(ctx context.Context, s Service, opts ...Option) (*Announcer, error) {
	a, err := newAnnouncer(opts)
	if err != nil {
		return nil, err
	}
	a.node.start(a.farewell)
	a.life = lifetime.New(ctx, "mdns", a.end)
	if err := a.Add(s); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

func newAnnouncer(opts []Option) (*Announcer, error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	random := newRandom()
	host := cmp.Or(c.host, fmt.Sprintf("%s-%06x", hostLabel(), random.Uint32()>>8))
	r, err := dnssd.NewResponder(host, c.life, random)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidOption, err)
	}
	a := &Announcer{responder: r, names: make(map[serviceKey]naming), changed: make(chan struct{})}
	if a.node, err = newNode(c, r); err != nil {
		return nil, err
	}
	a.node.name = "announce " + host
	a.node.after = a.publish
	a.unicast = newUnicastServers(c)
	a.node.lookedAt = func(targets []lan.Target) { r.Delegated = a.unicast.follow(targets) }
	return a, nil
}

// hostLabel is the system's name, without its domain, short enough for what is added.
func hostLabel() string {
	name, _ := os.Hostname()
	name, _, _ = strings.Cut(name, ".")
	return cmp.Or(strings.ToValidUTF8(name[:min(len(name), 40)], ""), "zactor")
}

// farewell is the last thing that the node's goroutine does.
func (a *Announcer) farewell() {
	a.unicast.shutdown()
	a.responder.Bye()
}

// publish lets others see what the responder has come to.
func (a *Announcer) publish() {
	v := a.responder.Version()
	if v == a.version {
		return
	}
	a.version = v
	a.unicast.zone.Store(a.responder.Zone())
	a.mu.Lock()
	defer a.mu.Unlock()
	for key := range a.names {
		name, announced := a.responder.Label(key.instance, key.kind)
		a.names[key] = naming{name, announced}
	}
	close(a.changed)
	a.changed = make(chan struct{})
}

// Add makes another service known. Two services of one Announcer may have the same
// instance name if their types differ.
func (a *Announcer) Add(s Service) error {
	return a.change(s, func(r dnssd.Service) error { return a.responder.Add(time.Now(), r) })
}

// Update replaces the port, the text and the subtypes of a service that was added
// under the same instance and type, and adds it if there is none.
func (a *Announcer) Update(s Service) error {
	return a.change(s, func(r dnssd.Service) error { return a.responder.Update(time.Now(), r) })
}

func (a *Announcer) change(s Service, do func(dnssd.Service) error) error {
	r, err := s.record()
	if err == nil {
		err = a.apply(r, do)
	}
	if errors.Is(err, dnssd.ErrTaken) {
		err = fmt.Errorf("%w: %w", ErrInvalidService, err)
	}
	return err
}

// apply runs do on the node's goroutine.
func (a *Announcer) apply(r dnssd.Service, do func(dnssd.Service) error) error {
	var refused error
	closed := a.node.do(func() {
		if refused = do(r); refused != nil {
			return
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		a.names[keyOf(r.Instance, r.Type)] = naming{name: r.Instance}
	})
	return cmp.Or(closed, refused)
}

// Remove says goodbye to a service that was added under this instance and type. One
// that is not there is none.
func (a *Announcer) Remove(instance, serviceType string) {
	kind, err := dnssd.ParseType(serviceType)
	if err != nil {
		return
	}
	_ = a.node.do(func() { // a closed one has said goodbye already
		a.responder.Remove(instance, kind)
		a.mu.Lock()
		delete(a.names, keyOf(instance, kind))
		a.mu.Unlock()
	})
}

// Name returns what a service that was added under this instance and type is called
// now: the same, or "instance (2)" if that was taken. It is "" for one that was not
// added.
func (a *Announcer) Name(instance, serviceType string) string {
	kind, _ := dnssd.ParseType(serviceType)
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.names[keyOf(instance, kind)].name
}

// Wait returns when every service has been announced on at least one interface, which
// takes about a second. It returns the error of ctx, or ErrClosed.
func (a *Announcer) Wait(ctx context.Context) error {
	for {
		ready, changed := a.ready()
		if ready {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("mdns: wait for announcement: %w", ctx.Err())
		case <-a.node.done:
			return ErrClosed
		}
	}
}

func (a *Announcer) ready() (bool, <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, n := range a.names {
		if !n.announced {
			return false, a.changed
		}
	}
	return true, a.changed
}

// Close says goodbye to all services and releases everything. It may be called more
// than once.
func (a *Announcer) Close() error { return a.life.Close() }

// Shutdown is Close for at most as long as ctx.
func (a *Announcer) Shutdown(ctx context.Context) error { return a.life.Shutdown(ctx) }

// end is what Close does.
func (a *Announcer) end(context.Context) error {
	a.node.close()
	return nil
}
