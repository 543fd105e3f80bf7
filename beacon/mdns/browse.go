package mdns

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"

	"github.com/go-zactor/zactor/beacon/mdns/internal/dnssd"
	"github.com/go-zactor/zactor/internal/feed"
	"github.com/go-zactor/zactor/internal/lifetime"
)

// A Browser searches the local network for services of one type. Its methods may be
// called from any goroutine.
type Browser struct {
	node *node
	feed *feed.Keyed[dnssd.Key, dnssd.Finding, ServiceEvent]
	life *lifetime.Life
}

// Browse begins to search for services of a type, "_zre._tcp" or, for a subtype,
// "_gpu._sub._zre._tcp", by multicast DNS (RFC 6762) on every usable interface, over
// IPv4 and IPv6. The end of ctx ends the search as Close does.
//
// The search is continuous: the question is repeated at growing intervals with the
// answers that are known, and what is known is asked for again before it expires. What is
// found is what something on the network has said.
//
// Errors: ErrInvalidOption, ErrInvalidService, or that of opening the port.
func Browse(ctx context.Context, serviceType string, opts ...Option) (*Browser, error) {
	b, err := newBrowser(serviceType, opts)
	if err != nil {
		return nil, err
	}
	b.node.start(func() {})
	b.life = lifetime.New(ctx, "mdns", b.end)
	return b, nil
}

func newBrowser(serviceType string, opts []Option) (*Browser, error) {
	c, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	kind, err := dnssd.ParseType(serviceType)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidService, err)
	}
	b := &Browser{feed: feed.NewKeyed(sameFinding, serviceEvent)}
	if b.node, err = newNode(c, dnssd.NewBrowser(kind, c.limit, newRandom(), b.feed.Set, b.feed.Delete)); err != nil {
		return nil, err
	}
	b.node.name = "browse " + serviceType
	b.node.deaf = true
	b.node.withOneShots()
	return b, nil
}

func sameFinding(a, b dnssd.Finding) bool {
	return a.Interface == b.Interface && a.Instance == b.Instance && a.Type == b.Type && a.Host == b.Host &&
		a.Port == b.Port && slices.Equal(a.Text, b.Text) && slices.Equal(a.Addrs, b.Addrs)
}

// newRandom is for delays and names that need only differ from those of others.
func newRandom() *rand.Rand { return rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())) }

// Events returns the services that are known at the call as Found, and then every change,
// until ctx ends or the Browser is closed. A service is Found when its name, port, text
// and an address are known, Changed when one of them is another, and Lost by its goodbye,
// because it was not renewed in time, or with its interface. A slow reader is told the
// outcome of what it has missed. Ranging again goes on where the first loop stopped.
func (b *Browser) Events(ctx context.Context) iter.Seq[ServiceEvent] { return b.feed.Events(ctx) }

// Chan is Events as a channel, for use in a select. Asked for again with the same ctx
// it is the same channel. It is closed when ctx ends, or when the Browser is closed and
// all is received: whoever stops receiving before must end ctx.
func (b *Browser) Chan(ctx context.Context) <-chan ServiceEvent { return b.feed.Chan(ctx) }

// Close ends the search and all subscriptions. It may be called more than once.
func (b *Browser) Close() error { return b.life.Close() }

// Shutdown is Close for at most as long as ctx.
func (b *Browser) Shutdown(ctx context.Context) error { return b.life.Shutdown(ctx) }

// end is what Close does.
func (b *Browser) end(context.Context) error {
	b.node.close()
	b.feed.Close()
	return nil
}
