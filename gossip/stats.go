package gossip

import "github.com/go-zactor/zactor/gossip/internal/mesh"

// Stats counts what a node has done and refused since New.
type Stats struct {
	Tuples  int
	Deleted int // that are remembered
	Links   int // live ones, of both directions
	mesh.Counters
}

// Stats returns the counters as they stand.
func (n *Node) Stats() Stats {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := Stats{Counters: n.core.Counters()}
	s.Tuples, s.Deleted, s.Links = n.core.Knows()
	return s
}
