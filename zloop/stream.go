package zloop

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/go-zactor/zactor/internal/contain"
)

// Stream is a connection that carries messages: see Loop.Stream.
type Stream struct {
	*Handle
	conn    net.Conn
	framing Framing
	out     writeBuffer
}

// StreamOption changes a Stream.
type StreamOption struct{ apply func(*Stream) error }

// WithWriteBuffer sets how many bytes may wait to be written; the default is 1 MiB.
func WithWriteBuffer(n int) StreamOption {
	return StreamOption{func(s *Stream) error {
		if n < 1 {
			return fmt.Errorf("%w: WithWriteBuffer: %d: must be at least 1", ErrOption, n)
		}
		s.out.limit = n
		return nil
	}}
}

// Stream calls fn with each message that c receives, as the framing cuts them; it is
// fn's only until fn returns. One message is one turn. No more than one read and one
// message are held. A peer that sends what is no message ends the handle with
// ErrFrame, the end of the stream with io.EOF: see OnEnd. For the rest see Conn.
//
// Its Send writes messages. c is not closed.
func (l *Loop) Stream(c net.Conn, f Framing, fn func(m []byte) error, opts ...StreamOption) *Stream {
	s := &Stream{conn: c, framing: f}
	s.out = writeBuffer{limit: 1 << 20, conn: c}
	if isNil(c) || fn == nil {
		s.Handle = l.refusedHandle(c, "Stream")
		return s
	}
	if err := s.configure(opts); err != nil {
		l.refuse(err)
		s.Handle = l.refusedHandle(c, "Stream")
		s.err = err
		return s
	}
	src := &streamSource{connSource: newConnSource(l, c, nil), framing: f, each: fn}
	src.fn = src.arrived
	src.out = &s.out
	s.out.wake = l.rescan
	s.Handle = l.add(c, src, nil)
	return s
}

func (s *Stream) configure(opts []StreamOption) error {
	if err := s.framing.check(); err != nil {
		return err
	}
	for _, o := range opts {
		if err := o.apply(s); err != nil {
			return err
		}
	}
	return nil
}

// Send queues a message to be written; it copies m, and never blocks. It may be
// called from any goroutine. A failed write ends the handle, with the error.
//
// Errors: ErrFull when the buffer has no room now (OnRoom tells when it has),
// ErrFrame for a message that the framing can't carry, ErrClosed after Stop or a
// failed write.
func (s *Stream) Send(m []byte) error { return s.out.add(s.framing, m) }

// Flush waits until all that was sent is written, or ctx ends.
func (s *Stream) Flush(ctx context.Context) error { return s.out.flush(ctx) }

// OnRoom has fn called, on the loop's goroutine, when all is written after a Send
// that returned ErrFull.
func (s *Stream) OnRoom(fn func() error) {
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	s.out.onRoom = fn
}

// streamSource cuts what a connSource receives.
type streamSource struct {
	*connSource
	framing Framing
	each    func([]byte) error
	out     *writeBuffer
	held    []byte // received, and not yet given to each
	looked  int    // so much of it was looked at, in vain
}

func (s *streamSource) turn() (ran bool, ended, err error) {
	if err := s.out.failed(); err != nil {
		return false, err, nil
	}
	if fn := s.out.room(); fn != nil {
		return true, nil, fn()
	}
	if ran, ended, err = s.one(); ran || ended != nil {
		return ran, ended, err
	}
	if ran, ended, err = s.connSource.turn(); ended != nil || err != nil {
		return ran, ended, err
	}
	return ran, nil, nil // what has arrived is cut in the next turn
}

// one hands out one message, if a whole one is there.
func (s *streamSource) one() (ran bool, ended, err error) {
	if len(s.held) == 0 {
		return false, nil, nil
	}
	m, n, err := s.framing.cut(s.held, s.looked)
	if err != nil {
		return false, err, nil
	}
	if n == 0 {
		s.looked = len(s.held)
		return false, nil, nil
	}
	rest := s.held[n:]
	defer func() { s.held, s.looked = s.keep(rest), 0 }()
	return true, nil, s.each(m)
}

// keep returns what is left to be held; an empty large buffer is let go.
func (s *streamSource) keep(rest []byte) []byte {
	if len(rest) == 0 && cap(s.held) > maxRead {
		return nil
	}
	return rest
}

func (s *streamSource) arrived(data []byte) error {
	s.held = append(s.held, data...)
	return nil
}

