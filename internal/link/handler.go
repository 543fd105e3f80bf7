package link

import (
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/wire"
)

// Handler is one endpoint of a socket as its links know it. It is called without locks.
// Admit, Attach, Ready and Detach are called by the function Attach, and Detach at the end
// of what it began, in this order for each peer:
//
//	Admit → Attach → messages flow → Ready → Detach
type Handler interface {
	// NewPipe makes the pipe of a peer that comes by itself.
	NewPipe() *queue.Pipe

	// Admit asks whether p's peer may take part. An error refuses it, and the socket has
	// told of that by an event.
	Admit(p *queue.Pipe, peer *Peer) error
	// Attach says that the peer takes part, before anything can come from it. An error
	// refuses it: what let it in has been withdrawn meanwhile.
	Attach(p *queue.Pipe, peer *Peer) error
	// Ready says that messages flow, so that the peer can be told what it must know. An
	// error ends the link.
	Ready(p *queue.Pipe, peer *Peer) error
	// Detach ends what Admit began, whether the peer was let in or not. With final, p will
	// never be used again.
	Detach(p *queue.Pipe, final bool)

	// Lost counts messages that were accepted and could not be sent.
	Lost(p *queue.Pipe, n int)
	// Event reports what happened, in the order in which it did.
	Event(Event)
	// Panicked reports a panic that was contained; remote may be empty.
	Panicked(endpoint, remote string, p *contain.Panic)
}

// Peer is what is known of the other side of a link.
type Peer struct {
	wire.Result // of the handshake, as far as there is one
	Info        *buf.Peer
	Link        Stopper
	// Asked: an authenticator has let the peer in, at Epoch.
	Asked bool
	Epoch uint64
	// Arrived counts the messages of this connection, where the socket wants to know.
	Arrived *atomic.Uint64
	// Fresh: the pipe was made for this link and is of no use without it.
	Fresh bool
	// Claimed: there is a place for it.
	Claimed bool
	// Everything: it is a multicast group, whose members say nothing of what they want.
	Everything bool
}

// Stopper is a link that can be ended.
type Stopper interface {
	// Stop ends it; cause is what its last event will say.
	Stop(cause error)
}

// Nobody is a Handler that lets everybody in and takes notice of nothing, for those who
// care about a part of it only.
type Nobody struct{}

func (Nobody) NewPipe() *queue.Pipe                    { return nil }
func (Nobody) Admit(*queue.Pipe, *Peer) error          { return nil }
func (Nobody) Attach(*queue.Pipe, *Peer) error         { return nil }
func (Nobody) Ready(*queue.Pipe, *Peer) error          { return nil }
func (Nobody) Detach(*queue.Pipe, bool)                {}
func (Nobody) Lost(*queue.Pipe, int)                   {}
func (Nobody) Event(Event)                             {}
func (Nobody) Panicked(string, string, *contain.Panic) {}
