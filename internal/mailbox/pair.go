package mailbox

import (
	"context"
	"math"

	"github.com/go-zactor/zactor/internal/ready"
	"github.com/go-zactor/zactor/msg"
)

// DefaultLimit is how many messages wait in one direction: 1000 on each side, as
// in libzmq, which adds both sides' high-water marks.
const DefaultLimit = 2 * 1000

// End is one end of a pair. Its zero value is of no use; see New.
type End struct {
	out *Queue[msg.Msg]
	in  *Queue[msg.Msg]
}

// New makes a pair. At most toB messages wait from a to b, and toA from b to a;
// a limit below one means DefaultLimit.
func New(toB, toA int) (a, b *End) {
	// One allocation, since a pair lives and dies as a whole.
	var p struct {
		ab, ba Queue[msg.Msg]
		a, b   End
	}
	p.ab.Init(toB)
	p.ba.Init(toA)
	p.a = End{out: &p.ab, in: &p.ba}
	p.b = End{out: &p.ba, in: &p.ab}
	return &p.a, &p.b
}

func limit(n int) int {
	if n < 1 {
		return DefaultLimit
	}
	return min(n, math.MaxInt32/2)
}

// Send queues m for the other end. While the queue is full it waits for room,
// for the end of ctx, or for a Close.
func (e *End) Send(ctx context.Context, m msg.Msg) error { return e.out.send(ctx, m, nil) }

// TrySend is Send that returns ErrAgain where Send would wait.
func (e *End) TrySend(m msg.Msg) error {
	_, err := e.out.put(m, nil, false)
	return err
}

// Recv takes the next message. While there is none it waits for one, for the end
// of ctx, or for a Close.
func (e *End) Recv(ctx context.Context) (msg.Msg, error) {
	m, _, err := e.in.recv(ctx)
	return m, err
}

// TryRecv is Recv that returns ErrAgain where Recv would wait.
func (e *End) TryRecv() (msg.Msg, error) {
	m, _, _, err := e.in.take(false)
	return m, err
}

// SendTagged is Send of a message that t comes with: RecvTagged returns both.
func (e *End) SendTagged(ctx context.Context, m msg.Msg, t *Tag) error {
	return e.out.send(ctx, m, t)
}

// TrySendTagged is SendTagged that returns ErrAgain where SendTagged would wait.
func (e *End) TrySendTagged(m msg.Msg, t *Tag) error {
	_, err := e.out.put(m, t, false)
	return err
}

// RecvTagged is Recv that also returns the message's tag, or nil.
func (e *End) RecvTagged(ctx context.Context) (msg.Msg, *Tag, error) { return e.in.recv(ctx) }

// TryRecvTagged is RecvTagged that returns ErrAgain where RecvTagged would wait.
func (e *End) TryRecvTagged() (msg.Msg, *Tag, error) {
	m, t, _, err := e.in.take(false)
	return m, t, err
}

// Len is how many messages wait to be received here.
func (e *End) Len() int { return e.in.len() }

// Waiting reports whether a receive waits here.
func (e *End) Waiting() bool {
	e.in.mu.Lock()
	defer e.in.mu.Unlock()
	return e.in.receivers.last != nil
}

// Close ends both directions, once and for all. The other end receives what is
// queued for it and then ErrClosed. What is queued for this end is thrown away,
// and its number returned. Every blocked call on either end returns.
func (e *End) Close() (dropped int) {
	e.out.close()
	return e.in.abandon(nil)
}

// CloseWith is Close that calls fn with the tag of each message that is thrown
// away and has one.
func (e *End) CloseWith(fn func(*Tag)) (dropped int) {
	e.out.close()
	return e.in.abandon(fn)
}

// CloseSend ends the outgoing direction only: the other end receives what is
// queued and then ErrClosed, and may still send.
func (e *End) CloseSend() { e.out.close() }

// Interrupt ends every Send and Recv that waits on this end, now and until
// Resume, with ErrInterrupted. What need not wait goes on as before.
func (e *End) Interrupt() { e.interrupt(true) }

// Resume undoes Interrupt.
func (e *End) Resume() { e.interrupt(false) }

func (e *End) interrupt(on bool) {
	e.out.interruptSend(on)
	e.in.interruptRecv(on)
}

// Poll implements ready.Pollable.
func (e *End) Poll() ready.Events {
	var ev ready.Events
	if e.in.readable() {
		ev |= ready.In
	}
	if e.out.writable() {
		ev |= ready.Out
	}
	return ev
}

// Notify implements ready.Pollable.
func (e *End) Notify(c chan<- struct{}) (stop func()) {
	stopIn := e.in.watch(func(w *watched) *ready.Watchers { return &w.readers }, c)
	stopOut := e.out.watch(func(w *watched) *ready.Watchers { return &w.writers }, c)
	return func() {
		stopIn()
		stopOut()
	}
}
