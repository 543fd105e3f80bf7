package session

import (
	"net"

	"github.com/go-zactor/zactor/internal/wire"
)

// pulsed is a net.Conn with heartbeats of its own, below ZMTP, as WebSocket has. PING
// and PONG are written to it, and read from it, as plain commands that it translates,
// whatever the version and the mechanism of the peer.
type pulsed interface {
	net.Conn
	Pulsed()
}

func isBeat(k wire.CommandKind) bool { return k == wire.Ping || k == wire.Pong }

// appendBeat frames a PING or a PONG.
func appendBeat(dst []byte, cmd wire.Command) []byte {
	if cmd.Kind == wire.Ping {
		return wire.AppendPing(dst, cmd.TTL, cmd.Data)
	}
	return wire.AppendPong(dst, cmd.Data)
}

// beats reports whether a frame is a heartbeat that stands beside the sealed frames.
func (c *conn) beats(flags byte, body []byte) bool {
	if !c.pulsed || flags&wire.FlagCommand == 0 {
		return false
	}
	cmd, err := wire.ParseCommand(body)
	return err == nil && isBeat(cmd.Kind)
}

// bottom is the connection of the operating system that carries nc.
func bottom(nc net.Conn) net.Conn {
	for {
		above, ok := nc.(interface{ NetConn() net.Conn })
		if !ok {
			return nc
		}
		nc = above.NetConn()
	}
}
