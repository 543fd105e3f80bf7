package node

import "net/netip"

// Refusal is why a node does not become a peer.
type Refusal uint8

// The reasons.
const (
	InClear  Refusal = iota // it speaks in clear, and we have a key
	WithKey                 // it has a key, and we speak in clear
	OtherKey                // its UUID is another key's, or it claims a key that it has not proved
	NoPlace                 // there are as many peers as there may be
)

// Refused is a node that is refused. What is not known is zero. It may be made up, but
// for a key of a HELLO, which is proved.
type Refused struct {
	Peer ID
	Name string
	At   netip.AddrPort
	Key  string
	Why  Refusal
}

// refuse tells of a node that is refused. One that says goodbye wants nothing.
func (n *Node) refuse(r Refused) {
	if r.At.Port() != 0 {
		n.host.Refused(r)
	}
}

// Holder is the node that a key is known to be of: a peer, or one that a beacon has
// spoken of.
func (n *Node) Holder(key string) (id ID, known bool) {
	for id, p := range n.peers {
		if p.key == key {
			return id, true
		}
	}
	for id, c := range n.candidates {
		if c.key == key {
			return id, true
		}
	}
	for id, k := range n.known {
		if k == key {
			return id, true
		}
	}
	return id, false
}
