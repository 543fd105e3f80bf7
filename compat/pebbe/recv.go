package zmq4

import (
	"context"

	"github.com/go-zactor/zactor/msg"
)

// peer tells who sent a message.
type peer = msg.Peer

// Recv receives the next part; GetRcvmore says whether it has more.
//
// Errors: EAGAIN when nothing is there and flags has DONTWAIT, or the receive timeout
// has passed; ETERM when the context was terminated; EFSM on REQ and REP out of turn.
func (soc *Socket) Recv(flags Flag) (string, error) {
	b, err := soc.RecvBytes(flags)
	return string(b), err
}

// RecvBytes is Recv. The bytes are the caller's.
func (soc *Socket) RecvBytes(flags Flag) ([]byte, error) {
	b, _, err := soc.part(flags)
	return b, err
}

// part takes the next part of the message under way, or the first one of the next.
func (soc *Socket) part(flags Flag) (b []byte, from peer, err error) {
	if _, err := soc.use(); err != nil {
		return nil, from, err
	}
	if b, from, ok := soc.takePart(); ok {
		return b, from, nil
	}
	m, err := soc.next(flags)
	if err != nil {
		return nil, from, err
	}
	from = m.Peer()
	soc.mu.Lock()
	defer soc.mu.Unlock()
	soc.rest, soc.from = m.Frames[1:], from
	return m.Frames[0], from, nil
}

func (soc *Socket) takePart() (b []byte, from peer, ok bool) {
	soc.mu.Lock()
	defer soc.mu.Unlock()
	if len(soc.rest) == 0 {
		return nil, from, false
	}
	b, soc.rest = soc.rest[0], soc.rest[1:]
	return b, soc.from, true
}

// next takes a whole message from the core.
func (soc *Socket) next(flags Flag) (msg.Msg, error) {
	var m msg.Msg
	var err error
	if flags&DONTWAIT != 0 {
		m, err = soc.core.TryRecv()
	} else {
		m, err = soc.core.Recv(context.Background())
	}
	return m, errnoOf(err)
}

// RecvMessage receives all parts of a message, or those that are left of the one under
// way.
func (soc *Socket) RecvMessage(flags Flag) (msg []string, err error) {
	parts, _, err := soc.message(flags)
	return texts(parts), err
}

// RecvMessageBytes is RecvMessage. The bytes are the caller's.
func (soc *Socket) RecvMessageBytes(flags Flag) (msg [][]byte, err error) {
	msg, _, err = soc.message(flags)
	return msg, err
}

func (soc *Socket) message(flags Flag) (parts [][]byte, from peer, err error) {
	first, from, err := soc.part(flags)
	if err != nil {
		return [][]byte{}, from, err
	}
	soc.mu.Lock()
	defer soc.mu.Unlock()
	parts = append([][]byte{first}, soc.rest...)
	soc.rest = nil
	return parts, from, nil
}

func texts(parts [][]byte) []string {
	all := make([]string, len(parts))
	for i, p := range parts {
		all[i] = string(p)
	}
	return all
}
