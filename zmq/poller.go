package zmq

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/go-zactor/zactor/internal/ready"
)

// PollEvents is a set of the things that would not block.
type PollEvents = ready.Events

// The members of PollEvents.
const (
	PollIn  = ready.In  // a receive would return a message, or an error, at once
	PollOut = ready.Out // a send would return at once
)

// Pollable is a thing whose readiness can be asked for and waited for: a *Socket,
// an *actor.Actor or *actor.Pipe, or a type of your own with these methods.
//
//	// Poll returns what would not block right now. It is a level: it stays
//	// until a call changes it. A closed thing reports PollIn|PollOut, so that
//	// the next call is made and returns the error.
//	Poll() PollEvents
//
//	// Notify makes the thing send on c, without blocking, whenever Poll's
//	// answer may have grown, and once when it closes. stop ends that.
//	Notify(c chan<- struct{}) (stop func())
//
// To wait without a Poller, call Notify with a channel of one slot, and then Poll.
type Pollable = ready.Pollable

// Poller waits for several sockets, actors and other Pollables at once. Its
// methods may be called from any goroutine. (libzmq: zmq_poller; czmq: zpoller)
//
// It is level-triggered: what is ready and not dealt with is reported again. It is
// fair: the order of what Wait reports rotates, so that a caller who deals only
// with the first starves nobody. A program with handlers rather than a loop of its
// own wants package zloop.
type Poller struct {
	wake chan struct{} // one slot: something may be ready
	done chan struct{} // closed by Close

	mu      sync.Mutex
	items   []*pollItem // guarded by mu, as is all that follows
	next    int         // of items: whose turn it is to be reported first
	waiting int         // calls of Wait
	closed  bool
}

type pollItem struct {
	x    Pollable
	mask PollEvents
	stop func()
}

// Polled is one answer of Wait.
type Polled struct {
	Item   Pollable
	Events PollEvents // what is ready, of what was asked for
}

// NewPoller makes a poller with nothing in it.
func NewPoller() *Poller {
	return &Poller{wake: make(chan struct{}, 1), done: make(chan struct{})}
}

// Add has Wait report x when one of the events in mask is ready. Each thing can be
// added once. A mask of 0 reports nothing, not even that x has closed, until Modify
// gives it another one.
func (p *Poller) Add(x Pollable, mask PollEvents) error {
	if err := checkPoll(x, mask); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	if p.find(x) >= 0 {
		return fmt.Errorf("%w: the poller has this %T already", ErrInvalidOption, x)
	}
	p.items = append(p.items, &pollItem{x: x, mask: mask, stop: x.Notify(p.wake)})
	p.rouse()
	return nil
}

// Modify changes the mask of x; 0 pauses it.
func (p *Poller) Modify(x Pollable, mask PollEvents) error {
	if err := checkPoll(x, mask); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	i := p.find(x)
	if i < 0 {
		return p.absent(x)
	}
	p.items[i].mask = mask
	p.rouse()
	return nil
}

// Remove takes x out.
func (p *Poller) Remove(x Pollable) error {
	if err := checkPoll(x, PollIn); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	i := p.find(x)
	if i < 0 {
		return p.absent(x)
	}
	p.items[i].stop()
	p.items = slices.Delete(p.items, i, i+1)
	if i < p.next {
		p.next--
	}
	return nil
}

// Wait returns what is ready, at least one item. While nothing is, it waits, for
// the end of ctx or Close; what is ready beats an ended ctx. A closed socket is
// reported as ready until it is removed, because the next call on it returns at
// once, with ErrClosed.
func (p *Poller) Wait(ctx context.Context) ([]Polled, error) {
	p.enter(1)
	defer p.enter(-1)
	for {
		if got, err := p.look(); len(got) > 0 || err != nil {
			return got, err
		}
		select {
		case <-p.wake:
		case <-p.done:
		case <-ctx.Done():
			if got, err := p.look(); len(got) > 0 || err != nil {
				return got, err
			}
			return nil, ctx.Err()
		}
	}
}

// Close ends every Wait with ErrClosed, and empties the poller. It does not close
// what was in it. It may be called again.
func (p *Poller) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	p.closed = true
	for _, it := range p.items {
		it.stop()
	}
	p.items = nil
	close(p.done)
	return nil
}

// look polls everything, beginning with whose turn it is.
func (p *Poller) look() ([]Polled, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, ErrClosed
	}
	var got []Polled
	first := 0
	for i := range p.items {
		at := (p.next + i) % len(p.items)
		it := p.items[at]
		if e := it.x.Poll() & it.mask; e != 0 {
			if len(got) == 0 {
				first = at
			}
			got = append(got, Polled{Item: it.x, Events: e})
		}
	}
	if len(got) > 0 {
		p.next = (first + 1) % len(p.items)
		if p.waiting > 1 {
			p.rouse() // the token was for everybody who waits
		}
	}
	return got, nil
}

func (p *Poller) enter(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting += n
}

// rouse has a Wait look again.
func (p *Poller) rouse() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

func (p *Poller) find(x Pollable) int {
	return slices.IndexFunc(p.items, func(it *pollItem) bool { return it.x == x })
}

func (p *Poller) absent(x Pollable) error {
	if p.closed {
		return ErrClosed
	}
	return fmt.Errorf("%w: the poller does not have this %T", ErrInvalidOption, x)
}

// checkPoll refuses what can't be polled.
func checkPoll(x Pollable, mask PollEvents) error {
	switch {
	case x == nil:
		return fmt.Errorf("%w: nil is not Pollable", ErrInvalidOption)
	case !reflect.TypeOf(x).Comparable():
		return fmt.Errorf("%w: a %T can't be told from others of its kind: poll a pointer to it", ErrInvalidOption, x)
	case mask&^(PollIn|PollOut) != 0:
		return fmt.Errorf("%w: the mask %#x has more than PollIn and PollOut", ErrInvalidOption, uint8(mask))
	}
	return nil
}
