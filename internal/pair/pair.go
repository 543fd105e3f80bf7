package pair

import (
	"context"

	"github.com/go-zactor/zactor/internal/ready"
)

// DefaultLimit is how many values wait in one direction: 1000 on each side, as
// in libzmq, which adds both sides' high-water marks.
const DefaultLimit = 2 * 1000

// End is one end of a pair: it sends values of type S and receives values of
// type R. Its zero value is of no use; see New.
type End[S, R any] struct {
	out *queue[S]
	in  *queue[R]
}

// New makes a pair. At most toB values wait from a to b, and toA from b to a; a
// limit below one means DefaultLimit.
func New[S, R any](toB, toA int) (a *End[S, R], b *End[R, S]) {
	// One allocation, since a pair lives and dies as a whole.
	var p struct {
		ab queue[S]
		ba queue[R]
		a  End[S, R]
		b  End[R, S]
	}
	p.ab.limit, p.ba.limit = limit(toB), limit(toA)
	p.a = End[S, R]{out: &p.ab, in: &p.ba}
	p.b = End[R, S]{out: &p.ba, in: &p.ab}
	return &p.a, &p.b
}

func limit(n int) int {
	if n < 1 {
		return DefaultLimit
	}
	return n
}

// Send queues v for the other end. While the queue is full it waits for room,
// for the end of ctx, or for a Close.
func (e *End[S, R]) Send(ctx context.Context, v S) error { return e.out.send(ctx, v) }

// TrySend is Send that returns ErrAgain where Send would wait.
func (e *End[S, R]) TrySend(v S) error {
	_, err := e.out.put(v, false)
	return err
}

// Recv takes the next value. While there is none it waits for one, for the end
// of ctx, or for a Close.
func (e *End[S, R]) Recv(ctx context.Context) (R, error) { return e.in.recv(ctx) }

// TryRecv is Recv that returns ErrAgain where Recv would wait.
func (e *End[S, R]) TryRecv() (R, error) {
	v, _, err := e.in.take(false)
	return v, err
}

// Len is how many values wait to be received here.
func (e *End[S, R]) Len() int { return e.in.len() }

// Close ends both directions, once and for all. The other end receives what is
// queued for it and then ErrClosed. What is queued for this end is thrown away,
// and its number returned. Every blocked call on either end returns.
func (e *End[S, R]) Close() (dropped int) {
	e.out.close()
	return e.in.abandon()
}

// CloseSend ends the outgoing direction only: the other end receives what is
// queued and then ErrClosed, and may still send.
func (e *End[S, R]) CloseSend() { e.out.close() }

// Interrupt ends every Send and Recv that waits on this end, now and until
// Resume, with ErrInterrupted. What need not wait goes on as before.
func (e *End[S, R]) Interrupt() { e.interrupt(true) }

// Resume undoes Interrupt.
func (e *End[S, R]) Resume() { e.interrupt(false) }

func (e *End[S, R]) interrupt(on bool) {
	e.out.interrupt(&e.out.senders, on)
	e.in.interrupt(&e.in.receivers, on)
}

// Poll implements ready.Pollable.
func (e *End[S, R]) Poll() ready.Events {
	var ev ready.Events
	if e.in.readable() {
		ev |= ready.In
	}
	if e.out.writable() {
		ev |= ready.Out
	}
	return ev
}

// Watch implements ready.Pollable.
func (e *End[S, R]) Watch(c chan<- struct{}) (stop func()) {
	stopIn := e.in.watch(&e.in.readers, c)
	stopOut := e.out.watch(&e.out.writers, c)
	return func() {
		stopIn()
		stopOut()
	}
}
