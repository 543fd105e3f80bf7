package zmq4

import "net"

// RecvWithMetadata is Recv, with those of the named properties of the sender that it has:
// what it said of itself in its handshake, as "Socket-Type" and "Identity", what an
// authenticator said of it, as "User-Id", and "Peer-Address".
func (soc *Socket) RecvWithMetadata(flags Flag, properties ...string) (msg string, metadata map[string]string, err error) {
	b, metadata, err := soc.RecvBytesWithMetadata(flags, properties...)
	return string(b), metadata, err
}

// RecvBytesWithMetadata is RecvWithMetadata. The bytes are the caller's.
func (soc *Socket) RecvBytesWithMetadata(flags Flag, properties ...string) (msg []byte, metadata map[string]string, err error) {
	msg, from, err := soc.part(flags)
	if err != nil {
		return []byte{}, map[string]string{}, err
	}
	return msg, describe(from, properties), nil
}

// RecvMessageWithMetadata is RecvMessage, with properties of the sender.
func (soc *Socket) RecvMessageWithMetadata(flags Flag, properties ...string) (msg []string, metadata map[string]string, err error) {
	parts, metadata, err := soc.RecvMessageBytesWithMetadata(flags, properties...)
	return texts(parts), metadata, err
}

// RecvMessageBytesWithMetadata is RecvMessageWithMetadata. The bytes are the caller's.
func (soc *Socket) RecvMessageBytesWithMetadata(flags Flag, properties ...string) (msg [][]byte, metadata map[string]string, err error) {
	msg, from, err := soc.message(flags)
	if err != nil {
		return msg, map[string]string{}, err
	}
	return msg, describe(from, properties), nil
}

// describe has the properties of a peer that it has.
func describe(from peer, properties []string) map[string]string {
	m := map[string]string{}
	for _, name := range properties {
		if v := property(from, name); v != "" {
			m[name] = v
		}
	}
	return m
}

func property(from peer, name string) string {
	switch name {
	case "User-Id":
		return from.UserID
	case "Peer-Address":
		return host(from.RemoteAddr)
	case "Socket-Type":
		return from.SocketType
	}
	return from.Property(name)
}

// host is an address without its port.
func host(address string) string {
	if h, _, err := net.SplitHostPort(address); err == nil {
		return h
	}
	return address
}
