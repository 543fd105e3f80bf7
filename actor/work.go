package actor

import (
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/go-zactor/zactor/internal/mailbox"
)

// errResting is returned by the loop of a life that has nothing to do: from then on
// it belongs to the goroutine that wakes it.
var errResting = errors.New("actor: resting")

// run works until there is nothing to do, or the life ends. It returns the life that
// follows at once; nil when there is none.
func (c *Context[M]) run() (next *Context[M]) {
	var failure error
	resting, returned := false, false
	defer func() {
		if !resting {
			next = c.exit(returned, failure, recover())
		}
	}()
	err := c.loop()
	if err == errResting {
		resting = true // c is not ours any more
		return nil
	}
	returned, failure = true, err
	return nil
}

func (c *Context[M]) loop() error {
	r := c.r
	if c.h == nil {
		if err := c.setUp(); err != nil {
			return err
		}
	} else if err := c.woken(); err != nil {
		return err
	}
	for {
		if c.flags.Load()&(isTold|isNoted) != 0 {
			if err := c.attend(); err != nil {
				return err
			}
		}
		if q := &r.own; q.Begun() && r.ahead.Load() == 0 { // as next does, without a call
			m := q.Pop()
			if q.Owes() {
				q.LetOn()
			}
			if err := c.handle(m); err != nil {
				return err
			}
			continue
		}
		m, err := c.next()
		switch err {
		case nil:
		case mailbox.ErrParked:
			return errResting
		case mailbox.ErrInterrupted:
			if r.shares && r.is(draining) && r.queued() == 0 {
				r.drained()
				return nil
			}
			continue
		default:
			r.drained()
			return nil
		}
		if err := c.handle(m); err != nil {
			return err
		}
	}
}

// next takes the next message.
func (c *Context[M]) next() (m M, err error) {
	r := c.r
	if r.ahead.Load() > 0 {
		all := r.also().front
		r.setFront(all[1:])
		return all[0], nil
	}
	if x := c.more.Load(); x != nil && x.idle != nil && r.queue().Len() == 0 {
		c.startIdle(x)
	}
	if r.shares {
		return r.queue().Next(&r.me)
	}
	return r.own.NextAlone(&r.me)
}

// woken works on what a rest has ended with.
func (c *Context[M]) woken() error {
	m, err := c.r.me.Woken()
	if x := c.more.Load(); x != nil && x.idle != nil && err == nil {
		x.idle.pause()
	}
	switch {
	case err == mailbox.ErrInterrupted:
		if c.r.shares && c.r.is(draining) && c.r.queued() == 0 {
			c.r.drained()
			return errEnd
		}
		return nil
	case err != nil:
		c.r.drained()
		return errEnd
	case c.flags.Load()&isTold != 0:
		c.r.setFront(append([]M{m}, c.r.takeFront()...)) // for the next life, or to be counted
		return nil
	}
	return c.handle(m)
}

// errEnd is returned by the loop of a life that was told to end.
var errEnd = fmt.Errorf("told to end: %w", ErrClosed)

func (c *Context[M]) setUp() error {
	if c.flags.Load()&isTold != 0 {
		return errEnd
	}
	h, err := c.r.setup(c)
	if err == nil && h == nil {
		err = fmt.Errorf("%w: the setup returned neither a handler nor an error: return a Handler, or call Become", ErrOption)
	}
	if err != nil {
		return err
	}
	if c.h == nil { // else setup has called Become
		c.h = h
	}
	c.flags.Or(isReady)
	c.begins()
	c.r.readied(c)
	return nil
}

// drained enters that the queue is closed and empty: nothing will come any more.
func (r *Ref[M]) drained() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.phase |= final
}

// handle has the handler work on m.
func (c *Context[M]) handle(m M) error {
	if c.r.asks {
		if f, is := any(m).(failer); is {
			return c.handleQuestion(f.base(), m)
		}
	}
	c.held, c.hand = 1, m
	if !c.r.counted { // the common case, without another call
		if err := c.h(c, m); err != nil {
			return err
		}
	} else if err := c.call(m); err != nil {
		return err
	}
	var none M
	c.held, c.hand = 0, none
	return nil
}

// call is the call of the handler.
func (c *Context[M]) call(m M) error {
	c.r.listed.one()
	if c.r.slow == 0 {
		return c.h(c, m)
	}
	t := time.AfterFunc(c.r.slow, func() {
		orFail(c, "actor: slow message", func() { c.r.unit.tell(Event{Kind: Slow, Type: fmt.Sprintf("%T", m)}) })
	})
	defer t.Stop()
	return c.h(c, m)
}

// release lets go of the message in hand.
func (c *Context[M]) release() {
	var none M
	c.held, c.hand, c.ask = 0, none, nil
}

