package zmq4

import (
	"bytes"
	"context"
	"fmt"

	"github.com/go-zactor/zactor/msg"
)

// Send sends a part of a message, the last one unless flags has SNDMORE. A message is
// queued whole with its last part, so that is where EAGAIN, EFSM and EHOSTUNREACH come;
// the parts before it then stay, for another attempt. It returns len(data), or -1.
func (soc *Socket) Send(data string, flags Flag) (int, error) { return soc.send([]byte(data), flags) }

// SendBytes is Send. It copies data.
func (soc *Socket) SendBytes(data []byte, flags Flag) (int, error) {
	return soc.send(bytes.Clone(data), flags)
}

// send takes data over.
func (soc *Socket) send(data []byte, flags Flag) (int, error) {
	if _, err := soc.use(); err != nil {
		return -1, err
	}
	if soc.ctx.tooLong(len(data)) {
		return -1, EMSGSIZE
	}
	soc.mu.Lock()
	parts := append(soc.parts, data)
	soc.parts = parts
	soc.mu.Unlock()
	if flags&SNDMORE != 0 {
		return len(data), nil
	}
	if err := soc.deliver(parts, flags); err != nil {
		soc.mu.Lock()
		soc.parts = parts[:len(parts)-1] // the next attempt gives the last part again
		soc.mu.Unlock()
		return -1, err
	}
	return len(data), nil
}

// deliver sends a whole message, after which no parts wait.
func (soc *Socket) deliver(parts [][]byte, flags Flag) error {
	m := msg.Msg{Frames: parts}
	var err error
	if flags&DONTWAIT != 0 {
		err = soc.core.TrySend(m)
	} else {
		err = soc.core.Send(context.Background(), m)
	}
	if err != nil {
		return errnoOf(err)
	}
	soc.mu.Lock()
	defer soc.mu.Unlock()
	soc.parts = nil
	return nil
}

// SendMessage sends a message of many parts. A []string or [][]byte stands for as many
// parts as it has; a part of another type than string and []byte is sent as fmt.Sprint
// has it. It returns how many bytes that were, or -1; without any part nothing is sent.
func (soc *Socket) SendMessage(parts ...interface{}) (total int, err error) {
	return soc.sendMessage(0, parts)
}

// SendMessageDontwait is SendMessage that returns EAGAIN instead of waiting.
func (soc *Socket) SendMessageDontwait(parts ...interface{}) (total int, err error) {
	return soc.sendMessage(DONTWAIT, parts)
}

func (soc *Socket) sendMessage(flags Flag, parts []any) (total int, err error) {
	if _, err := soc.use(); err != nil {
		return -1, err
	}
	frames := flatten(parts)
	if len(frames) == 0 {
		return 0, nil
	}
	for _, f := range frames {
		if soc.ctx.tooLong(len(f)) {
			return -1, EMSGSIZE
		}
		total += len(f)
	}
	soc.mu.Lock()
	frames = append(soc.parts[:len(soc.parts):len(soc.parts)], frames...)
	soc.mu.Unlock()
	if err := soc.deliver(frames, flags); err != nil {
		return -1, err
	}
	return total, nil
}

// flatten makes the parts of a message of all that a part may be.
func flatten(parts []any) (frames [][]byte) {
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			frames = append(frames, []byte(p))
		case []byte:
			frames = append(frames, bytes.Clone(p))
		case []string:
			for _, s := range p {
				frames = append(frames, []byte(s))
			}
		case [][]byte:
			for _, b := range p {
				frames = append(frames, bytes.Clone(b))
			}
		default:
			frames = append(frames, fmt.Append(nil, p))
		}
	}
	return frames
}
