package demo

import (
	"cmp"
	"slices"
	"time"

	"github.com/go-zactor/zactor/zmq"
)

// tell reports an event to the boss, who reads all the time.
func (n *node) tell(e event) error {
	e.Node, e.ID = n.name, n.id
	return n.toBoss(msgEvent, e)
}

// tellStatus reports how the node is doing.
func (n *node) tellStatus() error {
	s := status{
		Node: n.name, ID: n.id, Uptime: time.Since(n.born), Counts: n.counts,
		RTT: n.rtt.quantiles(), Drops: n.zyre.Stats().EventsLost, Final: n.final,
	}
	for _, sock := range n.sock.list {
		s.addSocket(sock)
	}
	for _, p := range n.peers {
		if p.guest() {
			s.Guests = append(s.Guests, p.status())
			continue
		}
		s.Peers++
		s.addLink(p.mechanism)
	}
	slices.SortFunc(s.Guests, func(a, b guestStatus) int { return cmp.Compare(a.ID, b.ID) })
	return n.toBoss(msgStatus, s)
}

func (n *node) toBoss(kind string, v any) error {
	m, err := report(kind, v)
	if err != nil {
		return err
	}
	return n.reports.Send(n.ctx, m)
}

func (s *status) addSocket(sock *zmq.Socket) {
	stats := sock.Stats()
	s.Queue += stats.Queued + stats.Unread
	s.Drops += stats.Drops.Total()
}

// addLink notes a link's mechanism: one that is not CURVE is the one to be shown.
func (s *status) addLink(mechanism string) {
	if s.Link == "" || mechanism != curve {
		s.Link = mechanism
	}
}

func (p *peer) status() guestStatus {
	return guestStatus{
		Name: p.name, ID: p.tag(), Endpoint: p.address, Link: p.mechanism,
		Messages: p.messages, RTT: p.rtt.quantiles(),
	}
}
