package link

import "github.com/go-zactor/zactor/internal/queue"

// Side is one end of a link: a socket's endpoint, its pipe, and what it is told of the
// other end.
type Side struct {
	Handler
	Pipe *queue.Pipe
	Peer *Peer
}

// Attach is the way by which peers come to take part, on whatever link. A link to another
// process has one side here; one within the process has two, and both are asked before
// either is told. flow lets messages flow.
//
// When a side refuses, the error says why, refused is its number, and every side that was
// asked is detached. A link that is attached is detached by its owner, when it ends.
func Attach(flow func(), sides ...Side) (refused int, err error) {
	for i, s := range sides {
		if err := s.Admit(s.Pipe, s.Peer); err != nil {
			detach(sides[:i+1])
			return i, err
		}
	}
	for i, s := range sides {
		if err := s.Attach(s.Pipe, s.Peer); err != nil {
			detach(sides)
			return i, err
		}
	}
	flow()
	for i, s := range sides {
		if err := s.Ready(s.Pipe, s.Peer); err != nil {
			detach(sides)
			return i, err
		}
	}
	return 0, nil
}

func detach(sides []Side) {
	for _, s := range sides {
		s.Detach(s.Pipe, s.Peer.Fresh)
	}
}