func (s *streamSource) halt(final bool) {
	s.connSource.halt(final)
	s.out.halt(final)
}

func (s *streamSource) start() {
	s.out.resume()
	s.connSource.start()
}

// writeBuffer holds what waits to be written. Its goroutine exists only while there
// is something, and belongs to the handle: halt ends it and waits for it.
type writeBuffer struct {
	conn  net.Conn
	wake  func()
	limit int

	mu      sync.Mutex
	data    []byte        // guarded by mu, as is all that follows
	writing int           // bytes in the hand of the goroutine
	spare   []byte        // to be data again
	halted  bool          // the loop does not run
	done    chan struct{} // closed at the end of the goroutine; nil when there is none
	err     error         // of a write
	blocked bool          // the writer wants to hear of room
	onRoom  func() error
	idle    []chan struct{} // of flush: closed when nothing waits
}

func (b *writeBuffer) add(f Framing, m []byte) error {
	if f.put == nil {
		return fmt.Errorf("%w: no framing", ErrHandler)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return fmt.Errorf("%w: %w", ErrClosed, b.err)
	}
	if waits := len(b.data) + b.writing; waits > 0 && waits+len(m) > b.limit {
		b.blocked = true
		return ErrFull
	}
	if b.data == nil {
		b.data, b.spare = b.spare, nil
	}
	data, err := f.put(b.data, m)
	if err != nil {
		return err
	}
	b.data = data
	b.ensure()
	return nil
}

// ensure starts the goroutine; the caller holds mu.
func (b *writeBuffer) ensure() {
	if b.done == nil && !b.halted && len(b.data) > 0 && b.err == nil {
		b.done = make(chan struct{})
		go b.write(b.done)
	}
}

// write is the writing goroutine. A connection that panics is at its end.
func (b *writeBuffer) write(done chan struct{}) {
	defer close(done)
	contain.Run("write", func() error {
		b.send()
		return nil
	}, func(p error) {
		if p != nil {
			b.failedWith(panicked(p))
		}
	}, nil)
}

func (b *writeBuffer) failedWith(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err, b.writing, b.done = err, 0, nil
	b.settle()
}

func (b *writeBuffer) send() {
	for {
		b.mu.Lock()
		data := b.data
		if len(data) == 0 || b.halted || b.err != nil {
			b.done = nil
			b.settle()
			b.mu.Unlock()
			return
		}
		b.data, b.writing = nil, len(data)
		b.mu.Unlock()
		n, err := b.conn.Write(data)
		n = min(max(n, 0), len(data)) // what a connection of the program's says counts only where it can be
		b.mu.Lock()
		b.writing = 0
		switch {
		case b.halted: // err is halt's deadline: what is left goes first, the next time
			b.data = append(data[n:len(data):len(data)], b.data...)
		case err != nil:
			b.err = err
		case cap(data) <= maxRead:
			b.spare = data[:0]
		}
		b.mu.Unlock()
	}
}

// settle tells those who wait that nothing is left to write, or will be.
func (b *writeBuffer) settle() {
	if len(b.data) == 0 || b.err != nil {
		for _, c := range b.idle {
			close(c)
		}
		b.idle = nil
	}
	b.wake()
}

func (b *writeBuffer) flush(ctx context.Context) error {
	b.mu.Lock()
	if len(b.data)+b.writing == 0 || b.err != nil {
		defer b.mu.Unlock()
		return b.err
	}
	c := make(chan struct{})
	b.idle = append(b.idle, c)
	b.mu.Unlock()
	select {
	case <-c:
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// failed returns the error of a write.
func (b *writeBuffer) failed() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

// room returns what is to be called because there is room again.
func (b *writeBuffer) room() func() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.blocked || b.onRoom == nil || len(b.data)+b.writing > 0 {
		return nil
	}
	b.blocked = false
	return b.onRoom
}

// halt ends the goroutine. What waits then is written when the loop runs again,
// unless that is final.
func (b *writeBuffer) halt(final bool) {
	b.mu.Lock()
	b.halted = true
	if final && b.err == nil {
		b.err = ErrClosed
		b.settle()
	}
	done := b.done
	b.mu.Unlock()
	if done == nil {
		return
	}
	if b.conn.SetWriteDeadline(time.Unix(1, 0)) != nil {
		_ = b.conn.Close()
	}
	<-done
	_ = b.conn.SetWriteDeadline(time.Time{})
}

func (b *writeBuffer) resume() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.halted = false
	b.ensure()
}
