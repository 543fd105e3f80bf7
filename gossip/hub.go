package gossip

import (
	"time"

	"github.com/go-zactor/zactor/gossip/internal/mesh"
	"github.com/go-zactor/zactor/internal/budget"
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
		n.each("gossip: message of a client", ms[:count], n.fromClient, n.expel)
		for i := range ms[:count] {
			ms[i].Release() // what counts has been copied
		}
		clear(ms[:count])
	}
}

// client is a connection to the ROUTER.
type client struct {
	link    mesh.Link // 0: there was no room for it
	address string    // the other end
}

// fromClient takes a message of the ROUTER. It says itself that a client has come, by
// one empty frame, and that it has gone, by the node's token: no client can know that,
// and who sends an empty frame is malformed.
func (n *Node) fromClient(now time.Time, m msg.Msg) {
	name, frames, address := string(m.Frames[0]), m.Frames[1:], m.Peer().RemoteAddr
	c, known := n.clients[name]
	switch end := len(frames) == 1 && string(frames[0]) == n.token; {
	case end && c.address == address:
		n.part(name, c)
		return
	case end:
		return // of an earlier connection of that name
	case known && c.address != address:
		n.part(name, c)
		known = false
	}
	if !known {
		if c = n.admit(now, name, address); len(frames) == 1 && len(frames[0]) == 0 {
			return
		}
	}
	if c.link != 0 {
		n.core.Receive(now, c.link, frames)
	}
}

// admit enters a client.
func (n *Node) admit(now time.Time, name, address string) client {
	c := client{address: address}
	n.coming = address
	if n.core.Accept(now, n.last+1, budget.OriginOf(address)) {
		n.last++
		c.link = n.last
		n.names[c.link] = name
	}
	n.clients[name] = c
	return c
}

// part is for a client that has gone.
func (n *Node) part(name string, c client) {
	n.core.Hangup(c.link)
	delete(n.clients, name)
	delete(n.names, c.link)
}

// expel ends the session of the client that has sent m: it is asked for a new HELLO.
func (n *Node) expel(m msg.Msg) {
	name := string(m.Frames[0])
	if c, known := n.clients[name]; known {
		n.part(name, c)
	}
}
