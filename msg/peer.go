package msg

import (
	"maps"
	"net"

	"github.com/go-zactor/zactor/internal/buf"
)

// Peer tells who a received message comes from. The zero Peer belongs to a
// message that was not received.
type Peer struct {
	// UserID is the name that the authenticator gave to the peer. A peer can
	// never set it itself; "" means that nobody vouched for it.
	UserID string
	// RemoteAddr is the peer's transport address: "192.0.2.1:49153" over tcp.
	RemoteAddr string
	// SocketType is what the peer said it is: "DEALER", "SUB", ...
	SocketType string
	// Mechanism is the security mechanism of the link: "NULL", "PLAIN", "CURVE".
	Mechanism string

	of *buf.Peer
}

// PeerID tells one connection of one peer from every other: two messages with the same
// PeerID came over the same connection. It is comparable, and so can be the key of a map.
// A peer that connects again has another one. The zero PeerID is nobody's.
type PeerID struct{ of *buf.Peer }

// ID is the peer's identity; zmq.PeerInfo has the same one.
func (p Peer) ID() PeerID { return PeerID{p.of} }

// FD is the number of the connection's descriptor, 0 when it has none, as over inproc.
// It is for comparing and for reading the system's socket options: after the connection
// has ended the number may belong to another one. (libzmq: ZMQ_SRCFD)
func (p Peer) FD() int {
	if p.of == nil {
		return 0
	}
	return p.of.FD
}

// The properties that this side knows by itself, with libzmq's names.
const (
	propAddress = "Peer-Address" // without the port
	propUser    = "User-Id"      // from the authenticator
	propType    = "Socket-Type"
)

// Property is a property that this side knows ("Peer-Address", the peer's address without
// the port; "Socket-Type"; "User-Id" when there is a UserID), or that the authenticator
// added, or else that the peer itself claimed in its handshake; "" when there is none.
// Names are as in ZMTP metadata: "Identity", "X-Role". A peer can claim what it likes, a
// User-Id, too, where nobody vouched for it: what decides about its rights is read with
// UserID and Vouched. (zmq_msg_gets(3))
func (p Peer) Property(name string) string {
	if v := p.own(name); v != "" || p.of == nil {
		return v
	}
	if v, ok := p.of.Vouched[name]; ok {
		return v
	}
	return p.of.Properties[name]
}

// own is a property that this side knows by itself.
func (p Peer) own(name string) string {
	switch name {
	case propAddress:
		return hostOf(p.RemoteAddr)
	case propUser:
		return p.UserID
	case propType:
		return p.SocketType
	}
	return ""
}

func hostOf(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return address
}

// Properties are all properties by name, as Property returns them. The map is the
// caller's; it is made anew for each call.
func (p Peer) Properties() map[string]string {
	all := map[string]string{}
	if p.of != nil {
		maps.Copy(all, p.of.Properties)
		maps.Copy(all, p.of.Vouched)
	}
	for _, name := range []string{propAddress, propUser, propType} {
		if v := p.own(name); v != "" {
			all[name] = v
		}
	}
	return all
}

// Vouched is a property that the authenticator added, such as the metadata of the
// peer's certificate; "" when there is none. A peer can never set it itself.
func (p Peer) Vouched(name string) string {
	if p.of == nil {
		return ""
	}
	return p.of.Vouched[name]
}

// Peer tells who sent the message.
func (m Msg) Peer() Peer {
	if m.origin == nil || m.origin.Peer == nil {
		return Peer{}
	}
	p := m.origin.Peer
	return Peer{p.UserID, p.RemoteAddr, p.SocketType, p.Mechanism, p}
}
