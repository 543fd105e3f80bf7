package beacon

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"net/netip"
	"slices"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/feed"
)

// A Peer is what a program says of itself: its name, where it can be reached, and what
// else its peers should know.
type Peer struct {
	ID        string            // unique among all peers, and the same in every Discoverer
	Endpoints []string          // "tcp://10.1.2.3:5670", the best first
	Values    map[string]string // anything
}

// Clone returns a copy that shares nothing with p.
func (p Peer) Clone() Peer {
	return Peer{p.ID, slices.Clone(p.Endpoints), maps.Clone(p.Values)}
}

// Equal reports whether two peers say the same, the endpoints in the same order.
func (p Peer) Equal(o Peer) bool {
	return p.ID == o.ID && slices.Equal(p.Endpoints, o.Endpoints) && maps.Equal(p.Values, o.Values)
}

// A Sighting says where a peer was heard.
type Sighting struct {
	Source    string     // the Discoverer's Source
	Interface string     // of this host; "" where there is none to name
	From      netip.Addr // the sender; the zero value where there is none
}

// A PeerEvent says that a peer was found, has changed or was lost at one place: a peer
// that is heard on two interfaces, or from two addresses, is found at each, and lost
// at each.
type PeerEvent struct {
	Kind  EventKind
	Peer  Peer // the receiver's own; with Lost, what was known last
	Where Sighting
	Err   error // of Failed, which is the last event
}

// An EventKind says what has happened.
type EventKind uint8

// The kinds of events. Lost carries what was known last.
const (
	Found   EventKind = iota + 1 // a peer is new
	Changed                      // it says something else about itself
	Lost                         // it has gone, or was not heard for too long
	Failed                       // the Discoverer has failed, and nothing will follow
)

// String returns the kind in lower case.
func (k EventKind) String() string {
	switch k {
	case Found:
		return "found"
	case Changed:
		return "changed"
	case Lost:
		return "lost"
	case Failed:
		return "failed"
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// A Discoverer makes this process known in one way, and finds others in the same.
// UDP, MDNS and Static are Discoverers; gossip, memberlist or a registry can be.
//
// For those who write one: all methods may be called from any goroutine. A [PeerTable]
// does most of the work.
type Discoverer interface {
	// Source names the way: "udp", "mdns". It is the Source of all Sightings.
	Source() string

	// Announce makes self known until Close, in place of what was announced before. It
	// returns an error wrapping ErrInvalidPeer or ErrTooLarge if self can't be said
	// in this way, and does not wait until any peer has heard it. An endpoint whose host
	// is "*" means all addresses of this host: the peers put the one in its place from
	// which they heard it. A closed Discoverer that has something to close returns
	// ErrClosed.
	Announce(ctx context.Context, self Peer) error

	// Events returns the peers that are known at the call as Found, and then every
	// change, until ctx ends or the Discoverer is closed. The announced peer itself is
	// not among them. The events of a peer at one Sighting are Found, any number of
	// Changed, and Lost, and so on; a reader that is slow may miss steps, but not the
	// outcome. Each call is a subscription of its own: it begins at the call, and
	// ranging again goes on where the first loop stopped.
	Events(ctx context.Context) iter.Seq[PeerEvent]

	// Close takes back what was announced, as far as the way has words for that, ends
	// all subscriptions, and releases everything. It may be called more than once.
	Close() error
}

// A PeerTable is what Discoverers are made of: they post what they hear, and the readers
// of Events get it, however slow they are, from memory that grows with the number of
// peers only. Its methods may be called from any goroutine.
type PeerTable struct {
	source string
	self   atomic.Pointer[string] // the ID that is not shown
	feed   *feed.Keyed[place, PeerEvent, PeerEvent]
}

// A place is where a peer is known.
type place struct {
	id    string
	where Sighting
}

// NewPeerTable makes an empty PeerTable for a Discoverer's source.
func NewPeerTable(source string) *PeerTable {
	return &PeerTable{source: source, feed: feed.NewKeyed(samePeer, peerEvent)}
}

func peerEvent(c feed.Change[place, PeerEvent]) PeerEvent {
	return PeerEvent{Kind: EventKind(c.Kind), Peer: c.Value.Peer.Clone(), Where: c.Value.Where}
}

func samePeer(a, b PeerEvent) bool { return a.Peer.Equal(b.Peer) }

// Hide keeps the peer with this ID from being shown: it is the process itself.
func (b *PeerTable) Hide(id string) {
	b.self.Store(&id)
	for _, e := range b.feed.Values() {
		if e.Peer.ID == id {
			b.Remove(id, e.Where.Interface, e.Where.From)
		}
	}
}

// Post says that p was heard on an interface, from an address; both may be left out.
// The PeerTable keeps a copy.
func (b *PeerTable) Post(p Peer, nic string, from netip.Addr) {
	if self := b.self.Load(); self != nil && *self == p.ID {
		return
	}
	where := Sighting{b.source, nic, from}
	b.feed.Set(place{p.ID, where}, PeerEvent{Peer: p.Clone(), Where: where})
}

// Remove says that a peer is lost on an interface, as heard from an address.
func (b *PeerTable) Remove(id, nic string, from netip.Addr) {
	b.feed.Delete(place{id, Sighting{b.source, nic, from}})
}

// Len returns how many peers are known, each once for every place.
func (b *PeerTable) Len() int { return b.feed.Len() }

// Events is the Discoverer's method.
func (b *PeerTable) Events(ctx context.Context) iter.Seq[PeerEvent] { return b.feed.Events(ctx) }

// Chan is Events as a channel, for use in a select: see Beacon.Chan.
func (b *PeerTable) Chan(ctx context.Context) <-chan PeerEvent { return b.feed.Chan(ctx) }

// Close ends the subscriptions. It returns nil.
func (b *PeerTable) Close() error { b.feed.Close(); return nil }

// Check returns an error that wraps ErrInvalidPeer if p can't be announced: an ID has 1
// to 255 bytes, and so has every endpoint.
func (p Peer) Check() error {
	if p.ID == "" || len(p.ID) > 255 {
		return fmt.Errorf("%w: peer ID of %d bytes: must have 1 to 255", ErrInvalidPeer, len(p.ID))
	}
	for _, e := range p.Endpoints {
		if e == "" || len(e) > 255 {
			return fmt.Errorf("%w: endpoint %.40q of %d bytes: must have 1 to 255", ErrInvalidPeer, e, len(e))
		}
	}
	return nil
}
