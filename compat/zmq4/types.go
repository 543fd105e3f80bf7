package zmq4

import (
	"github.com/go-zactor/zactor/internal/wire"
	"github.com/go-zactor/zactor/zmq"
)

// SocketType is a socket type by its name in ZMTP.
type SocketType string

// The socket types.
const (
	Pair   SocketType = "PAIR"
	Pub    SocketType = "PUB"
	Sub    SocketType = "SUB"
	Req    SocketType = "REQ"
	Rep    SocketType = "REP"
	Dealer SocketType = "DEALER"
	Router SocketType = "ROUTER"
	Pull   SocketType = "PULL"
	Push   SocketType = "PUSH"
	XPub   SocketType = "XPUB"
	XSub   SocketType = "XSUB"
)

// cores says what each type is in package zmq.
var cores = map[SocketType]zmq.Type{
	Pair: zmq.Pair, Pub: zmq.Pub, Sub: zmq.Sub, Req: zmq.Req, Rep: zmq.Rep, Dealer: zmq.Dealer,
	Router: zmq.Router, Pull: zmq.Pull, Push: zmq.Push, XPub: zmq.XPub, XSub: zmq.XSub,
}

// IsCompatible reports whether sockets of both types talk to each other. A type
// that there is not talks to nobody.
func (t SocketType) IsCompatible(peer SocketType) bool {
	return wire.Compatible(string(t), string(peer))
}

// SocketIdentity is the name by which a ROUTER knows a peer, 1 to 255 bytes that
// do not begin with zero.
type SocketIdentity []byte

// String is the identity as text, cut at 255 bytes.
func (id SocketIdentity) String() string { return string(id[:min(len(id), 255)]) }
