package node

import (
	"maps"
	"net/netip"
	"time"
)

// Entry is a peer as the roster has it.
type Entry struct {
	ID      ID
	Name    string
	Headers map[string]string
	Groups  []string
	At      netip.AddrPort
	Key     string
	Since   time.Time
	Heard   time.Time
	Evasive bool
}

// Peers are the peers that are ready, in the order of their ids.
func (n *Node) Peers() (list []Entry) {
	for _, p := range n.sorted() {
		if p.ready() {
			list = append(list, Entry{
				ID: p.id, Name: p.name, Headers: maps.Clone(p.headers), Groups: sortedKeys(p.groups),
				At: p.at, Key: p.key, Since: p.since, Heard: p.heard, Evasive: p.evasive,
			})
		}
	}
	return list
}

// Members are the ids of the peers in a group.
func (n *Node) Members(group string) (ids []ID) {
	for _, p := range n.members(group) {
		ids = append(ids, p.id)
	}
	return ids
}

// Groups are the own groups.
func (n *Node) Groups() []string { return sortedKeys(n.groups) }

// Knows is how many nodes are known of in each state, for a look from outside.
func (n *Node) Knows() (ready, unready, candidates int) {
	for _, p := range n.peers {
		if p.ready() {
			ready++
		}
	}
	return ready, len(n.peers) - ready, len(n.candidates)
}
