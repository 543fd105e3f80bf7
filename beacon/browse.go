package beacon

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"

	"github.com/go-zactor/zactor/beacon/internal/dnssd"
	"github.com/go-zactor/zactor/beacon/internal/feed"
)

// Browse searches the local network for services of a type, "_zre._tcp" or, for a
// subtype, "_gpu._sub._zre._tcp", by multicast DNS (RFC 6762) on every usable
// interface, over IPv4 and IPv6. It yields each service when its name, port, text and
// an address are known, again when one of them changes, and when it is lost: by its
// goodbye, because nobody has renewed it in time, or with its interface.
//
// The search begins when the loop does, and ends with the loop or ctx; each loop over
// the iterator is a search of its own. It is continuous: the question is repeated at
// growing intervals with the answers that are known, and what is known is asked for
// again before it expires. A slow loop holds nothing up: it is told the outcome of
// what it has missed.
//
// Of the options, those that choose interfaces apply, and WithRescan, WithRateLimit
// (packets a second that are looked at), WithMaxPeers, WithLogger, and WithPort for a
// world apart from that of port 5353. If the search can't begin, the only event is a
// Failed one. What is found is what somebody on the network has said: see "Trust" in
// the package's documentation.
func Browse(ctx context.Context, serviceType string, opts ...Option) iter.Seq[ServiceEvent] {
	return func(yield func(ServiceEvent) bool) {
		s, err := newSearch(serviceType, opts)
		if err != nil {
			yield(ServiceEvent{Kind: Failed, Err: fmt.Errorf("beacon: browse: %w", err)})
			return
		}
		defer s.node.close()
		s.node.start(func() {})
		for c := range s.feed.Watch(ctx) {
			if !yield(eventOf(EventKind(c.Kind), c.Value)) {
				return
			}
		}
	}
}

// A search is one loop over what Browse returns.
type search struct {
	node *mdnsNode
	feed *feed.Feed[dnssd.Key, dnssd.Finding]
}

func newSearch(serviceType string, opts []Option) (*search, error) {
	c, err := newMDNSConfig(opts)
	if err != nil {
		return nil, err
	}
	kind, err := dnssd.ParseType(serviceType)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidService, err)
	}
	s := &search{feed: feed.New[dnssd.Key](sameFinding)}
	browser := dnssd.NewBrowser(kind, c.limit, newRandom(), s.feed.Set, s.feed.Delete)
	if s.node, err = newMDNSNode(c, browser); err != nil {
		return nil, err
	}
	s.node.withOneShots()
	return s, nil
}

func sameFinding(a, b dnssd.Finding) bool {
	return a.Interface == b.Interface && a.Instance == b.Instance && a.Type == b.Type && a.Host == b.Host &&
		a.Port == b.Port && slices.Equal(a.Text, b.Text) && slices.Equal(a.Addrs, b.Addrs)
}

// newRandom is for delays and names that need only differ from those of others.
func newRandom() *rand.Rand { return rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())) }