// handleQuestion is handle for a message that may have been asked: not when the
// asker has left. One that is not answered when the handler returns is to be
// answered later.
func (c *Context[M]) handleQuestion(k *call, m M) error {
	if !k.live() {
		k.expire(&c.r.unit)
		return nil
	}
	k.holder.Store(&c.r.unit)
	c.held, c.hand, c.ask = 1+k.passes.Load(), m, k
	if err := c.call(m); err != nil {
		return err
	}
	if c.held == 1+k.passes.Load() && k.isOpen() {
		k.holder.CompareAndSwap(&c.r.unit, nil) // its answer does not wait for the handler
		c.extra().open.add(k)
	}
	c.release()
	return nil
}

// expire closes a question whose asker has left.
func (k *call) expire(u *unit) {
	if k.ctx != nil && k.ctx.Err() != nil {
		k.fails.fail(answered, k.ctx.Err())
	}
	u.count(func(s *Stats) { s.Expired++ })
}

// attend deals with what has come past the mailbox.
func (c *Context[M]) attend() error {
	if c.flags.Load()&isTold != 0 {
		return errEnd
	}
	c.flags.And(^isNoted)
	x := c.extra()
	x.mu.Lock()
	notes := x.notes
	x.notes = nil
	x.mu.Unlock()
	for _, n := range notes {
		if x.idle != nil && n.of != x.idle {
			x.idle.pause()
		}
		switch {
		case n.fail != nil:
			return n.fail
		case n.of != nil && !n.of.fired():
			continue
		case c.flags.Load()&isTold != 0:
			return errEnd
		}
		if err := c.handle(n.m); err != nil {
			return err
		}
	}
	return nil
}

// note has m reach the actor past its mailbox, unless the life has ended.
func (c *Context[M]) note(n note[M]) {
	x := c.extra()
	x.mu.Lock()
	x.notes = append(x.notes, n)
	x.mu.Unlock()
	c.flags.Or(isNoted)
	c.r.queue().Nudge(&c.r.me)
}

// exit closes the books of a life, also when the handler panics or calls
// runtime.Goexit.
func (c *Context[M]) exit(returned bool, err error, panicked any) (next *Context[M]) {
	r := c.r
	switch {
	case panicked != nil:
		err = newPanicError(panicked)
	case !returned:
		err = errGoexit
	}
	err = c.verdict(err, panicked != nil)
	c.tell(ErrClosed) // ends its context
	c.flags.Or(isPast)
	c.h = nil                          // the state of this life ends with it
	if l := c.links; l.unlink != nil { // tell has made it
		l.unlink()
	}
	c.drop(err)
	if x := c.more.Load(); x != nil {
		err = c.exitExtra(x, err)
	}
	follows := r.leave(c, err)
	c.begins() // New waits for nothing else
	if follows == nil {
		return nil
	}
	if panicked == nil && !returned {
		r.launch(follows) // this goroutine is at its end
		return nil
	}
	return follows.(*Context[M])
}

// verdict is the error of the life: none when it only says that the life was told to
// end. A panic never says that, whatever it was with.
func (c *Context[M]) verdict(err error, panicked bool) error {
	why := c.cause()
	switch {
	case panicked:
		return err
	case why == errLate:
		return errLate
	case failure(why) != nil:
		return failure(why)
	case errors.Is(why, ErrGaveUp):
		return why // its children's failure is what has ended it
	case err == errEnd:
		return nil
	case why != nil && (errors.Is(err, c.Err()) || errors.Is(err, net.ErrClosed)):
		return nil // sockets that were made with the actor's context close with it
	case errors.Is(err, ErrClosed) && c.r.is(final|draining):
		return nil
	}
	return err
}

// drop is for the message in hand when a life ends: it is not delivered again.
func (c *Context[M]) drop(why error) {
	if c.held == 0 {
		return
	}
	m, k, held := c.hand, c.ask, c.held
	c.release()
	if k != nil && k.state.Load() != fresh {
		if held == 1+k.passes.Load() { // else it was sent on
			k.fails.fail(cutOff, noReply(why))
		}
		return
	}
	c.r.count(func(s *Stats) { s.DeadLetters++ })
	if c.r.listened() {
		c.r.unit.tell(Event{Kind: DeadLetter, Err: why, Type: fmt.Sprintf("%T", m)})
	}
}

// exitExtra ends what a life has begun: nothing of it is left when it has ended.
func (c *Context[M]) exitExtra(x *lifeExtra[M], err error) error {
	for t := range x.timers {
		t.Stop()
	}
	if x.idle != nil {
		x.idle.Stop()
	}
	for _, stop := range x.watches {
		stop()
	}
	x.mu.Lock()
	kids := x.kids
	x.mu.Unlock()
	err = kids.close(err)
	x.running.Wait()
	x.open.end(noReply(err))
	c.Unstash()
	return err
}
