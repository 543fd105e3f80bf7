package zmq

import (
	"errors"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/logs"
	"github.com/go-zactor/zactor/internal/session"
	"github.com/go-zactor/zactor/internal/wire"
)

// This file writes the log lines of a socket: those of the catalogue (docs/events.md),
// with its name, its type and the endpoint.

// closeWaits is how long Close may wait without a word.
const closeWaits = time.Second

// tell writes an event of the catalogue. What a peer can cause comes once a while for
// each key, with a summary.
func (s *Socket) tell(id logs.ID, key string, fields ...logs.Field) {
	o := s.opts.get()
	if e, _ := logs.Events.Lookup(id); !o.log.Enabled(e.Level) {
		return
	}
	_ = contain.Apart("logger", func() {
		if id == logs.ConnectionEnded { // for who traces each connection
			o.lines.Log(id, fields...)
			return
		}
		o.lines.Limited(id, key, fields...)
	})
}

// tellEvent writes what an event of a connection says. before is how things stood with
// its endpoint.
func (s *Socket) tellEvent(e link.Event, before EndpointInfo) {
	id := eventID(e, before)
	if id == 0 {
		return
	}
	fields := []logs.Field{logs.Err(publicError(e.Err)), logs.Str("endpoint", e.Endpoint)}
	key := e.Endpoint
	if e.Remote != "" {
		fields = append(fields, logs.Str("peer", e.Remote))
		key += " " + hostOf(e.Remote)
	}
	if e.RetryIn > 0 {
		fields = append(fields, logs.Int("attempts", before.Attempts+1), logs.Dur("retry_in", e.RetryIn))
	}
	s.tell(id, key, fields...)
}

// hostOf is an address without its port, which a peer has another one of each time.
func hostOf(remote string) string {
	if host, _, err := net.SplitHostPort(remote); err == nil {
		return host
	}
	return remote
}

// eventID is which event of the catalogue an event of a connection is, 0 for none. Of the
// several events of one failure one is told.
func eventID(e link.Event, before EndpointInfo) logs.ID {
	switch e.Kind {
	case link.HandshakeFailedAuth:
		return refusalID(e.Err)
	case link.HandshakeFailedProtocol, link.HandshakeFailedNoDetail:
		if isOneOf(e.Err, errNoAuthenticator, errAuthenticatorGone, errAuthenticatorSlow, errAuthenticatorBusy) {
			return logs.HandshakeRefused
		}
		if wire.IsByPeer(e.Err) {
			return logs.TurnedAway
		}
		if isOneOf(e.Err, errExclusive, errDuplicateID, errFiltered, errExpelled, session.ErrCrowded) {
			return logs.PeerUnwanted
		}
		return logs.HandshakeFailed
	case link.ConnectRetried:
		if before.State == EndpointDialing {
			return logs.DialFailed
		}
	case link.AcceptFailed:
		if errors.Is(e.Err, errFiltered) {
			return logs.PeerUnwanted
		}
		return logs.AcceptFailed
	case link.Gap:
		return logs.MessagesLost
	case link.Disconnected:
		return endID(e.Err)
	}
	return 0
}

// refusalID tells who has refused whom.
func refusalID(err error) logs.ID {
	var denied *wire.AuthError
	switch {
	case !errors.As(err, &denied):
		return logs.HandshakeRefused
	case strings.HasPrefix(denied.Status, "4"):
		return logs.CredentialsDenied
	}
	return logs.HandshakeFailed
}

// endID is the event for a connection that has ended.
func endID(err error) logs.ID {
	switch {
	case errors.Is(err, wire.ErrIncompatible):
		return logs.HandshakeFailed
	case errors.Is(err, session.ErrRefusedByPeer):
		return logs.MessageRefused
	case errors.Is(err, session.ErrTooLarge):
		return logs.MessageTooLarge
	}
	return logs.ConnectionEnded
}

func isOneOf(err error, targets ...error) bool {
	return slices.ContainsFunc(targets, func(t error) bool { return errors.Is(err, t) })
}

// unanswered is called when an endpoint has been silent for some seconds.
func (s *Socket) unanswered(endpoint string) {
	if s.peers.hasReady(endpoint) {
		return
	}
	err := s.states.unanswered(endpoint)
	if err == nil {
		return
	}
	s.watch.notify()
	s.tell(logs.NoAnswer, endpoint, logs.Err(err), logs.Str("endpoint", endpoint))
	s.monitors.publish(Event{Kind: EventNoAnswer, Endpoint: endpoint, Err: err, Time: time.Now()})
}

// guard warns of a bound endpoint that lets nobody in, for lack of an authenticator.
func (s *Socket) guard(bound string, o *options) {
	if !o.sec.asks() {
		return
	}
	s.asks.Store(true)
	if !s.zc.names.Bound(zapName) {
		s.tell(logs.NoAuthenticator, bound, logs.Str("endpoint", bound), logs.Str("mechanism", o.sec.title()))
	}
}

// asks reports whether peers that come are let in by an authenticator only.
func (p *protection) asks() bool {
	return p.server && !p.anyKey || p.name == "" && p.domain != ""
}

func (p *protection) title() string {
	if p.name == "" {
		return "NULL"
	}
	return p.name
}

// tellCloseWaits is called when Close has waited for a while.
func (s *Socket) tellCloseWaits() {
	n := s.Stats().Queued
	s.tell(logs.CloseWaits, "", logs.Int("queued", n), logs.Str("why", s.whyClosing()))
}

// whyClosing is what the endpoints are doing while the socket closes.
func (s *Socket) whyClosing() string {
	var parts []string
	for _, e := range s.states.all() {
		switch {
		case e.State == EndpointListening:
			continue
		case e.State == EndpointReady:
			parts = append(parts, e.Endpoint+": the peer takes them too slowly, or not at all")
		default:
			parts = append(parts, e.String())
		}
		if len(parts) == namedEndpoints {
			break
		}
	}
	if len(parts) == 0 {
		return "the peers take them too slowly, or not at all"
	}
	return strings.Join(parts, "; ")
}

// tellClosed writes what is left to say when the socket has closed.
func (s *Socket) tellClosed() {
	if err := s.unsent.err(); err != nil {
		s.tell(logs.CloseGaveUp, "", logs.Err(err))
		s.stats.quiet(dropPeerGone) // that has been said
	}
	s.flushDrops()
	s.opts.get().log.Flush()
}
