package zmq

import (
	"errors"
	"fmt"

	"github.com/go-zactor/zactor/internal/buf"
	"github.com/go-zactor/zactor/internal/queue"
)

// A message that goes to a disk goes there when no lock of the socket is held: a policy
// leaves it in outgoing.spills, and who has called the policy hands it over (runSpills)
// before its call returns. So one goroutine's messages keep their order, and a disk that
// is slow holds up those only who send there.

// spill is one message on its way to the disk of a peer's swap.
type spill struct {
	p     *queue.Pipe
	enc   []byte   // the message, in ZMTP 2.0 framing
	size  int      // of its frames; -1 where it was counted before
	owned [][]byte // frames to give back once it is there
	to    *peer    // one of many, which may miss it; nil: the only one
	sent  tally    // what the socket has counted for it

	undo func() // takes back what put has noted; with sendMu held. May be nil
	done func() // comes after it is there; with sendMu held. May be nil
}

// spill leaves a message for the disk of p. The caller holds sendMu.
func (s *Socket) spill(p *queue.Pipe, pre, frames [][]byte, copied bool) *spill {
	j := spill{p: p, enc: queue.Encode(pre, frames), size: bytesOf(pre) + bytesOf(frames)}
	if !copied {
		j.owned = frames
	}
	s.out.spills = append(s.out.spills, j)
	return &s.out.spills[len(s.out.spills)-1]
}

// runSpills waits for the disk. errWouldBlock says that the only peer had no room there,
// so that put is to be asked again. The caller holds no lock.
func (s *Socket) runSpills(list []spill) (err error) {
	for i := range list {
		j := &list[i]
		status, wants, why := j.p.Spill(j.enc, j.size)
		if wants {
			j.p.Flush()
		}
		if status == queue.OK {
			for _, f := range j.owned {
				buf.Free(f)
			}
		}
		if failed := s.spilled(j, status, why); failed != nil {
			err = failed
		}
	}
	return err
}

// spilled draws the consequences of what the disk has said.
func (s *Socket) spilled(j *spill, status queue.Status, why error) error {
	s.sendMu.Lock()
	defer s.sendMu.Unlock()
	switch {
	case status == queue.OK:
		if j.done != nil {
			j.done()
		}
		return nil
	case j.to != nil && status == queue.Closed:
		s.stats.drop(dropPeerGone)
		return nil
	case j.to != nil:
		s.dropFull(j.to)
		return nil
	}
	if j.undo != nil {
		j.undo()
	}
	s.stats.out.msgs -= j.sent.msgs
	s.stats.out.bytes -= j.sent.bytes
	if status == queue.Failed {
		return swapError(why)
	}
	return errWouldBlock
}

// putAlone queues a message of the socket's own for one peer, or drops it. The caller holds
// no lock.
func (s *Socket) putAlone(p *queue.Pipe, frames [][]byte) {
	status, wants := p.Put(nil, frames, true)
	if status == queue.Spilled {
		_, wants, _ = p.Spill(queue.Encode(nil, frames), bytesOf(frames))
	}
	if wants {
		p.Flush()
	}
}

// unlock ends a call of a policy: it gives sendMu back, and then does what may not be done
// under it. errWouldBlock is runSpills'.
func (s *Socket) unlock(k flush) error {
	spills := s.out.spills
	s.out.spills = nil
	s.sendMu.Unlock()
	k.run()
	if spills == nil {
		return nil
	}
	return s.runSpills(spills)
}

func bytesOf(frames [][]byte) (n int) {
	for _, f := range frames {
		n += len(f)
	}
	return n
}

// swapError is what Send returns when a disk has refused a message.
func swapError(err error) error {
	if errors.Is(err, ErrSwap) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrSwap, err)
}
