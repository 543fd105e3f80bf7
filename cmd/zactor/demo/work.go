package demo

import (
	"errors"
	"time"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zloop"
	"github.com/go-zactor/zactor/zmq"
)

const (
	tasksPerTick = 10

	// resultDue is after how long a task is given out again. One that was only slow
	// is then done twice, and its second result ignored.
	resultDue = time.Second
)

// work is the boss's side of the pipeline. PUSH hands each task to some node, and
// does not say to which; when a node dies, what it had in hand dies with it. So
// each open task has a ticket, and is given out again when that fires. A ticket
// costs the same however many there are.
type work struct {
	loop *zloop.Loop
	out  *zmq.Socket
	open map[uint64]*zloop.Ticket

	issued   uint64
	requeued uint64
	wrong    uint64
}

func newWork(l *zloop.Loop, out *zmq.Socket) *work {
	return &work{loop: l, out: out, open: map[uint64]*zloop.Ticket{}}
}

// issue gives out the next tasks, as far as there is anyone to take them.
func (w *work) issue() error {
	for range tasksPerTick {
		x := w.issued + 1
		sent, err := w.send(x)
		if !sent {
			return err
		}
		w.issued = x
		w.open[x] = w.loop.Ticket(resultDue, func() error { return w.requeue(x) })
	}
	return nil
}

func (w *work) send(x uint64) (bool, error) {
	err := w.out.TrySend(msg.NewString(msgTask, number(x)))
	if errors.Is(err, zmq.ErrAgain) {
		return false, nil
	}
	return err == nil, err
}

// requeue gives a task out again. If nobody takes it now, it is tried again later.
func (w *work) requeue(x uint64) error {
	w.open[x].Reset()
	sent, err := w.send(x)
	if sent {
		w.requeued++
	}
	return err
}

// done takes a result.
func (w *work) done(m msg.Msg) error {
	m.Pop() // RESULT
	x, ok := popNumber(&m)
	square, ok2 := popNumber(&m)
	if !ok || !ok2 {
		return nil
	}
	if square != x*x {
		w.wrong++
	}
	if ticket, open := w.open[x]; open {
		ticket.Stop()
		delete(w.open, x)
	}
	return nil
}

// idle reports whether every task has its result.
func (w *work) idle() bool { return len(w.open) == 0 }

// work does a task of the boss. A result that can't be sent is not waited for:
// the boss gives the task out again.
func (n *node) work(m msg.Msg) error {
	n.counts.Received++
	if n.doomed {
		panic("the boss told " + n.name + " to, in the midst of its work")
	}
	m.Pop() // TASK
	x, ok := popNumber(&m)
	if !ok {
		return nil
	}
	err := n.results.TrySend(msg.NewString(msgResult, number(x), number(x*x)))
	if errors.Is(err, zmq.ErrAgain) {
		return nil
	}
	n.counts.Tasks++
	return err
}
