package zmq

import (
	"slices"
	"time"

	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/session"
)

// peersAtOnce is how many peers are looked at under one hold of the locks: a socket with
// ten thousand goes on receiving while they are looked at.
const peersAtOnce = 64

// Peers lists the socket's peers: those that are there, and connected endpoints
// whose peer is not.
func (s *Socket) Peers() []PeerInfo {
	var list []PeerInfo
	s.eachPeer(func(p *queue.Pipe, pr *peer) { list = append(list, pr.info(p)) })
	var ends map[string]EndpointInfo // asked for once, and only where a peer is away
	for i := range list {
		if list[i].Connected {
			list[i].State = EndpointReady
			continue
		}
		if ends == nil {
			ends = map[string]EndpointInfo{}
			for _, e := range s.Endpoints() {
				ends[e.Endpoint] = e
			}
		}
		list[i].explain(ends[list[i].Endpoint])
	}
	return list
}

// eachPeer calls fn, which must not call the socket, with each peer, with recvMu (for the
// consumer's part of the inboxes) and peerSet.mu held.
func (s *Socket) eachPeer(fn func(*queue.Pipe, *peer)) {
	s.peers.mu.Lock()
	all := make([]*queue.Pipe, 0, len(s.peers.pipes))
	for p := range s.peers.pipes {
		all = append(all, p)
	}
	s.peers.mu.Unlock()
	for some := range slices.Chunk(all, peersAtOnce) {
		s.somePeers(some, fn)
	}
}

func (s *Socket) somePeers(some []*queue.Pipe, fn func(*queue.Pipe, *peer)) {
	s.recvMu.Lock()
	defer s.recvMu.Unlock()
	s.peers.mu.Lock()
	defer s.peers.mu.Unlock()
	for _, p := range some {
		if pr := s.peers.pipes[p]; pr != nil {
			fn(p, pr)
		}
	}
}

// info describes the peer of p; the caller holds recvMu and peerSet.mu.
func (pr *peer) info(p *queue.Pipe) PeerInfo {
	info := PeerInfo{
		Endpoint: pr.endpoint, RoutingID: append([]byte(nil), p.RoutingID()...), Connected: pr.ready,
		Since: pr.since, Queued: p.Out.Pending(), Unread: p.In.Len(),
		Dialled: !pr.rules.accepted, HasRoom: p.Status() == queue.OK,
	}
	t := pr.past
	if pr.ready {
		t.Add(trafficOf(pr.link))
	}
	info.SentMessages, info.SentBytes = t.SentMessages, t.SentBytes
	info.ReceivedMessages, info.ReceivedBytes = t.ReceivedMessages, t.ReceivedBytes
	if o := p.Origin(); pr.ready && o != nil && o.Peer != nil {
		who := o.Peer
		info.Remote, info.Type, info.Mechanism = who.RemoteAddr, who.SocketType, who.Mechanism
		info.Local, info.FD, info.ID = who.LocalAddr, who.FD, idOf(p)
		info.UserID, info.Domain, info.PublicKey = who.UserID, who.Domain, who.PublicKey
	}
	return info
}

// explain adds what is known of the endpoint of a peer that is away. One that had come
// by itself is over.
func (info *PeerInfo) explain(e EndpointInfo) {
	if e.State == EndpointListening {
		return
	}
	info.State, info.LastError, info.Attempts = e.State, e.Err, e.Attempts
	info.RetryIn = e.retryIn()
}

func (i EndpointInfo) retryIn() time.Duration {
	if i.State != EndpointWaiting {
		return 0
	}
	return max(0, time.Until(i.RetryAt))
}

// trafficOf is what a connection has carried.
func trafficOf(l link.Stopper) session.Traffic {
	if c, ok := l.(interface{ Traffic() session.Traffic }); ok {
		return c.Traffic()
	}
	return session.Traffic{}
}
