package zmq

import (
	"cmp"
	"slices"
	"strings"

	"github.com/go-zactor/zactor/internal/registry"
	"github.com/go-zactor/zactor/internal/shortid"
)

// subject is the socket as the registry of this process knows it.
type subject Socket

// RegistrySnapshot implements registry.Subject. It takes the locks that Stats and Peers
// take, each for a moment.
func (h *subject) RegistrySnapshot(r *registry.Snapshot) {
	s := (*Socket)(h)
	r.Name, r.Type = s.Name(), s.typ.String()
	st := s.Stats()
	s.count(r, st)
	if r.Brief {
		return
	}
	ends, peers := s.Endpoints(), s.Peers()
	r.State = s.stateIn(ends, st)
	for _, e := range ends {
		r.Links = append(r.Links, e.link())
	}
	slices.SortFunc(peers, func(a, b PeerInfo) int {
		return cmp.Or(cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Remote, b.Remote), a.Since.Compare(b.Since))
	})
	for _, p := range peers {
		if p.Connected {
			r.Links = append(r.Links, p.link())
		}
	}
	if why := s.refused.Load(); why != nil {
		r.Unwell = append(r.Unwell, strings.TrimPrefix((*why).Error(), "zmq: "))
	}
	r.Unwell = append(r.Unwell, s.states.deaf()...)
	r.Say("mechanism", s.opts.get().sec.title())
	if s.asks.Load() && !s.zc.names.Bound(zapName) {
		r.Unwell = append(r.Unwell, "no authenticator in this context: it refuses everybody who comes")
	}
}

// stateIn is how the socket is, in a word.
func (s *Socket) stateIn(ends []EndpointInfo, st Stats) string {
	switch {
	case s.closed.Load():
		return "closing"
	case st.Connected > 0:
		return "ready"
	case len(ends) == 0:
		return "idle"
	case slices.ContainsFunc(ends, func(e EndpointInfo) bool { return e.State == EndpointListening }):
		return "listening"
	}
	return "waiting"
}

// count adds the counters under the names that metrics have them. Groups are written out:
// a scrape of many sockets has no time for reflection.
func (s *Socket) count(r *registry.Snapshot, st Stats) {
	r.Count("messages", "out", st.Sent)
	r.Count("messages", "in", st.Received)
	r.Count("bytes", "out", st.SentBytes)
	r.Count("bytes", "in", st.ReceivedBytes)
	r.Count("drops", "hwm", st.Drops.HWM)
	r.Count("drops", "noRoute", st.Drops.NoRoute)
	r.Count("drops", "peerGone", st.Drops.PeerGone)
	r.Count("drops", "unwanted", st.Drops.Unwanted)
	r.Count("drops", "malformed", st.Drops.Malformed)
	r.Count("drops", "stale", st.Drops.Stale)
	r.Count("drops", "flood", st.Drops.Flood)
	r.Count("handshakeFailures", "auth", st.Failures.Auth)
	r.Count("handshakeFailures", "protocol", st.Failures.Protocol)
	r.Count("handshakeFailures", "incompatible", st.Failures.Incompatible)
	r.Count("handshakeFailures", "other", st.Failures.Other)
	r.Count("tooLarge", "received", st.TooLarge)
	r.Count("tooLarge", "sent", st.Refused)
	r.Count("handshakes", "", st.Handshakes)
	r.Count("disconnects", "", st.Disconnects)
	r.Count("reconnects", "", st.Reconnects)
	r.Count("eventsLost", "", st.EventsLost)
	r.Count("gaps", "", st.Gaps)
	r.Count("missed", "", st.Missed)
	r.Count("reportsDropped", "", st.ReportsDropped)
	r.Count("forgotten", "", st.Forgotten)
	r.Count("requeued", "", st.Requeued)
	r.Count("panics", "", st.Panics)
	r.Count("logPanics", "", st.LogPanics)
	r.Level("queued", st.Queued)
	r.Level("unread", st.Unread)
	r.Level("connected", st.Connected)
	r.Level("kept", st.Kept)
	r.Level("reportBytes", st.ReportBytes)
}

func (i EndpointInfo) link() registry.Link {
	l := registry.Link{Role: registry.Connected, Endpoint: i.Endpoint, State: i.State.String(), Attempts: i.Attempts, RetryIn: i.retryIn().Seconds(), Since: i.Since}
	if i.State == EndpointListening {
		l.Role = registry.Bound
	}
	if i.Err != nil {
		l.Error = strings.TrimPrefix(i.Err.Error(), "zmq: ")
	}
	return l
}

func (p PeerInfo) link() registry.Link {
	return registry.Link{
		Role: registry.Peer, Endpoint: p.Endpoint, Remote: p.Remote, Peer: p.who(), State: p.State.String(), Since: p.Since,
		Queued: p.Queued, Unread: p.Unread,
		SentMessages: p.SentMessages, SentBytes: p.SentBytes, ReceivedMessages: p.ReceivedMessages, ReceivedBytes: p.ReceivedBytes,
	}
}

// who is what a peer is called, with its type.
func (p PeerInfo) who() string {
	if p.UserID != "" {
		return strings.TrimSpace(p.Type + " " + p.user())
	}
	return p.Type
}

// user is who the authenticator says that the peer is: of a key the fingerprint.
func (p PeerInfo) user() string {
	if p.Mechanism == "CURVE" {
		return "key " + shortid.Key(p.UserID)
	}
	return p.UserID
}
