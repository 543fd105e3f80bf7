package beacon

import (
	"context"
	"net/netip"
	"sync"
)

// A Static is a Discoverer whose peers are told by the program: from a configuration
// file, say, or where the network carries neither broadcast nor multicast.
type Static struct {
	*Board
	mu    sync.Mutex
	known map[string]bool // guarded by mu; the IDs of the last Set
}

var _ Discoverer = (*Static)(nil)

// NewStatic makes a Static with these peers.
func NewStatic(peers ...Peer) *Static {
	s := &Static{Board: NewBoard("static")}
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
		s.Post(p, "", netip.Addr{})
	}
	for id := range gone {
		s.Remove(id, "", netip.Addr{})
	}
}

// Source returns "static".
func (s *Static) Source() string { return "static" }

// Announce tells nobody. It keeps self out of Peers, so that all processes may share
// one list.
func (s *Static) Announce(_ context.Context, self Peer) error {
	if err := self.check(); err != nil {
		return err
	}
	s.Hide(self.ID)
	return nil
}

// Close ends the iterators.
func (s *Static) Close() error {
	s.Board.Close()
	return nil
}
