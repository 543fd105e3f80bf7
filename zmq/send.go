package zmq

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/msg"
)

// errWouldBlock says that nothing was done because nobody has room, or there is
// nothing to take. It never leaves the package.
var errWouldBlock = errors.New("would block")

// outgoing is the sending state of a socket beside its policy's, guarded by sendMu.
type outgoing struct {
	none bool     // the type only receives. Never changed
	lent [][]byte // the frames of the SendBytes under way
	// spills are messages that go to a disk when the lock is not held any more.
	spills []spill

	// The shortest ways, which a policy opens and closes under sendMu. solo is the only
	// peer that can take a message: then Send goes straight to its queue. With shared all
	// that a message is for read it from one log.
	solo   atomic.Pointer[queue.Pipe]
	shared atomic.Pointer[pub]
}

// Send sends a message. It takes ownership of the frames: the caller does not
// change them afterwards. Where the socket type waits at the high-water mark (see
// the package comment) it waits until there is room, ctx ends, the send timeout
// passes (ErrAgain), or the socket closes (ErrClosed). Where there is room it does not
// look at ctx: what is ready beats a context that has ended. nil means that the message
// is queued whole; with an error nothing of it was sent.
//
// Errors: ErrNotSupported on PULL and SUB, ErrState on REQ and REP when it is not
// time to send, ErrInvalidMessage, ErrMsgTooLarge, ErrHostUnreachable on a SERVER,
// PEER or STREAM, and on a ROUTER with WithRouterMandatory, ErrAuth when the only peer refused our credentials.
func (s *Socket) Send(ctx context.Context, m msg.Msg) error {
	if s.sendSolo(m.Frames) || s.sendShort(m.Frames) {
		return nil
	}
	return s.send(ctx, s.addressed(&m))
}

// SendBytes sends a message of the given frames, which it copies: the caller may
// reuse its buffers at once. Otherwise it is as Send.
func (s *Socket) SendBytes(ctx context.Context, frames ...[]byte) error {
	if p := s.onlyPeer(frames); p != nil {
		if status, flush := p.PutCopy(frames); status == queue.OK {
			if flush {
				p.Flush()
			}
			return nil
		}
	}
	if s.sendShort(frames) {
		return nil
	}
	var p callTimeout
	for {
		s.sendMu.Lock()
		// What is copied here is only the list of frames, so that the caller's own can
		// stay on its stack.
		s.out.lent = append(s.unaddressed(s.out.lent[:0]), frames...)
		k, err := s.put(s.out.lent, true)
		clear(s.out.lent)
		if again, err := s.sent(ctx, &p, k, err); !again {
			return err
		}
	}
}

// SendString sends a message of the given frames; see Send.
func (s *Socket) SendString(ctx context.Context, frames ...string) error {
	return s.Send(ctx, msg.NewString(frames...))
}

// TrySend sends a message if that is possible at once, and returns ErrAgain
// otherwise. With an error the message stays the caller's.
func (s *Socket) TrySend(m msg.Msg) error {
	if s.sendSolo(m.Frames) {
		return nil
	}
	err := error(errOnceMore)
	for err == errOnceMore {
		s.sendMu.Lock()
		var k flush
		k, err = s.put(s.addressed(&m), false)
		err = s.endPut(k, err)
	}
	if err == errWouldBlock {
		if err = s.usable(); err == nil {
			err = ErrAgain
		}
	}
	return s.wrapOp("send", err)
}

// SendBatch sends the messages in order and returns how many were sent; it waits
// like Send for each, and like Send it looks at ctx only where it has to wait. The error
// says why it stopped before the end.
func (s *Socket) SendBatch(ctx context.Context, ms []msg.Msg) (int, error) {
	for n := 0; n < len(ms); {
		k, err := s.tryBatchSend(ms[n:])
		n += k
		if err == errWouldBlock {
			if err = s.Send(ctx, ms[n]); err != nil {
				return n, err
			}
			n++
			continue
		}
		if err != nil {
			return n, s.wrapOp("send", err)
		}
	}
	return len(ms), nil
}

// tryBatchSend sends what there is room for, under one hold of the lock.
func (s *Socket) tryBatchSend(ms []msg.Msg) (n int, err error) {
	if n = s.batchSolo(ms); n > 0 {
		return n, nil
	}
	var flushes flush
	s.sendMu.Lock()
	for n < len(ms) && err == nil && s.out.spills == nil {
		var k flush
		if k, err = s.put(s.addressed(&ms[n]), false); err == nil {
			n++
		}
		flushes.merge(k)
	}
	spilled := s.out.spills != nil // the last one's, and none may pass it
	late := s.unlock(flushes)
	if late == nil {
		return n, err
	}
	if spilled && err == nil {
		n--
	}
	return n, late
}

// onlyPeer is where frames may go without further ado: the one peer that can take
// a message, if the socket and the message are as they should be.
func (s *Socket) onlyPeer(frames [][]byte) *queue.Pipe {
	p := s.out.solo.Load()
	if p == nil || s.maySend(frames) != nil {
		return nil
	}
	return p
}

