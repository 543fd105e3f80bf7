package zmq

import (
	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/queue"
)

// principal is whom a peer has proven to be: two connections with one principal are
// the same peer, as far as anybody can tell. A key that CURVE has proven comes before
// the name that an authenticator gave, since several keys may have one name, and with
// WithAllowAnyKey there is no name. Peers that have proven nothing are all the same.
// What a peer only says of itself, its routing id or its durable name, is no part of
// it.
type principal struct{ key, user string }

func principalOfPeer(who *buf.Peer) principal {
	switch {
	case who == nil:
		return principal{}
	case who.PublicKey != "":
		return principal{key: who.PublicKey}
	}
	return principal{user: who.UserID}
}

// principalOf is that of the peer of p, or of its last one.
func principalOf(p *queue.Pipe) principal {
	if o := p.Origin(); o != nil {
		return principalOfPeer(o.Peer)
	}
	return principal{}
}
