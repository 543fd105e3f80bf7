package gossip

import (
	"cmp"
	"slices"

	"github.com/go-zactor/zactor/gossip/internal/mesh"
	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/zmq"
)

// This file says what is not taken, and from whom.

// reasons are the texts of what the state machine refuses, with what to do.
var reasons = [...]string{
	mesh.Malformed:  "a message is not zgossip, or is over WithMaxValue: its session ends; find out what it is",
	mesh.Flood:      "it sends too much: its session ends; it publishes in a circle, or too often",
	mesh.NoPlace:    "there are as many peers as WithMaxPeers allows: raise it",
	mesh.TableFull:  "the table has no room for its tuple: raise WithMaxKeys and WithMaxBytes, or delete tuples",
	mesh.ShareFull:  "it fills as much of the table as WithShares allows: raise that, or publish less there",
	mesh.FromFuture: "its tuple has a stamp from too far ahead: set its clock",
	mesh.Silent:     "the hub does not answer any more, and is dialled again: it is stopped, overloaded, or no zgossip",
}

// Refused implements mesh.Host.
func (h host) Refused(id mesh.Link, why mesh.Refusal) {
	event := logs.GossipRefused
	if why == mesh.Silent {
		event = logs.GossipSilent
	}
	who := h.address(id)
	h.config.log.Limited(event, who, logs.Str("reason", reasons[why]), logs.Str("peer", who))
}

// address is where the other end of a link is.
func (h host) address(id mesh.Link) string {
	if d := h.dialled[id]; d != nil {
		return d.endpoint
	}
	if name, ok := h.names[id]; ok {
		return h.clients[name].address
	}
	return h.coming
}

// Endpoints lists what the node has bound and connected, and how things stand with each:
// for one that does not answer, or refuses this node, the last failure and the next
// attempt.
func (n *Node) Endpoints() []zmq.EndpointInfo {
	n.mu.Lock()
	socks := []*zmq.Socket{n.inbox}
	for _, d := range n.dialled {
		socks = append(socks, d.sock)
	}
	n.mu.Unlock()
	var list []zmq.EndpointInfo
	for _, s := range socks {
		list = append(list, s.Endpoints()...)
	}
	slices.SortStableFunc(list, func(a, b zmq.EndpointInfo) int { return cmp.Compare(a.Endpoint, b.Endpoint) })
	return list
}