// sendSolo sends to the only peer; false when that is not possible at once, and
// nothing was done.
func (s *Socket) sendSolo(frames [][]byte) bool {
	p := s.onlyPeer(frames)
	if p == nil {
		return false
	}
	status, flush := p.Put(nil, frames, false)
	if flush {
		p.Flush()
	}
	return status == queue.OK
}

// soloBatch is how many messages are queued under one hold of a lock.
const soloBatch = 128

// batchSolo sends to the only peer what that has room for, up to a number.
func (s *Socket) batchSolo(ms []msg.Msg) (n int) {
	p := s.out.solo.Load()
	if p == nil {
		return 0
	}
	ms = ms[:min(len(ms), soloBatch)]
	for i := range ms {
		if s.onlyPeer(ms[i].Frames) != p {
			ms = ms[:i]
			break
		}
	}
	n, _, flush := p.PutBatch(ms)
	if flush {
		p.Flush()
	}
	return n
}

// sendShort sends to subscribers that read together; false when that is not possible, and
// nothing was done.
func (s *Socket) sendShort(frames [][]byte) bool {
	f := s.out.shared.Load()
	if f == nil || s.checkMsg(frames) != nil {
		return false
	}
	s.sendMu.Lock()
	if s.usable() != nil {
		s.sendMu.Unlock()
		return false
	}
	k, ok := f.putShort(frames)
	if ok {
		s.stats.sent(frames)
	}
	s.sendMu.Unlock()
	k.run()
	return ok
}

func (s *Socket) send(ctx context.Context, frames [][]byte) error {
	var p callTimeout
	for {
		s.sendMu.Lock()
		k, err := s.put(frames, false)
		if again, err := s.sent(ctx, &p, k, err); !again {
			return err
		}
	}
}

// sent ends an attempt to send, with sendMu held on entry and not on return. When
// there was no room it waits for some, and says that the caller may try again.
func (s *Socket) sent(ctx context.Context, p *callTimeout, k flush, err error) (again bool, _ error) {
	if err != errWouldBlock {
		if err = s.endPut(k, err); err == errOnceMore {
			return true, nil
		} else if err != nil {
			err = s.wrapOp("send", err)
		}
		return false, err
	}
	w := s.zc.waiters.take()
	s.sends.add(w)
	s.sendMu.Unlock()
	k.run()
	if err := s.usable(); err != nil {
		s.leaveSends(w)
		return false, s.wrapOp("send", err)
	}
	if err := s.wait(ctx, w, p.left(s.opts.sendTimeout())); err != nil {
		s.leaveSends(w)
		return false, s.waited("send", err, s.whyNoRoom)
	}
	s.zc.waiters.give(w)
	return true, nil
}

// errOnceMore says that the disk of the peer that was picked had no room, so that another
// one is to be picked, or room waited for. It never leaves the package.
var errOnceMore = errors.New("once more")

// endPut ends a put that has not answered errWouldBlock, or has and is not waited for, with
// sendMu held on entry and not on return.
func (s *Socket) endPut(k flush, err error) error {
	late := s.unlock(k)
	switch {
	case err != nil:
		return err
	case late == errWouldBlock:
		return errOnceMore
	}
	return late
}

// leaveSends takes a sender off the list. All who wait are woken together, so a
// wake-up that came too late need not be passed on.
func (s *Socket) leaveSends(w waiter) {
	s.sendMu.Lock()
	s.sends.remove(w)
	s.sendMu.Unlock()
	s.zc.waiters.give(w)
}

// put queues a message by the type's policy, or says errWouldBlock. Callers hold
// sendMu.
func (s *Socket) put(frames [][]byte, copied bool) (flush, error) {
	if err := s.maySend(frames); err != nil {
		return flush{}, err
	}
	k, err := s.tx.put(frames, copied)
	if err == nil && !s.kind.counted {
		body := s.body(frames)
		s.stats.sent(body)
		if n := len(s.out.spills); n > 0 { // taken back, should it not get there
			s.out.spills[n-1].sent = tally{1, uint64(bytesOf(body))}
		}
	}
	return k, err
}

// maySend looks at the socket and the message.
func (s *Socket) maySend(frames [][]byte) error {
	if err := s.usable(); err != nil {
		return err
	}
	return s.checkMsg(frames)
}

// checkMsg refuses what no socket type can send.
func (s *Socket) checkMsg(frames [][]byte) error {
	if len(frames) == 0 {
		return fmt.Errorf("%w: it has no frames, a message has at least one", ErrInvalidMessage)
	}
	if s.kind.onePart {
		if frames = s.body(frames); len(frames) != 1 {
			return s.onePart(frames)
		}
	}
	limit := s.zc.maxMsg
	if limit <= 0 {
		return nil
	}
	size := 0
	for _, f := range frames {
		size += len(f)
	}
	if size > limit {
		return fmt.Errorf("%w: %d bytes, the context's limit is %d", ErrMsgTooLarge, size, limit)
	}
	return nil
}

// hasRoom is called by a pipe that has room again.
func (s *Socket) hasRoom(p *queue.Pipe) {
	s.sendMu.Lock()
	k := s.tx.room(p)
	s.sends.wakeAll()
	_ = s.unlock(k) // what did not get to a disk is the policy's again
	s.watch.notify()
}
