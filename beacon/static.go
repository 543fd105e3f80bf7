package beacon

import (
	"context"
	"iter"
	"net/netip"
	"sync"
)

// A Static is a Discoverer whose peers are told by the program: from a configuration
// file, say, or where the network carries neither broadcast nor multicast.
type Static struct {
	board *PeerTable

	mu    sync.Mutex
	known map[string]bool // guarded by mu; the IDs of the last Set
}

var _ Discoverer = (*Static)(nil)

// NewStatic makes a Static with these peers. Nothing runs in it, so it needs no context.
func NewStatic(peers ...Peer) *Static {
	s := &Static{board: NewPeerTable("static")}
	s.Set(peers...)
	return s
}

// Set replaces the list: peers that are not in it any more are lost.
func (s *Static) Set(peers ...Peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gone := s.known
	s.known = make(map[string]bool, len(peers))
	for _, p := range peers {
		delete(gone, p.ID)
		s.known[p.ID] = true
		s.board.Post(p, "", netip.Addr{})
	}
	for id := range gone {
		s.board.Remove(id, "", netip.Addr{})
	}
}

// Source returns "static".
func (s *Static) Source() string { return "static" }

// Announce sends nothing. It keeps self out of Events, so that all processes may share
// one list.
func (s *Static) Announce(_ context.Context, self Peer) error {
	if err := self.Check(); err != nil {
		return err
	}
	s.board.Hide(self.ID)
	return nil
}

// Events returns the list, and then its changes. See Discoverer.
func (s *Static) Events(ctx context.Context) iter.Seq[PeerEvent] { return s.board.Events(ctx) }

// Close ends the subscriptions.
func (s *Static) Close() error {
	s.board.Close()
	return nil
}
