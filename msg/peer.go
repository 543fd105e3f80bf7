package msg

// Peer tells who a received message comes from. The zero Peer belongs to a
// message that was not received.
type Peer struct {
	// UserID is the name that the authenticator gave to the peer. A peer can
	// never set it itself; "" means that the peer was not authenticated.
	UserID string
	// RemoteAddr is the peer's transport address: "192.0.2.1:49153" over tcp.
	RemoteAddr string
	// SocketType is what the peer said it is: "DEALER", "SUB", ...
	SocketType string
	// Mechanism is the security mechanism of the link: "NULL", "PLAIN", "CURVE".
	Mechanism string

	properties map[string]string
	vouched    map[string]string
}

// Property is a property that the authenticator added, or else that the peer
// itself claimed in its handshake; "" when there is none. Names are as in ZMTP
// metadata: "Identity", "X-Role". A peer can claim what it likes: what decides
// about its rights is read with Vouched.
func (p Peer) Property(name string) string {
	if v, ok := p.vouched[name]; ok {
		return v
	}
	return p.properties[name]
}

// Vouched is a property that the authenticator added, such as the metadata of the
// peer's certificate; "" when there is none. A peer can never set it itself.
func (p Peer) Vouched(name string) string { return p.vouched[name] }

// Peer tells who sent the message.
func (m Msg) Peer() Peer {
	if m.origin == nil || m.origin.Peer == nil {
		return Peer{}
	}
	p := m.origin.Peer
	return Peer{p.UserID, p.RemoteAddr, p.SocketType, p.Mechanism, p.Properties, p.Vouched}
}
