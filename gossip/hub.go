package gossip

import (
	"time"

	"github.com/go-zactor/zactor/msg"
)

// batch is how many messages are taken from a socket at once.
const batch = 64

// receive takes what clients send.
func (n *Node) receive() {
	ms := make([]msg.Msg, batch)
	for {
		count, err := n.inbox.RecvBatch(n.ctx, ms)
		if err != nil {
			return
		}
		n.do(func(now time.Time) {
			for _, m := range ms[:count] {
				n.fromClient(now, m.Frames)
			}
		})
		for i := range ms[:count] {
			ms[i].Release() // what counts has been copied
		}
		clear(ms[:count])
	}
}

// fromClient takes a message of the ROUTER. One empty frame is the socket's own word
// that a client has come or gone.
func (n *Node) fromClient(now time.Time, frames [][]byte) {
	name, frames := string(frames[0]), frames[1:]
	id, known := n.clients[name]
	notice := len(frames) == 1 && len(frames[0]) == 0
	switch {
	case n.refused[name]:
		if notice {
			delete(n.refused, name)
		}
	case !known:
		n.last++
		if !n.core.Accept(now, n.last) {
			n.refused[name] = true
			return
		}
		n.clients[name], n.names[n.last] = n.last, name
		if !notice {
			n.core.Receive(now, n.last, frames)
		}
	case notice:
		n.core.Hangup(id)
		delete(n.clients, name)
		delete(n.names, id)
	default:
		n.core.Receive(now, id, frames)
	}
}
