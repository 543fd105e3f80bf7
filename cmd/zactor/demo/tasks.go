package demo

import (
	"errors"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

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
