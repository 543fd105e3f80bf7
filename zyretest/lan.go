// Package zyretest lets nodes of package zyre be tested without a network: a [LAN] is one
// in memory, where they find each other at once, and which can be slow, lossy and
// partitioned as a zmqtest.Network.
//
//	lan := zyretest.NewLAN(zmqtest.Seed(t), zmqtest.Faults{})
//	ann, err := zyre.New(ctx, "ann", lan.Host("10.0.0.1")...)
//	bob, err := zyre.New(ctx, "bob", lan.Host("10.0.0.2")...)
//	lan.Partition("10.0.0.2") // bob's cable is pulled
//
// Several nodes may be on one host. It works in the bubbles of testing/synctest: expiries
// of half a minute take no time there.
package zyretest

import (
	"context"
	"iter"
	"net/netip"
	"sync"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/zmqtest"
	"github.com/go-zactor/zactor/zyre"
)

// LAN is a local network in memory. The methods of its Network do to it what they do to
// sockets; who is across a partition is still heard of, as a beacon that was heard before,
// and can't be reached.
type LAN struct {
	*zmqtest.Network

	mu    sync.Mutex
	nodes map[*presence]struct{} // guarded by mu: those that live
}

// NewLAN makes a LAN whose randomness begins with seed. It needs no closing.
func NewLAN(seed uint64, f zmqtest.Faults) *LAN {
	return &LAN{Network: zmqtest.NewNetwork(seed, f), nodes: map[*presence]struct{}{}}
}

// Host returns the options that put one node on this LAN, at an address such as
// "10.0.0.1". Call it once for each node. They come before options that are to win over
// them.
func (l *LAN) Host(ip string) []zyre.Option {
	return []zyre.Option{
		zyre.WithNetwork(l.Network.Host(ip)), zyre.WithBind("tcp://" + ip + ":*"),
		zyre.WithoutBeacon(true), zyre.WithDiscoverer(&presence{lan: l, board: beacon.NewPeerTable("lan"), addr: address(ip)}),
	}
}

// address is what an IP is, or no address.
func address(ip string) netip.Addr {
	a, _ := netip.ParseAddr(ip)
	return a
}

// presence is a node on the LAN: its Discoverer.
type presence struct {
	lan   *LAN
	board *beacon.PeerTable
	addr  netip.Addr
	self  beacon.Peer // guarded by lan.mu
}

var _ beacon.Discoverer = (*presence)(nil)

// Source is "lan".
func (p *presence) Source() string { return "lan" }

// Announce tells all nodes of this one, and this one of all, until ctx ends.
func (p *presence) Announce(ctx context.Context, self beacon.Peer) error {
	if err := self.Check(); err != nil {
		return err
	}
	l := p.lan
	l.mu.Lock()
	defer l.mu.Unlock()
	p.self = self
	p.board.Hide(self.ID)
	for q := range l.nodes {
		q.board.Post(self, "lan", p.addr)
		p.board.Post(q.self, "lan", q.addr)
	}
	l.nodes[p] = struct{}{}
	context.AfterFunc(ctx, p.leave)
	return nil
}

// leave takes the node off the LAN.
func (p *presence) leave() {
	l := p.lan
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.nodes, p)
	for q := range l.nodes {
		q.board.Remove(p.self.ID, "lan", p.addr)
	}
}

// Events are the other nodes.
func (p *presence) Events(ctx context.Context) iter.Seq[beacon.PeerEvent] { return p.board.Events(ctx) }

// Close takes the node off the LAN.
func (p *presence) Close() error {
	p.leave()
	return p.board.Close()
}
